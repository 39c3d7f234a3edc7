"""Who comes: sign-ups with capacity and waiting list, reminders, signing in, what people thought of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from bot.database.tables import events, signups
from bot.letters import Letters
from bot.messages import Reply
from bot.training.events import Event, Events

DAY_BEFORE, HOUR_BEFORE = timedelta(days=1), timedelta(hours=1)
SURVEY_AFTER = timedelta(hours=1)
SIGN_IN_FROM = timedelta(hours=1)  # before it begins


class Standing(StrEnum):
    """Where a sign-up stands."""

    IN = "in"
    WAITING = "waiting"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Signup:
    """One person's sign-up. ``turn`` is the order of coming."""

    id: int
    event_id: int
    person_id: int
    name: str
    company: str
    standing: Standing
    turn: int
    at: datetime
    signed_in: datetime | None
    score: int | None
    remark: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The sign-up, whether it is new, and how many wait before it."""

    signup: Signup
    is_new: bool
    ahead: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of an event: people in, waiting, left, signed in; how many gave a score, and its mean."""

    inside: int
    waiting: int
    left: int
    signed_in: int
    scores: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Reminders:
    """What is said the day before, an hour before and after it."""

    day: Reply
    hour: Reply
    survey: Reply


class Signups:
    """The sign-ups to all events, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, event_id: int, person_id: int) -> Signup | None:
        """A person's sign-up, also one they left."""
        row = self._connection.execute(
            select(signups).where(signups.c.event_id == event_id, signups.c.person_id == person_id)
        ).first()
        return _read(row) if row is not None else None

    def join(self, event_id: int, person_id: int, name: str, company: str, now: datetime) -> Joined | None:
        """Sign a person up: in while there are places, else at the end of the waiting list; None when it is closed.

        The event's row is locked meanwhile, so of many who come at once just as many get in as there are places.
        """
        event = self._lock(event_id)
        if event is None or not event.is_open(now):
            return None
        before = self.find(event_id, person_id)
        if before is not None and before.standing is not Standing.LEFT:
            return Joined(before, False, self._ahead(before))
        free = event.left is None or event.left > 0
        turn = self._connection.execute(
            select(func.coalesce(func.max(signups.c.turn), 0) + 1).where(signups.c.event_id == event_id)
        ).scalar_one()
        values = {
            "name": name, "company": company, "state": Standing.IN if free else Standing.WAITING, "turn": turn, "at": now,
            "signed_in": None, "score": None, "remark": "",
        }  # fmt: skip
        if before is None:
            self._connection.execute(insert(signups).values(event_id=event_id, person_id=person_id, **values))
        else:
            self._connection.execute(update(signups).where(signups.c.id == before.id).values(**values))
        if free:
            self._take(event_id, 1)
        made = self.find(event_id, person_id)
        assert made is not None
        return Joined(made, True, self._ahead(made))

    def leave(self, event_id: int, person_id: int) -> tuple[bool, Signup | None]:
        """Take a person out; returns whether they were in or waiting, and who moves up from the waiting list."""
        if self._lock(event_id) is None:
            return False, None
        before = self.find(event_id, person_id)
        if before is None or before.standing is Standing.LEFT:
            return False, None
        self._set(before, state=Standing.LEFT)
        if before.standing is Standing.WAITING:
            return True, None
        row = self._connection.execute(
            select(signups)
            .where(signups.c.event_id == event_id, signups.c.state == Standing.WAITING)
            .order_by(signups.c.turn)
            .limit(1)
        ).first()
        if row is None:
            self._take(event_id, -1)
            return True, None
        first = _read(row)
        self._set(first, state=Standing.IN)
        return True, first

    def of(self, person_id: int, now: datetime) -> list[tuple[Event, Signup]]:
        """What a person is signed up to and is not over, the next first."""
        rows = self._connection.execute(
            select(signups)
            .join(events, events.c.id == signups.c.event_id)
            .where(signups.c.person_id == person_id, signups.c.state != Standing.LEFT, events.c.ends > now)
            .order_by(events.c.begins)
        ).all()
        found = []
        for row in rows:
            event = Events(self._connection).find(row.event_id)
            assert event is not None
            found.append((event, _read(row)))
        return found

    def count(self, person_id: int) -> int:
        """How many sign-ups are kept about a person."""
        return int(self._connection.execute(select(func.count()).where(signups.c.person_id == person_id)).scalar_one())

    def all(self, event_id: int) -> list[Signup]:
        """Everybody who is in or waits, in the order of coming."""
        rows = self._connection.execute(
            select(signups)
            .where(signups.c.event_id == event_id, signups.c.state != Standing.LEFT)
            .order_by(signups.c.state, signups.c.turn)
        )
        return [_read(row) for row in rows]

    def sign_in(self, signup: Signup, now: datetime) -> None:
        """The person is there (the first time counts)."""
        if signup.signed_in is None:
            self._set(signup, signed_in=now)

    def rate(self, signup: Signup, score: int, remark: str) -> None:
        """What the person thought of it: 1 to 5, and in words (masked)."""
        self._set(signup, score=score, remark=remark)

    def figures(self, event_id: int) -> Figures:
        """What came of an event."""
        rows = self._connection.execute(
            select(
                signups.c.state,
                func.count().label("many"),
                func.count(signups.c.signed_in).label("came"),
                func.count(signups.c.score).label("scores"),
                func.sum(signups.c.score).label("sum"),
            )
            .where(signups.c.event_id == event_id)
            .group_by(signups.c.state)
        ).all()
        many = {row.state: row.many for row in rows}
        scores = sum(row.scores for row in rows)
        total = sum(row.sum or 0 for row in rows)
        return Figures(
            many.get(Standing.IN, 0),
            many.get(Standing.WAITING, 0),
            many.get(Standing.LEFT, 0),
            sum(row.came for row in rows),
            scores,
            round(float(total) / scores, 1) if scores else None,
        )

    # -- reminders -----------------------------------------------------------------------------------------

    def remind(self, event: Event, signup: Signup, told: Reminders, now: datetime) -> None:
        """Write the reminders of somebody who is in, those whose time has not gone by; earlier ones are withdrawn."""
        letters = Letters(self._connection)
        self.forget(event, signup, now)
        for what, reply, at in (
            ("day", told.day, event.begins - DAY_BEFORE),
            ("hour", told.hour, event.begins - HOUR_BEFORE),
            ("survey", told.survey, event.ends + SURVEY_AFTER),
        ):
            if at > now:
                key = f"{self._key(event, signup, what)}:{int(event.begins.timestamp())}"
                letters.put(signup.person_id, reply, kind="reminder", key=key, now=now, not_before=at)

    def forget(self, event: Event, signup: Signup, now: datetime) -> None:
        """Withdraw the reminders of somebody who does not come, or of a time that is no more."""
        for what in ("day", "hour", "survey"):
            Letters(self._connection).withdraw_all(self._key(event, signup, what), now, signup.person_id)

    def _key(self, event: Event, signup: Signup, what: str) -> str:
        return f"event:{event.id}:{signup.turn}:{what}"

    # -- rows ----------------------------------------------------------------------------------------------

    def _lock(self, event_id: int) -> Event | None:
        row = self._connection.execute(select(events.c.id).where(events.c.id == event_id).with_for_update()).first()
        return Events(self._connection).find(event_id) if row is not None else None

    def _take(self, event_id: int, count: int) -> None:
        self._connection.execute(update(events).where(events.c.id == event_id).values(taken=events.c.taken + count))

    def _ahead(self, signup: Signup) -> int:
        if signup.standing is not Standing.WAITING:
            return 0
        return int(
            self._connection.execute(
                select(func.count()).where(
                    signups.c.event_id == signup.event_id,
                    signups.c.state == Standing.WAITING,
                    signups.c.turn < signup.turn,
                )
            ).scalar_one()
        )

    def _set(self, signup: Signup, **values: Any) -> None:
        self._connection.execute(update(signups).where(signups.c.id == signup.id).values(**values))


def _read(row: Any) -> Signup:
    values: Mapping[str, Any] = {name: getattr(row, name) for name in Signup.__slots__ if name != "standing"}
    return Signup(**{**values, "standing": Standing(row.state)})
