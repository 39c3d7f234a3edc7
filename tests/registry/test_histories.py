"""Random histories of the register against what the regulation never allows (Art. 7–9, 16–18)."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from bot.database.engine import open_engine
from bot.database.tables import applications, history, institutions, metadata, points
from bot.registry.application import Application, Submitted
from bot.registry.changes import Change
from bot.registry.daily import Daily
from bot.registry.lifecycle import Moved, Proposed
from bot.registry.points import Point
from bot.registry.register import Register
from bot.registry.review import Defect
from bot.registry.stages import VALID
from bot.registry.standing import BREACHES
from bot.staff import Action, Actor, Denied, Role
from tests.registry.rig import Rig, credit_code

PICK = st.integers(0, 99)
WHO = st.sampled_from(["applicant", "kashgar", "hotan", "region", "second", "root", "public", "staff"])
DECIDED = [
    Action.RECOMMEND,
    Action.DECLINE,
    Action.TO_EXPERTS,
    Action.DISMISS,
    Action.REJECT,
    Action.PUBLISH,
    Action.WITHDRAW,
]


class Histories(RuleBasedStateMachine):
    """Anybody tries anything at any time; the register says what comes of it."""

    def __init__(self) -> None:
        super().__init__()
        engine = open_engine("sqlite://")
        metadata.create_all(engine)
        self.rig = Rig(engine)
        self.phones: dict[str, str] = {}

    def teardown(self) -> None:
        self.rig.engine.dispose()

    def _actor(self, who: str, point: str = "") -> Actor:
        return Actor(999, Role.POINT, 1, point=point) if who == "staff" else getattr(self.rig, who)

    def _application(self, register: Register, pick: int) -> Application | None:
        found = register.applications._read()
        return found[pick % len(found)] if found else None

    def _point(self, register: Register, pick: int) -> Point | None:
        codes = register.applications._connection.execute(select(points.c.code).order_by(points.c.code)).scalars().all()
        return register.points.by_code(codes[pick % len(codes)]) if codes else None

    @rule(number=st.integers(1, 3), pick=PICK, renewal=st.booleans())
    def submit(self, number: int, pick: int, renewal: bool) -> None:
        with self.rig.register() as register:
            if register.calls.open_on(self.rig.today) is None:
                self.rig.call(register, short=bool(pick % 2))
            institution = register.institutions.by_code(credit_code(number))
            point = self._point(register, pick) if renewal else None
            if point is not None and (institution is None or point.institution_id != institution.id):
                point = None
            barred = institution.barred_until if institution else None
            came = self.rig.submit(register, number, point=point.code if point else "")
            assert isinstance(came, Denied) or barred is None or barred < self.rig.today, "an application in the bar"

    @rule(pick=PICK, who=WHO, action=st.sampled_from(DECIDED))
    def decide(self, pick: int, who: str, action: Action) -> None:
        with self.rig.register() as register:
            if application := self._application(register, pick):
                register.review.decide(application, self._actor(who, application.point), action, "因为", self.rig.now)

    @rule(
        pick=PICK,
        who=WHO,
        what=st.sampled_from(["return", "resubmit", "opinion", "notice", "object", "certify", "terminate"]),
    )
    def review(self, pick: int, who: str, what: str) -> None:
        with self.rig.register() as register:
            application = self._application(register, pick)
            if application is None:
                return
            actor, review, now = self._actor(who, application.point), register.review, self.rig.now
            match what:
                case "return":
                    review.send_back(application, actor, [Defect("head", "写全", "第六条")], now)
                case "resubmit":
                    register.applications.resubmit(application, actor, {"head": "某"}, now)
                case "opinion":
                    review.opinion(application, actor, "丙", "同意", now)
                case "notice":
                    review.open_notice(application, actor, self.rig.today + timedelta(days=3), "", now)
                case "object":
                    review.object(application, actor, "丁", "不符", now)
                case "certify":
                    review.certify(application, actor, "", now)
                case "terminate":
                    review.terminate(application, actor, BREACHES[0], "查实", now)

    @rule(number=st.integers(1, 3))
    def go_through(self, number: int) -> None:
        """The proper way, so that points come to be."""
        with self.rig.register() as register:
            came = self.rig.submit(register, number)
            if isinstance(came, Submitted):
                self.rig.through(register, came.application, "published")

    @rule(
        pick=PICK,
        who=WHO,
        what=st.sampled_from(["rectify", "restore", "revoke", "terminate", "cancel", "expire", "confirm"]),
    )
    def supervise(self, pick: int, who: str, what: str) -> None:
        with self.rig.register() as register:
            point = self._point(register, pick)
            if point is None:
                return
            actor, standing, now = self._actor(who, point.code), register.standing, self.rig.now
            match what:
                case "terminate":
                    standing.terminate(point, actor, BREACHES[2], "查实", now)
                case "cancel":
                    standing.cancel(point, actor, "技术与创新支持中心（TISC）", now)
                case "expire":
                    standing.expire(point, now)
                case "confirm":
                    standing.confirm(point, actor, now)
                case _:
                    getattr(standing, what)(point, actor, "因为", now)

    @rule(
        pick=PICK,
        who=WHO,
        phone=st.from_regex(r"0998-[0-9]{7}", fullmatch=True),
        action=st.sampled_from([None, Action.FORWARD, Action.ACCEPT, Action.RETURN]),
    )
    def change(self, pick: int, who: str, phone: str, action: Action | None) -> None:
        with self.rig.register() as register:
            point = self._point(register, pick)
            if point is None:
                return
            actor = self._actor(who, point.code)
            pending = register.changes.in_states(("submitted", "forwarded"), {point.code})
            if action is None or not pending:
                register.changes.file(point, actor, {"phone": phone}, "换号", self.rig.now)
                return
            change: Change = pending[0]
            came = register.changes.act(change, actor, action, "", self.rig.now)
            if action is Action.ACCEPT and isinstance(came, Moved | Proposed):
                assert actor.role is Role.REGION
                self.phones[point.code] = change.new["phone"]

    @rule(pick=PICK, barring=st.booleans())
    def end_by_two(self, pick: int, barring: bool) -> None:
        """Two persons end a title, with a bar or (after half a year) without one."""
        with self.rig.register() as register:
            point = self._point(register, pick)
            if point is None:
                return
            standing = register.standing
            if not barring:
                standing.rectify(point, self.rig.region, "不符", self.rig.now)
                self.rig.later(days=190)
            for officer in (self.rig.region, self.rig.second):
                found = register.points.by_code(point.code)
                assert found
                if barring:
                    standing.terminate(found, officer, BREACHES[1], "查实", self.rig.now)
                else:
                    standing.revoke(found, officer, "仍不符合", self.rig.now)

    @rule(days=st.sampled_from([1, 4, 40, 200, 1100]))
    def later(self, days: int) -> None:
        self.rig.later(days=days)

    @rule()
    def daily(self) -> None:
        with self.rig.engine.begin() as connection:
            Daily(connection, self.rig.open(connection), self.rig.now).run()

    @invariant()
    def never_two_valid_points_of_one_institution(self) -> None:
        with self.rig.engine.begin() as connection:
            owners = (
                connection.execute(select(points.c.institution_id).where(points.c.state.in_(VALID))).scalars().all()
            )
        assert len(owners) == len(set(owners))

    @invariant()
    def no_certification_without_all_stages_and_two_persons(self) -> None:
        with self.rig.engine.begin() as connection:
            register = self.rig.open(connection)
            for application in register.applications.in_states(("certified", "published")):
                past = register.applications.history(application)
                done = [p.action for p in past if not p.proposal]
                wanted = ["submit", "recommend", "open-notice", "certify"]
                if not application.short:
                    wanted[2:2] = ["to-experts", "opinion"]
                assert [a for a in wanted if a in done] == wanted
                assert [done.index(a) for a in wanted] == sorted(done.index(a) for a in wanted)
                *_, first = [p for p in past if p.proposal and p.action == "certify"]
                (second,) = [p for p in past if not p.proposal and p.action == "certify"]
                assert first.by != second.by
                assert second.at > [p for p in past if p.action == "open-notice"][-1].at + timedelta(days=3)

    @invariant()
    def no_public_change_without_the_region(self) -> None:
        with self.rig.engine.begin() as connection:
            for row in connection.execute(select(points.c.code, points.c.phone)):
                assert row.phone == self.phones.get(row.code, "0998-0000000")

    @invariant()
    def the_history_is_complete(self) -> None:
        with self.rig.engine.begin() as connection:
            for subject, table in (("application", applications), ("point", points)):
                for row in connection.execute(select(table.c.id, table.c.state, table.c.steps)):
                    query = select(history).where(history.c.subject == subject, history.c.subject_id == row.id)
                    past = connection.execute(query.order_by(history.c.step)).all()
                    assert [p.step for p in past] == list(range(1, row.steps + 1))
                    assert past[-1].new == row.state
                    assert all(before.new == after.old for before, after in pairwise(past))

    @invariant()
    def a_revocation_brings_no_bar(self) -> None:
        with self.rig.engine.begin() as connection:
            barred = set(
                connection.execute(select(institutions.c.id).where(institutions.c.barred_until.is_not(None))).scalars()
            )
            ended = select(points.c.institution_id).where(points.c.state == "terminated")
            failed = select(applications.c.institution_id).where(applications.c.state == "terminated")
            assert barred == {*connection.execute(ended).scalars(), *connection.execute(failed).scalars()}


Histories.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHistories = Histories.TestCase
