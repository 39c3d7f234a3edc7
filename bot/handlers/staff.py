"""Staff in their own chat: binding an account by an invite, what there is to do, inviting, handing over, leaving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk import BEIJING, Desk, Turn
from bot.flow import Ask, Form, Refused, ask, choose, said, text
from bot.helpdesk.rounds import release
from bot.messages import Body, Option, Outcome, Reply
from bot.routes import Begin, FormKind, Said, say
from bot.staff import INVITES, Action, Actor, BadInvite, Denied, Invite, Matter, Member, Role, could, may

# what a workbench offers, by role
_WORK: Mapping[Role, tuple[str, ...]] = {
    Role.POINT: ("工单", "意见箱", "待办", "核对联系方式", "变更报备", "年度总结", "网点续期", "邀请", "移交", "离任"),
    Role.PREFECTURE: ("工单", "意见箱", "待办", "逾期名单", "网点分布", "网点名单", "邀请", "工作人员", "移交", "离任"),
    Role.REGION: (
        "工单",
        "意见箱",
        "待办",
        "申报通知",
        "批量认定",
        "发布名单",
        "逾期名单",
        "推荐名单",
        "网点分布",
        "网点名单",
        "邀请",
        "工作人员",
        "移交",
        "离任",
    ),
    Role.ADMINISTRATOR: ("邀请", "工作人员", "移交", "离任"),
}
STRANGER = "您的账号没有绑定工作身份。收到邀请码的，请发送：绑定 邀请码。"
_IN_GROUP = "为了安全，这件事不能在群里办，请私聊我。"


def whose(role: Role, prefecture: str, point: str, desk: Desk) -> str:
    """A role with its jurisdiction, as users read it: 地州局工作人员（喀什地区）."""
    division = desk.gazetteer.division(prefecture)
    found = desk.points.by_code(point) if point else None
    place = division.name if division else found.name if found else point
    return f"{role.label}（{place}）" if place else role.label


def bind(turn: Turn, desk: Desk) -> Said | Begin:
    """Bind the account that asks by the invite code behind the command word."""
    if not turn.private:
        return say(_IN_GROUP + "这个邀请码已经在群里露过面，请让邀请人另发一个。", Outcome.DECLINE)
    if not turn.argument:
        return Begin("bind")
    return _bound(turn, desk, turn.argument)


def _bind_form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    code: str = yield from ask(Ask("请发送邀请码（形如 ABCD-EFGH-JKMN）。", text(at_most=40)))
    return code


def _bind_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], code: str) -> Said:
    return _bound(turn, desk, code)


def _bound(turn: Turn, desk: Desk, code: str) -> Said:
    if not turn.private:
        return say(_IN_GROUP, Outcome.DECLINE)
    match desk.staff.bind(turn.person_id, code, desk.now):
        case BadInvite(why):
            return say(why, Outcome.DECLINE)
        case bound:
            member = bound.member
            took = f"，接替{bound.left.name}的工作" if bound.left else ""
            text = f"{member.name}，您好。已绑定：{whose(member.role, member.prefecture, member.point, desk)}{took}。"
            return say(Reply(text, options=(Option("工作台", "工作台"),)), Outcome.DONE)


def workbench(turn: Turn, desk: Desk) -> Said:
    """Who one is here and what one can do."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(Reply(STRANGER, options=(Option("绑定", "绑定"), Option("菜单", "菜单"))), Outcome.DECLINE)
    text = f"{actor.name}，{whose(actor.role, actor.prefecture, actor.point, desk)}。"
    return say(Reply(text, options=tuple(Option(w, w) for w in _WORK.get(actor.role, ()))))


# -- inviting -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Whom to invite, as asked by the form."""

    role: Role
    prefecture: str
    point: str
    name: str


def invite(turn: Turn, desk: Desk) -> Said | Begin:
    """Make a one-time invite for somebody one may invite."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(STRANGER, Outcome.DECLINE)
    if not turn.private:
        return say(_IN_GROUP, Outcome.DECLINE)
    return Begin("invite", {"role": actor.role.value, "prefecture": actor.prefecture, "point": actor.point})


def _invite_form(desk: Desk, given: Mapping[str, Any]) -> Form[_Wanted]:
    roles = [role for role in Role if role in INVITES[Role(given["role"])]]
    role = roles[0]
    if len(roles) > 1:
        options = tuple(Option(role.label, role.label) for role in roles)
        role = yield from ask(Ask("邀请哪一类工作人员？", choose(*((r.label, r) for r in roles)), options))
    prefecture, point = "", ""
    if role is Role.PREFECTURE:
        prefecture = yield from ask(Ask("哪个地州？比如“喀什地区”。", _prefecture(desk)))
    elif role is Role.POINT:
        point = given["point"] or (yield from ask(Ask("哪个网点？请写网点编号或全称。", _point(desk))))
    name = yield from ask(Ask("对方姓名？", text(at_most=40)))
    return _Wanted(role, prefecture, point, name)


def _prefecture(desk: Desk) -> Any:
    def read(body: Body) -> str | Refused:
        words = said(body)
        found = desk.gazetteer.called(words) if words else ()
        prefectures = [division for division in found if division.level == "prefecture"]
        return (
            prefectures[0].adcode
            if prefectures
            else Refused("没有这个地州。请写全称，比如“喀什地区”“昌吉回族自治州”。")
        )

    return read


def _point(desk: Desk) -> Any:
    def read(body: Body) -> str | Refused:
        words = said(body) or ""
        found = desk.points.by_code(words)
        named = [found] if found else desk.points.named(words)
        if len(named) != 1:
            return Refused("名单里没有找到这个网点。" if not named else "有几个网点都叫这个名字，请写编号。")
        return named[0].code

    return read


def _invite_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], wanted: _Wanted) -> Said:
    actor = desk.staff.of(turn.person_id)
    decided = may(actor, Action.INVITE, _matter(wanted.role, wanted.prefecture, wanted.point, desk))
    if isinstance(decided, Denied):
        return say(decided.why, Outcome.DECLINE)
    made = desk.staff.invite(
        wanted.role, wanted.name, desk.now, prefecture=wanted.prefecture, point=wanted.point, by=actor.member
    )
    who = f"{wanted.name}，{whose(wanted.role, wanted.prefecture, wanted.point, desk)}"
    return say(told(made, who), Outcome.DONE)


def told(made: Invite, who: str) -> str:
    """What is said of an invite: its code, for whom, until when."""
    until = made.expires.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return (
        f"邀请码（只用一次）：{made.code}\n给：{who}\n请当面或用可靠的方式交给本人，让其私聊我发送：绑定 {made.code}\n"
        f"北京时间 {until} 前有效。"
    )


def _matter(role: Role, prefecture: str, point: str, desk: Desk) -> Matter:
    """What inviting or ending somebody is about: their role, the prefecture, or that of the point."""
    if point and (found := desk.points.by_code(point)):
        lineage = desk.gazetteer.lineage(found.adcode)
        prefecture = next((a for a in lineage if desk.gazetteer.divisions[a].level == "prefecture"), "")
    return Matter(point or prefecture, prefecture, point, role=role)


# -- handing over and leaving ---------------------------------------------------------------------------------


def hand_over(turn: Turn, desk: Desk) -> Said | Begin:
    """Invite the successor: when they bind their account, one's own work ends."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(STRANGER, Outcome.DECLINE)
    return Begin("hand-over") if turn.private else say(_IN_GROUP, Outcome.DECLINE)


def _hand_over_form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    name: str = yield from ask(Ask("接替您的人叫什么名字？对方绑定后，您的权限随即结束。", text(at_most=40)))
    return name


def _hand_over_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], name: str) -> Said:
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(STRANGER, Outcome.DECLINE)
    made = desk.staff.invite(
        actor.role,
        name,
        desk.now,
        prefecture=actor.prefecture,
        point=actor.point,
        by=actor.member,
        replaces=actor.member,
    )
    return say(told(made, f"{name}，{whose(actor.role, actor.prefecture, actor.point, desk)}"), Outcome.DONE)


def leave(turn: Turn, desk: Desk) -> Said | Begin:
    """End one's own work here."""
    return Begin("leave") if desk.staff.of(turn.person_id).member else say(STRANGER, Outcome.DECLINE)


def _leave_form(desk: Desk, given: Mapping[str, Any]) -> Form[bool]:
    options = (Option("确定离任", "确定离任"), Option("不离任", "不离任"))
    sure: bool = yield from ask(
        Ask(
            "离任后这个账号不再有工作权限，办过的事仍留有记录。要请人接替，请用“移交”。确定离任吗？",
            choose(("确定离任", True), ("确定", True), ("不离任", False), ("否", False)),
            options,
        )
    )
    return sure


def _leave_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], sure: bool) -> Said:
    actor = desk.staff.of(turn.person_id)
    if not sure or not actor.member:
        return say("好的，没有变化。", Outcome.DONE)
    desk.staff.end(actor.member, desk.now)
    release(desk.helpdesk.tickets, actor.member, desk.now)
    return say("已离任，这个账号不再有工作权限。辛苦了。", Outcome.DONE)


def colleagues(turn: Turn, desk: Desk) -> Said:
    """Those whose work one may end: they and their jurisdictions."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(STRANGER, Outcome.DECLINE)
    shown = [member for member in desk.staff.serving() if _in_charge(actor, member, desk)]
    lines = [f"{m.id}. {m.name}，{whose(m.role, m.prefecture, m.point, desk)}" for m in shown[:50]]
    options = tuple(Option(f"停用 {m.name}", f"停用 {m.id}") for m in shown[:10])
    return say(Reply("\n".join(lines) or "您的辖区内没有其他工作人员。", options=options))


def _in_charge(actor: Actor, member: Member, desk: Desk) -> bool:
    on = _matter(member.role, member.prefecture, member.point, desk)
    return member.id != actor.member and not isinstance(could(actor, Action.END, on), Denied)


def end(turn: Turn, desk: Desk) -> Said:
    """End the work of the member whose number stands behind the command word."""
    actor = desk.staff.of(turn.person_id)
    member = desk.staff.member(int(turn.argument)) if turn.argument.isascii() and turn.argument.isdigit() else None
    if not actor.member:
        return say(STRANGER, Outcome.DECLINE)
    if member is None or member.until is not None:
        return say("没有这个编号的在任工作人员。发送“工作人员”看名单。", Outcome.CLARIFY)
    if member.id == actor.member:
        return say("停用的是您自己。要离任请发送“离任”，要请人接替请发送“移交”。", Outcome.CLARIFY)
    decided = may(actor, Action.END, _matter(member.role, member.prefecture, member.point, desk))
    if isinstance(decided, Denied):
        return say(decided.why, Outcome.DECLINE)
    desk.staff.end(member.id, desk.now)
    release(desk.helpdesk.tickets, member.id, desk.now)
    return say(f"已停用 {member.name} 的工作权限，办过的事仍留有记录。", Outcome.DONE)


FORMS = (
    FormKind("bind", "staff", "绑定工作身份", _bind_form, _bind_finish),
    FormKind("invite", "staff", "邀请工作人员", _invite_form, _invite_finish),
    FormKind("hand-over", "staff", "移交", _hand_over_form, _hand_over_finish),
    FormKind("leave", "staff", "离任", _leave_form, _leave_finish),
)
