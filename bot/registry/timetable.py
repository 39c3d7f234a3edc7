"""How office hours are written: ``10-01..04-30 一至五 10:00-14:00 15:30-19:30; …`` read into rules."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

EXAMPLE = "10-01..04-30 一至五 10:00-14:00 15:30-19:30"
_WEEK = "一二三四五六日"
_LEAP = 2000  # any leap year: 02-29 may begin or end a season
_LONGEST = 200  # characters, the column's width
_MINUTES = 24 * 60

_TO = r"\s*(?:\.\.|-|–|—|―|~|至|到)+\s*"
_SEASON = re.compile(
    rf"(\d{{1,2}})[-月/](\d{{1,2}})日?{_TO}(?:次年)?(\d{{1,2}})[-月/](\d{{1,2}})日?(?!\s*[:\d])\s*,?\s*"
)
_DAY = r"(?:周|星期|礼拜)?[一二三四五六日天]"
_EVERY = re.compile(r"(?:每天|每日|每周|全周|工作日)[:,\s]*")
_DAYS = re.compile(rf"{_DAY}(?:(?:\s*[、,和]\s*|{_TO})?{_DAY})*[:,\s]*")
_SPAN = re.compile(rf"(\d{{1,2}}):(\d{{2}}){_TO}(\d{{1,2}}):(\d{{2}})[\s、,和及]*")


class HoursError(ValueError):
    """Office hours that cannot be read; the message says in Chinese where and what was expected."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``opens`` to ``closes``, minutes after midnight, 0 ≤ opens < closes ≤ 1440."""

    opens: int
    closes: int

    def __str__(self) -> str:
        return f"{self.opens // 60:02}:{self.opens % 60:02}–{self.closes // 60:02}:{self.closes % 60:02}"


@dataclass(frozen=True, slots=True)
class Rule:
    """Opening spans on some weekdays (0 is Monday) of a season.

    ``season`` is its first and last (month, day), both included; the first may come after the last, over New Year;
    None is the whole year.
    """

    season: tuple[tuple[int, int], tuple[int, int]] | None
    weekdays: frozenset[int]
    spans: tuple[Span, ...]

    def covers(self, day: date, weekday: int) -> bool:
        """Whether the rule holds on that date, taken as that weekday."""
        if weekday not in self.weekdays:
            return False
        if self.season is None:
            return True
        first, last = self.season
        here = (day.month, day.day)
        return first <= here <= last if first <= last else here >= first or here <= last

    @property
    def words(self) -> str:
        """The rule as users read it: 10月1日至次年4月30日 周一至周五 10:00–14:00、15:30–19:30."""
        parts = [_say_days(self.weekdays), "、".join(map(str, self.spans))]
        if self.season:
            (month, day), (last_month, last_day) = self.season
            over = "次年" if self.season[0] > self.season[1] else ""
            parts.insert(0, f"{month}月{day}日至{over}{last_month}月{last_day}日")
        return " ".join(parts)


def read_rules(text: str) -> tuple[Rule, ...]:
    """All rules of a text, parted by semicolons; empty text has none. Raises HoursError."""
    if len(text) > _LONGEST:
        raise HoursError(f"开放时间太长，最多 {_LONGEST} 个字符")
    plain = unicodedata.normalize("NFKC", text)
    return tuple(_read_rule(part.strip()) for part in re.split(r"[;。\n]", plain) if part.strip())


def _read_rule(text: str) -> Rule:
    at, season = 0, None
    if found := _SEASON.match(text):
        month, day, last_month, last_day = (int(n) for n in found.groups())
        season = _day_of_year(month, day, text), _day_of_year(last_month, last_day, text)
        at = found.end()
    if found := _EVERY.match(text, at):
        weekdays = frozenset(range(5 if found[0].startswith("工作日") else 7))
    elif found := _DAYS.match(text, at):
        weekdays = _weekdays(found[0])
    else:
        raise _wrong(text, f"“{text[at:]}”之前缺少星期，应写成“一至五”“每天”这样")
    at = found.end()
    spans: list[Span] = []
    while found := _SPAN.match(text, at):
        spans.append(_span(found, text))
        at = found.end()
    if at < len(text) or not spans:
        raise _wrong(text, f"看不懂“{text[at:] or text}”，时段应写成 10:00-14:00 这样")
    spans.sort()
    for earlier, later in pairwise(spans):
        if later.opens < earlier.closes:
            raise _wrong(text, f"{earlier} 和 {later} 重叠")
    return Rule(season, weekdays, tuple(spans))


def _day_of_year(month: int, day: int, text: str) -> tuple[int, int]:
    try:
        date(_LEAP, month, day)
    except ValueError:
        raise _wrong(text, f"没有 {month} 月 {day} 日这一天") from None
    return month, day


def _weekdays(text: str) -> frozenset[int]:
    days: set[int] = set()
    plain = re.sub(r"周|星期|礼拜|\s", "", text).replace("天", "日")
    for run in re.finditer(rf"([{_WEEK}])(?:[^{_WEEK}、,和:]+([{_WEEK}]))?", plain):
        first = _WEEK.index(run[1])
        last = _WEEK.index(run[2]) if run[2] else first
        days.update((first + n) % 7 for n in range((last - first) % 7 + 1))
    return frozenset(days)


def _span(found: re.Match[str], text: str) -> Span:
    hour, minute, last_hour, last_minute = (int(n) for n in found.groups())
    opens, closes = hour * 60 + minute, last_hour * 60 + last_minute
    if minute > 59 or last_minute > 59 or opens >= _MINUTES or closes > _MINUTES:
        raise _wrong(text, f"“{found[0].strip()}”里没有这样的时刻，应在 00:00 到 24:00 之间")
    if opens >= closes:
        raise _wrong(text, f"“{found[0].strip()}”的结束时间应晚于开始时间")
    return Span(opens, closes)


def _say_days(weekdays: frozenset[int]) -> str:
    days = sorted(weekdays)
    if len(days) == 7:
        return "每天"
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return f"周{_WEEK[days[0]]}至周{_WEEK[days[-1]]}"
    return "、".join(f"周{_WEEK[d]}" for d in days)


def _wrong(text: str, why: str) -> HoursError:
    return HoursError(f"开放时间“{text}”：{why}；完整的写法如 {EXAMPLE}")
