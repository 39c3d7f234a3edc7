"""Quiet hours, over midnight or not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.quiet import QuietHours


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-22T{text}:00+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "over"),
    [
        ("22:00-10:00", "21:59", "21:59"),
        ("22:00-10:00", "09:59", "10:00"),
        ("22:00-10:00", "10:00", "10:00"),
        ("12:00-14:00", "13:00", "14:00"),
        ("12:00-14:00", "14:00", "14:00"),
        ("", "03:00", "03:00"),
    ],
)
def test_when_the_quiet_is_over(hours: str, now: str, over: str) -> None:
    assert QuietHours.read(hours).over(beijing(now)) == beijing(over)


def test_the_quiet_goes_on_after_midnight() -> None:
    assert QuietHours.read("22:00-10:00").over(beijing("22:00")) == beijing("10:00") + timedelta(days=1)


@pytest.mark.parametrize("hours", ["22-10", "24:00-10:00", "22:00", "22:60-10:00", "x"])
def test_what_is_no_span_of_hours_is_refused(hours: str) -> None:
    with pytest.raises(ValueError, match="22:00-10:00"):
        QuietHours.read(hours)


@given(st.times(), st.times(), st.integers(0, 10**7).map(lambda n: beijing("00:00") + timedelta(seconds=n)))
def test_after_the_quiet_it_is_not_quiet(begin, end, now) -> None:  # type: ignore[no-untyped-def]
    hours = QuietHours(begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
    over = hours.over(now)
    assert now <= over <= now + timedelta(days=1)
    assert hours.over(over) == over
