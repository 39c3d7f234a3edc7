"""The region's view: the yearly call (Art. 8), certifying and publishing in batches, the list, coverage, the shortlist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Form, ask
from bot.handlers.asks import a_day, cell, one_of, yes_or_no
from bot.handlers.eligibility import cited
from bot.messages import File, Option, Outcome, Reply
from bot.registry import cells
from bot.registry.application import Application
from bot.registry.lifecycle import Moved, Proposed
from bot.registry.overview import HEADERS, coverage, listed, shortlist
from bot.registry.points import Point
from bot.registry.sheets import to_csv, to_docx, to_xlsx
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Denied, Role, could, may

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_FORMATS = {"CSV": "text/csv", "XLSX": _XLSX, "DOCX": _DOCX}
_SHOWN = 20


# -- the yearly call ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _NewCall:
    opens_on: date
    closes_on: date
    short_renewal: bool
    notice: str


def calls(turn: Turn, desk: Desk) -> Said:
    """The call of the year as it stands; the region may make or change it."""
    latest = desk.register.calls.latest()
    options = []
    if not isinstance(could(desk.staff.of(turn.person_id), Action.CALL), Denied):
        options.append(Option("发布申报通知", "发布申报通知"))
    if latest is None:
        text = "还没有录入申报通知。认定工作原则上每年开展一次（第八条），请留意自治区市场监督管理局网站。"
    else:
        renewals = "续期不再送专家评审" if latest.short_renewal else "续期和新申报走同样的程序"
        state = "正在受理" if latest.is_open_on(desk.day) else latest.closed(desk.day)
        text = f"{latest.year}年申报：{latest.opens_on} 至 {latest.closes_on}，{renewals}。{state}"
        text += f"\n通知原文：{latest.notice}" if latest.notice else ""
        options.append(Option("申报网点", "申报网点"))
    return say(Reply(text, citations=cited(desk, "point-yearly"), options=tuple(options)))


def make_call(turn: Turn, desk: Desk) -> Said | Begin:
    """Enter the call of a year."""
    decided = may(desk.staff.of(turn.person_id), Action.CALL)
    return say(decided.why, Outcome.DECLINE) if isinstance(decided, Denied) else Begin("call")


def _call_form(desk: Desk, given: Mapping[str, Any]) -> Form[_NewCall]:
    opens = yield from ask(a_day("从哪一天开始受理申报？比如 2027-03-01。"))
    closes = yield from ask(a_day("受理到哪一天（含当天）？"))
    short = yield from ask(
        one_of("续期怎么办理？（第八条：按照有关通知要求）", [("和新申报一样", False), ("不再送专家评审", True)])
    )
    notice = yield from ask(
        cell("通知原文的网址？没有就回复“无”。", lambda w: "" if w == "无" else cells.read_website(w))
    )
    return _NewCall(opens, closes, short, notice)


def _call_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], new: _NewCall) -> Said:
    actor = desk.staff.of(turn.person_id)
    decided = may(actor, Action.CALL)
    if isinstance(decided, Denied):
        return say(decided.why, Outcome.DECLINE)
    if new.closes_on < new.opens_on:
        return say(f"截止日 {new.closes_on} 早于开始日 {new.opens_on}，没有保存。请重新发布。", Outcome.CLARIFY)
    call = desk.register.calls.make(
        new.opens_on,
        new.closes_on,
        short_renewal=new.short_renewal,
        notice=new.notice,
        member=actor.member,
        now=desk.now,
    )
    return say(f"已发布：{call.year}年申报 {call.opens_on} 至 {call.closes_on}。", Outcome.DONE)


# -- in batches -----------------------------------------------------------------------------------------------


def _ripe(desk: Desk) -> list[Application]:
    """Those whose notice has ended without an open objection."""
    found = desk.register.applications.in_states(("notice",))
    return [a for a in found if a.notice_until and a.notice_until < desk.day]


def certify_all(turn: Turn, desk: Desk) -> Said | Begin:
    """Certify all applications whose notice has ended; two persons do it one after the other."""
    decided = may(desk.staff.of(turn.person_id), Action.CERTIFY)
    if isinstance(decided, Denied):
        return say(decided.why, Outcome.DECLINE)
    ripe = _ripe(desk)
    if not ripe:
        return say("没有公示期满、可以认定的申报。")
    return Begin("certify-all", {"numbers": [a.number for a in ripe]})


def _certify_form(desk: Desk, given: Mapping[str, Any]) -> Form[bool]:
    names = []
    for number in given["numbers"]:
        application = desk.register.applications.by_number(number)
        assert application is not None
        waits = "，已有人提出" if application.proposed == Action.CERTIFY else ""
        names.append(f"{number} {application.fields['name']}{waits}")
    sure: bool = yield from ask(
        yes_or_no("公示期满无异议的有：\n" + "\n".join(names) + "\n全部认定吗？", "全部认定", "不认定")
    )
    return sure


def _certify_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], sure: bool) -> Said:
    if not sure:
        return say("好的，没有变化。", Outcome.DONE)
    actor, lines = desk.staff.of(turn.person_id), []
    for number in given["numbers"]:
        application = desk.register.applications.by_number(number)
        assert application is not None
        match desk.register.review.certify(application, actor, "公示无异议", desk.now):
            case Moved():
                made = desk.register.applications.by_number(number)
                assert made is not None
                lines.append(f"{number}：已认定，网点编号 {made.point}")
            case Proposed():
                lines.append(f"{number}：已提出，待另一位工作人员确认")
            case Denied(why):
                lines.append(f"{number}：{why}")
    return say(Reply("\n".join(lines), options=(Option("发布名单", "发布名单"), Option("待办", "待办"))), Outcome.DONE)


def publish(turn: Turn, desk: Desk) -> Said:
    """Publish the list of those certified since the last time."""
    actor = desk.staff.of(turn.person_id)
    decided = may(actor, Action.PUBLISH)
    if isinstance(decided, Denied):
        return say(decided.why, Outcome.DECLINE)
    published = []
    for application in desk.register.applications.in_states(("certified",)):
        came = desk.register.review.decide(application, actor, Action.PUBLISH, "", desk.now)
        point = desk.points.by_code(application.point)
        if isinstance(came, Moved) and point:
            published.append(point)
    if not published:
        return say("没有已认定、待发布的网点。")
    return Said(_list(published, f"{desk.day.year}年认定的网点（{len(published)} 个）", desk), Outcome.ANSWER)


# -- looking --------------------------------------------------------------------------------------------------


def register_list(turn: Turn, desk: Desk) -> Said:
    """All points that bear the title today, as text and files."""
    found = sorted(desk.points.in_division("650000", today=desk.day), key=lambda p: p.code)
    if not found:
        return say(Reply("网点名单尚未录入。", options=(Option("附近网点", "附近网点"),)))
    return Said(_list(found, f"有效的新疆服务网点（{len(found)} 个，{desk.day}）", desk))


def _list(points: list[Point], title: str, desk: Desk) -> tuple[Reply, ...]:
    """A list as text (its beginning) and as files in all formats."""
    rows = listed(points, desk.gazetteer)
    lines = [f"{n}. {row[1]}（{row[0]}，{row[3]}，有效期至 {row[7] or '—'}）" for n, row in enumerate(rows[:_SHOWN], 1)]
    rest = f"\n其余 {len(rows) - _SHOWN} 个见文件。" if len(rows) > _SHOWN else ""
    name = title.partition("（")[0]
    contents = {
        "CSV": to_csv(HEADERS, rows),
        "XLSX": to_xlsx(name, HEADERS, rows),
        "DOCX": to_docx(
            title,
            HEADERS,
            rows,
            ("依据《自治区知识产权信息公共服务网点建设管理办法（试行）》（征求意见稿）第七条、第八条。",),
        ),
    }
    files: list[File] = [desk.files.keep(name, _FORMATS[kind], content, desk.now) for kind, content in contents.items()]
    first = Reply(f"{title}：\n" + "\n".join(lines) + rest, citations=cited(desk, "point-list"))
    return (first, *(Reply(f"{kind} 文件", file=file) for kind, file in zip(contents, files, strict=True)))


def covered_places(turn: Turn, desk: Desk) -> Said:
    """Prefectures and cities directly under the region without a point, then the others (Art. 3)."""
    found = coverage(desk.points, desk.gazetteer, desk.day)
    without = [c.name for c in found if not c.points]
    lines = [f"还没有有效网点的地州和自治区直辖县级市有 {len(without)} 个：{'、'.join(without) or '无'}。"]
    lines += [f"{c.name} {c.points} 个" for c in found if c.points]
    return say(Reply("\n".join(lines), citations=cited(desk, "point-where-encouraged")))


def standouts(turn: Turn, desk: Desk) -> Said:
    """The points with the most services recorded, to be looked at for a recommendation."""
    if desk.staff.of(turn.person_id).role is not Role.REGION:
        return say("择优推荐的名单由自治区局查看。", Outcome.DECLINE)
    found = shortlist(desk.points, desk.register.rendered, desk.day)
    lines = [f"{n}. {s.point.name}（{s.point.code}）：{s.services} 次服务" for n, s in enumerate(found, 1)]
    text = "近一年记录的服务最多的网点（第十八条：服务能力突出、示范作用显著的优先推荐，由您评定）：\n" + "\n".join(
        lines
    )
    return say(text if found else "近一年还没有记录到服务。")


FORMS = (
    FormKind("call", "staff", "发布申报通知", _call_form, _call_finish),
    FormKind("certify-all", "staff", "批量认定", _certify_form, _certify_finish),
)
