"""Applying to become a point: the guided application, saved after each answer, and correcting it after a return (Art. 6, 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, Refused, ask, said
from bot.handlers.covered import covered
from bot.handlers.declare import declare, summary
from bot.handlers.eligibility import cited, told
from bot.messages import Body, Option, Outcome, Reply
from bot.registry.application import Application, Submitted
from bot.registry.declaration import BY_KEY, DOCUMENTS, FIELDS, verdict_of
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Denied

COMMAND = "申报网点"
_OFFER = Reply("可以在这里填申报材料，填一项存一项。", options=(Option("开始申报", COMMAND),))
_ANSWERS = 0.9
_SUBMIT = "确认提交"
IN_GROUP = "申报材料不能在群里填，请私聊我。"


def apply(turn: Turn, desk: Desk) -> Said | Begin:
    """Begin an application, or go on with the one that was begun."""
    if not turn.private:
        return say(IN_GROUP, Outcome.DECLINE)
    if said := covered(turn, desk, COMMAND, _OFFER, _ANSWERS):
        return said
    return Begin("apply")


def opening(desk: Desk) -> str:
    """What is to be known before the first question: the call, and what the form is."""
    call = desk.register.calls.open_on(desk.day)
    if call:
        when = f"{call.year}年的申报到 {call.closes_on} 截止。"
    else:
        latest = desk.register.calls.latest()
        late = latest.closed(desk.day) if latest else "今年的申报通知还没有发布（第八条：每年开展一次）。"
        when = late + "现在可以先填好存着，开放后再提交。"
    return (
        f"{when}征求意见稿的附表没有公布，下面的栏目是本系统自己定的，以当年通知为准。填一项存一项，"
        "随时可以说“取消”先存着，说“申报网点”接着填。"
    )


def _form(desk: Desk, given: Mapping[str, Any]) -> Form[dict[str, Any]]:
    keys = tuple(field.key for field in (*FIELDS, *DOCUMENTS))
    declared = yield from declare(desk, keys, {}, {"name": opening(desk)})
    yield from ask(confirm(declared, desk, point=""))
    return declared


def confirm(declared: Mapping[str, Any], desk: Desk, point: str) -> Ask:
    """The last question: all that was said, what the conditions come to, and the declaration of Art. 6."""

    def read(body: Body) -> bool | Refused:
        if said(body) != _SUBMIT:
            return Refused(f"请选“{_SUBMIT}”，或说“取消”先存着，说“上一步”修改。")
        if reasons := hindered(declared, desk, point):
            return Refused("现在还不能提交，填好的都存着：\n" + reasons)
        return True

    verdict = verdict_of(declared)
    conditions = "" if verdict.met and not verdict.open else "\n\n" + told(verdict)
    prompt = (
        f"请核对：\n{summary(declared, desk)}{conditions}\n\n"
        f"提交即声明：所填内容真实、合法、准确，由申报单位负责（第六条）；提供虚假材料的终止申报，三年内不得再申请（第十七条）。"
    )
    return Ask(prompt, read, (Option(_SUBMIT, _SUBMIT), Option("先存着", "取消")))


def hindered(declared: Mapping[str, Any], desk: Desk, point: str) -> str:
    """Why this cannot be submitted today, a reason a line; empty when it can."""
    calls = desk.register.calls
    call, latest = calls.open_on(desk.day), calls.latest()
    reasons = list(desk.register.applications.obstacles(declared["credit_code"], desk.day, renewal=bool(point)))
    if call is None:
        reasons.insert(0, latest.closed(desk.day) if latest else "今年的申报通知还没有发布（第八条：每年开展一次）。")
    return "\n".join(reasons)


def _finish(turn: Turn, desk: Desk, given: Mapping[str, Any], declared: dict[str, Any]) -> Said:
    return submit(turn, desk, declared, "")


def submit(turn: Turn, desk: Desk, declared: dict[str, Any], point: str) -> Said:
    """Take the application and tell its number and secret."""
    call = desk.register.calls.open_on(desk.day)
    if call is None:
        return say(hindered(declared, desk, point), Outcome.DECLINE)
    match desk.register.applications.submit(declared, turn.person_id, call, desk.now, today=desk.day, point=point):
        case Denied(why):
            return say(why, Outcome.DECLINE)
        case Submitted(application, secret):
            attach(application, declared, desk)
            office = desk.gazetteer.division(desk.register.offices.of(application.adcode))
            holder = (
                f"由{office.name}的地州局初审"
                if office
                else "这里没有对应的地州局，由自治区局指定承办单位后初审（第四条），指定后会告诉您"
            )
            text = (
                f"已提交，申报编号 {application.number}，查询密码 {secret}（只显示这一次，请记下）。\n"
                f"接下来{holder}。每一步有变化我都会告诉您；换了账号，凭编号和密码也能查进度。"
            )
            options = (Option("看进度", f"进度 {application.number}"),)
            return Said((Reply(text, citations=cited(desk, "point-steps"), options=options),), Outcome.DONE)


def attach(application: Application, declared: Mapping[str, Any], desk: Desk) -> None:
    """Give the files that were sent to the application, so that they stay with it."""
    files: dict[str, Any] = {}
    for field in DOCUMENTS:
        sent = declared.get(field.key)
        if isinstance(sent, dict) and sent.get("token"):
            files[field.key] = {"name": sent["name"], "id": desk.uploads.claim(sent["token"], desk.now)}
    if files:
        desk.register.applications.attach(application, files)


# -- correcting -----------------------------------------------------------------------------------------------


def correct(turn: Turn, desk: Desk) -> Said | Begin:
    """Correct what a return named: only these items are asked again."""
    if not turn.private:
        return say(IN_GROUP, Outcome.DECLINE)
    mine = [a for a in desk.register.applications.of_applicant(turn.person_id) if a.state.startswith("returned")]
    number = turn.argument.upper() or (mine[0].number if len(mine) == 1 else "")
    found = desk.register.applications.by_number(number) if number else None
    if found is None or not _may_correct(turn, desk, found.number):
        options = tuple(Option(a.number, f"补正 {a.number}") for a in mine)
        text = "要补正哪一件？" if mine else "您没有需要补正的申报。"
        return say(Reply(text, options=options), Outcome.CLARIFY)
    return Begin("correct", {"number": found.number, "steps": found.steps})


def _may_correct(turn: Turn, desk: Desk, number: str) -> bool:
    application = desk.register.applications.by_number(number)
    if application is None:
        return False
    actor, on = desk.staff.of(turn.person_id), desk.register.applications.matter(application)
    return Action.RESUBMIT in application.life.actions(application.state, actor, on)


def _correct_form(desk: Desk, given: Mapping[str, Any]) -> Form[dict[str, Any]]:
    application = desk.register.applications.by_number(given["number"])
    assert application is not None
    items = tuple(dict.fromkeys(d["item"] for d in application.defects if d["item"] in BY_KEY))
    before = {
        item: "\n".join(f"要补正：{d['what']}（{d['article']}）" for d in application.defects if d["item"] == item)
        for item in items
    }
    found = yield from declare(desk, items, dict(application.fields), before)
    merged = {**application.fields, **found}

    def read(body: Body) -> bool | Refused:
        return True if said(body) == _SUBMIT else Refused(f"请选“{_SUBMIT}”，或说“上一步”修改。")

    changed = summary({key: merged[key] for key in found}, desk)
    prompt = f"补正后是这样：\n{changed}\n内容真实、合法、准确，由申报单位负责（第六条）。"
    yield from ask(Ask(prompt, read, (Option(_SUBMIT, _SUBMIT), Option("先存着", "取消"))))
    return found


def _correct_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], found: dict[str, Any]) -> Said:
    application = desk.register.applications.by_number(given["number"])
    assert application is not None
    came = desk.register.applications.resubmit(application, desk.staff.of(turn.person_id), found, desk.now)
    if isinstance(came, Denied):
        return say(came.why, Outcome.DECLINE)
    attach(application, found, desk)
    after = application.life.label(came.step.new)
    return say(
        Reply(
            f"{application.number} 已补正并重新提交，现在是“{after}”。",
            options=(Option("看进度", f"进度 {application.number}"),),
        ),
        Outcome.DONE,
    )


FORMS = (
    FormKind("apply", "apply", "申报网点", _form, _finish, lasting=True),
    FormKind("correct", "apply", "补正", _correct_form, _correct_finish, lasting=True),
)
