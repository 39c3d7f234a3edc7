"""Deciding on a case in chat: each action asks what it needs (a reason, dates, all defects at once), then is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, ask, choose
from bot.handlers.asks import a_day, line, one_of
from bot.handlers.cases import NO_CASE
from bot.messages import Option, Outcome, Reply
from bot.registry.application import Application
from bot.registry.cases import Case, open_case
from bot.registry.changes import Change
from bot.registry.conditions import NATIONAL
from bot.registry.declaration import BY_KEY, DOCUMENTS, FIELDS
from bot.registry.lifecycle import Moved, Proposed
from bot.registry.points import Point
from bot.registry.reports import Report
from bot.registry.review import Defect
from bot.registry.standing import BREACHES
from bot.routes import FormKind, Said, say
from bot.staff import ACTIONS, Action, Denied

_DONE = "写完了"
_NONE = "无"
_FREE = frozenset({Action.PUBLISH, Action.WITHDRAW, Action.FORWARD, Action.ACCEPT, Action.TO_EXPERTS, Action.CERTIFY})


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided: the reason, and what the action needs besides it."""

    why: str = ""
    until: date | None = None
    choice: str = ""
    who: str = ""
    defects: tuple[Defect, ...] = field(default=())


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[Decision]:
    action = Action(given["action"])
    head = f"{ACTIONS[action]} {given['number']}。"
    match action:
        case Action.RETURN if str(given["number"]).startswith("XJWD"):
            return Decision(defects=(yield from _defects(head)))
        case Action.ASSIGN:
            places = [(d.name, a) for a in desk.register.offices.prefectures() if (d := desk.gazetteer.division(a))]
            return Decision(choice=(yield from ask(one_of(f"{head}由哪个地州局承办？", places))))
        case Action.OPEN_NOTICE:
            until = yield from ask(
                a_day(f"{head}公示到哪一天（含当天）？征求意见稿没有规定天数，按通知写，比如 2027-03-01。")
            )
            return Decision(until=until)
        case Action.OPINION:
            who = yield from ask(line("专家姓名？", 40, free=False))
            return Decision(who=who, why=(yield from ask(line("评审意见？", 500, free=False))))
        case Action.OBJECT:
            who = yield from ask(line("谁提出的异议？", 60, free=False))
            return Decision(who=who, why=(yield from ask(line("异议的内容？", 500, free=False))))
        case Action.TERMINATE:
            breach = yield from ask(
                one_of(f"{head}是哪一种情形（第十七条）？终止后三年内不得再申请。", [(b, b) for b in BREACHES])
            )
            return Decision(choice=breach, why=(yield from ask(line("查实的情况？", 500, free=False))))
        case Action.CANCEL:
            named = yield from ask(
                one_of(f"{head}被确定为哪一种（第十八条）？资格当天取消。", [(n, n) for n in NATIONAL])
            )
            return Decision(choice=named)
        case _ if action in _FREE:
            why = yield from ask(_reason(f"{head}意见或说明？没有就回复“{_NONE}”。"))
            return Decision(why="" if why == _NONE else why)
        case _:
            return Decision(why=(yield from ask(line(f"{head}理由？会告诉对方，也会记入档案。", 500, free=False))))


def _reason(prompt: str) -> Ask:
    asked = line(prompt, 500, free=False)
    return Ask(prompt, asked.read, (Option(_NONE, _NONE),), takes_number=True)


def _defects(head: str) -> Form[tuple[Defect, ...]]:
    """All defects at once, each with its item and article."""
    found: list[Defect] = []
    labels = [(f.label, f.key) for f in (*FIELDS, *DOCUMENTS)]
    while True:
        done = [(_DONE, "")] if found else []
        named = (
            f"已写 {len(found)} 处。还有哪一项？没有就选“{_DONE}”。" if found else f"{head}请一次写全。哪一项要补正？"
        )
        options = tuple(Option(label, label) for label, _ in (*done, *labels))
        key = yield from ask(Ask(named, choose(*done, *labels), options))
        if not key:
            return tuple(found)
        what = yield from ask(line(f"“{BY_KEY[key].label}”有什么问题、要怎么改？", 200, free=False))
        found.append(Defect(key, f"{BY_KEY[key].label}：{what}", BY_KEY[key].article))


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], decision: Decision) -> Said:
    found = open_case(desk.register, given["number"])
    if found is None:
        return say(NO_CASE, Outcome.CLARIFY)
    if found.steps != given["steps"]:
        return say(
            Reply(
                f"{found.number} 刚刚有人先办理了，现在是“{found.label}”。请重新打开看最新的情况。",
                options=(Option("打开案件", f"案件 {found.number}"),),
            ),
            Outcome.DECLINE,
        )
    action = Action(given["action"])
    match _done(found, action, decision, turn, desk):
        case Denied(why):
            return say(Reply(why, options=(Option("打开案件", f"案件 {found.number}"),)), Outcome.DECLINE)
        case Proposed():
            text = f"已提出“{ACTIONS[action]}”，这件事要两位工作人员先后确认，另一位确认后生效。"
        case Moved(step):
            text = f"已办理“{ACTIONS[action]}”：{found.number} 现在是“{found.life.label(step.new)}”。依据征求意见稿{step.article}。"
    return say(Reply(text, options=(Option("待办", "待办"), Option("打开案件", f"案件 {found.number}"))), Outcome.DONE)


def _done(found: Case, action: Action, decision: Decision, turn: Turn, desk: Desk) -> Moved | Proposed | Denied:
    actor, register, now = desk.staff.of(turn.person_id), desk.register, desk.now
    review, standing = register.review, register.standing
    match found.subject, action:
        case Application() as a, Action.RETURN:
            return review.send_back(a, actor, decision.defects, now)
        case Application() as a, Action.ASSIGN:
            return review.assign(a, actor, decision.choice, now)
        case Application() as a, Action.OPEN_NOTICE if decision.until:
            return review.open_notice(a, actor, decision.until, decision.why, now)
        case Application() as a, Action.OPINION:
            return review.opinion(a, actor, decision.who, decision.why, now)
        case Application() as a, Action.OBJECT:
            return review.object(a, actor, decision.who, decision.why, now)
        case Application() as a, Action.CERTIFY:
            return review.certify(a, actor, decision.why, now)
        case Application() as a, Action.TERMINATE:
            return review.terminate(a, actor, decision.choice, decision.why, now)
        case Application() as a, _:
            return review.decide(a, actor, action, decision.why, now)
        case Change() as c, _:
            return register.changes.act(c, actor, action, decision.why, now)
        case Report() as r, _:
            return register.reports.act(r, actor, action, decision.why, now)
        case Point() as p, Action.RECTIFY:
            return standing.rectify(p, actor, decision.why, now)
        case Point() as p, Action.RESTORE:
            return standing.restore(p, actor, decision.why, now)
        case Point() as p, Action.REVOKE:
            return standing.revoke(p, actor, decision.why, now)
        case Point() as p, Action.TERMINATE:
            return standing.terminate(p, actor, decision.choice, decision.why, now)
        case Point() as p, Action.CANCEL:
            return standing.cancel(p, actor, decision.choice, now)
    return Denied(f"“{ACTIONS[action]}”不能在这里办。")


FORM = FormKind("decide", "staff", "办理案件", _form, _finish)
