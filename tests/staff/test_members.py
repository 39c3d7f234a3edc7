"""Invites and members: one use, three days, one of many at once, handing over, leaving."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from bot.database.tables import invites
from bot.messages import Person
from bot.people import People
from bot.staff import BadInvite, Bound, Role, Staff
from tests.conftest import TODAY


def person(engine: Engine, name: str) -> int:
    with engine.begin() as connection:
        return People(connection).find(Person("terminal", "test", name), TODAY).id


def test_an_invite_binds_once(engine: Engine) -> None:
    one, two = person(engine, "one"), person(engine, "two")
    with engine.begin() as connection:
        staff = Staff(connection)
        code = staff.invite(Role.PREFECTURE, "李雷", TODAY, prefecture="653100").code
        bound = staff.bind(one, code.lower().replace("-", " "), TODAY)
        assert isinstance(bound, Bound)
        assert (bound.member.role, bound.member.prefecture, bound.member.name) == (Role.PREFECTURE, "653100", "李雷")
        assert isinstance(staff.bind(two, code, TODAY), BadInvite)
        assert staff.of(one).role is Role.PREFECTURE
        assert staff.of(two).role is Role.PUBLIC


def test_only_a_hash_of_the_code_is_kept(engine: Engine) -> None:
    with engine.begin() as connection:
        code = Staff(connection).invite(Role.REGION, "韩梅", TODAY).code
        kept = str(connection.execute(select(invites)).all())
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_an_invite_expires_after_three_days(engine: Engine) -> None:
    one = person(engine, "one")
    with engine.begin() as connection:
        staff = Staff(connection)
        made = staff.invite(Role.REGION, "韩梅", TODAY)
        assert made.expires == TODAY + timedelta(days=3)
        assert isinstance(staff.bind(one, made.code, made.expires), BadInvite)
        assert isinstance(staff.bind(one, made.code, made.expires - timedelta(seconds=1)), Bound)


def test_one_account_has_one_role(engine: Engine) -> None:
    one = person(engine, "one")
    with engine.begin() as connection:
        staff = Staff(connection)
        staff.bind(one, staff.invite(Role.REGION, "韩梅", TODAY).code, TODAY)
        other = staff.invite(Role.ADMINISTRATOR, "韩梅", TODAY).code
        assert isinstance(staff.bind(one, other, TODAY), BadInvite)
        staff.end(staff.of(one).member, TODAY)
        assert isinstance(staff.bind(one, other, TODAY), Bound), "the refused try did not use it up"


def test_handing_over_ends_the_work_of_the_one_before(engine: Engine) -> None:
    old, new = person(engine, "old"), person(engine, "new")
    with engine.begin() as connection:
        staff = Staff(connection)
        staff.bind(old, staff.invite(Role.POINT, "旧", TODAY, point="XJ-1").code, TODAY)
        before = staff.of(old).member
        code = staff.invite(Role.POINT, "新", TODAY, point="XJ-1", by=before, replaces=before).code
        assert staff.of(old).member, "until the successor is there the work goes on"
        bound = staff.bind(new, code, TODAY)
        assert isinstance(bound, Bound)
        assert bound.left
        assert bound.left.id == before
        assert staff.of(old).role is Role.PUBLIC
        assert staff.of(new).point == "XJ-1"
        assert staff.member(before), "the record stays"


def test_who_leaves_takes_their_open_invites_along(engine: Engine) -> None:
    one, two = person(engine, "one"), person(engine, "two")
    with engine.begin() as connection:
        staff = Staff(connection)
        staff.bind(one, staff.invite(Role.REGION, "一", TODAY).code, TODAY)
        member = staff.of(one).member
        code = staff.invite(Role.POINT, "二", TODAY, point="XJ-1", by=member).code
        assert staff.end(member, TODAY)
        assert not staff.end(member, TODAY)
        assert isinstance(staff.bind(two, code, TODAY), BadInvite)


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.REGION, {"prefecture": "653100"}),
        (Role.PREFECTURE, {}),
        (Role.POINT, {"prefecture": "653100"}),
        (Role.PUBLIC, {}),
        (Role.SYSTEM, {}),
    ],
)
def test_a_jurisdiction_fits_its_role(engine: Engine, role: Role, place: dict[str, str]) -> None:
    with engine.begin() as connection, pytest.raises(ValueError, match="no jurisdiction"):
        Staff(connection).invite(role, "某", TODAY, **place)


def test_of_sixteen_who_use_a_code_at_once_one_is_bound(engine: Engine) -> None:
    ids = [person(engine, f"p{n}") for n in range(16)]
    with engine.begin() as connection:
        code = Staff(connection).invite(Role.REGION, "某", TODAY).code

    def use(id: int) -> bool:
        with engine.begin() as connection:
            return isinstance(Staff(connection).bind(id, code, TODAY), Bound)

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(use, ids)) == 1


def test_erasing_ones_data_lets_the_work_go_and_keeps_the_record(engine: Engine) -> None:
    one = person(engine, "one")
    with engine.begin() as connection:
        staff = Staff(connection)
        staff.bind(one, staff.invite(Role.REGION, "一", TODAY).code, TODAY)
        member = staff.of(one).member
        People(connection).erase(one, TODAY)
        kept = staff.member(member)
    assert kept
    assert kept.person is None
