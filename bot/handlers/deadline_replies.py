"""What is said of a time limit: its last day with the weekday, how it was counted, its basis, and a calendar file."""

from __future__ import annotations

from datetime import date

from bot.calculators.calendars import DayEvent, write_calendar
from bot.calculators.deadlines import Limit, Nature, ends, renewal, yearly
from bot.calculators.workdays import End, Period, Unit, corresponding, read_period, term_ends
from bot.desk import Desk
from bot.handlers.days import UNPUBLISHED, on_weekday
from bot.handlers.replies import cite, offers
from bot.knowledge.figures import Figure
from bot.knowledge.limits import RENEWAL_PERIODS
from bot.messages import Citation, File, Option, Reply

_COUNTING = {
    "专利": "专利法实施细则 第五条",
    "商标": "商标法实施条例 第十二条",
}
_DRAFT = "网点管理办法还是征求意见稿，施行日期空着，以正式文本为准。"
_AGAIN = (Option("再算一个期限", "期限计算"),)


def tell(limit: Limit, start: date, desk: Desk) -> Reply:
    """The reply for ``limit`` that begins on ``start`` (for a day of every year: today)."""
    try:
        match limit.nature:
            case Nature.RENEWAL:
                return _renewal(limit, start, desk)
            case Nature.FIXED:
                return _fixed(limit, desk)
        return _counted(limit, start, desk)
    except OverflowError:
        return Reply("这个日期太远了，算不出来，请再核对一下。", options=_AGAIN)


def _figure(id: str, on: date, desk: Desk) -> Figure:
    return desk.library.content.figures.on("deadline", id, on)


def _period(figure: Figure) -> Period:
    period = read_period(figure.text)
    assert period is not None, figure.id  # the content check refuses others
    return period


def _counted(limit: Limit, start: date, desk: Desk) -> Reply:
    figure = _figure(limit.id, start, desk)
    if limit.before and figure.since and start < figure.since:
        figure = _figure(limit.before, start, desk)
    period = _period(figure)
    end = ends(limit.nature, start, period, desk.hours.holidays)
    lines = [_headline(limit, end), _how(limit, start, period, end)]
    if limit.nature is Nature.ACT:
        lines += _passed(end, desk)
        if not end.published:
            lines.append(UNPUBLISHED)
    if figure.since and end.day < figure.since:
        lines.append(f"这条规定从 {figure.since} 起施行；您这件事在那以前，当时的规定我没有核对过。")
    elif changed := _changed(limit, start, end, figure, desk):
        lines.append(changed)
    return _reply(limit, lines, end.day, (figure.basis,), desk)


def _headline(limit: Limit, end: End) -> str:
    match limit.nature:
        case Nature.EARLIEST:
            return f"{limit.label}：{on_weekday(end.day)}。"
        case Nature.TERM | Nature.YEAREND:
            return f"{limit.label}：{on_weekday(end.day)}（含当天）。"
    return f"{limit.label}：最晚 {on_weekday(end.day)}。"


def _how(limit: Limit, start: date, period: Period, end: End) -> str:
    since = f"从{limit.start} {start} 起 {period}"
    match limit.nature:
        case Nature.ACT if period.unit is Unit.WORKING_DAYS:
            return f"{since}，当日不算，只数工作日。"
        case Nature.ACT if end.moved:
            return f"{since}，当日不算，到 {on_weekday(end.counted)}；那天休息，顺延到下一个工作日。"
        case Nature.ACT:
            return f"{since}，当日不算。"
        case Nature.TERM:
            return f"{since}，到相应日的前一日为止，遇休息日不顺延。"
        case Nature.YEAREND:
            return f"{since}，截止于最后一年的12月31日，遇休息日不顺延。"
    return f"{since}。"


def _passed(end: End, desk: Desk) -> list[str]:
    if end.day < desk.day:
        return ["这一天已经过了。有正当理由的，尽快带上通知书向网点或代理机构问能不能补救。"]
    left = (end.day - desk.day).days
    return ["就是今天，请马上办。"] if left == 0 else [f"离今天（北京时间）还有 {left} 天。"]


def _changed(limit: Limit, start: date, end: End, figure: Figure, desk: Desk) -> str:
    """A word of care where the law changes between the beginning and the end of a limit, and the period with it."""
    later = _figure(limit.id, end.day, desk)
    if later.text == figure.text:
        return ""
    other = ends(limit.nature, start, _period(later), desk.hours.holidays)
    return (
        f"注意：{later.since} 起改为{later.text}，前后怎么衔接还没有看到规定；"
        f"按新规定是 {on_weekday(other.day)}，稳妥起见请按较早的一天办。"
    )


def last_day(registered: date, desk: Desk) -> date:
    """The last day of the ten years of a trademark that run or whose grace runs, when it was always renewed."""
    period, grace = _period(_figure("tm-term", desk.day, desk)), _period(_figure(RENEWAL_PERIODS[1], desk.day, desk))
    last = term_ends(registered, period)
    while corresponding(last, grace) < desk.day:
        last = corresponding(last, period)
    return last


def _renewal(limit: Limit, last: date, desk: Desk) -> Reply:
    window, grace = (_figure(id, last, desk) for id in RENEWAL_PERIODS)
    found = renewal(last, _period(window), _period(grace), desk.hours.holidays)
    lines = [
        f"续展期：{on_weekday(found.opens)}到 {on_weekday(found.closes.day)}，不加费。",
        f"宽展期：到 {on_weekday(found.grace.day)}，要加迟延费；再过就注销。",
        f"按有效期满日 {last} 算：期满前{window.text}内，期满后{grace.text}内。",
    ]
    if not (found.closes.published and found.grace.published):
        lines.append(UNPUBLISHED)
    day = found.closes.day if desk.day <= found.closes.day else found.grace.day
    return _reply(limit, lines, day, (window.basis, grace.basis), desk)


def _fixed(limit: Limit, desk: Desk) -> Reply:
    figure = _figure(limit.id, desk.day, desk)
    end = yearly(figure.text, desk.day, desk.hours.holidays)
    lines = [f"{limit.label}：每年{figure.text}前，下一次最晚 {on_weekday(end.day)}。"]
    if end.moved:
        lines.append(f"{on_weekday(end.counted)}休息，按顺延算到下一个工作日；请提前报，别等顺延。")
    lines += _passed(end, desk)
    if not end.published:
        lines.append(UNPUBLISHED)
    return _reply(limit, lines, end.day, (figure.basis,), desk)


def _reply(limit: Limit, lines: list[str], day: date, bases: tuple[str, ...], desk: Desk) -> Reply:
    lines.append("以官方通知为准。")
    if limit.group == "网点管理":
        lines.append(_DRAFT)
    citations: tuple[Citation, ...] = cite(
        desk, *bases, *([_COUNTING[limit.group]] if limit.group in _COUNTING else [])
    )
    return Reply(
        "\n".join(lines),
        more=_more(limit),
        citations=citations,
        options=(*_AGAIN, *offers(("转人工",), desk)),
        file=_calendar(limit, day, "\n".join(lines), desk),
    )


def _more(limit: Limit) -> str:
    parts = [limit.note]
    if limit.group == "专利" and limit.start.startswith("收到"):
        parts.append(
            "电子送达的，进入电子系统之日就是收到日；邮寄的，自发文之日起满15日推定收到（专利法实施细则第四条）。"
        )
    return "\n".join(part for part in parts if part)


def _calendar(limit: Limit, day: date, text: str, desk: Desk) -> File | None:
    """A calendar file for a day to come; None for one that is over."""
    if day < desk.day:
        return None
    title = (
        limit.label if limit.nature in (Nature.TERM, Nature.YEAREND, Nature.EARLIEST) else f"{limit.label}（最后一天）"
    )
    content = write_calendar((DayEvent(day, title, text),), desk.now)
    return desk.files.keep(f"{limit.label} {day}", "text/calendar", content, desk.now)
