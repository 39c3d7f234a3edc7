"""The officers' cases in chat: what waits for them, a case opened with the checks already made, and what may be done."""

from __future__ import annotations

from bot.desk import BEIJING, Desk, Turn
from bot.handlers import questions
from bot.handlers.declare import summary
from bot.handlers.eligibility import told
from bot.messages import Option, Outcome, Reply
from bot.registry.application import Application
from bot.registry.cases import Case, history, open_case, queue
from bot.registry.changes import CHANGEABLE, Change
from bot.registry.declaration import DOCUMENTS, verdict_of
from bot.registry.points import Point
from bot.registry.reports import KINDS, Report
from bot.registry.services import labels
from bot.routes import Begin, Said, say
from bot.staff import ACTIONS, Action, Denied, may

SHOWN = 8
_DEEDS = {**{a.value: label for a, label in ACTIONS.items()}, "submit": "提交", "import": "导入"}
_BY_LABEL = {label: action for action, label in ACTIONS.items()}
NO_CASE = "没有这个编号的案件。申报写 XJWD-…，变更写 XJBG-…，年度总结写 XJNB-…，网点写网点编号。"


def todo(turn: Turn, desk: Desk) -> Said:
    """What waits for who asks."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        mine = desk.register.applications.of_applicant(turn.person_id)
        options = tuple(Option(f"{a.number} {a.life.label(a.state)}", f"进度 {a.number}") for a in mine[:SHOWN])
        text = "您的申报：" if mine else "您没有正在办理的事。"
        return say(Reply(text, options=options or (Option("菜单", "菜单"),)))
    found = queue(desk.register, actor)
    if not found:
        return say(Reply("现在没有等您办理的案件。", options=(Option("工作台", "工作台"),)))
    lines = [f"等您办理的有 {len(found)} 件" + (f"，先列最早的 {SHOWN} 件：" if len(found) > SHOWN else "：")]
    lines += [f"{n}. {case.number} {case.name}：{_state(case)}" for n, case in enumerate(found[:SHOWN], 1)]
    return say(
        Reply("\n".join(lines), options=tuple(Option(case.number, f"案件 {case.number}") for case in found[:SHOWN]))
    )


def _state(case: Case) -> str:
    waits = f"，有人提出“{ACTIONS[Action(case.proposed)]}”待第二人确认" if case.proposed else ""
    return case.label + waits


def case(turn: Turn, desk: Desk) -> Said | Begin:
    """Open the case behind the command word, or do with it what stands behind its number."""
    number, _, wanted = turn.argument.partition(" ")
    found = open_case(desk.register, number) if number else None
    actor = desk.staff.of(turn.person_id)
    if found is None and not actor.member:
        return questions.answer(turn, desk)
    if found is None:
        return say(NO_CASE, Outcome.CLARIFY)
    if not turn.private:
        return say("案件不在群里办，请私聊我。", Outcome.DECLINE)
    decided = may(actor, Action.READ_CASE, found.on)
    if isinstance(decided, Denied):
        return say(decided.why, Outcome.DECLINE)
    if not wanted:
        return Said((_shown(found, turn, desk),))
    action = _BY_LABEL.get(wanted.strip())
    if action is None or action not in {step.action for step in found.life.steps}:
        return say(Reply(f"这里没有“{wanted}”这个动作。", options=_options(found, turn, desk)), Outcome.CLARIFY)
    if action is Action.RESUBMIT:
        form = {"XJBG": "change-again", "XJNB": "report-again"}.get(found.number[:4])
        if form is None:
            return Begin("correct", {"number": found.number, "steps": found.steps})
        return Begin(form, {"number": found.number, "steps": found.steps})
    return Begin("decide", {"number": found.number, "action": action.value, "steps": found.steps})


def materials(turn: Turn, desk: Desk) -> Said:
    """The files of the application behind the command word, for those who may read it."""
    found = open_case(desk.register, turn.argument) if turn.argument else None
    if found is None or not isinstance(found.subject, Application):
        return say("请写申报编号，比如：材料 XJWD-2026-0007", Outcome.CLARIFY)
    if not turn.private:
        return say("材料不在群里看，请私聊我。", Outcome.DECLINE)
    decided = may(desk.staff.of(turn.person_id), Action.READ_CASE, found.on)
    if isinstance(decided, Denied):
        return say(decided.why, Outcome.DECLINE)
    replies = []
    for field in DOCUMENTS:
        sent = found.subject.fields.get(field.key)
        stored = desk.uploads.stored(sent["id"]) if isinstance(sent, dict) and sent.get("id") else None
        if stored is None:
            replies.append(Reply(f"{field.label}：没有上传"))
        else:
            file = desk.files.keep(stored.name, stored.type, stored.path.read_bytes(), desk.now)
            replies.append(Reply(f"{field.label}：{stored.name}", file=file))
    return Said(tuple(replies))


def _options(found: Case, turn: Turn, desk: Desk) -> tuple[Option, ...]:
    actor = desk.staff.of(turn.person_id)
    options = tuple(Option(ACTIONS[a], f"案件 {found.number} {ACTIONS[a]}") for a in found.actions(actor))
    if isinstance(found.subject, Application):
        options += (Option("看材料", f"材料 {found.number}"),)
    return options


def _shown(found: Case, turn: Turn, desk: Desk) -> Reply:
    lines = [f"{found.number} {found.name}", f"现在：{_state(found)}"]
    if found.proposed:
        lines.append(f"提出的理由：{found.proposed_why or '—'}")
    match found.subject:
        case Application() as application:
            lines += _application(application, desk)
        case Change() as change:
            lines += _change(change)
        case Report() as report:
            lines += _report(report)
        case Point() as point:
            lines += _point(point, desk)
    past = [
        f"{p.at.astimezone(BEIJING).date()} {_who(p.by, p.role.label, desk)} {'提出' if p.proposal else ''}"
        f"{_DEEDS.get(p.action, p.action)}{f'：{p.why}' if p.why else ''}"
        for p in history(desk.register, found)
    ]
    more = "经过：\n" + "\n".join(past) if past else ""
    return Reply("\n".join(lines), more=more, options=_options(found, turn, desk))


def _who(member: int | None, role: str, desk: Desk) -> str:
    found = desk.staff.member(member) if member else None
    return found.name if found else role


def _application(application: Application, desk: Desk) -> list[str]:
    office = desk.gazetteer.division(desk.register.offices.of(application.adcode))
    lines = [
        f"承办：{office.name}" if office else "承办：未指定（第四条）",
        summary(application.fields, desk),
        f"联系电话全号：{application.fields.get('phone', '—')}",
    ]
    if application.notice_until:
        lines.append(f"公示期 {application.notice_from} 至 {application.notice_until}")
    lines += [
        "",
        "系统已核对：",
        *(f"{'✓' if ok else '✗'} {text}" for ok, text in desk.register.review.checks(application)),
    ]
    verdict = verdict_of(application.fields)
    if verdict.unmet or verdict.open:
        lines.append(told(verdict))
    opinions = desk.register.review.opinions(application)
    lines += [f"专家意见 {n}. {expert}：{text}" for n, (expert, text) in enumerate(opinions, 1)]
    return lines


def _change(change: Change) -> list[str]:
    def value(of: object) -> str:
        return labels(tuple(of)) if isinstance(of, list) else str(of or "—")

    named = [
        f"{CHANGEABLE[name]}：{value(change.old.get(name))} → {value(new)}"
        for name, new in change.new.items()
        if name in CHANGEABLE
    ]
    return [*named, f"原因：{change.why}"]


def _report(report: Report) -> list[str]:
    counted = "、".join(f"{KINDS[k]} {n}" for k, n in report.figures.items() if k in KINDS) or "—"
    late = "（逾期报送）" if report.late else ""
    return [f"{report.year}年度{late}", f"服务数字：{counted}", f"总结：{report.summary}", f"计划：{report.plan}"]


def _point(point: Point, desk: Desk) -> list[str]:
    division = desk.gazetteer.division(point.adcode)
    return [
        f"地区：{division.full_name}" if division else "",
        f"有效期 {point.certified_on or '—'} 至 {point.expires_on or '—'}",
        f"整改到 {point.rectify_by} 为止（第十六条）" if point.rectify_by else "",
        f"联系方式核对于 {point.confirmed_on}" if point.confirmed_on else "",
    ]
