"""Annuities of patents: how much in which year, by when, with what surcharge afterwards (专利法实施细则第一百一十四条、第一百一十五条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.calculators.fees import CODES, Line, Prices, Share
from bot.calculators.numbers import Kind
from bot.calculators.workdays import Holidays, Period, Unit, corresponding, term_ends

REDUCED_YEARS = 10  # from the year of the grant on
SURCHARGE_PERCENT = 5  # of the full annuity, for each month after the first
GRACE = Period(6, Unit.MONTHS)
DESIGN_REFORM = date(2021, 6, 1)  # designs applied for since are protected 15 years, before 10
_BANDS = {
    Kind.INVENTION: ((1, 3), (4, 6), (7, 9), (10, 12), (13, 15), (16, 20)),
    Kind.UTILITY: ((1, 3), (4, 5), (6, 8), (9, 10)),
    Kind.DESIGN: ((1, 3), (4, 5), (6, 8), (9, 10), (11, 15)),
}


def last_year(kind: Kind, filed: date | None = None) -> int:
    """How many years a patent lasts at most (专利法第四十二条); a design applied for before 2021-06-01 lasts 10."""
    if kind is Kind.DESIGN and filed is not None and filed < DESIGN_REFORM:
        return 10
    return _BANDS[kind][-1][1]


def annuity(kind: Kind, year: int, prices: Prices, share: Share = Share.FULL) -> Line:
    """The annuity of the ``year``-th year from filing. Raises ValueError for a year that there is not."""
    for first, last in _BANDS[kind]:
        if first <= year <= last:
            return Line(prices[f"patent-annuity-{CODES[kind]}-{first}-{last}{share.value}"])
    raise ValueError(f"{kind} has no year {year}")


@dataclass(frozen=True, slots=True)
class Band:
    """Years that cost the same, from ``first`` to ``last``."""

    first: int
    last: int
    full: int
    one: int
    several: int


def bands(kind: Kind, prices: Prices, filed: date | None = None) -> tuple[Band, ...]:
    """All annuities of a kind: in full, reduced for one applicant, reduced for several."""
    end = last_year(kind, filed)
    return tuple(
        Band(
            first, last, *(annuity(kind, first, prices, share).yuan for share in (Share.FULL, Share.ONE, Share.SEVERAL))
        )
        for first, last in _BANDS[kind]
        if first <= end
    )


def surcharge(full: int, due: date, paid: date) -> int:
    """Yuan of surcharge on an annuity of ``full`` yuan that was due by ``due`` and is paid on ``paid``.

    Nothing for the first month, then 5 % of the full annuity for each month begun (专利法实施细则第一百一十五条), 25 % at most.
    """
    months = 0
    while months < GRACE.count and corresponding(due, Period(months + 1, Unit.MONTHS)) < paid:
        months += 1
    return full * SURCHARGE_PERCENT * min(months, GRACE.count - 1) // 100 if paid > due else 0


@dataclass(frozen=True, slots=True)
class Step:
    """A month of the six months of grace: its last day, and the yuan of surcharge until then."""

    until: date
    yuan: int


@dataclass(frozen=True, slots=True)
class Due:
    """An annuity to pay: of which year, by when (rest days considered), until when with surcharge, how much."""

    year: int
    due: date
    last: date
    full: Line
    line: Line
    late: int
    steps: tuple[Step, ...]
    published: bool

    @property
    def yuan(self) -> int:
        return self.line.yuan + self.late


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The annuity of ``year`` could be paid until ``last`` at the latest: if it was not, the patent ended on ``due``."""

    year: int
    due: date
    last: date


@dataclass(frozen=True, slots=True)
class Expired:
    """The term ended on ``on``; nothing is to be paid."""

    on: date


def year_of(filed: date, day: date) -> int:
    """Which year from filing ``day`` is in; the first begins on the day of filing."""
    year = 1
    while corresponding(filed, Period(year, Unit.YEARS)) <= day:
        year += 1
    return year


def next_annuity(
    kind: Kind,
    filed: date,
    granted: date,
    today: date,
    prices: Prices,
    holidays: Holidays,
    share: Share = Share.FULL,
    paid_through: int | None = None,
) -> Due | Lapsed | Expired:
    """The next annuity to pay as of ``today``, all up to ``paid_through`` being paid (None: all that were due more than
    six months ago; the one whose grace still runs is taken as unpaid).

    The year of the grant is paid with the registration; later ones before the year before ends (专利法实施细则第一百一十四条、第一百
    一十五条). Reductions hold for ten years from the year of the grant. Raises ValueError when dates are out of order.
    """
    if granted < filed or filed > today:
        raise ValueError("a patent is filed before it is granted, and not after today")
    last = last_year(kind, filed)
    expiry = term_ends(filed, Period(last, Unit.YEARS))
    if today > expiry:
        return Expired(expiry)
    first = year_of(filed, granted) + 1
    if paid_through is not None:
        year = max(first, paid_through + 1)
    else:
        year = max(first, year_of(filed, today))
        if _grace_end(corresponding(filed, Period(year - 1, Unit.YEARS)), holidays) < today:
            year += 1  # the grace of this year is over: it was paid, or the patent has ended
    if year > last:
        return Expired(expiry)
    due_on = corresponding(filed, Period(year - 1, Unit.YEARS))
    due, end = holidays.next_working(due_on), _grace_end(due_on, holidays)
    if end < today:
        return Lapsed(year, due, end)
    full = annuity(kind, year, prices)
    reduced = year < year_of(filed, granted) + REDUCED_YEARS
    late = surcharge(full.yuan, due_on, today) if today > due else 0
    ends = [*(corresponding(due_on, Period(month, Unit.MONTHS)) for month in range(1, GRACE.count)), end]
    steps = tuple(Step(until, full.yuan * SURCHARGE_PERCENT * months // 100) for months, until in enumerate(ends))
    line = annuity(kind, year, prices, share) if reduced else full
    return Due(year, due, end, full, line, late, steps, {due_on.year, end.year} <= holidays.years)


def _grace_end(due: date, holidays: Holidays) -> date:
    return holidays.next_working(corresponding(due, GRACE))
