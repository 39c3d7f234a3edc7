"""The terms of the regulation in days: three years of a title, half a year of rectification, a bar of three years, 10 January.

A term of validity or of a bar is never moved for rest days; a time limit for an act that ends on one moves on to the
next working day.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.calculators.workdays import End, Holidays, Period, Unit, act_ends, corresponding, term_ends
from bot.registry.hours import BEIJING

TERM = Period(3, Unit.YEARS)  # Art. 8
BAR = Period(3, Unit.YEARS)  # Art. 17
RECTIFICATION = Period(6, Unit.MONTHS)  # Art. 16
REMIND_BEFORE = (90, 30, 7)  # days before a title ends
CONFIRM_EVERY = 90  # days between two confirmations of contact data


def beijing_day(now: datetime) -> date:
    """The day it is by official time."""
    return now.astimezone(BEIJING).date()


def term_end(certified_on: date) -> date:
    """The last day of a title: three years, to the day before the corresponding day (Art. 8)."""
    return term_ends(certified_on, TERM)


def renewed_until(old_end: date, decided_on: date) -> date:
    """The last day of a renewed title: three years from the old end if decided by then, else from the decision (Art. 8)."""
    return term_end(old_end + timedelta(days=1) if decided_on <= old_end else decided_on)


def bar_end(decided_on: date) -> date:
    """The last day of the three years' bar (Art. 17), counted from the day after the decision."""
    return corresponding(decided_on, BAR)


def rectify_by(opened_on: date, holidays: Holidays) -> End:
    """The last day of the half year of rectification (Art. 16)."""
    return act_ends(opened_on, RECTIFICATION, holidays)


def report_by(year: int, holidays: Holidays) -> End:
    """By when the summary of ``year`` is to be filed: 10 January of the year after (Art. 16)."""
    counted = date(year + 1, 1, 10)
    day = holidays.next_working(counted)
    return End(day, counted, day.year in holidays.years)


def by(end: End) -> str:
    """The last day as users read it, with a word where the calendar of its year is not known yet."""
    return f"{end.day}" + ("" if end.published else f"（{end.day.year}年放假安排尚未公布）")
