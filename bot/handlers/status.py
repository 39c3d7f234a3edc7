"""Where an application stands: by the chat that made it, or by its number and the secret that only the applicant has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.desk import BEIJING, Desk, Turn
from bot.flow import Ask, Form, Refused, ask, said, text
from bot.handlers import soon
from bot.handlers.eligibility import cited
from bot.messages import Body, Option, Outcome, Reply
from bot.registry.application import Application
from bot.registry.stages import PROGRESS, STAGES
from bot.routes import Begin, FormKind, Said, say
from bot.staff import ACTIONS, Action, Allowed, could

NUMBER = re.compile(r"XJWD-?(\d{4})-?(\d{1,6})", re.IGNORECASE)
_SECRET = re.compile(r"[A-Za-z0-9]{4}-?[A-Za-z0-9]{4}-?[A-Za-z0-9]{4}$")
_ELSEWHERE = ("patent", "trademark", "copyright", "gi")
NOT_FOUND = "没有查到。请核对申报编号（形如 XJWD-2026-0007）和查询密码（形如 ABCD-EFGH-JKMN）。"
_SLOWLY = "试的次数太多，请过一小时再查。急事请联系所在地的地州局。"
_PRIVATE = "申报进度不在群里说，请私聊我。"


def read_number(words: str) -> str:
    """The number of an application that a text names, as it is written in the register; empty when it names none."""
    found = NUMBER.search(words)
    return f"XJWD-{found[1]}-{int(found[2]):04d}" if found else ""


def status(turn: Turn, desk: Desk) -> Said | Begin:
    """The progress of one's application; of patents, trademarks … the official systems tell."""
    if turn.slot("subject") in _ELSEWHERE:
        came = soon.HANDLERS["application_status"](turn, desk)
        assert isinstance(came, Said)
        return came
    if not turn.private:
        return say(_PRIVATE, Outcome.DECLINE)
    words = turn.argument or turn.slot("application_no") or turn.said
    number = read_number(words)
    if number:
        secret = _SECRET.search(words.replace(number, ""))
        found = desk.register.applications.by_number(number)
        if found and _reads(turn, desk, found):
            return Said((reply(found, desk),))
        return _unlocked(turn, desk, number, secret[0]) if secret else Begin("status", {"number": number})
    mine = desk.register.applications.of_applicant(turn.person_id)
    if len(mine) == 1:
        return Said((reply(mine[0], desk),))
    if mine:
        options = tuple(Option(f"{a.number} {a.life.label(a.state)}", f"进度 {a.number}") for a in mine[:8])
        return say(Reply("您的申报：", options=options))
    return Begin("status")


def _reads(turn: Turn, desk: Desk, application: Application) -> bool:
    on = desk.register.applications.matter(application)
    return isinstance(could(desk.staff.of(turn.person_id), Action.READ_CASE, on), Allowed)


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[str, str]]:
    number = given.get("number") or (
        yield from ask(Ask("请发申报编号（形如 XJWD-2026-0007）。", _read_number, takes_number=True))
    )
    secret = yield from ask(
        Ask("请发查询密码（提交申报时给您的，形如 ABCD-EFGH-JKMN）。", text(at_most=40), takes_number=True)
    )
    return number, secret


def _read_number(body: Body) -> str | Refused:
    return read_number(said(body) or "") or Refused("编号形如 XJWD-2026-0007，提交申报时告诉过您。")


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], asked: tuple[str, str]) -> Said:
    came = _unlocked(turn, desk, *asked)
    return Said(came.replies, Outcome.DONE if came.outcome is Outcome.ANSWER else came.outcome)


def _unlocked(turn: Turn, desk: Desk, number: str, secret: str) -> Said:
    """The application of that number when the secret is its own; what is wrong is not told."""
    guesses = desk.register.guesses
    if guesses.wait(turn.person_id, number, desk.now):
        return say(_SLOWLY, Outcome.DECLINE)
    found = desk.register.applications.unlock(number, secret)
    if found is None:
        guesses.wrong(turn.person_id, number, desk.now)
        return say(NOT_FOUND, Outcome.CLARIFY)
    told = reply(found, desk)
    if found.applicant_id is None and desk.register.applications.adopt(found, turn.person_id):
        told = Reply(
            told.text + "\n这件申报已绑定到这个账号，以后有变化会告诉您。",
            citations=told.citations,
            options=told.options,
        )
    return Said((told,))


def reply(application: Application, desk: Desk) -> Reply:
    """Step n of N, who holds it, since when, what comes next, on which article; then what became of it so far."""
    progress = PROGRESS[application.state]
    label = application.life.label(application.state)
    holder = progress.holder
    if application.state == "submitted":
        office = desk.gazetteer.division(desk.register.offices.of(application.adcode))
        holder = f"{office.name}的地州局" if office else "自治区局（待指定承办的地州局）"
    lines = [
        f"{application.number}（{application.fields['name']}）：{label}。",
        f"第 {progress.number} 步，共 {len(STAGES)} 步（{STAGES[progress.number - 1]}）。",
        f"由谁办理：{holder}，自 {_day(application.since)} 起。"
        if holder != "—"
        else f"办结于 {_day(application.since)}。",
        f"接下来：{progress.next}。",
    ]
    if application.state == "notice":
        lines.append(f"公示期 {application.notice_from} 至 {application.notice_until}。")
    options = []
    if application.state.startswith("returned"):
        lines += [
            "要补正的有：",
            *(f"{n}. {d['what']}（{d['article']}）" for n, d in enumerate(application.defects, 1)),
        ]
        options.append(Option("现在补正", f"补正 {application.number}"))
    if application.is_open:
        options.append(Option("撤回申报", f"案件 {application.number} {ACTIONS[Action.WITHDRAW]}"))
    lines.append(f"依据征求意见稿{progress.article}；条文没有规定每一步多少天。")
    past = [
        f"{_day(p.at)} {_deed(p.action)}" for p in desk.register.applications.history(application) if not p.proposal
    ]
    return Reply(
        "\n".join(lines),
        more="经过：\n" + "\n".join(past),
        citations=cited(desk, "point-steps"),
        options=tuple(options),
    )


def _deed(action: str) -> str:
    return "提交" if action == "submit" else ACTIONS[Action(action)]


def _day(at: Any) -> str:
    return str(at.astimezone(BEIJING).date())


FORM = FormKind("status", "application_status", "查申报进度", _form, _finish)
