"""The annual report in chat (Art. 16): pre-filled with the services that were recorded, and who is late with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, Refused, ask, choose, said
from bot.handlers.applications import IN_GROUP
from bot.handlers.asks import line, whole_number
from bot.handlers.covered import covered
from bot.handlers.eligibility import cited
from bot.handlers.filings import own_point, stranger
from bot.messages import Body, Option, Outcome, Reply
from bot.registry.lifecycle import Moved
from bot.registry.reports import KINDS, Report
from bot.registry.terms import by
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Denied, Role

COMMAND = "年度总结"
_RIGHT = "数字没问题"
_YES = "确认报送"


@dataclass(frozen=True, slots=True)
class _Written:
    figures: Mapping[str, int]
    summary: str
    plan: str


def year_of(desk: Desk) -> int:
    """The year whose summary is due: in December the one that ends, else the last one."""
    return desk.day.year if desk.day.month == 12 else desk.day.year - 1


def report(turn: Turn, desk: Desk) -> Said | Begin:
    """File the report of one's point; officers see who is late."""
    offer = Reply("网点工作人员可以在这里报送年度总结和计划。", options=(Option(COMMAND, COMMAND),))
    actor = desk.staff.of(turn.person_id)
    if actor.role in (Role.PREFECTURE, Role.REGION):
        return overdue(turn, desk)
    point = own_point(turn, desk)
    if point is None:
        return covered(turn, desk, COMMAND, offer, 0.75) or stranger(desk, "point-report")
    if not turn.private:
        return say(IN_GROUP, Outcome.DECLINE)
    year = year_of(desk)
    if known := desk.register.reports.of(point.code, year):
        text = f"{year}年的总结已经报送（{known.number}）。"
        return say(Reply(text, options=(Option("看总结", f"案件 {known.number}"),)))
    return Begin("report", {"point": point.code, "year": year})


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[_Written]:
    year = int(given["year"])
    due = desk.register.reports.due(year)
    head = (
        f"{year}年度工作总结和{year + 1}年度工作计划，{by(due)} 前报送（第十六条）。"
        "“下一年度计划”按刚开始的那一年理解，以主管部门的要求为准。\n"
    )
    figures = dict.fromkeys(KINDS, 0) | desk.register.rendered.by_kind(given["point"], year)
    figures = yield from _ask_figures(head, figures)
    return (yield from _ask_texts(figures, year))


def _ask_figures(head: str, figures: dict[str, int]) -> Form[dict[str, int]]:
    """Show the recorded figures; those that are wrong are typed anew."""
    items = [(label, kind) for kind, label in KINDS.items()]
    while True:
        listed = "、".join(f"{KINDS[kind]} {n}" for kind, n in figures.items())
        options = (Option(_RIGHT, _RIGHT), *(Option(label, label) for label, _ in items))
        prompt = f"{head}系统记录的服务：{listed}。\n要改哪一项？都对就选“{_RIGHT}”。"
        kind = yield from ask(Ask(prompt, choose((_RIGHT, ""), *items), options))
        if not kind:
            return figures
        figures = {**figures, kind: (yield from ask(whole_number(f"{KINDS[kind]}应该是多少？")))}
        head = ""


def _ask_texts(figures: Mapping[str, int], year: int) -> Form[_Written]:
    summary = yield from ask(line(f"{year}年做了什么，有什么成效和问题？（500 字以内）", 500))
    plan = yield from ask(line(f"{year + 1}年打算做什么？（500 字以内）", 500))

    def read(body: Body) -> bool | Refused:
        return True if said(body) == _YES else Refused(f"请选“{_YES}”，或说“上一步”修改。")

    prompt = f"总结：{summary}\n计划：{plan}\n确认报送吗？先由地州局审核，再报自治区局。"
    yield from ask(Ask(prompt, read, (Option(_YES, _YES), Option("先存着", "取消"))))
    return _Written(figures, summary, plan)


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], written: _Written) -> Said:
    point = own_point(turn, desk)
    if point is None or point.code != given["point"]:
        return stranger(desk, "point-report")
    actor = desk.staff.of(turn.person_id)
    came = desk.register.reports.file(
        point, actor, int(given["year"]), written.figures, written.summary, written.plan, desk.now
    )
    match came:
        case Denied(why):
            return say(why, Outcome.DECLINE)
        case Report(number=number, late=late):
            text = f"已报送，编号 {number}，由地州局审核。" + ("这次是逾期报送。" if late else "")
            options = (Option("看总结", f"案件 {number}"),)
            return Said((Reply(text, citations=cited(desk, "point-report"), options=options),), Outcome.DONE)


def _again_form(desk: Desk, given: Mapping[str, Any]) -> Form[_Written]:
    found = desk.register.reports.by_number(given["number"])
    assert found is not None
    figures = yield from _ask_figures("", dict(found.figures))
    return (yield from _ask_texts(figures, found.year))


def _again_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], written: _Written) -> Said:
    found = desk.register.reports.by_number(given["number"])
    assert found is not None
    texts = {"figures": dict(written.figures), "summary": written.summary, "plan": written.plan}
    came = desk.register.reports.act(found, desk.staff.of(turn.person_id), Action.RESUBMIT, "", desk.now, texts)
    if isinstance(came, Moved):
        return say(f"{found.number} 已修改并重新报送，由地州局审核。", Outcome.DONE)
    return say(came.why if isinstance(came, Denied) else "", Outcome.DECLINE)


def overdue(turn: Turn, desk: Desk) -> Said:
    """The points in one's jurisdiction that have not filed last year's report in time."""
    actor = desk.staff.of(turn.person_id)
    if actor.role not in (Role.PREFECTURE, Role.REGION):
        return say("逾期名单由地州局和自治区局查看。", Outcome.DECLINE)
    year = desk.day.year - 1
    places = desk.register.offices.places(actor.prefecture) if actor.role is Role.PREFECTURE else None
    due = desk.register.reports.due(year)
    late = desk.register.reports.overdue(year, desk.day, places)
    if desk.day <= due.day:
        return say(f"{year}年的总结到 {by(due)} 才截止，现在没有逾期的。")
    lines = [f"{year}年总结逾期未报的网点有 {len(late)} 个（截止 {by(due)}，第十六条）："]
    lines += [f"{n}. {p.name}（{p.code}）" for n, p in enumerate(late[:30], 1)]
    return say("\n".join(lines) if late else f"{year}年的总结都报了。")


FORMS = (
    FormKind("report", "annual_report", "年度总结", _form, _finish, lasting=True),
    FormKind("report-again", "annual_report", "修改年度总结", _again_form, _again_finish),
)
