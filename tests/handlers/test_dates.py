"""Days as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.dates import Impossible, day_in, days_in

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026年3月5日", date(2026, 3, 5)),
        ("2026-3-5收到", date(2026, 3, 5)),
        ("2026/03/05", date(2026, 3, 5)),
        ("2026.3.5", date(2026, 3, 5)),
        ("20260305", date(2026, 3, 5)),
        ("二〇二六年三月五日", date(2026, 3, 5)),
        ("3月5号", date(2026, 3, 5)),
        ("三月五号收到的", date(2026, 3, 5)),
        ("3/5", date(2026, 3, 5)),
        ("3.5收到通知", date(2026, 3, 5)),
        ("12月1日", date(2025, 12, 1)),
        ("26年3月5日", date(2026, 3, 5)),
        ("98年3月5号", date(1998, 3, 5)),
        ("9999年12月31日", date(9999, 12, 31)),
        ("12/1", date(2025, 12, 1)),
        ("去年3月5号", date(2025, 3, 5)),
        ("明年3月5日", date(2027, 3, 5)),
        ("2月29日", date(2024, 2, 29)),
        ("昨天收到的", date(2026, 11, 21)),
        ("前天", date(2026, 11, 20)),
        ("大前天", date(2026, 11, 19)),
        ("今天", TODAY),
        ("刚收到驳回通知", TODAY),
        ("上周三", date(2026, 11, 11)),
        ("上星期五", date(2026, 11, 13)),
        ("上上周一", date(2026, 11, 2)),
        ("这周一", date(2026, 11, 16)),
        ("周五", date(2026, 11, 20)),
        ("周日", TODAY),
        ("15号", date(2026, 11, 15)),
        ("25号", date(2026, 10, 25)),
        ("上个月15号", date(2026, 10, 15)),
        ("上月三号", date(2026, 10, 3)),
        ("10天前", date(2026, 11, 12)),
        ("两周前", date(2026, 11, 8)),
        ("三个月前", date(2026, 8, 22)),
        ("半年前", date(2026, 5, 22)),
        ("2026年2月30日", Impossible("2026年2月30日")),
        ("20261345", Impossible("20261345")),
        ("13月1日", Impossible("13月1日")),
        ("2/30", Impossible("2/30")),
    ],
)
def test_common_forms(typed: str, day: date | Impossible) -> None:
    assert day_in(typed, TODAY) == day


@pytest.mark.parametrize(
    "typed",
    ["3年", "1-3年", "15日内", "3.5万", "202310123456.6", "第594号公告", "12个月", "发明第5年年费", "专利号", ""],
)
def test_what_is_no_day(typed: str) -> None:
    assert day_in(typed, TODAY) is None


def test_several_days_are_found_in_their_order() -> None:
    found = [day for _, day in days_in("2020年3月5日申请，2022-06-01授权", TODAY)]
    assert found == [date(2020, 3, 5), date(2022, 6, 1)]


@given(st.dates(date(1985, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back_in_every_full_form(day: date) -> None:
    forms = (
        f"{day.year}年{day.month}月{day.day}日",
        day.isoformat(),
        f"{day:%Y%m%d}",
        f"{day.year}/{day.month}/{day.day}",
        f"{day:%Y.%m.%d}",
    )
    assert {day_in(form, TODAY) for form in forms} == {day}


@given(st.dates(TODAY - timedelta(days=365), TODAY))
def test_a_day_without_its_year_is_the_last_such_day(day: date) -> None:
    found = day_in(f"{day.month}月{day.day}日", TODAY)
    assert isinstance(found, date)
    assert found <= TODAY
    assert (found.month, found.day) == (day.month, day.day)


@given(st.text(max_size=60), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_anything_typed_is_read(text: str, today: date) -> None:
    days_in(text, today)
