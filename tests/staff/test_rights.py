"""Rights are decided in one place: every role, action and jurisdiction (Art. 4; G5)."""

from __future__ import annotations

import logging
from itertools import product

import pytest

from bot.staff import ACTIONS, INVITES, RIGHTS, Action, Actor, Allowed, Denied, Matter, Role, could, may

KASHGAR, HOTAN = "653100", "653200"
ACTORS = {
    "public": Actor(1),
    "point": Actor(2, Role.POINT, 12, point="XJ-1"),
    "other point": Actor(3, Role.POINT, 13, point="XJ-2"),
    "prefecture": Actor(4, Role.PREFECTURE, 14, prefecture=KASHGAR),
    "other prefecture": Actor(5, Role.PREFECTURE, 15, prefecture=HOTAN),
    "region": Actor(6, Role.REGION, 16),
    "administrator": Actor(7, Role.ADMINISTRATOR, 17),
}
CASE = Matter("XJWD-2026-0001", KASHGAR, "XJ-1")


def test_every_action_has_a_name_and_somebody_who_may() -> None:
    assert set(ACTIONS) == set(RIGHTS) == set(Action)
    assert all(RIGHTS.values())


@pytest.mark.parametrize(("who", "action"), list(product(ACTORS, Action)))
def test_only_a_named_role_acts_and_only_in_its_jurisdiction(who: str, action: Action) -> None:
    actor = ACTORS[who]
    allowed = actor.role in RIGHTS[action] and not who.startswith("other")
    assert isinstance(could(actor, action, CASE), Allowed) is allowed


def test_art_4_a_case_without_an_office_waits_for_the_region() -> None:
    waiting = Matter("x")
    for who in ("prefecture", "other prefecture"):
        decided = could(ACTORS[who], Action.RECOMMEND, waiting)
        assert isinstance(decided, Denied)
        assert "没有指定" in decided.why
    assert could(ACTORS["region"], Action.ASSIGN, waiting) == Allowed(Role.REGION)


def test_administrators_decide_no_business() -> None:
    assert {a for a in Action if Role.ADMINISTRATOR in RIGHTS[a]} == {Action.INVITE, Action.END}


def test_who_applied_acts_as_applicant_and_never_as_officer() -> None:
    own = Matter("x", KASHGAR, applicant=4)
    assert could(ACTORS["prefecture"], Action.WITHDRAW, own) == Allowed(Role.APPLICANT)
    assert isinstance(could(ACTORS["prefecture"], Action.RECOMMEND, own), Denied)
    assert could(ACTORS["public"], Action.WITHDRAW, Matter("x", applicant=1)) == Allowed(Role.APPLICANT)


def test_two_different_persons() -> None:
    assert isinstance(could(ACTORS["region"], Action.CERTIFY, Matter("x", first=16)), Denied)
    assert could(ACTORS["region"], Action.CERTIFY, Matter("x", first=99)) == Allowed(Role.REGION)


@pytest.mark.parametrize(("who", "role"), list(product(ACTORS, Role)))
def test_who_may_invite_whom(who: str, role: Role) -> None:
    actor = ACTORS[who]
    allowed = role in INVITES.get(actor.role, frozenset()) and not who.startswith("other")
    assert isinstance(could(actor, Action.INVITE, Matter("x", KASHGAR, "XJ-1", role=role)), Allowed) is allowed


def test_every_refusal_is_logged_without_names(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "bot.staff.rights"):
        may(Actor(4, Role.PREFECTURE, 14, HOTAN, name="李雷"), Action.RECOMMEND, CASE)
        may(ACTORS["region"], Action.CERTIFY, CASE)
    (record,) = caplog.records
    assert (record.__dict__["member"], record.__dict__["action"], record.__dict__["on"]) == (
        14,
        "recommend",
        "XJWD-2026-0001",
    )
    assert "李雷" not in str(record.__dict__)
