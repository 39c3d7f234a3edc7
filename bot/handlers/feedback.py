"""Ratings of answers, suggestions and complaints (Art. 15, 17): given in one tap or a short form, followed, answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.desk import BEIJING, Desk, Turn
from bot.flow import Ask, Form, Refused, ask, ask_file, choose, said, text
from bot.handlers.questions import answer_with
from bot.handlers.replies import offers
from bot.helpdesk.feedback import CATEGORIES, COMPLAINT, FEEDBACK, KINDS, SUGGESTION, Filed, Voice, Words
from bot.knowledge.library import Sure
from bot.messages import Body, Option, Outcome, Reply, Upload
from bot.privacy import mask
from bot.registry.points import Point
from bot.routes import Begin, FormKind, Said, say
from bot.staff import Action, Denied, Role, may

_NUMBER = re.compile(r"XJ(JY|TS)-?(\d{4})-?(\d{1,6})", re.IGNORECASE)
_PASSCODE = re.compile(r"[A-Za-z0-9]{4}-?[A-Za-z0-9]{4}-?[A-Za-z0-9]{4}$")
_NOT_FOUND = "没有查到。请核对编号（形如 XJTS-2026-0007）和查询密码（形如 ABCD-EFGH-JKMN）。"
_SLOWLY = "试的次数太多，请过一小时再查。"
_IN_GROUP = "意见和投诉不在群里办，请私聊我。"
_STRANGER = "这是工作人员用的。要查自己的意见，发送“我的意见”。"
_NETWORK = "整个网络或这个机器人"
_ANSWERS = 0.97  # so sure, it is a question about complaints, not one
_MONTHS = 12


# -- rating an answer -----------------------------------------------------------------------------------------


def good(turn: Turn, desk: Desk) -> Said:
    """``有用 id``."""
    return _rated(turn, desk, True)


def bad(turn: Turn, desk: Desk) -> Said:
    """``没用 id``: the way to a person, and to say what is wrong."""
    return _rated(turn, desk, False)


def _rated(turn: Turn, desk: Desk, is_good: bool) -> Said:
    entry = desk.library.entry(turn.argument.strip().lower() or turn.conversation.entry, desk.day)
    if entry is None:
        return say(Reply("要评价的是哪一条答复？先问我一个问题吧。", options=offers(("菜单",), desk)), Outcome.CLARIFY)
    asked = turn.conversation.question if turn.conversation.entry == entry.id else entry.title
    desk.helpdesk.ratings.rate(turn.person_id, entry.id, entry.topic, is_good, mask(asked), desk.now)
    if is_good:
        return say("谢谢，记下了。", Outcome.DONE)
    options = (Option("说说哪里不对", f"哪里不对 {entry.id}"), *offers(("转人工",), desk))
    return say(Reply("抱歉没答好，已记下，编辑会看。", options=options), Outcome.DONE)


def explain(turn: Turn, desk: Desk) -> Begin:
    """Say what is wrong about an answer."""
    return Begin("rating_words", {"entry": turn.argument.strip().lower()[:80]})


def _explain_form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    return str((yield from ask(Ask("哪里不对？一句话就行。", text(at_least=2, at_most=300)))))


def _explain_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], words: str) -> Said:
    if not desk.helpdesk.ratings.explain(turn.person_id, given["entry"], mask(words)):
        return say("这条答复您还没有评价过。", Outcome.CLARIFY)
    return say(Reply("记下了，谢谢。", options=offers(("转人工",), desk)), Outcome.DONE)


# -- suggesting and complaining -------------------------------------------------------------------------------


def feedback(turn: Turn, desk: Desk) -> Said | Begin:
    """A sentence about feedback: answered when it is a question, else what can be done."""
    found = desk.library.search(turn.said, desk.day)
    options = (Option("提建议", "提建议"), Option("投诉", "投诉"), Option("我的意见", "我的意见"))
    if isinstance(found, Sure) and found.confidence >= _ANSWERS:
        told = answer_with(found.entry, desk, found.confidence, None, turn.said)
        return replace(told, replies=(*told.replies, Reply("要提意见或投诉，可以在这里办。", options=options)))
    return say(Reply("要提建议，还是投诉？都有编号、有期限、有答复，可以匿名。", options=options), Outcome.FLOW)


def suggest(turn: Turn, desk: Desk) -> Said | Begin:
    """Make a suggestion."""
    return Begin("suggestion") if turn.private else say(_IN_GROUP, Outcome.DECLINE)


def complain(turn: Turn, desk: Desk) -> Said | Begin:
    """Make a complaint."""
    return Begin("complaint") if turn.private else say(_IN_GROUP, Outcome.DECLINE)


def _about(desk: Desk) -> Any:
    """A reader for the point that somebody speaks of; None for the network or the bot."""

    def read(body: Body) -> Point | Refused | None:
        words = said(body) or ""
        if words == _NETWORK:
            return None
        point = desk.points.by_code(words)
        named = [point] if point else desk.points.named(words)
        if len(named) == 1:
            return named[0]
        why = "有几个网点都叫这个名字，请写编号。" if named else f"没找到这个网点。不是说网点的，点“{_NETWORK}”。"
        return Refused(why)

    return read


def _suggestion(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[Point | None, str, str, Any, bool]]:
    options = (Option(_NETWORK, _NETWORK),)
    point = yield from ask(Ask("对谁提建议？写网点的名称或编号。", _about(desk), options))
    words = yield from ask(Ask("您的建议？", text(at_least=4, at_most=500)))
    anonymous = yield from ask(_ask_name())
    return point, "", words, None, anonymous


def _complaint(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[Point | None, str, str, Any, bool]]:
    options = (Option(_NETWORK, _NETWORK),)
    point = yield from ask(Ask("投诉谁？写网点的名称或编号。", _about(desk), options))
    kinds = tuple(Option(c, c) for c in CATEGORIES)
    category = yield from ask(Ask("是哪一类？", choose(*((c, c) for c in CATEGORIES)), kinds))
    words = yield from ask(Ask("请写明时间、地点、经过。", text(at_least=4, at_most=500)))
    file = yield from ask(ask_file("有证据就发来（图片、PDF、DOCX）；没有点“没有”。", ("没有", None)))
    anonymous = yield from ask(_ask_name())
    return point, category, words, file, anonymous


def _ask_name() -> Ask:
    return Ask(
        "要匿名吗？匿名的不记您是谁，答复只能凭编号和查询密码查。",
        choose(("匿名", True), ("不匿名", False)),
        (Option("不匿名", "不匿名"), Option("匿名", "匿名")),
    )


def _finish_as(kind: str) -> Any:
    def finish(
        turn: Turn, desk: Desk, given: Mapping[str, Any], filled: tuple[Point | None, str, str, Any, bool]
    ) -> Said:
        point, category, words, file, anonymous = filled
        file_id = None
        if isinstance(file, Upload):
            file_id = desk.uploads.claim(file.token, desk.now)
            if anonymous and file_id is not None:
                desk.uploads.disown(file_id)
        made = desk.helpdesk.feedback.file(
            turn.person_id,
            Words(
                kind,
                mask(words),
                category,
                point.code if point else "",
                desk.register.offices.of(point.adcode) if point else "",
                file_id,
                anonymous,
            ),
            desk.now,
        )
        return say(_taken(made), Outcome.DONE)

    return finish


def _taken(made: Filed) -> Reply:
    voice = made.voice
    due = voice.due.astimezone(BEIJING)
    text = (
        f"已收到您的{KINDS[voice.kind]}，编号 {voice.number}，查询密码 {made.passcode}（只显示这一次，请记下）。\n"
        f"{due:%Y年%m月%d日}前答复（15 个工作日，是我们的服务承诺）。"
        f"查进度：意见 {voice.number} 查询密码"
    )
    return Reply(text, options=() if voice.person_id is None else (Option("我的意见", "我的意见"),))


def mine(turn: Turn, desk: Desk) -> Said:
    """One's own, as far as they are not anonymous."""
    found = desk.helpdesk.feedback.of_person(turn.person_id)
    if not found:
        text = "没有记在您名下的建议或投诉。匿名的请发“意见 编号 查询密码”。"
        return say(Reply(text, options=(Option("提建议", "提建议"), Option("投诉", "投诉"))))
    return say("\n".join(_told(voice) for voice in found[:8]))


def _told(voice: Voice) -> str:
    due = f"，{voice.due.astimezone(BEIJING):%m月%d日}前答复" if voice.state != "answered" else ""
    answer = f"\n答复：{voice.answer}" if voice.answer else ""
    return f"{voice.number}（{KINDS[voice.kind]}）：{FEEDBACK.label(voice.state)}{due}。{answer}"


def _read_number(words: str) -> str:
    found = _NUMBER.search(words)
    return f"XJ{found[1].upper()}-{found[2]}-{int(found[3]):04d}" if found else ""


def look_up(turn: Turn, desk: Desk) -> Said:
    """``意见 编号 密码``: where it stands; a wrong passcode looks like an unknown number, and too many tries wait."""
    number = _read_number(turn.argument)
    passcode = _PASSCODE.search(turn.argument.strip())
    if not number:
        return mine(turn, desk)
    voice = desk.helpdesk.feedback.by_number(number)
    if voice is not None and voice.person_id == turn.person_id:
        return say(_told(voice))
    guesses = desk.register.guesses
    if guesses.wait(turn.person_id, number, desk.now):
        return say(_SLOWLY, Outcome.DECLINE)
    found = desk.helpdesk.feedback.unlock(number, passcode[0]) if passcode else None
    if found is None:
        guesses.wrong(turn.person_id, number, desk.now)
        return say(_NOT_FOUND, Outcome.CLARIFY)
    return Said((Reply(_told(found)),), confidential=True)


def again(turn: Turn, desk: Desk) -> Said | Begin:
    """Not satisfied with the answer."""
    number = _read_number(turn.argument)
    voice = desk.helpdesk.feedback.by_number(number) if number else None
    if voice is None or voice.person_id != turn.person_id:
        return say(_NOT_FOUND, Outcome.CLARIFY)
    return Begin("feedback_again", {"number": number})


def _again_form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    return str((yield from ask(Ask("哪里不满意？", text(at_least=2, at_most=300)))))


def _again_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], more: str) -> Said:
    voice = desk.helpdesk.feedback.by_number(given["number"])
    if voice is None or voice.person_id != turn.person_id:
        return say(_NOT_FOUND, Outcome.CLARIFY)
    came = desk.helpdesk.feedback.reopen(voice, turn.person_id, mask(more), desk.now)
    if isinstance(came, Denied):
        return say(came.why, Outcome.CLARIFY)
    return say(f"已再次提交 {came.number}，自治区局也会看到。", Outcome.DONE)


# -- staff ----------------------------------------------------------------------------------------------------


def box(turn: Turn, desk: Desk) -> Said:
    """What waits for an answer."""
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(Reply(_STRANGER, options=(Option("我的意见", "我的意见"),)), Outcome.DECLINE)
    found = desk.helpdesk.feedback.waiting_for(actor)
    lines = [f"待答复 {len(found)} 件。"]
    lines += [f"{v.number} {v.category or KINDS[v.kind]}，{v.due.astimezone(BEIJING):%m月%d日}前" for v in found[:8]]
    options = tuple(Option(v.number, f"意见件 {v.number}") for v in found[:8])
    return say(Reply("\n".join(lines), options=(*options, Option("反馈统计", "反馈统计"))))


def open_one(turn: Turn, desk: Desk) -> Said:
    """One suggestion or complaint, with its evidence; who filed it is not shown."""
    found = _named(turn, desk, Action.READ_CASE)
    if isinstance(found, Said):
        return found
    point = desk.points.by_code(found.point) if found.point else None
    lines = [
        f"{found.number}（{KINDS[found.kind]}{'·' + found.category if found.category else ''}）：{FEEDBACK.label(found.state)}",
        f"说的是：{point.name if point else _NETWORK}",
        found.text,
        f"{found.due.astimezone(BEIJING):%Y年%m月%d日}前答复。",
    ]
    if found.answer:
        lines.append(f"已答：{found.answer}")
    stored = desk.uploads.stored(found.file_id) if found.file_id else None
    file = desk.files.find(found.shown["token"], desk.now) if found.shown else None
    if stored and file is None:
        file = desk.files.keep(stored.name, stored.type, stored.path.read_bytes(), desk.now)
        desk.helpdesk.feedback.show(found, file)
    options = (Option("答复", f"答意见 {found.number}"),) if found.state == "filed" else ()
    return Said((Reply("\n".join(lines), options=options, file=file),), confidential=True)


def answer(turn: Turn, desk: Desk) -> Said | Begin:
    """Answer one."""
    found = _named(turn, desk, Action.ANSWER)
    return found if isinstance(found, Said) else Begin("feedback_answer", {"number": found.number})


def _named(turn: Turn, desk: Desk, action: Action) -> Voice | Said:
    actor = desk.staff.of(turn.person_id)
    if not actor.member:
        return say(_STRANGER, Outcome.DECLINE)
    if not turn.private:
        return say(_IN_GROUP, Outcome.DECLINE)
    number = _read_number(turn.argument)
    voice = desk.helpdesk.feedback.by_number(number) if number else None
    if voice is None:
        return say(
            Reply("没有这个编号。发送“意见箱”看待答复的。", options=(Option("意见箱", "意见箱"),)), Outcome.CLARIFY
        )
    decided = may(actor, action, voice.matter)
    return say(decided.why, Outcome.DECLINE) if isinstance(decided, Denied) else voice


def _answer_form(desk: Desk, given: Mapping[str, Any]) -> Form[str]:
    return str((yield from ask(Ask("答复内容？原样发给对方。", text(at_least=4, at_most=500)))))


def _answer_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], words: str) -> Said:
    voice = desk.helpdesk.feedback.by_number(given["number"])
    if voice is None:
        return say("这一件已经不在了（对方删除了资料）。", Outcome.CLARIFY)
    came = desk.helpdesk.feedback.answer(voice, desk.staff.of(turn.person_id), words, desk.now)
    if isinstance(came, Denied):
        return say(came.why, Outcome.DECLINE)
    return say(Reply(f"已答复 {came.number}。", options=(Option("意见箱", "意见箱"),)), Outcome.DONE)


def statistics(turn: Turn, desk: Desk) -> Said:
    """Suggestions and complaints by point and month; for the region also the answers rated worst."""
    actor = desk.staff.of(turn.person_id)
    decided = may(actor, Action.FIGURES)
    if actor.role is Role.PUBLIC or (isinstance(decided, Denied) and actor.role is Role.ADMINISTRATOR):
        return say(_STRANGER, Outcome.DECLINE)
    rows = desk.helpdesk.feedback.figures(actor, _MONTHS, desk.now)
    lines = ["近一年的建议和投诉（按月、按网点）："] if rows else ["近一年没有建议和投诉。"]
    for code, month, kind, state, count in rows[:30]:
        point = desk.points.by_code(code) if code else None
        lines.append(f"{month} {point.name if point else _NETWORK} {KINDS[kind]} {FEEDBACK.label(state)} {count}")
    if actor.role is Role.REGION:
        worst = desk.helpdesk.ratings.by_entry(desk.now.replace(year=desk.now.year - 1))
        lines += [f"差评多的答复：{id}（没用 {down}，有用 {up}）" for id, (up, down) in worst.items() if down]
    return say("\n".join(lines))


FORMS = (
    FormKind("rating_words", "feedback", "说说哪里不对", _explain_form, _explain_finish),
    FormKind("suggestion", "feedback", "提建议", _suggestion, _finish_as(SUGGESTION), confidential=True),
    FormKind("complaint", "feedback", "投诉", _complaint, _finish_as(COMPLAINT), confidential=True),
    FormKind("feedback_again", "feedback", "再次反映", _again_form, _again_finish),
    FormKind("feedback_answer", "staff", "答复意见", _answer_form, _answer_finish, confidential=True),
)
