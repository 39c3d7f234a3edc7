"""The work of once a day: what time moves, each thing once, also when two run at once or a day was missed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select

from bot.database.tables import history, letters
from bot.messages import Person
from bot.people import People
from bot.registry.application import Submitted
from bot.registry.daily import Daily, Done
from bot.registry.lifecycle import Moved, Proposed
from bot.staff import Role, Staff
from tests.registry.rig import Rig


@pytest.fixture
def rig(engine: Engine) -> Rig:
    """A point certified on 2026-11-30, with somebody at it."""
    made = Rig(engine)
    with made.register() as register:
        made.point(register)
    made.hire("点", Role.POINT, point="XJP-2026-0001")
    with engine.begin() as connection:
        connection.execute(letters.delete())
    return made


def run(rig: Rig) -> Done:
    with rig.engine.begin() as connection:
        return Daily(connection, rig.open(connection), rig.now).run()


def told(rig: Rig) -> list[str]:
    """The texts of all letters, oldest first."""
    with rig.engine.begin() as connection:
        return [row["text"] for row in connection.execute(select(letters.c.content).order_by(letters.c.id)).scalars()]


def test_art_8_reminders_and_expiry(rig: Rig) -> None:
    with rig.register() as register:
        found = register.points.by_code("XJP-2026-0001")
        assert found
        end = found.expires_on
        assert end == date(2029, 11, 29)
    for left, words in ((91, []), (90, ["还有 90 天"]), (60, []), (30, ["还有 30 天"]), (7, ["还有 7 天"]), (0, [])):
        rig.until(end - timedelta(days=left))
        before = len(told(rig))
        assert run(rig).expired == 0
        new = [text for text in told(rig)[before:] if "有效期到" in text]
        assert [w for w in words if any(w in text for text in new)] == words
        assert len(new) == len(words)
        assert run(rig).letters == 0, "a second run writes nothing"
    rig.until(end + timedelta(days=1))
    assert run(rig).expired == 1
    assert run(rig).expired == 0
    with rig.register() as register:
        found = register.points.by_code("XJP-2026-0001")
        assert found
        assert found.state == "expired"
        assert register.standing.history(found)[-1].action == "expire"


def test_who_missed_reminders_gets_the_nearest_only(rig: Rig) -> None:
    rig.until(date(2029, 11, 25))
    run(rig)
    assert len([text for text in told(rig) if "有效期到" in text]) == 1


def test_art_9_contact_data_are_asked_for_every_90_days(rig: Rig) -> None:
    def asked() -> int:
        run(rig)
        return sum("请核对" in text for text in told(rig))

    rig.until(date(2027, 2, 27))
    assert asked() == 0
    rig.until(date(2027, 2, 28))
    assert (asked(), asked()) == (1, 1)
    rig.until(date(2027, 5, 29))
    assert asked() == 2


def test_art_16_reports_are_asked_for_from_december_and_overdue_in_january(rig: Rig) -> None:
    def asked() -> list[str]:
        before = len(told(rig))
        run(rig)
        return [text for text in told(rig)[before:] if "总结" in text]

    rig.until(date(2026, 11, 30))
    assert not asked()
    rig.until(date(2026, 12, 1))
    assert len(asked()) == 1
    assert not asked()
    for day, words in ((date(2026, 12, 12), 1), (date(2027, 1, 4), 1), (date(2027, 1, 10), 1), (date(2027, 1, 11), 0)):
        rig.until(day)
        assert len(asked()) == words, day
    rig.until(date(2027, 1, 12))
    late = asked()
    assert any("已经逾期" in text for text in late)
    assert any("2026年度总结逾期未报的网点有 1 个" in text for text in late), "the prefecture hears of it"
    assert not asked()


def test_art_16_the_end_of_a_rectification_is_told(rig: Rig) -> None:
    with rig.register() as register:
        point = register.points.by_code("XJP-2026-0001")
        assert point
        assert isinstance(register.standing.rectify(point, rig.kashgar, "长期不开门", rig.now), Moved)
        point = register.points.by_code("XJP-2026-0001")
    assert point
    assert point.rectify_by == date(2027, 5, 31), "the corresponding day 30 May 2027 is a Sunday"
    rig.until(date(2027, 5, 20))
    run(rig)
    assert sum("还有 11 天" in text for text in told(rig)) == 1
    rig.until(date(2027, 6, 1))
    run(rig)
    run(rig)
    assert sum("已满" in text for text in told(rig)) == 3, "the office and both officers of the region"


def test_art_7_the_end_of_a_notice_is_told_to_the_region(rig: Rig) -> None:
    with rig.register() as register:
        submitted = rig.submit(register, 2)
        assert isinstance(submitted, Submitted)
        application = rig.through(register, submitted.application, "notice")
    assert application.notice_until
    rig.until(application.notice_until)
    run(rig)
    assert not [text for text in told(rig) if "公示已于" in text]
    rig.until(application.notice_until + timedelta(days=1))
    run(rig)
    assert sum("公示已于" in text for text in told(rig)) == 2


def test_art_17_the_end_of_a_bar_is_told(rig: Rig) -> None:
    with rig.register() as register:
        point = register.points.by_code("XJP-2026-0001")
        assert point
        assert isinstance(register.standing.terminate(point, rig.region, "从事违法违规活动", "查实", rig.now), Proposed)
        assert isinstance(register.standing.terminate(point, rig.second, "从事违法违规活动", "查实", rig.now), Moved)
    rig.until(date(2029, 11, 30))
    run(rig)
    assert not [text for text in told(rig) if "限制期已于" in text]
    rig.until(date(2029, 12, 1))
    run(rig)
    run(rig)
    assert sum("限制期已于 2029-11-30 届满" in text for text in told(rig)) == 1


def test_two_that_run_at_once_do_everything_once(rig: Rig) -> None:
    rig.until(date(2029, 11, 30))
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: run(rig), range(4)))
    assert sum(d.expired for d in done) == 1
    with rig.engine.begin() as connection:
        expired = connection.execute(select(history.c.id).where(history.c.action == "expire")).all()
        keys = connection.execute(select(letters.c.person_id, letters.c.key)).all()
    assert len(expired) == 1
    assert len(keys) == len(set(keys))


def test_nothing_is_sent_before_the_offices_open(rig: Rig) -> None:
    rig.until(date(2029, 11, 22))
    rig.later(hours=-10)
    run(rig)
    with rig.engine.begin() as connection:
        at = connection.execute(select(letters.c.not_before)).scalars().all()
    assert at
    assert {moment.astimezone(rig.now.tzinfo).hour for moment in at} == {2}, "10:00 in Beijing"


def test_samples_are_left_alone(engine: Engine) -> None:
    rig = Rig(engine)
    with rig.register() as register:
        register.points.add_samples()
    with engine.begin() as connection:
        person = People(connection).find(Person("terminal", "test", "s"), rig.now).id
        staff = Staff(connection)
        staff.bind(person, staff.invite(Role.POINT, "某", rig.now, point="SAMPLE-653101").code, rig.now)
    assert run(rig) == Done()
