"""Training for everybody: what comes, by place, topic and time, and the details of an event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.desk import BEIJING, Desk, Turn
from bot.handlers.replies import offers
from bot.messages import Link, Option, Outcome, Reply
from bot.routes import Said, say
from bot.training.events import Event
from bot.training.papers import calendar, when
from bot.training.signups import Signup, Standing

SHOWN = 5
NOTICES = Link("自治区市场监督管理局网站", "https://scjgj.xinjiang.gov.cn/")
NO_SUCH = "没有这场活动。发送“培训”看近期的活动。"


def listing(turn: Turn, desk: Desk) -> Said:
    """What comes, by place, topic and time as the sentence names them."""
    region, topic = region_of(turn.slot("region"), desk), turn.slot("topic")
    since, until = span(turn, desk.day)
    inside = desk.gazetteer.within(region) if region else ()
    found = desk.events.coming(desk.now, inside, topic, since, until, SHOWN + 1)
    about = "".join((turn.slot("region"), _span_words(turn), topic))
    subscribe = Option("有新活动告诉我", _subscribe(topic, region))
    if not found:
        rest = desk.events.coming(desk.now, at_most=3) if about else []
        head = f"没有查到{about or '近期'}的培训活动。" + ("其他近期活动：" if rest else "")
        lines = [head, *map(line, rest)]
        options = (*(option(event) for event in rest), subscribe)
        return say(Reply("\n".join(lines), links=() if rest else (NOTICES,), options=options))
    lines = [f"{about or '近期'}的培训活动：", *map(line, found[:SHOWN])]
    if len(found) > SHOWN:
        lines.append("还有更多，可以说地方、主题或时间再查。")
    return say(Reply("\n".join(lines), options=(*(option(event) for event in found[:SHOWN]), subscribe)))


def details(turn: Turn, desk: Desk) -> Said:
    """One event."""
    event = find_event(turn.argument, desk)
    if event is None or event.state == "draft":
        return say(Reply(NO_SUCH, options=offers(("培训",), desk)), Outcome.CLARIFY)
    mine = desk.signups.find(event.id, turn.person_id)
    options = []
    if mine is not None and mine.standing is not Standing.LEFT and event.ends > desk.now:
        options.append(Option("取消报名", f"取消报名 {event.id}"))
    elif event.is_open(desk.now):
        options.append(Option("报名", f"报名 {event.id}"))
    if event.state == "published" and event.ends > desk.now:
        options.append(Option("加入日历", f"日历 {event.id}"))
    return say(Reply(describe(event, desk) + standing(mine), options=(*options, Option("全部活动", "培训"))))


def describe(event: Event, desk: Desk) -> str:
    """All that is told of an event."""
    lines = [
        f"【{event.form}】{event.title}",
        "（已取消）" if event.state == "cancelled" else "（已结束）" if event.ends <= desk.now else "",
        f"时间：北京时间 {when(event.begins, event.ends)}",
        f"地点：{event.place}",
        f"主办：{event.organiser}；面向{event.audience}",
        f"内容：{event.about}",
        f"报名截止：北京时间 {event.deadline.astimezone(BEIJING):%m月%d日 %H:%M}；{places(event)}",
        f"联系：{event.contact}",
    ]
    return "\n".join(line for line in lines if line)


def ics(turn: Turn, desk: Desk) -> Said:
    """The event as a calendar file."""
    event = find_event(turn.argument, desk)
    if event is None or event.state != "published":
        return say(NO_SUCH, Outcome.CLARIFY)
    file = desk.files.keep(f"{event.title}.ics", "text/calendar", calendar(event, desk.now), desk.now)
    told = f"{event.title}，北京时间 {when(event.begins, event.ends)}，{event.place}。打开文件就能加入日历。"
    return say(Reply(told, file=file))


# -- words ----------------------------------------------------------------------------------------------------


def find_event(argument: str, desk: Desk) -> Event | None:
    """The event of the number that stands behind a command word."""
    digits = argument.strip().removeprefix("#")
    return desk.events.find(int(digits)) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def line(event: Event) -> str:
    return f"- {event.title}：北京时间 {when(event.begins, event.ends)}，{event.place}；{places(event)}"


def option(event: Event) -> Option:
    return Option(event.title, f"活动 {event.id}")


def places(event: Event) -> str:
    if event.left is None:
        return "名额不限"
    return f"还剩 {event.left} 个名额" if event.left else "名额已满，可排候补"


def standing(signup: Signup | None) -> str:
    match signup:
        case Signup(standing=Standing.IN):
            return "（您已报名）"
        case Signup(standing=Standing.WAITING):
            return "（您在候补名单）"
    return ""


def _subscribe(topic: str, region: str) -> str:
    return " ".join(part for part in ("订阅", topic, region) if part)


def region_of(name: str, desk: Desk) -> str:
    """The adcode of a place named in full; empty for none and for the whole region."""
    found = desk.gazetteer.called(name) if name else ()
    return next((d.adcode for d in found if not d.adcode.endswith("0000")), "")


@dataclass(frozen=True, slots=True)
class _Days:
    first: date
    after: date


def span(turn: Turn, today: date) -> tuple[datetime | None, datetime | None]:
    """From when to when the sentence asks."""
    days = _days(turn, today)
    if days is None:
        return None, None
    first, after = (datetime.combine(d, time(), BEIJING).astimezone(UTC) for d in (days.first, days.after))
    return first, after


def _days(turn: Turn, today: date) -> _Days | None:
    monday = today - timedelta(days=today.weekday())
    for words, first in (("后天", 2), ("明天", 1), ("今天", 0)):
        if words in turn.said:
            return _Days(today + timedelta(days=first), today + timedelta(days=first + 1))
    match turn.slot("week"):
        case "this":
            return _Days(monday, monday + timedelta(days=7))
        case "next":
            return _Days(monday + timedelta(days=7), monday + timedelta(days=14))
    month = turn.slot("month")
    if not month:
        return None
    year = today.year + (int(month) < today.month)
    first_day = date(year, int(month), 1)
    return _Days(first_day, (first_day + timedelta(days=31)).replace(day=1))


def _span_words(turn: Turn) -> str:
    match turn.slot("week"):
        case "this":
            return "本周"
        case "next":
            return "下周"
    return f"{turn.slot('month')}月" if turn.slot("month") else ""
