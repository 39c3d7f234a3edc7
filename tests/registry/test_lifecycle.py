"""The life-cycles: exactly the cells of the tables are allowed, two persons, one of sixteen wins, history is complete."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise, product

import pytest
from sqlalchemy import Engine, insert, select, update

from bot.database.tables import changes, history, points, reports
from bot.registry.application import Submitted
from bot.registry.lifecycle import Deed, Lifecycle, Moved, Proposed, cell, take
from bot.registry.stages import APPLICATION, CHANGE, LIFECYCLES, POINT, PROGRESS, REPORT, SHORT_RENEWAL
from bot.staff import RIGHTS, SYSTEM, Action, Actor, Denied, Matter, Role
from tests.registry.rig import KASHGAR, START, Rig


@pytest.mark.parametrize("life", LIFECYCLES, ids=["application", "short", "point", "change", "report"])
def test_tables_are_sound(life: Lifecycle) -> None:
    """Each cell stands once, names known states, and its role has the right."""
    cells = [(s.old, s.action, s.role) for s in life.steps]
    assert len(cells) == len(set(cells))
    for step in life.steps:
        assert {step.old, step.new} <= set(life.states)
        assert step.role in RIGHTS[step.action]
        assert step.article.startswith("第")


def test_every_right_of_a_step_stands_in_a_table() -> None:
    used = {(s.action, s.role) for life in LIFECYCLES for s in life.steps}
    steps = {s.action for life in LIFECYCLES for s in life.steps}
    assert {(a, r) for a in steps for r in RIGHTS[a]} == used


def test_art_7_the_stages_are_reached_in_order_only() -> None:
    """Without one of its stages no way leads to a certification."""
    for left_out in ("submitted", "recommended", "experts", "notice"):
        seen, ahead = {"submitted"} - {left_out}, ["submitted"] if left_out != "submitted" else []
        while ahead:
            state = ahead.pop()
            for step in APPLICATION.steps:
                if step.old == state and step.new not in seen and step.new != left_out:
                    seen.add(step.new)
                    ahead.append(step.new)
        assert "certified" not in seen


def test_two_persons_decide_what_cannot_be_undone() -> None:
    """Certify, reject after notice, revoke, terminate."""
    two = {(life.subject, s.old, s.action) for life in LIFECYCLES for s in life.steps if s.persons == 2}
    wanted = {("application", "notice", Action.CERTIFY), ("point", "rectifying", Action.REVOKE)}
    wanted |= {("application", state, Action.REJECT) for state in ("notice", "objection")}
    wanted |= {
        (life.subject, s.old, s.action) for life in LIFECYCLES for s in life.steps if s.action is Action.TERMINATE
    }
    assert two == wanted


def test_every_state_of_an_application_has_its_place_in_the_progress() -> None:
    assert set(PROGRESS) == set(APPLICATION.states)


def _row_of(rig: Rig, connection: object, life: Lifecycle) -> int:
    """A row of the life-cycle's table."""
    register = rig.open(connection)  # type: ignore[arg-type]
    submitted = rig.submit(register)
    assert isinstance(submitted, Submitted)
    if life.subject == "application":
        return submitted.application.id
    code = register.standing.certify(
        submitted.application.institution_id, submitted.application.fields, rig.region, "", rig.now
    )
    point = register.points.by_code(code)
    assert point
    if life is POINT:
        return point.id
    common = {"number": "X", "point": code, "state": "submitted", "since": rig.now, "steps": 1, "member_id": 1}
    if life is CHANGE:
        row = insert(changes).values(**common, why="", old={}, new={}).returning(changes.c.id)
    else:
        row = (
            insert(reports)
            .values(**common, year=2026, late=False, figures={}, summary="", plan="")
            .returning(reports.c.id)
        )
    return int(register.applications._connection.execute(row).scalar_one())


@pytest.mark.parametrize("life", LIFECYCLES, ids=["application", "short", "point", "change", "report"])
def test_exactly_the_cells_of_the_table_are_allowed(life: Lifecycle, sqlite: Engine) -> None:
    """Every state × action × role × jurisdiction."""
    rig = Rig(sqlite)
    staff = Actor(901, Role.POINT, 0, point="XJP-1")
    other = Actor(902, Role.POINT, 0, point="XJP-2")
    actors = (rig.public, rig.applicant, staff, other, rig.kashgar, rig.hotan, rig.region, rig.root, SYSTEM)
    outside = (rig.public, other, rig.hotan)
    on = Matter("case", KASHGAR, "XJP-1", rig.applicant.person)
    cells = set()
    for state, action, actor in product(life.states, Action, actors):
        came = cell(life, state, actor, action, on)
        role = Role.APPLICANT if actor is rig.applicant else actor.role
        if actor in outside or (state, action, role) not in {(s.old, s.action, s.role) for s in life.steps}:
            assert isinstance(came, Denied), (state, action, role)
            assert came.why
        else:
            assert came == life.step(state, action, role)
            cells.add(came)
    assert cells == set(life.steps)
    by_role = {
        Role.APPLICANT: rig.applicant,
        **{a.role: a for a in actors if a not in outside and a is not rig.applicant},
    }
    with sqlite.connect() as connection, connection.begin():
        id = _row_of(rig, connection, life)
        for step in life.steps:
            savepoint = connection.begin_nested()
            connection.execute(update(life.table).where(life.table.c.id == id).values(state=step.old))
            row = connection.execute(select(life.table).where(life.table.c.id == id)).mappings().one()
            came = take(connection, life, row, by_role[step.role], Deed(step.action, on, "因为", START))
            assert isinstance(came, Proposed if step.persons == 2 else Moved)
            after = connection.execute(select(life.table.c.state).where(life.table.c.id == id)).scalar_one()
            assert after == (step.old if step.persons == 2 else step.new)
            savepoint.rollback()


def test_the_second_person_is_another_one(sqlite: Engine) -> None:
    rig = Rig(sqlite)
    with rig.register() as register:
        point = rig.point(register)
        first = register.standing.terminate(point, rig.region, "从事违法违规活动", "查实", rig.now)
        assert isinstance(first, Proposed)
        again = register.standing.terminate(point, rig.region, "从事违法违规活动", "查实", rig.now)
        assert isinstance(again, Denied)
        assert "两位" in again.why
        assert isinstance(register.standing.terminate(point, rig.second, "从事违法违规活动", "同意", rig.now), Moved)


def test_another_step_withdraws_what_was_proposed(sqlite: Engine) -> None:
    rig = Rig(sqlite)
    with rig.register() as register:
        submitted = rig.submit(register)
        assert isinstance(submitted, Submitted)
        application = rig.through(register, submitted.application, "notice")
        rig.later(days=8)
        assert isinstance(register.review.certify(application, rig.region, "", rig.now), Proposed)
        application = rig.fresh(register, application)
        assert isinstance(register.review.decide(application, rig.second, Action.REJECT, "不符", rig.now), Proposed)
        application = rig.fresh(register, application)
        assert isinstance(register.review.certify(application, rig.second, "", rig.now), Proposed), "asked for anew"


def test_of_sixteen_who_decide_at_once_one_wins(engine: Engine) -> None:
    rig = Rig(engine)
    with rig.register() as register:
        submitted = rig.submit(register)
        assert isinstance(submitted, Submitted)
        application = submitted.application
    deeds = [Action.RECOMMEND, Action.DECLINE] * 8

    def act(action: Action) -> Moved | Proposed | Denied:
        with rig.register() as register:
            return register.applications.act(application, rig.kashgar, action, "", rig.now)

    with ThreadPoolExecutor(16) as threads:
        came = list(threads.map(act, deeds))
    assert sum(isinstance(c, Moved) for c in came) == 1
    told = [c.why for c in came if isinstance(c, Denied)]
    assert len(told) == 15
    assert all("先办理" in why for why in told)
    with engine.begin() as connection:
        steps = connection.execute(select(history.c.step).where(history.c.subject == "application")).scalars().all()
    assert sorted(steps) == [1, 2]


def test_of_sixteen_who_submit_at_once_for_one_institution_one_wins(engine: Engine) -> None:
    rig = Rig(engine)
    with rig.register() as register:
        rig.call(register)

    def submit(_: int) -> bool:
        with rig.register() as register:
            return isinstance(rig.submit(register), Submitted)

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(submit, range(16))) == 1


def test_of_sixteen_who_certify_at_once_one_makes_the_point(engine: Engine) -> None:
    rig = Rig(engine)
    with rig.register() as register:
        submitted = rig.submit(register)
        assert isinstance(submitted, Submitted)
        application = rig.through(register, submitted.application, "notice")
        rig.later(days=8)
        assert isinstance(register.review.certify(application, rig.region, "", rig.now), Proposed)
        application = rig.fresh(register, application)

    def certify(_: int) -> bool:
        with rig.register() as register:
            return isinstance(register.review.certify(application, rig.second, "", rig.now), Moved)

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(certify, range(16))) == 1
    with engine.begin() as connection:
        assert len(connection.execute(select(points.c.id)).all()) == 1


def test_the_history_says_who_when_what_why_and_from_where(sqlite: Engine) -> None:
    rig = Rig(sqlite)
    with rig.register() as register:
        submitted = rig.submit(register)
        assert isinstance(submitted, Submitted)
        application = rig.through(register, submitted.application, "published")
        past = register.applications.history(application)
    assert [p.step for p in past] == list(range(1, application.steps + 1))
    for before, after in pairwise(past):
        assert before.new == after.old
        assert before.at <= after.at
    recommended = past[1]
    assert (recommended.by, recommended.why, recommended.article) == (
        rig.kashgar.member,
        "材料齐全",
        "第七条第（二）项",
    )
    assert [p.proposal for p in past if p.action == "certify"] == [True, False]


def test_a_step_on_what_changed_meanwhile_is_refused(sqlite: Engine) -> None:
    rig = Rig(sqlite)
    with rig.register() as register:
        submitted = rig.submit(register)
        assert isinstance(submitted, Submitted)
        stale = submitted.application
        rig.through(register, stale, "recommended")
        came = register.review.decide(stale, rig.kashgar, Action.DECLINE, "", rig.now)
    assert isinstance(came, Denied)
    assert replace(stale).steps == 1


def test_a_renewal_may_go_without_experts_when_its_call_says_so() -> None:
    assert not any(s.action is Action.TO_EXPERTS for s in SHORT_RENEWAL.steps)
    assert SHORT_RENEWAL.step("recommended", Action.OPEN_NOTICE, Role.REGION)
    assert not APPLICATION.step("recommended", Action.OPEN_NOTICE, Role.REGION)
    assert REPORT.step("submitted", Action.FORWARD, Role.PREFECTURE)
