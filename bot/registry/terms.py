"""The terms of the regulation in days: three years of a title, half a year of rectification, a bar of three years, 10 January.

A term of validity or of a bar is never moved for rest days; a time limit for an act that ends on one moves on to the
next working day.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.calculators.workdays import Holidays
from bot.registry.hours import BEIJING

TERM_YEARS = 3  # Art. 8
BAR_YEARS = 3  # Art. 17
RECTIFY_MONTHS = 6  # Art. 16
REMIND_BEFORE = (90, 30, 7)  # days before a title ends
CONFIRM_EVERY = 90  # days between two confirmations of contact data


@dataclass(frozen=True, slots=True)
class Limit:
    """The last day of a time limit for an act. ``moved`` says that it was moved off a rest day; ``sure`` that the calendar
    of that year was published."""

    day: date
    moved: bool
    sure: bool

    def __str__(self) -> str:
        return f"{self.day}" + ("" if self.sure else f"（{self.day.year}年放假安排尚未公布）")


def beijing_day(now: datetime) -> date:
    """The day it is by official time."""
    return now.astimezone(BEIJING).date()


def after_months(day: date, months: int) -> date:
    """The corresponding day ``months`` later; where there is none the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def term_end(certified_on: date) -> date:
    """The last day of a title: three years, to the day before the corresponding day (Art. 8); from 29 February, which
    has no corresponding day, to the last day of that month."""
    last = after_months(certified_on, TERM_YEARS * 12)
    return last - timedelta(days=1) if last.day == certified_on.day else last


def renewed_until(old_end: date, decided_on: date) -> date:
    """The last day of a renewed title: three years from the old end if decided by then, else from the decision (Art. 8)."""
    return term_end(old_end + timedelta(days=1) if decided_on <= old_end else decided_on)


def bar_end(decided_on: date) -> date:
    """The last day of the three years' bar (Art. 17), counted from the day after the decision."""
    return after_months(decided_on, BAR_YEARS * 12)


def rectify_by(opened_on: date, holidays: Holidays) -> Limit:
    """The last day of the half year of rectification (Art. 16)."""
    return _limit(after_months(opened_on, RECTIFY_MONTHS), holidays)


def report_by(year: int, holidays: Holidays) -> Limit:
    """By when the summary of ``year`` is to be filed: 10 January of the year after (Art. 16)."""
    return _limit(date(year + 1, 1, 10), holidays)


def _limit(day: date, holidays: Holidays) -> Limit:
    last = day
    while not holidays.is_working(last):
        last += timedelta(days=1)
    return Limit(last, last != day, last.year in holidays.years)
