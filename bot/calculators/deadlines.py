"""Time limits worked out: from what happened on which day to the last day on which something can be done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.calculators.workdays import End, Holidays, Period, act_ends, corresponding, term_ends


class Nature(StrEnum):
    """How a limit ends.

    ``ACT``: something is to be done by then, moved to a working day. ``TERM``: protection or validity, never moved, ends on
    the day before the corresponding day. ``YEAREND``: protection until 31 December of the last year. ``EARLIEST``: from
    then on something can be done. ``RENEWAL``: the twelve months before and the six after a trademark's last day.
    ``FIXED``: a day of every year.
    """

    ACT = "act"
    TERM = "term"
    YEAREND = "yearend"
    EARLIEST = "earliest"
    RENEWAL = "renewal"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that people ask for: ``id`` names its period in the tables, ``words`` is how it is recognised (a pattern),
    ``start`` what day it is counted from; ``before`` names the period of what began before the first one held."""

    id: str
    group: str
    label: str
    nature: Nature
    words: str
    start: str
    note: str
    before: str = ""

    def is_meant(self, text: str) -> bool:
        return self.matched(text) > 0

    def matched(self, text: str) -> int:
        """How many characters of ``text`` the longest match covers; 0 when the limit is not meant."""
        return max((len(match[0]) for match in re.finditer(self.words, text, re.IGNORECASE)), default=0)


def ends(nature: Nature, start: date, period: Period, holidays: Holidays) -> End:
    """The last day (of EARLIEST: the first) of a limit that begins on ``start``. Raises OverflowError beyond the year 9999."""
    match nature:
        case Nature.ACT:
            return act_ends(start, period, holidays)
        case Nature.YEAREND:
            day = corresponding(start, period).replace(month=12, day=31)
        case Nature.EARLIEST:
            day = corresponding(start, period)
        case _:
            day = term_ends(start, period)
    return End(day, day, True)


@dataclass(frozen=True, slots=True)
class Renewal:
    """When a trademark can be renewed: from ``opens``, without surcharge until ``closes``, with it until ``grace``."""

    opens: date
    closes: End
    grace: End


def renewal(last: date, window: Period, grace: Period, holidays: Holidays) -> Renewal:
    """The renewal of a trademark whose validity ends on ``last``: so long before it, so long after it.

    Renewing is an act: both ends are moved to a working day, the day from which it is open is not. Raises OverflowError.
    """
    day = holidays.next_working(last)
    closes = End(day, last, {last.year, day.year} <= holidays.years)
    opens = corresponding(last, Period(-window.count, window.unit)) + timedelta(days=1)
    return Renewal(opens, closes, act_ends(last, grace, holidays))


_YEARLY = re.compile(r"^(\d{1,2})月(\d{1,2})日$")


def yearly(text: str, today: date, holidays: Holidays) -> End:
    """The next of a day of every year (``1月10日``) from ``today`` on, moved to a working day.

    Raises ValueError when ``text`` is no such day.
    """
    match = _YEARLY.match(text)
    if match is None:
        raise ValueError(f"no day of the year: {text!r}")
    for year in (today.year, today.year + 1):
        counted = date(year, int(match[1]), int(match[2]))
        day = holidays.next_working(counted)
        if day >= today:
            return End(day, counted, {counted.year, day.year} <= holidays.years)
    raise AssertionError("next year's day is not before today")
