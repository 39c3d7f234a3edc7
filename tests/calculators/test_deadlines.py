"""Time limits and terms: worked by hand, against 专利法实施细则第五条 and 商标法实施条例第十二条, with the calendar of 2026."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calculators.deadlines import Nature, ends, renewal, yearly
from bot.calculators.workdays import (
    NO_HOLIDAYS,
    End,
    Holidays,
    Period,
    Unit,
    act_ends,
    corresponding,
    read_period,
    term_ends,
)
from bot.knowledge.figures import read_figures
from bot.knowledge.limits import read_limits
from bot.registry.holidays import read_holidays

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "content"
FIGURES = read_figures(CONTENT)[0]
HOLIDAYS = read_holidays(CONTENT)[0]
PERIODS = st.builds(Period, st.integers(1, 120), st.sampled_from([Unit.DAYS, Unit.MONTHS]))
DAYS = st.dates(date(1990, 1, 1), date(2080, 12, 31))


def rows() -> list[dict[str, str]]:
    with (HERE / "facts_deadlines.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("row", rows(), ids=lambda r: f"{r['event']} {r['on']}")
def test_every_verified_period_is_reproduced(row: dict[str, str]) -> None:
    figure = FIGURES.on("deadline", row["id"], date.fromisoformat(row["on"]))
    assert (figure.text, figure.basis) == (row["period"], row["basis"])


# the limit, the day it is counted from, its last day: the month's or year's corresponding day, moved when it is a rest day
ACTS = [
    ("patent-priority-invention", "2025-11-24", "2026-11-24"),  # a Tuesday
    ("patent-priority-invention", "2025-11-22", "2026-11-23"),  # a Sunday, so Monday
    ("patent-priority-invention", "2025-10-01", "2026-10-08"),  # National Day, the first working day after it
    ("patent-priority-design", "2026-08-31", "2027-03-01"),  # no 31 February: its last day 28 is a Sunday
    ("patent-priority-design", "2026-03-26", "2026-09-28"),  # 26 September is off (中秋节), 27 Sunday
    ("patent-filing-fee", "2026-07-31", "2026-09-30"),  # no 31 September
    ("patent-filing-fee-receipt", "2026-09-25", "2026-10-10"),  # a Saturday that is worked
    ("patent-exam-request", "2023-11-22", "2026-11-23"),
    ("patent-exam-request", "2024-02-29", "2027-03-01"),  # no 29 February 2027: 28 is a Sunday
    ("patent-oa-first", "2026-03-05", "2026-07-06"),
    ("patent-oa-first", "2026-10-31", "2027-03-01"),
    ("patent-oa-later", "2026-12-31", "2027-03-01"),
    ("patent-expedited-oa-invention", "2026-09-07", "2026-10-08"),
    ("patent-registration", "2025-12-15", "2026-02-24"),  # 15 to 23 February 2026 are off (春节)
    ("patent-restore", "2026-06-10", "2026-08-10"),
    ("patent-reexam", "2026-11-27", "2027-03-01"),
    ("patent-reexam", "2026-01-31", "2026-04-30"),
    ("patent-reexam", "2026-02-01", "2026-05-06"),  # 1 to 5 May are off
    ("patent-court-invalid", "2026-01-04", "2026-04-07"),  # 4 to 6 April are off (清明节)
    ("patent-pct-national", "2024-05-22", "2026-11-23"),
    ("patent-invalid-supplement", "2026-05-19", "2026-06-22"),  # 19 to 21 June are off (端午节)
    ("tm-opposition", "2026-08-13", "2026-11-13"),
    ("tm-opposition", "2027-01-13", "2027-03-15"),  # two months by the new law; 13 March is a Saturday
    ("tm-refusal-review", "2026-11-21", "2026-12-07"),
    ("tm-refusal-review", "2026-09-16", "2026-10-08"),
    ("tm-refusal-suit", "2026-12-02", "2027-01-04"),  # 1 January is off, 2 and 3 a weekend
    ("tm-opposition-answer", "2026-04-09", "2026-05-09"),  # a Saturday that is worked
    ("tm-nonuse-evidence", "2026-09-20", "2026-11-20"),
    ("tm-correction", "2026-01-29", "2026-02-28"),  # a Saturday that is worked
    ("tm-invalid-relative", "2021-11-22", "2026-11-23"),
    ("gi-opposition", "2026-08-04", "2026-10-08"),
    ("gi-opposition", "2024-06-13", "2024-08-13"),
    ("layout-register", "2024-11-22", "2026-11-23"),
    ("layout-reexam", "2026-10-20", "2027-01-20"),
    ("customs-notice-apply", "2026-09-29", "2026-10-09"),  # 30 September, 8 and 9 October are worked
    ("customs-record-review", "2026-09-24", "2026-11-12"),
    ("point-rectify", "2026-05-22", "2026-11-23"),
]  # fmt: skip
# protection and validity end on the day before the corresponding day and are never moved
TERMS = [
    ("patent-term-invention", "2006-11-23", "2026-11-22"),  # a Sunday
    ("patent-term-invention", "2020-03-05", "2040-03-04"),
    ("patent-term-utility", "2016-10-04", "2026-10-03"),  # within the National Day holidays
    ("patent-term-design", "2021-06-01", "2036-05-31"),
    ("tm-term", "2016-11-28", "2026-11-27"),
    ("tm-term", "2020-02-29", "2030-02-28"),  # no 29 February 2030: its last day (商标法实施条例第十二条第二款)
    ("tm-term", "2020-03-01", "2030-02-28"),
    ("tm-term", "2017-01-01", "2026-12-31"),
    ("layout-term", "2026-10-15", "2036-10-14"),
    ("point-validity", "2026-01-01", "2028-12-31"),  # a Sunday
    ("point-validity", "2026-02-16", "2029-02-15"),
    ("customs-record-term", "2026-05-01", "2036-04-30"),
    ("variety-term-woody", "2026-06-01", "2051-05-31"),
    ("variety-term-other", "2026-06-01", "2046-05-31"),
]
YEARENDS = [
    ("copyright-term-person", "1976-01-28", "2026-12-31"),
    ("copyright-term-entity", "2026-03-05", "2076-12-31"),
    ("software-term-entity", "2000-02-29", "2050-12-31"),
]


def period_of(id: str, start: date) -> Period:
    period = read_period(FIGURES.on("deadline", id, start).text)
    assert period is not None
    return period


@pytest.mark.parametrize(("id", "start", "last"), ACTS)
def test_the_last_day_of_an_act(id: str, start: str, last: str) -> None:
    day = date.fromisoformat(start)
    assert ends(Nature.ACT, day, period_of(id, day), HOLIDAYS).day == date.fromisoformat(last)


@pytest.mark.parametrize(("id", "start", "last"), TERMS)
def test_the_last_day_of_a_term(id: str, start: str, last: str) -> None:
    day = date.fromisoformat(start)
    assert ends(Nature.TERM, day, period_of(id, day), HOLIDAYS) == End(
        date.fromisoformat(last), date.fromisoformat(last), True
    )


@pytest.mark.parametrize(("id", "start", "last"), YEARENDS)
def test_protection_until_the_end_of_a_year(id: str, start: str, last: str) -> None:
    day = date.fromisoformat(start)
    assert ends(Nature.YEAREND, day, period_of(id, day), HOLIDAYS).day == date.fromisoformat(last)


def test_from_when_something_can_be_done() -> None:
    start = date(2026, 11, 1)
    assert ends(Nature.EARLIEST, start, period_of("point-ban", start), HOLIDAYS).day == date(2029, 11, 1)
    assert ends(Nature.EARLIEST, date(2024, 2, 29), period_of("tm-nonuse-start", start), HOLIDAYS).day == date(
        2027, 2, 28
    )


def test_a_renewal_has_a_year_before_and_half_a_year_after() -> None:
    found = renewal(date(2027, 5, 27), Period(12, Unit.MONTHS), Period(6, Unit.MONTHS), HOLIDAYS)
    assert (found.opens, found.closes.day, found.grace.day) == (
        date(2026, 5, 28),
        date(2027, 5, 27),
        date(2027, 11, 29),
    )
    found = renewal(date(2026, 11, 22), Period(12, Unit.MONTHS), Period(6, Unit.MONTHS), HOLIDAYS)
    assert (found.opens, found.closes.day, found.grace.day) == (
        date(2025, 11, 23),
        date(2026, 11, 23),
        date(2027, 5, 24),
    )


def test_the_tenth_of_january() -> None:
    assert yearly("1月10日", date(2026, 11, 22), HOLIDAYS) == End(date(2027, 1, 11), date(2027, 1, 10), False)
    assert yearly("1月10日", date(2027, 1, 11), HOLIDAYS).day == date(2027, 1, 11)
    assert yearly("1月10日", date(2027, 1, 12), HOLIDAYS).day == date(2028, 1, 10)
    with pytest.raises(ValueError, match="no day of the year"):
        yearly("3个月", date(2026, 1, 1), HOLIDAYS)


def test_a_year_without_a_published_calendar_is_said() -> None:
    month = Period(1, Unit.MONTHS)
    assert act_ends(date(2026, 11, 20), month, HOLIDAYS).published
    assert not act_ends(date(2026, 12, 20), month, HOLIDAYS).published
    assert not act_ends(date(2034, 12, 20), month, HOLIDAYS).published
    assert act_ends(date(2034, 12, 20), month, HOLIDAYS).day == date(2035, 1, 22)  # 20 January 2035 is a Saturday


def test_one_limit_each_way_of_counting() -> None:
    assert corresponding(date(2024, 1, 31), Period(1, Unit.MONTHS)) == date(2024, 2, 29)
    assert corresponding(date(2023, 1, 31), Period(1, Unit.MONTHS)) == date(2023, 2, 28)
    assert corresponding(date(2024, 2, 29), Period(4, Unit.YEARS)) == date(2028, 2, 29)
    assert corresponding(date(2026, 12, 31), Period(1, Unit.DAYS)) == date(2027, 1, 1)
    with pytest.raises(ValueError, match="calendar"):
        corresponding(date(2026, 1, 1), Period(3, Unit.WORKING_DAYS))
    with pytest.raises(OverflowError):
        corresponding(date(9990, 1, 1), Period(20, Unit.YEARS))


@pytest.mark.parametrize(
    ("text", "period"),
    [("3个月", Period(3, Unit.MONTHS)), ("15日", Period(15, Unit.DAYS)), ("3个工作日", Period(3, Unit.WORKING_DAYS)),
     ("10年", Period(10, Unit.YEARS)), ("半年", None), ("3至5年", None), ("", None)],
)  # fmt: skip
def test_periods_as_tables_write_them(text: str, period: Period | None) -> None:
    assert read_period(text) == period


@given(DAYS, PERIODS, st.integers(1, 400))
def test_a_limit_never_ends_on_a_rest_day_and_never_goes_back(start: date, period: Period, later: int) -> None:
    end = act_ends(start, period, HOLIDAYS)
    assert HOLIDAYS.is_working(end.day)
    assert end.day >= end.counted == corresponding(start, period) > start
    assert act_ends(start + timedelta(days=later), period, HOLIDAYS).day >= end.day
    assert act_ends(start, Period(period.count + 1, period.unit), HOLIDAYS).day >= end.day


@given(DAYS, st.integers(1, 60))
def test_working_days_are_counted_one_by_one(start: date, count: int) -> None:
    end = act_ends(start, Period(count, Unit.WORKING_DAYS), HOLIDAYS).day
    worked = [day for n in range((end - start).days) if HOLIDAYS.is_working(day := start + timedelta(days=n + 1))]
    assert len(worked) == count
    assert worked[-1] == end


@given(DAYS, st.integers(1, 50))
def test_a_term_is_never_moved_and_the_next_begins_the_day_after(start: date, years: int) -> None:
    end = term_ends(start, Period(years, Unit.YEARS))
    assert end == term_ends(start, Period(12 * years, Unit.MONTHS))
    if (start.month, start.day) != (2, 29):
        assert end + timedelta(days=1) == start.replace(year=start.year + years)
    assert ends(Nature.TERM, start, Period(years, Unit.YEARS), HOLIDAYS).day == end
    assert ends(Nature.TERM, start, Period(years, Unit.YEARS), NO_HOLIDAYS).day == end


@given(DAYS)
def test_days_off_only_move_a_limit_on(start: date) -> None:
    month = Period(1, Unit.MONTHS)
    off = Holidays(rest=frozenset(start + timedelta(days=n) for n in range(60)))
    assert act_ends(start, month, off).day > act_ends(start, month, NO_HOLIDAYS).counted


def test_the_limits_of_content_are_whole() -> None:
    limits, problems = read_limits(CONTENT, FIGURES)
    assert problems == []
    assert len(limits) > 40
    assert len({limit.label for limit in limits}) == len(limits)


def test_faults_in_the_limits_are_named(tmp_path: Path) -> None:
    (tmp_path / "limits").mkdir()
    head = "id,group,label,kind,words,start,note,before\n"
    lines = [
        "tm-opposition,商标,异议,never,异议,公告日,,",
        "nothing,商标,甲,act,甲,某日,,",
        "tm-opposition,商标,,act,(,,,",
    ]
    lines += [
        "point-report,网点管理,乙,act,乙,某日,,",
        "tm-term,商标,丙,term,丙,某日,,",
        "tm-term,商标,丁,term,丁,某日,,",
    ]
    (tmp_path / "limits" / "limits.csv").write_text(head + "\n".join(lines) + "\n", "utf-8")
    limits, problems = read_limits(tmp_path, FIGURES)
    told = "\n".join(map(str, problems))
    for part in (
        "kind“never”",
        "没有“nothing”",
        "label 应有内容",
        "缺少 start",
        "words 不是正则",
        "“point-report”的 period",
        "出现了两次",
    ):
        assert part in told
    assert [limit.label for limit in limits] == ["丙"]
