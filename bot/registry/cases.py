"""A case by its number: an application, a change, a report or a point; its life-cycle, what waits for whom, the queues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.registry.application import Application
from bot.registry.changes import Change
from bot.registry.lifecycle import Lifecycle, Past
from bot.registry.points import Point
from bot.registry.register import Register
from bot.registry.reports import Report
from bot.registry.stages import CHANGE, POINT, REPORT
from bot.staff import Action, Actor, Matter, Role

Subject = Application | Change | Report | Point


@dataclass(frozen=True, slots=True)
class Case:
    """One case. ``proposed`` awaits a second person, ``proposed_by`` proposed it; ``steps`` counts what was done."""

    number: str
    name: str
    subject: Subject
    life: Lifecycle
    state: str
    steps: int
    on: Matter
    proposed: str = ""
    proposed_by: int | None = None
    proposed_why: str = ""

    @property
    def label(self) -> str:
        return self.life.label(self.state)

    def actions(self, actor: Actor) -> tuple[Action, ...]:
        """What ``actor`` may do now; not what they proposed themselves."""
        found = self.life.actions(self.state, actor, self.on)
        hidden = {Action.RENEW, Action.EXPIRE, Action.CONFIRM} | ({Action.ACCEPT} if self.life is POINT else set())
        if not (isinstance(self.subject, Application) and not self.on.prefecture):
            hidden |= {Action.ASSIGN}
        own = self.proposed if self.proposed_by == actor.member else ""
        return tuple(a for a in found if a not in hidden and a != own)


def open_case(register: Register, number: str) -> Case | None:
    """The case of that number, or None."""
    number = number.strip().upper()
    if number.startswith("XJWD"):
        application = register.applications.by_number(number)
        return of_application(register, application) if application else None
    if number.startswith("XJBG"):
        change = register.changes.by_number(number)
        return _of_filing(register, change, CHANGE) if change else None
    if number.startswith("XJNB"):
        report = register.reports.by_number(number)
        return _of_filing(register, report, REPORT) if report else None
    point = register.points.by_code(number)
    return of_point(register, point) if point else None


def of_application(register: Register, application: Application) -> Case:
    return Case(
        application.number,
        str(application.fields["name"]),
        application,
        application.life,
        application.state,
        application.steps,
        register.applications.matter(application),
        application.proposed,
        application.proposed_by,
        application.proposed_why,
    )


def of_point(register: Register, point: Point) -> Case:
    proposed, by, why = register.standing.proposal(point)
    steps = len(register.standing.history(point))
    return Case(
        point.code, point.name, point, POINT, point.state, steps, register.standing.matter(point), proposed, by, why
    )


def _of_filing(register: Register, filing: Change | Report, life: Lifecycle) -> Case | None:
    point = register.points.by_code(filing.point)
    if point is None:
        return None
    on = register.offices.matter(filing.number, point.adcode, point.code)
    return Case(filing.number, point.name, filing, life, filing.state, filing.steps, on)


def history(register: Register, case: Case) -> list[Past]:
    """What became of a case, oldest first."""
    match case.subject:
        case Application() as application:
            return register.applications.history(application)
        case Change() as change:
            return register.changes.history(change)
        case Report() as report:
            return register.reports.history(report)
        case point:
            return register.standing.history(point)


def queue(register: Register, actor: Actor) -> list[Case]:
    """The cases that wait for ``actor``, the longest waiting first: in their jurisdiction, with something they may do."""
    offices = register.offices
    match actor.role:
        case Role.PREFECTURE:
            places = offices.places(actor.prefecture)
            applications = register.applications.in_states(("submitted",), places)
            filings = _filings(register, ("submitted",), lambda point: point.adcode in places)
        case Role.REGION:
            states = ("recommended", "experts", "notice", "objection", "certified")
            applications = register.applications.in_states(states)
            loose = offices.unassigned()
            applications += register.applications.in_states(("submitted",), loose)
            filings = _filings(register, ("forwarded",), lambda point: True)
        case Role.POINT:
            applications = []
            filings = _filings(register, ("returned",), lambda point: point.code == actor.point)
        case _:
            return []
    found = [of_application(register, a) for a in sorted(applications, key=lambda a: (a.since, a.id))]
    return [case for case in (*found, *filings) if case.actions(actor)]


def _filings(register: Register, states: Sequence[str], here: object) -> list[Case]:
    assert callable(here)
    changes: list[Case | None] = [_of_filing(register, c, CHANGE) for c in register.changes.in_states(states)]
    reports: list[Case | None] = [_of_filing(register, r, REPORT) for r in register.reports.in_states(states)]
    found = [case for case in (*changes, *reports) if case is not None]
    return [case for case in found if (point := register.points.by_code(case.on.point)) and here(point)]
