"""A register with staff of every role, and an institution that applies: what the tests of the life-cycles start from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from sqlalchemy import Connection, Engine
from stdnum.cn import uscc

from bot.calculators.workdays import Holidays
from bot.letters import Letters
from bot.messages import Person
from bot.people import People
from bot.registry.application import Application, Submitted
from bot.registry.lifecycle import Moved, Proposed
from bot.registry.places import Gazetteer, read_places
from bot.registry.points import Point, Points
from bot.registry.register import Register, open_register
from bot.staff import Action, Actor, Bound, Denied, Role, Staff
from tests.registry.conftest import CONTENT

START = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
KASHGAR, HOTAN, SHIHEZI = "653100", "653200", "659001"
COUNTY = "653101"
HOLIDAYS = Holidays()


def credit_code(number: int) -> str:
    """A made-up code with a right check character: 12 (an institution), 653101 (the place), a number."""
    body = f"12653101{number:09d}"
    return body + uscc.calc_check_digit(body)


@cache
def gazetteer() -> Gazetteer:
    return read_places(CONTENT)[0]


def declared(number: int = 1, adcode: str = COUNTY) -> dict[str, object]:
    """What an institution says in its application."""
    return {
        "credit_code": credit_code(number),
        "name": f"示例情报所{number}",
        "kind": "information",
        "adcode": adcode,
        "address": "示例路1号",
        "lat": 39.47,
        "lon": 75.99,
        "head": "甲某",
        "contact": "乙某",
        "phone": "0998-0000000",
        "services": ["consultation", "search", "training"],
    }


@dataclass
class Rig:
    """Somebody in every role on one database, and a clock that only the test moves."""

    engine: Engine
    now: datetime = START

    def __post_init__(self) -> None:
        with self.engine.begin() as connection:
            people = People(connection)
            self.applicant = Actor(people.find(Person("terminal", "test", "applicant"), self.now).id)
            self.public = Actor(people.find(Person("terminal", "test", "public"), self.now).id)
        self.kashgar = self.hire("喀什", Role.PREFECTURE, prefecture=KASHGAR)
        self.hotan = self.hire("和田", Role.PREFECTURE, prefecture=HOTAN)
        self.region = self.hire("区一", Role.REGION)
        self.second = self.hire("区二", Role.REGION)
        self.root = self.hire("管理", Role.ADMINISTRATOR)

    def hire(self, name: str, role: Role, **place: str) -> Actor:
        """Somebody new with a role."""
        with self.engine.begin() as connection:
            staff = Staff(connection)
            person = People(connection).find(Person("terminal", "test", name), self.now).id
            bound = staff.bind(person, staff.invite(role, name, self.now, **place).code, self.now)
            assert isinstance(bound, Bound)
            return bound.member.actor

    @property
    def today(self) -> date:
        return (self.now + timedelta(hours=8)).date()

    def later(self, **passed: float) -> None:
        self.now += timedelta(**passed)

    def until(self, day: date) -> None:
        """It is noon of that day in Beijing."""
        self.now = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)

    def open(self, connection: Connection) -> Register:
        points = Points(connection, gazetteer())
        return open_register(connection, gazetteer(), HOLIDAYS, points, Letters(connection), Staff(connection))

    @contextmanager
    def register(self) -> Iterator[Register]:
        with self.engine.begin() as connection:
            yield self.open(connection)

    def call(self, register: Register, short: bool = False) -> None:
        register.calls.make(
            self.today,
            self.today + timedelta(days=60),
            short_renewal=short,
            notice="",
            member=self.region.member,
            now=self.now,
        )

    def submit(self, register: Register, number: int = 1, adcode: str = COUNTY, point: str = "") -> Submitted | Denied:
        call = register.calls.open_on(self.today)
        if call is None:
            self.call(register)
            call = register.calls.open_on(self.today)
        assert call
        return register.applications.submit(
            declared(number, adcode), self.applicant.person, call, self.now, today=self.today, point=point
        )

    def fresh(self, register: Register, application: Application) -> Application:
        found = register.applications.by_number(application.number)
        assert found
        return found

    def through(self, register: Register, application: Application, state: str) -> Application:
        """Take an application through the stages of Art. 7 up to ``state``."""
        review = register.review

        def step(came: Moved | Proposed | Denied) -> None:
            nonlocal application
            assert not isinstance(came, Denied), came.why
            application = self.fresh(register, application)

        while application.state != state:
            match application.state:
                case "submitted":
                    step(review.decide(application, self.kashgar, Action.RECOMMEND, "材料齐全", self.now))
                case "recommended" if application.short:
                    step(review.open_notice(application, self.region, self.today + timedelta(days=7), "", self.now))
                case "recommended":
                    step(review.decide(application, self.region, Action.TO_EXPERTS, "", self.now))
                case "experts":
                    step(review.opinion(application, self.region, "丙某", "同意", self.now))
                    step(review.open_notice(application, self.region, self.today + timedelta(days=7), "", self.now))
                case "notice":
                    self.later(days=8)
                    step(review.certify(application, self.region, "公示无异议", self.now))
                    step(review.certify(application, self.second, "同意", self.now))
                case "certified":
                    step(review.decide(application, self.region, Action.PUBLISH, "", self.now))
                case other:
                    raise AssertionError(other)
        return application

    def point(self, register: Register, number: int = 1) -> Point:
        """A certified point."""
        submitted = self.submit(register, number)
        assert isinstance(submitted, Submitted), submitted
        application = self.through(register, submitted.application, "certified")
        found = register.points.by_code(application.point)
        assert found
        return found
