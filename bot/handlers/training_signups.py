"""Signing up to training and leaving, my sign-ups, signing in at the place, and what one thought of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.desk import Desk, Turn
from bot.flow import Ask, Form, ask, choose, text
from bot.handlers.replies import offers
from bot.handlers.training import NO_SUCH, SHOWN, find_event, line, listing, region_of, span, standing
from bot.messages import Option, Outcome, Reply
from bot.privacy import mask
from bot.routes import Begin, FormKind, Said, say
from bot.training.events import Event
from bot.training.papers import when
from bot.training.signups import SIGN_IN_FROM, Reminders, Standing

_SCORES = ("5 很有收获", "4 有收获", "3 一般", "2 收获不大", "1 没有收获")


# -- signing up -----------------------------------------------------------------------------------------------


def sign_up(turn: Turn, desk: Desk) -> Said | Begin:
    """Sign up to the event that is named, or the only one that comes; several are offered."""
    if re.search(r"取消|退|撤销|去不了|来不了|不去了|不参加", turn.said) and not turn.argument:
        return my_signups(turn, desk)
    if turn.argument:
        event = find_event(turn.argument, desk)
        if event is None or event.state == "draft":
            return say(Reply(NO_SUCH, options=offers(("培训",), desk)), Outcome.CLARIFY)
        return _begin(event, turn, desk)
    region = region_of(turn.slot("region"), desk)
    since, until = span(turn, desk.day)
    inside = desk.gazetteer.within(region) if region else ()
    found = desk.events.coming(desk.now, inside, turn.slot("topic"), since, until, SHOWN)
    found = [event for event in found if event.is_open(desk.now)]
    if len(found) == 1:
        return _begin(found[0], turn, desk)
    if not found:
        return listing(turn, desk)
    lines = ["您想报名哪一场？", *map(line, found)]
    options = tuple(Option(event.title, f"报名 {event.id}") for event in found)
    return say(Reply("\n".join(lines), options=options), Outcome.CLARIFY)


def _begin(event: Event, turn: Turn, desk: Desk) -> Said | Begin:
    mine = desk.signups.find(event.id, turn.person_id)
    if mine is not None and mine.standing is not Standing.LEFT:
        return say(Reply(f"您已经报过“{event.title}”。" + standing(mine), options=_after(event)))
    if not event.is_open(desk.now):
        why = "已经取消" if event.state == "cancelled" else "报名已经截止"
        return say(Reply(f"“{event.title}”{why}。", options=offers(("培训",), desk)), Outcome.DECLINE)
    return Begin("training_signup", {"event": event.id})


def _signup_form(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[str, str]]:
    event = desk.events.find(int(given["event"]))
    title = event.title if event else ""
    name: str = yield from ask(Ask(f"报名“{title}”。怎么称呼您？", text(at_most=20)))
    company: str = yield from ask(
        Ask("您的单位？没有就点“个人”。", text(at_most=60), options=(Option("个人", "个人"),))
    )
    return name, company


def _signup_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], who: tuple[str, str]) -> Said:
    event = desk.events.find(int(given["event"]))
    joined = desk.signups.join(int(given["event"]), turn.person_id, *who, desk.now) if event else None
    if event is None or joined is None:
        return say(Reply("这场活动已经不能报名了。", options=offers(("培训",), desk)), Outcome.DONE)
    if joined.signup.standing is Standing.WAITING:
        text = f"名额已满，您排在候补第 {joined.ahead + 1} 位。有人退出会按顺序递补，并马上告诉您。"
    else:
        desk.signups.remind(event, joined.signup, reminders(event), desk.now)
        text = f"报名成功：{event.title}，北京时间 {when(event.begins, event.ends)}，{event.place}。前一天和前一小时我会提醒您。"
    return say(Reply(text, options=_after(event)), Outcome.DONE)


def _after(event: Event) -> tuple[Option, ...]:
    return (
        Option("加入日历", f"日历 {event.id}"),
        Option("取消报名", f"取消报名 {event.id}"),
        Option("我的报名", "我的报名"),
    )


def my_signups(turn: Turn, desk: Desk) -> Said:
    """What one is signed up to."""
    mine = desk.signups.of(turn.person_id, desk.now)
    if not mine:
        return say(Reply("您现在没有报名任何活动。", options=offers(("培训",), desk)))
    lines = ["您报名的活动："]
    options = []
    for event, signup in mine:
        lines.append(line(event) + standing(signup))
        options.append(Option(f"取消报名：{event.title}"[:30], f"取消报名 {event.id}"))
    return say(Reply("\n".join(lines), options=tuple(options)))


def leave(turn: Turn, desk: Desk) -> Said:
    """Take one's sign-up back; who waits first moves up and is told."""
    event = find_event(turn.argument, desk)
    if event is None:
        return my_signups(turn, desk)
    if not take_out(event, turn.person_id, desk):
        return say(f"您没有报名“{event.title}”。", Outcome.CLARIFY)
    return say(Reply(f"已取消“{event.title}”的报名。", options=offers(("培训", "我的报名"), desk)))


def take_out(event: Event, person_id: int, desk: Desk) -> bool:
    """Take a person out of an event that is not over, and tell who moves up; returns whether they were in it."""
    mine = desk.signups.find(event.id, person_id)
    left, moved_up = desk.signups.leave(event.id, person_id)
    if left and mine is not None:
        desk.signups.forget(event, mine, desk.now)
    if moved_up is not None and event.ends > desk.now:
        told = Reply(
            f"好消息：“{event.title}”有人退出，您已从候补转为正式名额。"
            f"时间：北京时间 {when(event.begins, event.ends)}；地点：{event.place}。",
            options=(Option("详情", f"活动 {event.id}"), Option("取消报名", f"取消报名 {event.id}")),
        )
        key = f"event:{event.id}:{moved_up.turn}:up"
        desk.letters.put(moved_up.person_id, told, kind="training", key=key, now=desk.now)
        desk.signups.remind(event, moved_up, reminders(event), desk.now)
    return left


def leave_all(person_id: int, desk: Desk) -> int:
    """Take a person out of all that is to come, before they are erased; returns how many sign-ups there were."""
    count = desk.signups.count(person_id)
    for event, _ in desk.signups.of(person_id, desk.now):
        take_out(event, person_id, desk)
    return count


def reminders(event: Event) -> Reminders:
    """What is said before and after an event."""
    at = f"北京时间 {when(event.begins, event.ends)}，{event.place}"
    options = (Option("详情", f"活动 {event.id}"), Option("取消报名", f"取消报名 {event.id}"))
    return Reminders(
        day=Reply(
            f"提醒：您报名的“{event.title}”明天举行。{at}。来不了请取消报名，把名额让给候补的人。", options=options
        ),
        hour=Reply(
            f"提醒：“{event.title}”一小时后开始。{at}。到场后发送“签到”加现场公布的签到码。", options=options[:1]
        ),
        survey=Reply(f"“{event.title}”结束了，您觉得收获怎么样？", options=(Option("评价", f"评价活动 {event.id}"),)),
    )


# -- at the place and after it ----------------------------------------------------------------------------------


def sign_in(turn: Turn, desk: Desk) -> Said:
    """Sign in with the code that is shown at the place."""
    if not turn.argument:
        return say("请发送“签到”加现场公布的 6 位签到码，比如“签到 A2B3C4”。", Outcome.CLARIFY)
    event = desk.events.by_code(turn.argument)
    if event is None or event.state != "published":
        return say("签到码不对，请照现场公布的再看一遍。", Outcome.CLARIFY)
    if not event.begins - SIGN_IN_FROM <= desk.now <= event.ends:
        return say(f"“{event.title}”的签到时间是开始前一小时到结束。", Outcome.CLARIFY)
    mine = desk.signups.find(event.id, turn.person_id)
    if mine is None or mine.standing is not Standing.IN:
        return say(
            Reply(
                f"您还没有报名“{event.title}”，请先报名，或找现场工作人员。",
                options=(Option("报名", f"报名 {event.id}"),),
            ),
            Outcome.CLARIFY,
        )
    desk.signups.sign_in(mine, desk.now)
    return say(f"签到成功：{event.title}。")


def survey(turn: Turn, desk: Desk) -> Said | Begin:
    """Say what one thought of an event one had signed up to."""
    event = find_event(turn.argument, desk)
    mine = desk.signups.find(event.id, turn.person_id) if event else None
    if event is None or mine is None or mine.standing is not Standing.IN:
        return say("您没有参加这场活动，谢谢您的关心。", Outcome.CLARIFY)
    if desk.now < event.begins:
        return say(f"“{event.title}”还没有开始，结束后再评价吧。", Outcome.CLARIFY)
    return Begin("training_survey", {"event": event.id})


def _survey_form(desk: Desk, given: Mapping[str, Any]) -> Form[tuple[int, str]]:
    options = tuple(Option(label, label[0]) for label in _SCORES)
    scores = [(label, int(label[0])) for label in _SCORES] + [(str(n), n) for n in range(1, 6)]
    score: int = yield from ask(Ask("您给几分（1 到 5）？", choose(*scores), options, takes_number=True))
    remark: str = yield from ask(
        Ask("有什么想说的？没有就点“没有”。", text(at_most=200), options=(Option("没有", "没有"),))
    )
    return score, "" if remark == "没有" else remark


def _survey_finish(turn: Turn, desk: Desk, given: Mapping[str, Any], said: tuple[int, str]) -> Said:
    mine = desk.signups.find(int(given["event"]), turn.person_id)
    if mine is None:
        return say("没有找到您的报名，没有保存。", Outcome.DONE)
    desk.signups.rate(mine, said[0], mask(said[1]))
    return say("谢谢，您的评价已经记下。", Outcome.DONE)


FORMS = (
    FormKind("training_signup", "training_signup", "培训报名", _signup_form, _signup_finish),
    FormKind("training_survey", "training_list", "活动评价", _survey_form, _survey_finish),
)
