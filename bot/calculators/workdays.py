"""Working days and terms: when a time limit for an act ends, and when a term of protection ends.

Both end by the corresponding day of the last month or year (专利法实施细则第五条; 民法典第二百零二条、第二百零三条). A time limit for an
act that ends on a rest day is moved to the next working day; a term of protection or validity never is, and ends on the
day before the corresponding day.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Holidays:
    """``rest`` are days off (the State Council's and the region's), ``work`` weekend days worked instead, ``years``
    those whose official calendar was entered: in other years more days may be off."""

    rest: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is a working day in China, as far as it was entered."""
        return day in self.work or (day not in self.rest and day.weekday() < 5)

    def next_working(self, day: date) -> date:
        """``day`` itself when it is a working day, else the next one."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day


NO_HOLIDAYS = Holidays()


class Unit(StrEnum):
    """What a period is counted in."""

    DAYS = "日"
    WORKING_DAYS = "个工作日"
    MONTHS = "个月"
    YEARS = "年"


@dataclass(frozen=True, slots=True)
class Period:
    """So many days, working days, months or years."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


_PERIOD = re.compile(r"^(\d+)(日|天|个工作日|个月|年)$")


def read_period(text: str) -> Period | None:
    """``3个月``, ``15日``, ``30个工作日``, ``3年`` as tables write them; None for anything else."""
    match = _PERIOD.match(text)
    return Period(int(match[1]), Unit("日" if match[2] == "天" else match[2])) if match else None


def corresponding(start: date, period: Period) -> date:
    """The corresponding day of the last month or year; where that month has none, its last day.

    Periods in days end so many days after the start, which is not counted. Raises ValueError for working days (they need
    a calendar) and OverflowError beyond the year 9999.
    """
    match period.unit:
        case Unit.DAYS:
            return start + timedelta(days=period.count)
        case Unit.MONTHS | Unit.YEARS:
            months = start.year * 12 + start.month - 1 + period.count * (12 if period.unit is Unit.YEARS else 1)
            year, month = divmod(months, 12)
            if not 1 <= year <= 9999:
                raise OverflowError("beyond the calendar")
            return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
    raise ValueError("working days need a calendar")


@dataclass(frozen=True, slots=True)
class End:
    """The last day of a time limit. ``counted`` is the day before it is moved; ``published`` whether the official
    calendar of the year was known when it was looked whether the day is worked."""

    day: date
    counted: date
    published: bool

    @property
    def moved(self) -> bool:
        return self.day != self.counted


def act_ends(start: date, period: Period, holidays: Holidays) -> End:
    """When a time limit for an act ends, that begins on ``start`` (not counted itself). Raises OverflowError."""
    if period.unit is Unit.WORKING_DAYS:
        day, years = start, {start.year}
        for _ in range(period.count):
            day = holidays.next_working(day + timedelta(days=1))
            years.add(day.year)
        return End(day, day, years <= holidays.years)
    counted = corresponding(start, period)
    day = holidays.next_working(counted)
    return End(day, counted, {counted.year, day.year} <= holidays.years)


def term_ends(start: date, period: Period) -> date:
    """The last day of a term of protection or validity: the day before the corresponding day, a rest day or not.

    From 29 February a year without that day has the corresponding day 1 March, so that the term is never a day short.
    Raises OverflowError beyond the year 9999.
    """
    end = corresponding(start, period)
    return end - timedelta(days=1) if end.day == start.day or period.unit is Unit.DAYS else end
