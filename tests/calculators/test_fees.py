"""Fees added up: worked by hand from the schedule of 2026-07-31 (专利收费标准) and that of 2019-07-01 (商标规费).

Where the verified facts are reproduced (rows of the tables of facts):

    ==========  ========  =============  ==================================
    table       verified  facts_fees     elsewhere
    ==========  ========  =============  ==================================
    patents           48             40  7: ``test_surcharge``, rules.txt
    trademarks         6              4  1: rules.txt
    others            11              8  2: rules.txt
    ==========  ========  =============  ==================================

Left out: the PCT fee that changes every year, fees of the trademark law to come (none is fixed), and the free search.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.annuities import (
    Due,
    Expired,
    Lapsed,
    annuity,
    bands,
    last_year,
    next_annuity,
    surcharge,
    year_of,
)
from bot.calculators.fees import Share, Way, filing, registration, trademark
from bot.calculators.numbers import Kind
from bot.calculators.workdays import NO_HOLIDAYS
from bot.knowledge.figures import read_figures
from bot.registry.holidays import read_holidays

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "content"
FIGURES = read_figures(CONTENT)[0]
TODAY = date(2026, 11, 22)
PRICES = FIGURES.prices_on(TODAY)
HOLIDAYS = read_holidays(CONTENT)[0]
INV, U, D = Kind.INVENTION, Kind.UTILITY, Kind.DESIGN
FULL, ONE, SEVERAL = Share.FULL, Share.ONE, Share.SEVERAL


def rows() -> list[dict[str, str]]:
    with (HERE / "facts_fees.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("row", rows(), ids=lambda r: r["item"])
def test_every_verified_fee_is_reproduced(row: dict[str, str]) -> None:
    assert PRICES[row["id"]].yuan == int(row["yuan"])


# kind, share, claims, pages, priorities: the sum by hand
FILINGS = [
    (INV, FULL, 0, 0, 0, 3450),  # 900 + 50 + 2500
    (INV, ONE, 0, 0, 0, 560),  # 135 + 50 + 375
    (INV, SEVERAL, 0, 0, 0, 1070),  # 270 + 50 + 750
    (INV, FULL, 10, 30, 0, 3450),
    (INV, FULL, 11, 30, 0, 3600),  # + 150
    (INV, FULL, 10, 31, 0, 3500),  # + 50
    (INV, FULL, 12, 40, 0, 4250),  # + 2 × 150 + 10 × 50
    (INV, FULL, 10, 300, 0, 16950),  # + 270 × 50
    (INV, FULL, 10, 301, 0, 17050),  # + 270 × 50 + 100
    (INV, FULL, 10, 310, 0, 17950),
    (INV, FULL, 10, 30, 2, 3610),  # + 2 × 80
    (INV, ONE, 12, 40, 1, 1440),  # 560 + 300 + 500 + 80: these are not reduced
    (U, FULL, 0, 0, 0, 500),
    (U, ONE, 0, 0, 0, 75),
    (U, SEVERAL, 0, 0, 0, 150),
    (U, FULL, 15, 20, 1, 1330),  # 500 + 750 + 80
    (D, FULL, 0, 0, 0, 500),
    (D, ONE, 0, 0, 0, 75),
    (D, SEVERAL, 0, 0, 1, 230),
]


@pytest.mark.parametrize(("kind", "share", "claims", "pages", "priorities", "yuan"), FILINGS)
def test_filing(kind: Kind, share: Share, claims: int, pages: int, priorities: int, yuan: int) -> None:
    assert filing(kind, PRICES, share, claims, pages, priorities).yuan == yuan


def test_without_examination_only_filing_and_publication_are_paid() -> None:
    assert filing(INV, PRICES, examination=False).yuan == 950


ANNUITIES = [
    (INV, 1, FULL, 900), (INV, 3, FULL, 900), (INV, 4, ONE, 180), (INV, 6, SEVERAL, 360), (INV, 7, FULL, 2000), (INV, 9, ONE, 300),
    (INV, 10, FULL, 4000), (INV, 13, SEVERAL, 1800), (INV, 16, FULL, 8000), (INV, 20, FULL, 8000),
    (U, 1, ONE, 90), (U, 4, FULL, 900), (U, 5, SEVERAL, 270), (U, 6, FULL, 1200), (U, 10, FULL, 2000),
    (D, 3, SEVERAL, 180), (D, 8, FULL, 1200), (D, 11, ONE, 450), (D, 15, FULL, 3000),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "year", "share", "yuan"), ANNUITIES)
def test_annuities(kind: Kind, year: int, share: Share, yuan: int) -> None:
    assert annuity(kind, year, PRICES, share).yuan == yuan


@pytest.mark.parametrize(("kind", "year"), [(INV, 0), (INV, 21), (U, 11), (D, 16), (INV, -1)])
def test_a_year_that_there_is_not(kind: Kind, year: int) -> None:
    with pytest.raises(ValueError, match="has no year"):
        annuity(kind, year, PRICES)


@pytest.mark.parametrize(("kind", "total"), [(INV, 82300), (U, 11200), (D, 26200)])
def test_all_years(kind: Kind, total: int) -> None:
    assert sum(b.full * (b.last - b.first + 1) for b in bands(kind, PRICES)) == total
    assert [year for b in bands(kind, PRICES) for year in range(b.first, b.last + 1)] == list(
        range(1, last_year(kind) + 1)
    )


def test_a_design_of_before_the_reform_has_ten_years() -> None:
    assert bands(D, PRICES, date(2021, 5, 31))[-1].last == 10
    assert bands(D, PRICES, date(2021, 6, 1))[-1].last == 15


# 2000 yuan due on 2026-03-05 and paid on …: 5 % for each month begun after the first (细则第一百一十五条)
@pytest.mark.parametrize(
    ("paid", "yuan"),
    [
        (date(2026, 3, 5), 0), (date(2026, 3, 6), 0), (date(2026, 4, 5), 0), (date(2026, 4, 6), 100),
        (date(2026, 5, 5), 100), (date(2026, 5, 6), 200), (date(2026, 6, 6), 300), (date(2026, 7, 6), 400),
        (date(2026, 8, 6), 500), (date(2026, 9, 5), 500), (date(2026, 9, 7), 500),
    ],
)  # fmt: skip
def test_surcharge(paid: date, yuan: int) -> None:
    assert surcharge(2000, date(2026, 3, 5), paid) == yuan


def next_of(kind: Kind, filed: date, granted: date, today: date = TODAY, **more: object) -> Due | Lapsed | Expired:
    return next_annuity(kind, filed, granted, today, PRICES, HOLIDAYS, **more)  # type: ignore[arg-type]


def test_the_next_payment_on_time() -> None:
    due = next_of(INV, date(2020, 3, 5), date(2022, 6, 1))
    assert isinstance(due, Due)
    assert (due.year, due.due, due.line.yuan, due.late) == (8, date(2027, 3, 5), 2000, 0)
    assert due.last == date(2027, 9, 6)  # 5 September 2027 is a Sunday
    assert [step.yuan for step in due.steps] == [0, 100, 200, 300, 400, 500]
    assert not due.published


def test_the_next_payment_in_the_months_of_grace() -> None:
    due = next_of(U, date(2022, 8, 10), date(2023, 2, 1))  # year 5 was due on 10 August 2026
    assert isinstance(due, Due)
    assert (due.year, due.due, due.line.yuan, due.late) == (5, date(2026, 8, 10), 900, 135)  # three months are over
    after = next_of(U, date(2022, 8, 10), date(2023, 2, 1), paid_through=5)
    assert isinstance(after, Due)
    assert (after.year, after.due) == (6, date(2027, 8, 10))


def test_after_the_grace_the_next_year_is_asked_for() -> None:
    due = next_of(INV, date(2020, 3, 5), date(2022, 6, 1), today=date(2026, 9, 8))
    assert isinstance(due, Due)
    assert due.year == 8
    lapsed = next_of(INV, date(2020, 3, 5), date(2022, 6, 1), today=date(2026, 9, 8), paid_through=6)
    assert lapsed == Lapsed(7, date(2026, 3, 5), date(2026, 9, 7))


def test_the_year_of_the_grant_is_paid_with_the_registration() -> None:
    due = next_of(INV, date(2024, 1, 10), date(2026, 11, 3))  # granted in year 3
    assert isinstance(due, Due)
    assert (due.year, due.due) == (4, date(2027, 1, 11))  # 10 January 2027 is a Sunday


def test_the_reduction_ends_ten_years_after_the_year_of_the_grant() -> None:
    filed, granted = date(2012, 1, 5), date(2015, 6, 1)  # granted in year 4: reduced up to year 13
    reduced = next_of(INV, filed, granted, today=date(2023, 12, 1), share=ONE)
    full = next_of(INV, filed, granted, today=date(2024, 12, 1), share=ONE)
    assert isinstance(reduced, Due)
    assert isinstance(full, Due)
    assert (reduced.year, reduced.line.yuan) == (13, 900)
    assert (full.year, full.line.yuan) == (14, 6000)


def test_a_patent_whose_term_is_over() -> None:
    assert next_of(U, date(2015, 1, 5), date(2015, 6, 1)) == Expired(date(2025, 1, 4))


@pytest.mark.parametrize(
    ("filed", "granted"), [(date(2022, 1, 1), date(2021, 1, 1)), (date(2027, 1, 1), date(2027, 5, 1))]
)
def test_days_out_of_order(filed: date, granted: date) -> None:
    with pytest.raises(ValueError, match="before it is granted"):
        next_of(INV, filed, granted)


def test_years_from_filing() -> None:
    assert year_of(date(2020, 3, 5), date(2020, 3, 5)) == 1
    assert year_of(date(2020, 3, 5), date(2021, 3, 4)) == 1
    assert year_of(date(2020, 3, 5), date(2021, 3, 5)) == 2
    assert year_of(date(2020, 2, 29), date(2021, 2, 27)) == 1
    assert year_of(date(2020, 2, 29), date(2021, 2, 28)) == 2


REGISTRATIONS = [
    (Way.ONLINE, (1,), 270), (Way.PAPER, (1,), 300), (Way.ONLINE, (10, 10, 10), 810), (Way.ONLINE, (12,), 324),
    (Way.PAPER, (12, 3), 660), (Way.ONLINE, (11, 11), 594),
]  # fmt: skip


@pytest.mark.parametrize(("way", "goods", "yuan"), REGISTRATIONS)
def test_registration(way: Way, goods: tuple[int, ...], yuan: int) -> None:
    assert registration(PRICES, way, goods).yuan == yuan


MATTERS = [
    ("renew", Way.ONLINE, 1, False, 450), ("renew", Way.ONLINE, 1, True, 675), ("renew", Way.PAPER, 2, True, 1500),
    ("transfer", Way.ONLINE, 2, False, 900), ("change", Way.ONLINE, 3, False, 0), ("change", Way.PAPER, 1, False, 150),
    ("opposition", Way.ONLINE, 1, False, 450), ("review", Way.PAPER, 1, False, 750), ("review", Way.ONLINE, 2, False, 1350),
    ("revoke", Way.ONLINE, 1, False, 450), ("licence", Way.ONLINE, 1, False, 135),
]  # fmt: skip


@pytest.mark.parametrize(("matter", "way", "classes", "late", "yuan"), MATTERS)
def test_trademark_matters(matter: str, way: Way, classes: int, late: bool, yuan: int) -> None:
    assert trademark(matter, PRICES, way, classes, late).yuan == yuan


def test_negative_and_empty_counts_are_refused() -> None:
    for wrong in ({"claims": -1}, {"pages": -1}, {"priorities": -1}):
        with pytest.raises(ValueError, match="negative"):
            filing(INV, PRICES, **wrong)  # type: ignore[arg-type]
    for goods in ((), (0,), (3, -1)):
        with pytest.raises(ValueError, match="at least one"):
            registration(PRICES, Way.ONLINE, goods)
    with pytest.raises(ValueError, match="at least one"):
        trademark("renew", PRICES, Way.ONLINE, 0)


def test_a_schedule_is_not_known_before_it_was_in_force() -> None:
    assert "tm-register-online" not in FIGURES.prices_on(date(2019, 6, 30))
    assert "tm-register-online" in FIGURES.prices_on(date(2019, 7, 1))


KINDS, SHARES = st.sampled_from(list(Kind)), st.sampled_from(list(Share))
COUNTS = st.integers(0, 600)


@given(KINDS, SHARES, COUNTS, COUNTS, COUNTS)
def test_filing_is_never_below_zero_and_never_falls(
    kind: Kind, share: Share, claims: int, pages: int, more: int
) -> None:
    less, others = filing(kind, PRICES, share, claims, pages), filing(kind, PRICES, share, claims + more, pages + more)
    assert 0 <= less.yuan <= others.yuan
    assert filing(kind, PRICES, ONE, claims, pages).yuan <= filing(kind, PRICES, SEVERAL, claims, pages).yuan
    assert filing(kind, PRICES, SEVERAL, claims, pages).yuan <= filing(kind, PRICES, FULL, claims, pages).yuan


@given(st.integers(0, 8000), st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(0, 400), st.integers(0, 60))
def test_a_surcharge_never_falls_and_is_a_quarter_at_most(full: int, due: date, days: int, more: int) -> None:
    earlier, later = (
        surcharge(full, due, due + timedelta(days=days)),
        surcharge(full, due, due + timedelta(days=days + more)),
    )
    assert 0 <= earlier <= later <= full * 25 // 100


@given(KINDS, st.dates(date(2005, 1, 1), TODAY), st.integers(0, 2500))
def test_a_next_payment_is_not_over_and_on_a_working_day(kind: Kind, filed: date, days: int) -> None:
    granted = min(filed + timedelta(days=days), TODAY)
    found = next_annuity(kind, filed, granted, TODAY, PRICES, NO_HOLIDAYS)
    if isinstance(found, Due):
        assert found.last >= TODAY
        assert NO_HOLIDAYS.is_working(found.due)
        assert NO_HOLIDAYS.is_working(found.last)
        assert 0 <= found.late <= found.full.yuan // 4
        assert year_of(filed, granted) < found.year <= last_year(kind, filed)
    else:
        assert isinstance(found, Expired)
