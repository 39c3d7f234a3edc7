"""What the staff of a point file: renewal (Art. 8), changes and the confirmation of contact data (Art. 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, Refused, ask, choose, said
from bot.handlers.applications import IN_GROUP, confirm, submit
from bot.handlers.asks import cell, line, one_of
from bot.handlers.covered import covered
from bot.handlers.declare import declare
from bot.handlers.eligibility import cited
from bot.handlers.replies import offers
from bot.messages import Body, Option, Outcome, Reply
from bot.registry import cells
from bot.registry.changes import CHANGEABLE, Change
from bot.registry.declaration import FIELDS
from bot.registry.lifecycle import Moved
from bot.registry.points import Point
from bot.registry.services import labels
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Denied, Role, may

_STRANGER = "这件事由网点的工作人员办理，您的账号还没有绑定网点。收到邀请码的，请先发送：绑定 邀请码。"
_ALWAYS = ("full_time", "part_time", "last_year")
_DONE = "没有了"
_YES = "确认"


def own_point(turn: Turn, desk: Desk) -> Point | None:
    """The point whose staff speaks, or None."""
    actor = desk.staff.of(turn.person_id)
    return desk.points.by_code(actor.point) if actor.role is Role.POINT else None


def stranger(desk: Desk, entry: str) -> Said:
    """Said to who belongs to no point: who may do this, and what the draft says about it."""
    return Said(
        (Reply(_STRANGER, citations=cited(desk, entry), options=offers((f"#{entry}", "绑定", "菜单"), desk)),),
        Outcome.DECLINE,
    )


# -- renewal --------------------------------------------------------------------------------------------------


def renew(turn: Turn, desk: Desk) -> Said | Begin:
    """Apply for three more years."""
    offer = Reply("网点工作人员可以在这里申请续期。", options=(Option("网点续期", "网点续期"),))
    point = own_point(turn, desk)
    if point is None:
        return covered(turn, desk, "网点续期", offer, 0.8) or stranger(desk, "point-renewal")
    if not turn.private:
        return say(IN_GROUP, Outcome.DECLINE)
    if point.state not in ("active", "rectifying", "expired"):
        return say("网点资格已被撤销、终止或取消，不能续期。", Outcome.DECLINE)
    return Begin("renew", {"point": point.code})


def _known(point: Point, desk: Desk) -> dict[str, Any]:
    """What the register holds of a point, as fields of an application: the last application, then the data in force."""
    current = desk.register.changes.current(point)
    institution = desk.register.institutions.get(point.institution_id) if point.institution_id else None
    last = desk.register.applications.of_institution(institution.id) if institution else []
    found: dict[str, Any] = dict(last[0].fields) if last else {}
    found |= {"kind": point.kind, **{k: current[k] for k in ("name", "address", "adcode", "lat", "lon", "services")}}
    for key in ("head", "contact", "phone"):
        if current.get(key):
            found[key] = current[key]
    if institution:
        found["credit_code"] = institution.credit_code
    return found


def _renew_form(desk: Desk, given: Mapping[str, Any]) -> Form[dict[str, Any]]:
    point = desk.points.by_code(given["point"])
    assert point is not None
    known = _known(point, desk)
    missing = [f.key for f in FIELDS if f.key not in known and f.key != "position"]
    keys = tuple(f.key for f in FIELDS if f.key in missing or f.key in _ALWAYS)
    head = f"为“{point.name}”申请续期，有效期到 {point.expires_on}。登记过的内容不用再填，先填今年的情况。"
    found = dict(known)
    found |= yield from declare(desk, keys, known, {keys[0]: head})
    others = [(f.label, f.key) for f in FIELDS if f.key not in (*keys, "credit_code")]
    while True:
        options = (Option(_DONE, _DONE), *(Option(label, label) for label, _ in others))
        key = yield from ask(
            Ask(f"其他内容有变化吗？有就选哪一项，没有就选“{_DONE}”。", choose((_DONE, ""), *others), options)
        )
        if not key:
            break
        found |= yield from declare(desk, (key,), found, {})
    yield from ask(confirm(found, desk, point.code))
    return found


def _renew_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], found: dict[str, Any]) -> Said:
    if own_point(turn, desk) is None:
        return stranger(desk, "point-renewal")
    return submit(turn, desk, found, given["point"])


# -- changes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    new: Mapping[str, Any]
    why: str


_NEEDS = {
    "phone": "phone",
    "address": "address",
    "leader": "head",
    "name": "name",
    "services": "services",
    "hours": "hours",
}


def change(turn: Turn, desk: Desk) -> Said | Begin:
    """File a change of the point's important data."""
    offer = Reply("网点工作人员可以在这里报备变更。", options=(Option("变更报备", "变更报备"),))
    point = own_point(turn, desk)
    if point is None:
        return covered(turn, desk, "变更报备", offer, 0.78) or stranger(desk, "point-change")
    if not turn.private:
        return say(IN_GROUP, Outcome.DECLINE)
    return Begin("change", {"point": point.code, "first": _NEEDS.get(turn.slot("need"), "")})


def _value(name: str) -> Ask:
    """The question for a new value."""
    prompt = f"新的{CHANGEABLE[name]}是什么？"
    match name:
        case "name":
            return cell(prompt, cells.read_name)
        case "address":
            return cell(prompt, cells.read_address)
        case "phone":
            return cell(prompt, cells.read_phone)
        case "services":
            return cell(f"{prompt}请写全部服务，用顿号隔开。", cells.read_services)
        case "hours":
            return cell(f"{prompt}比如：周一至周五 10:00-14:00 15:30-19:30", cells.read_hours)
        case "website":
            return cell(prompt, cells.read_website)
    return line(prompt, 40)


def _ask_values(first: str, current: Mapping[str, Any]) -> Form[dict[str, Any]]:
    new: dict[str, Any] = {}
    items = [(label, key) for key, label in CHANGEABLE.items()]
    key = first
    while True:
        if not key:
            done = [(_DONE, "-")] if new else []
            prompt = f"还有别的要变更吗？没有就选“{_DONE}”。" if new else "要变更哪一项？（第九条）"
            options = tuple(Option(label, label) for label, _ in (*done, *items))
            key = yield from ask(Ask(prompt, choose(*done, *items), options))
        if key == "-":
            return new
        new[key] = yield from ask(_value(key))
        key = ""


def _change_form(desk: Desk, given: Mapping[str, Any]) -> Form[_Wanted]:
    point = desk.points.by_code(given["point"])
    assert point is not None
    current = desk.register.changes.current(point)
    new = yield from _ask_values(given["first"], current)
    why = yield from ask(line("变更的原因？", 200))
    yield from ask(_sure(new, current, why))
    return _Wanted(new, why)


def _sure(new: Mapping[str, Any], current: Mapping[str, Any], why: str) -> Ask:
    def shown(value: Any) -> str:
        return labels(tuple(value)) if isinstance(value, list) else str(value or "—")

    def read(body: Body) -> bool | Refused:
        return True if said(body) == _YES else Refused(f"请选“{_YES}”，或说“上一步”修改。")

    lines = [f"{CHANGEABLE[name]}：{shown(current.get(name))} → {shown(value)}" for name, value in new.items()]
    prompt = "请核对：\n" + "\n".join(lines) + f"\n原因：{why}\n经地州局审核、自治区局备案后才会公开（第九条）。"
    return Ask(prompt, read, (Option(_YES, _YES), Option("不报了", "取消")))


def _change_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], wanted: _Wanted) -> Said:
    point = own_point(turn, desk)
    if point is None or point.code != given["point"]:
        return stranger(desk, "point-change")
    match desk.register.changes.file(point, desk.staff.of(turn.person_id), wanted.new, wanted.why, desk.now):
        case Denied(why):
            return say(why, Outcome.DECLINE)
        case Change(number=number):
            text = f"已报备，编号 {number}，现在由地州局审核。备案前公开的信息不变，有变化会告诉您。"
            options = (Option("看变更", f"案件 {number}"),)
            return Said((Reply(text, citations=cited(desk, "point-change"), options=options),), Outcome.DONE)


def _again_form(desk: Desk, given: Mapping[str, Any]) -> Form[dict[str, Any]]:
    found = desk.register.changes.by_number(given["number"])
    assert found is not None
    new = yield from _ask_values(next(iter(found.new), "") if len(found.new) == 1 else "", found.old)
    return new


def _again_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], new: dict[str, Any]) -> Said:
    found = desk.register.changes.by_number(given["number"])
    assert found is not None
    actor = desk.staff.of(turn.person_id)
    came = desk.register.changes.act(found, actor, Action.RESUBMIT, "", desk.now, new)
    if isinstance(came, Moved):
        return say(f"{found.number} 已修改并重新报送，由地州局审核。", Outcome.DONE)
    return say(came.why if isinstance(came, Denied) else "", Outcome.DECLINE)


# -- contact data ---------------------------------------------------------------------------------------------


def confirm_contact(turn: Turn, desk: Desk) -> Said | Begin:
    """Show the data in force and ask whether they are right."""
    point = own_point(turn, desk)
    return Begin("contact", {"point": point.code}) if point else stranger(desk, "point-change")


def _contact_form(desk: Desk, given: Mapping[str, Any]) -> Form[bool]:
    point = desk.points.by_code(given["point"])
    assert point is not None
    current = desk.register.changes.current(point)
    listed = "\n".join(f"{label}：{current[key] or '—'}" for key, label in CHANGEABLE.items() if key != "services")
    right: bool = yield from ask(
        one_of(f"请核对公开的信息：\n{listed}\n都对吗？", [("没有变化", True), ("有变化", False)])
    )
    return right


def _contact_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], right: bool) -> Said:
    point = own_point(turn, desk)
    if point is None:
        return stranger(desk, "point-change")
    if not right:
        return say(
            Reply("请报备变更，备案后公开的信息才会改。", options=(Option("变更报备", "变更报备"),)), Outcome.DONE
        )
    actor = desk.staff.of(turn.person_id)
    decided = may(actor, Action.CONFIRM, desk.register.standing.matter(point))
    came = decided if isinstance(decided, Denied) else desk.register.standing.confirm(point, actor, desk.now)
    if isinstance(came, Denied):
        return say(came.why, Outcome.DECLINE)
    return say(f"已记下：联系方式于 {desk.day} 核对无误。90 天后再请您核对。", Outcome.DONE)


FORMS = (
    FormKind("renew", "renew", "网点续期", _renew_form, _renew_finish, lasting=True),
    FormKind("change", "change_filing", "变更报备", _change_form, _change_finish, lasting=True),
    FormKind("change-again", "change_filing", "修改变更", _again_form, _again_finish),
    FormKind("contact", "change_filing", "核对联系方式", _contact_form, _contact_finish),
)
