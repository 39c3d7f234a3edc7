"""Days as people write them: 2026年3月5日, 3/5, 20260305, 二〇二六年三月五日, 3月5号, 昨天, 上周三, 上个月15号, 10天前."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from bot.calculators.workdays import Period, Unit, corresponding
from bot.knowledge.numerals import chinese_number

_NUMERAL = r"(?:\d{1,3}|[零〇一二三四五六七八九十两]+)"
_YEAR_DIGITS = {c: str(n) for n, c in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六")} | {"日": 6, "天": 6}
_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_RELATIVE = {
    "大前天": -3,
    "前天": -2,
    "昨天": -1,
    "昨日": -1,
    "昨晚": -1,
    "今天": 0,
    "今日": 0,
    "今早": 0,
    "刚刚": 0,
    "刚才": 0,
    "刚收到": 0,
    "大后天": 3,
    "明天": 1,
    "明日": 1,
    "后天": 2,
}
_UNITS = {"天": Unit.DAYS, "日": Unit.DAYS, "个月": Unit.MONTHS, "年": Unit.YEARS}
_DAY = re.compile(
    r"(?P<full>(?<!\d)(?P<fy>\d{4}|\d\d(?=年))\s*(?:[年./\-])\s*(?P<fm>\d{1,2})\s*(?:[月./\-])\s*(?P<fd>\d{1,2})(?!\d)\s*[日号]?)"
    r"|(?P<han>(?P<hy>[一二三四五六七八九〇零]{4})年(?P<hm>[一二三四五六七八九十]{1,2})月(?P<hd>[一二三四五六七八九十]{1,3})[日号]?)"
    r"|(?P<solid>(?<![\d.])(?P<sy>(?:19|20)\d\d)(?P<sm>\d\d)(?P<sd>\d\d)(?![\d.]))"
    rf"|(?P<month>(?<!\d年)(?P<my>大前年|前年|去年|今年|本年|明年|后年)?(?P<mm>{_NUMERAL})月(?P<md>{_NUMERAL})(?!\d)(?:[日号]|(?![个天])))"
    r"|(?P<slash>(?<![\d/.\-])(?P<lm>\d{1,2})/(?P<ld>\d{1,2})(?![\d/%]))"
    r"|(?P<dots>(?<![\d/.\-])(?P<dm>\d{1,2})[.\-](?P<dd>\d{1,2})(?=$|[\s，,。收公申发到起授注初登届优]))"
    rf"|(?P<ago>(?P<an>{_NUMERAL}|半)(?P<au>天|日|周|个?星期|个礼拜|个月|年)(?:以)?前(?!的?(?:申请|注册)?人))"
    r"|(?P<week>(?P<wp>上上个?|上一?个?|这个?|本|下下个?|下一?个?)?(?:周|星期|礼拜)(?P<wd>[一二三四五六日天]))"
    rf"|(?P<number>(?P<np>上个?月|本月|这个?月|下个?月)?(?P<nn>{_NUMERAL})[日号](?!码|文|公告|令|内|之内|以内|后|期|线))"
    rf"|(?P<word>{'|'.join(sorted(_RELATIVE, key=len, reverse=True))})"
)


@dataclass(frozen=True, slots=True)
class Impossible:
    """Something written as a day that there is not, as it was typed."""

    typed: str


def days_in(text: str, today: date) -> tuple[tuple[int, date | Impossible], ...]:
    """The days that ``text`` (simplified, one width) names, each with the place where it stands.

    A day without its year is the last such day; so is a weekday that is not said to be of another week.
    """
    found = []
    for match in _DAY.finditer(text):
        day = _read(match, today)
        if day is not None:
            found.append((match.start(), day))
    return tuple(found)


def day_in(text: str, today: date) -> date | Impossible | None:
    """The first day that ``text`` names."""
    found = days_in(text, today)
    return found[0][1] if found else None


def _read(match: re.Match[str], today: date) -> date | Impossible | None:
    typed = match[0].strip()
    match _kind(match):
        case "full":
            return _date(_full_year(match["fy"]), int(match["fm"]), int(match["fd"]), typed)
        case "han":
            year = int("".join(_YEAR_DIGITS[c] for c in match["hy"]))
            return _date(year, chinese_number(match["hm"]), chinese_number(match["hd"]), typed)
        case "solid":
            return _date(int(match["sy"]), int(match["sm"]), int(match["sd"]), typed)
        case "month":
            month, number = chinese_number(match["mm"]), chinese_number(match["md"])
            if match["my"]:
                return _date(today.year + _YEARS[match["my"]], month, number, typed)
            return _last(month, number, today, typed)
        case "slash":
            return _last(int(match["lm"]), int(match["ld"]), today, typed)
        case "dots":
            return _last(int(match["dm"]), int(match["dd"]), today, typed)
        case "ago":
            return _ago(match["an"], match["au"], today)
        case "week":
            return _weekday(match["wp"] or "", match["wd"], today)
        case "number":
            return _of_month(match["np"] or "", chinese_number(match["nn"]), today, typed)
        case "word":
            return today + timedelta(days=_RELATIVE[match["word"]])
    return None


def _kind(match: re.Match[str]) -> str:
    kinds = ("full", "han", "solid", "month", "slash", "dots", "ago", "week", "number", "word")
    return next(kind for kind in kinds if match[kind])


def _full_year(typed: str) -> int:
    """26年 is 2026, 98年 is 1998."""
    year = int(typed)
    return year if len(typed) == 4 else year + (2000 if year < 70 else 1900)


def _date(year: int, month: int, number: int, typed: str) -> date | Impossible:
    try:
        return date(year, month, number)
    except ValueError:
        return Impossible(typed)


def _last(month: int, number: int, today: date, typed: str) -> date | Impossible:
    """The last day of this month and number up to ``today``; 29 February goes back to the last leap year."""
    for year in range(today.year, today.year - 9, -1):
        day = _date(year, month, number, typed)
        if isinstance(day, date) and day <= today:
            return day
    return Impossible(typed)


def _ago(count: str, unit: str, today: date) -> date | None:
    if unit in ("周", "星期", "个星期", "个礼拜"):
        return today - timedelta(weeks=chinese_number(count)) if count != "半" else None
    if count == "半":
        return corresponding(today, Period(-6, Unit.MONTHS)) if unit == "年" else None
    number = chinese_number(count)
    return corresponding(today, Period(-number, _UNITS[unit])) if number < 1000 else None


def _weekday(which: str, weekday: str, today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=_WEEKDAYS[weekday])
    if not which:
        return day if day <= today else day - timedelta(weeks=1)
    weeks = which.count("上") * -1 + which.count("下")
    return day + timedelta(weeks=weeks)


def _of_month(which: str, number: int, today: date, typed: str) -> date | Impossible | None:
    if number > 31:
        return None
    months = -1 if which.startswith("上") else 1 if which.startswith("下") else 0
    if not which and number > today.day:
        months = -1
    first = corresponding(today.replace(day=1), Period(months, Unit.MONTHS))
    return _date(first.year, first.month, number, typed)
