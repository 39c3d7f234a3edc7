"""A life-cycle as a table of (state, action, role) → state, and the one way to take a step: compare-and-set, with history.

Of many who act on one row at once one wins; the others are told why. What cannot be undone takes two different persons:
the first proposes, the second decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, insert, select, update

from bot.database.tables import history
from bot.staff import ACTIONS, Action, Actor, Allowed, Denied, Matter, Role, could, may, refused


@dataclass(frozen=True, slots=True)
class Step:
    """One row of a table: who may do what in which state, where it leads, on which article it rests."""

    old: str
    action: Action
    role: Role
    new: str
    article: str
    persons: int = 1


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A life-cycle. ``subject`` is its name in the history; ``states`` are labels by state, in order."""

    subject: str
    table: Table
    states: Mapping[str, str]
    steps: tuple[Step, ...]

    def step(self, state: str, action: Action, role: Role) -> Step | None:
        """The row for that cell, or None."""
        return next((s for s in self.steps if (s.old, s.action, s.role) == (state, action, role)), None)

    def label(self, state: str) -> str:
        return self.states.get(state, state)

    def actions(self, state: str, actor: Actor, on: Matter) -> tuple[Action, ...]:
        """What ``actor`` may do in ``state``, in the order of the table; leaves no trace."""
        found: dict[Action, None] = {}
        for step in self.steps:
            if step.old == state and could(actor, step.action, on) == Allowed(step.role):
                found[step.action] = None
        return tuple(found)

    def open_states(self) -> frozenset[str]:
        """The states that a person's action leads out of."""
        return frozenset(step.old for step in self.steps)


@dataclass(frozen=True, slots=True)
class Moved:
    """A step was taken. ``number`` counts the steps of the row from 1."""

    step: Step
    number: int


@dataclass(frozen=True, slots=True)
class Proposed:
    """A first person proposed the step; a second one decides."""

    step: Step
    number: int


@dataclass(frozen=True, slots=True)
class Past:
    """One row of a history. ``by`` is a member's number, None for the applicant or the passing of time."""

    step: int
    at: datetime
    by: int | None
    role: Role
    action: str
    proposal: bool
    old: str
    new: str
    why: str
    article: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done with a row: the action, on what, why, when. ``values`` are columns that change with the state;
    ``data`` is kept in the history beside it."""

    action: Action
    on: Matter
    why: str
    now: datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


def cell(life: Lifecycle, state: str, actor: Actor, action: Action, on: Matter) -> Step | Denied:
    """The row of the table by which ``actor`` may do ``action`` in ``state``, or why there is none."""
    decided = may(actor, action, on)
    if isinstance(decided, Denied):
        return decided
    step = life.step(state, action, decided.role)
    return step or refused(actor, action, on, f"现在是“{life.label(state)}”，不能办理“{ACTIONS[action]}”。")


def take(
    connection: Connection, life: Lifecycle, row: RowMapping, actor: Actor, deed: Deed
) -> Moved | Proposed | Denied:
    """Take a step with a row as it was read. Refuses without the role, the jurisdiction, the right state, a second
    person; and when the row changed since it was read."""
    state, action = str(row["state"]), deed.action
    awaited = row["proposed"] == action
    step = cell(life, state, actor, action, replace(deed.on, first=row["proposed_by"] if awaited else None))
    if isinstance(step, Denied):
        return step
    proposal = step.persons > 1 and not awaited
    values: dict[str, Any] = {"steps": row["steps"] + 1}
    if proposal:
        values |= {"proposed": action.value, "proposed_by": actor.member, "proposed_why": deed.why}
    else:
        values |= {"state": step.new, "proposed": "", "proposed_by": None, "proposed_why": "", **deed.values}
        if step.new != state:
            values["since"] = deed.now
    table = life.table
    won = connection.execute(
        update(table)
        .where(table.c.id == row["id"], table.c.state == state, table.c.steps == row["steps"])
        .values(values)
    ).rowcount
    if not won:
        return Denied("刚刚有人先办理了这件事，请重新打开看最新的情况。")
    new = state if proposal else step.new
    number = int(row["steps"]) + 1
    record(
        connection,
        life,
        int(row["id"]),
        Entry(number, actor, step.role, action.value, proposal, state, new, step.article),
        deed,
    )
    return Proposed(step, number) if proposal else Moved(step, number)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the history says of a step besides why and when."""

    number: int
    actor: Actor
    role: Role
    action: str
    proposal: bool
    old: str
    new: str
    article: str


def record(
    connection: Connection,
    life: Lifecycle,
    id: int,
    entry: Entry,
    deed: Deed | None = None,
    *,
    at: datetime | None = None,
) -> None:
    """Append to the history; it is never changed."""
    when = deed.now if deed else at
    assert when is not None
    connection.execute(
        insert(history).values(
            subject=life.subject,
            subject_id=id,
            step=entry.number,
            at=when,
            member_id=entry.actor.member or None,
            role=entry.role.value,
            action=entry.action,
            proposal=entry.proposal,
            old=entry.old,
            new=entry.new,
            why=deed.why if deed else "",
            article=entry.article,
            data=dict(deed.data) if deed else {},
        )
    )


def past(connection: Connection, life: Lifecycle, id: int) -> list[Past]:
    """The history of a row, oldest first."""
    rows = connection.execute(
        select(history).where(history.c.subject == life.subject, history.c.subject_id == id).order_by(history.c.step)
    ).mappings()
    return [
        Past(
            r["step"],
            r["at"],
            r["member_id"],
            Role(r["role"]),
            r["action"],
            r["proposal"],
            r["old"],
            r["new"],
            r["why"],
            r["article"],
            r["data"],
        )
        for r in rows
    ]
