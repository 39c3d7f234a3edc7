"""Office hours, per region and per point, with seasons and holidays: open now, or when next. All in Beijing time.

Where nothing was entered nothing is promised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from bot.calculators.workdays import NO_HOLIDAYS, Holidays
from bot.knowledge.problems import Faults, Problem
from bot.registry.holidays import read_holidays
from bot.registry.places import Gazetteer
from bot.registry.timetable import HoursError, Rule, Span, read_rules

__all__ = [
    "BEIJING",
    "Hours",
    "HoursError",
    "OfficeHours",
    "OpenNow",
    "OpensAt",
    "State",
    "Unknown",
    "read_hours",
    "say",
]

BEIJING = ZoneInfo("Asia/Shanghai")
_WEEK = "一二三四五六日"
_AHEAD = 366  # days that are searched for the next opening


@dataclass(frozen=True, slots=True)
class OpenNow:
    """Open until ``closes_at``; ``reopens_at`` is later the same day, None when that was all (both in Beijing time)."""

    closes_at: datetime
    reopens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpensAt:
    """Closed until ``when`` (Beijing time)."""

    when: datetime


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing was entered, or nothing opens within a year."""


State = OpenNow | OpensAt | Unknown


@dataclass(frozen=True, slots=True)
class Hours:
    """A timetable; without rules nothing is known."""

    rules: tuple[Rule, ...] = ()

    @staticmethod
    def parse(text: str) -> Hours:
        """Read ``10-01..04-30 一至五 10:00-14:00 15:30-19:30; …`` (see ``content/hours/README.md``); empty is nothing
        known. Raises HoursError with a message for the user."""
        return _parse(text)

    def spans_on(self, day: date, holidays: Holidays = NO_HOLIDAYS) -> tuple[Span, ...]:
        """The opening spans of a day, in order, without overlap: none on a rest day. A weekend day that is worked
        counts as itself when it has hours, else as the first weekday that has."""
        if day in holidays.rest:
            return ()
        spans = self._listed(day, day.weekday())
        if not spans and day in holidays.work:
            spans = next((s for weekday in range(5) if (s := self._listed(day, weekday))), [])
        merged: list[Span] = []
        for span in sorted(spans):
            if merged and span.opens <= merged[-1].closes:
                merged[-1] = Span(merged[-1].opens, max(merged[-1].closes, span.closes))
            else:
                merged.append(span)
        return tuple(merged)

    def state_at(self, now: datetime, holidays: Holidays = NO_HOLIDAYS) -> State:
        """Open or closed at ``now``. Raises ValueError when ``now`` has no zone."""
        if now.tzinfo is None:
            raise ValueError("a time without a zone")
        if not self.rules:
            return Unknown()
        now = now.astimezone(BEIJING)
        today = self._times(now.date(), holidays)
        for number, (opens, closes) in enumerate(today):
            if now < opens:
                return OpensAt(opens)
            if now < closes:
                return OpenNow(closes, today[number + 1][0] if number + 1 < len(today) else None)
        for ahead in range(1, _AHEAD + 1):
            if later := self._times(now.date() + timedelta(days=ahead), holidays):
                return OpensAt(later[0][0])
        return Unknown()

    def lines(self) -> tuple[str, ...]:
        """The timetable as users read it, one line a rule."""
        return tuple(f"{rule.words}（北京时间）" for rule in self.rules)

    def _listed(self, day: date, weekday: int) -> list[Span]:
        return [span for rule in self.rules if rule.covers(day, weekday) for span in rule.spans]

    def _times(self, day: date, holidays: Holidays) -> list[tuple[datetime, datetime]]:
        midnight = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
        return [
            (midnight + timedelta(minutes=s.opens), midnight + timedelta(minutes=s.closes))
            for s in self.spans_on(day, holidays)
        ]


@lru_cache(maxsize=1024)
def _parse(text: str) -> Hours:
    return Hours(read_rules(text))


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The hours of all regions and the holidays. ``lineage`` gives an adcode and those above it, the nearest first."""

    regions: Mapping[str, Hours]
    holidays: Holidays
    lineage: Callable[[str], tuple[str, ...]]

    def of(self, adcode: str, own: str = "") -> Hours:
        """The hours of a point: its own text, else its county's, its prefecture's, the region's; else nothing known."""
        if own.strip():
            try:
                return Hours.parse(own)
            except HoursError:  # checked on import: the text comes from elsewhere, promise nothing
                return Hours()
        return next((self.regions[a] for a in self.lineage(adcode) if a in self.regions), Hours())

    def state(self, adcode: str, own: str, now: datetime) -> State:
        """Open now or when next, for the point of that region with that own text. ``now`` is aware."""
        return self.of(adcode, own).state_at(now, self.holidays)

    def sentence(self, adcode: str, own: str, now: datetime) -> str:
        """What is said of a point's hours at ``now``; empty when nothing is known."""
        state = self.state(adcode, own, now)
        match state:
            case OpenNow(closes_at=when) | OpensAt(when=when):
                # a span that ends at midnight belongs to the day before
                year = (when - timedelta(minutes=1)).year if isinstance(state, OpenNow) else when.year
                caution = "" if year in self.holidays.years else f"。{year}年放假安排尚未录入，出发前请先确认"
                return say(state, now) + caution
            case Unknown():
                return ""


def say(state: State, now: datetime) -> str:
    """The state as a Chinese sentence without a full stop; empty for Unknown. ``now`` is aware."""
    match state:
        case OpenNow(closes_at=closes, reopens_at=None):
            return f"现在营业，{_clock(closes, end=True)} 关门（北京时间）"
        case OpenNow(closes_at=closes, reopens_at=datetime() as reopens):
            return f"现在营业，{_clock(closes, end=True)} 关门，{_clock(reopens)} 再开门（北京时间）"
        case OpensAt(when=when):
            return f"现在休息，{_day(when.date(), now.astimezone(BEIJING).date())}{_clock(when)} 开门（北京时间）"
        case _:
            return ""


def _clock(when: datetime, *, end: bool = False) -> str:
    text = when.astimezone(BEIJING).strftime("%H:%M")
    return "24:00" if end and text == "00:00" else text


def _day(day: date, today: date) -> str:
    if day == today:
        return "今天 "
    year = f"{day.year}年" if day.year != today.year else ""
    name, weekday = f"{year}{day.month}月{day.day}日", f"周{_WEEK[day.weekday()]}"
    match (day - today).days:
        case 1:
            return f"明天（{name} {weekday}）"
        case 2:
            return f"后天（{name} {weekday}）"
        case _:
            return f"{name}（{weekday}）"


def read_hours(content: Path, gazetteer: Gazetteer) -> tuple[OfficeHours, list[Problem]]:
    """Read ``content/hours/regions.yaml`` and the holidays; a problem for each fault. No file is: nothing known."""
    holidays, problems = read_holidays(content)
    faults = Faults("hours/regions.yaml")
    regions: dict[str, Hours] = {}
    for where, text in _read_table(content / "hours" / "regions.yaml", faults).items():
        match gazetteer.called(where):
            case (division,):
                try:
                    regions[division.adcode] = Hours.parse(text)
                except HoursError as error:
                    faults.add(where, str(error))
            case ():
                faults.add(where, "没有这个地区，应写正式名称或六位代码")
            case several:
                faults.add(where, f"可能是{'、'.join(d.full_name for d in several)}，应写正式名称或六位代码")
    return OfficeHours(regions, holidays, gazetteer.lineage), [*problems, *faults.found]


def _read_table(path: Path, faults: Faults) -> Mapping[str, str]:
    try:
        table = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        faults.add("文件", "读不出来，应为 UTF-8 编码的 YAML")
        return {}
    regions = (table.get("regions") if isinstance(table, dict) else None) or {}
    if not isinstance(regions, dict) or not all(isinstance(v, str) for v in regions.values()):
        faults.add("regions", "应为“地区: 开放时间”，一行一个地区")
        return {}
    return regions
