"""What becomes of a point: three years, renewal, rectification, revocation, the bar, cancellation (Art. 8, 16–18)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from bot.calculators.workdays import NO_HOLIDAYS
from bot.registry.application import Submitted
from bot.registry.lifecycle import Moved, Proposed
from bot.registry.points import Point
from bot.registry.register import Register
from bot.registry.terms import bar_end, rectify_by, renewed_until, report_by, term_end
from bot.staff import Denied
from tests.registry.rig import Rig, credit_code

DAYS = st.dates(date(2024, 1, 1), date(2090, 1, 1))


@pytest.fixture
def rig(sqlite: Engine) -> Rig:
    return Rig(sqlite)


def again(register: Register, point: Point) -> Point:
    found = register.points.by_code(point.code)
    assert found
    return found


@pytest.mark.parametrize(
    ("certified", "last"),
    [
        (date(2027, 1, 1), date(2029, 12, 31)),
        (date(2028, 2, 29), date(2031, 2, 28)),
        (date(2025, 2, 28), date(2028, 2, 27)),
        (date(2026, 12, 31), date(2029, 12, 30)),
    ],
)
def test_art_8_three_years_to_the_day_before(certified: date, last: date) -> None:
    assert term_end(certified) == last


@given(DAYS)
def test_art_8_a_renewal_in_time_leaves_no_gap(certified: date) -> None:
    end = term_end(certified)
    assert renewed_until(end, end) == renewed_until(end, certified) == term_end(date.fromordinal(end.toordinal() + 1))


@given(DAYS, st.integers(1, 900))
def test_art_8_a_late_renewal_counts_from_its_decision(certified: date, late: int) -> None:
    end = term_end(certified)
    decided = date.fromordinal(end.toordinal() + late)
    assert renewed_until(end, decided) == term_end(decided)


@given(DAYS)
def test_art_16_limits_end_on_working_days_and_art_17_bars_do_not_move(day: date) -> None:
    assert NO_HOLIDAYS.is_working(rectify_by(day, NO_HOLIDAYS).day)
    assert NO_HOLIDAYS.is_working(report_by(day.year, NO_HOLIDAYS).day)
    assert (bar_end(day).month, bar_end(day).year) == (day.month, day.year + 3)


def test_art_8_an_expired_point_is_no_longer_shown_as_certified(rig: Rig) -> None:
    with rig.register() as register:
        point = rig.point(register)
        assert point.expires_on == date(2029, 11, 29)
        assert isinstance(register.standing.expire(point, rig.now), Denied)
        rig.until(date(2029, 11, 30))
        assert not again(register, point).is_valid_on(rig.today), "also before the daily work"
        assert isinstance(register.standing.expire(point, rig.now), Moved)
        assert register.points.in_division(point.adcode, today=rig.today) == []


def test_art_16_revocation_after_half_a_year_brings_no_bar(rig: Rig) -> None:
    with rig.register() as register:
        point = rig.point(register)
        assert isinstance(register.standing.revoke(point, rig.region, "x", rig.now), Denied)
        assert isinstance(register.standing.rectify(point, rig.hotan, "x", rig.now), Denied), "another prefecture"
        assert isinstance(register.standing.rectify(point, rig.kashgar, "长期不开门", rig.now), Moved)
        point = again(register, point)
        assert point.is_valid_on(rig.today), "while it mends it keeps the title"
        early = register.standing.revoke(point, rig.region, "x", rig.now)
        assert isinstance(early, Denied)
        assert "2027-05-31" in early.why
        rig.until(date(2027, 6, 1))
        assert isinstance(register.standing.revoke(point, rig.region, "仍不符合", rig.now), Proposed)
        assert isinstance(register.standing.revoke(again(register, point), rig.second, "同意", rig.now), Moved)
        assert again(register, point).state == "revoked"
        assert register.applications.obstacles(credit_code(1), rig.today, renewal=False) == ()
        rig.call(register)
        assert isinstance(rig.submit(register), Submitted)


def test_art_16_what_is_mended_is_active_again(rig: Rig) -> None:
    with rig.register() as register:
        point = rig.point(register)
        register.standing.rectify(point, rig.region, "x", rig.now)
        assert isinstance(register.standing.restore(again(register, point), rig.kashgar, "已改", rig.now), Moved)
        assert (again(register, point).state, again(register, point).rectify_by) == ("active", None)


def test_art_17_termination_bars_for_three_years(rig: Rig) -> None:
    with rig.register() as register:
        point = rig.point(register)
        rig.until(date(2027, 3, 1))
        assert isinstance(register.standing.terminate(point, rig.region, "别的", "x", rig.now), Denied)
        register.standing.terminate(point, rig.region, "申报中提供虚假材料", "查实", rig.now)
        assert again(register, point).state == "active", "one person alone ends nothing"
        register.standing.terminate(again(register, point), rig.second, "申报中提供虚假材料", "查实", rig.now)
        assert again(register, point).state == "terminated"
        for day, free in ((date(2027, 3, 2), False), (date(2030, 3, 1), False), (date(2030, 3, 2), True)):
            rig.until(day)
            found = register.applications.obstacles(credit_code(1), rig.today, renewal=False)
            assert (found == ()) is free
            if not free:
                assert "2030-03-02" in found[0], "the day on which it becomes possible is told"
            if day.year == 2030:
                rig.call(register)
                assert isinstance(rig.submit(register), Submitted) is free


def test_art_17_false_materials_end_an_application_and_bar(rig: Rig) -> None:
    with rig.register() as register:
        submitted = rig.submit(register)
        assert isinstance(submitted, Submitted)
        application = submitted.application
        for officer in (rig.region, rig.second):
            came = register.review.terminate(
                rig.fresh(register, application), officer, "申报中提供虚假材料", "伪造", rig.now
            )
        assert isinstance(came, Moved)
        assert isinstance(rig.submit(register), Denied)


def test_art_18_being_named_cancels_the_same_day(rig: Rig) -> None:
    with rig.register() as register:
        point = rig.point(register)
        assert isinstance(register.standing.cancel(point, rig.region, "国家级知识产权保护中心", rig.now), Denied)
        assert isinstance(register.standing.cancel(point, rig.region, "技术与创新支持中心（TISC）", rig.now), Moved)
        assert not again(register, point).is_valid_on(rig.today)
        last = register.standing.history(point)[-1]
        assert (last.new, last.article, last.data["named"]) == ("cancelled", "第十八条", "技术与创新支持中心（TISC）")
        assert register.applications.obstacles(credit_code(1), rig.today, renewal=False) == (), "no bar"
