"""Training events: drafted by one member of staff, published by another, listed, changed, cancelled (Art. 11, 13, 14)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from bot.database.tables import events
from bot.passcodes import new_code

FORMS = ("展览", "讲座", "论坛", "公开课", "出版物", "路演", "入园入企")
AUDIENCES = ("公众", "企业", "网点人员")
_CODE = 6


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What the form asks. ``adcode`` is where it takes place, empty for one on the net only; ``point`` the code of the
    point that organises it, ``prefecture`` the adcode of the office in charge (both empty: the region's office);
    ``capacity`` None: no limit."""

    form: str
    title: str
    about: str
    organiser: str
    point: str
    prefecture: str
    audience: str
    topics: tuple[str, ...]
    adcode: str
    place: str
    begins: datetime
    ends: datetime
    deadline: datetime
    capacity: int | None
    contact: str


@dataclass(frozen=True, slots=True)
class Event(NewEvent):
    """An event. ``state`` is draft, published or cancelled; ``code`` is for signing in at the place."""

    id: int
    taken: int
    state: str
    code: str
    announcement_id: int | None
    author_id: int
    approver_id: int | None
    changed: datetime | None

    @property
    def left(self) -> int | None:
        """Free places; None: no limit."""
        return None if self.capacity is None else max(self.capacity - self.taken, 0)

    def is_open(self, now: datetime) -> bool:
        """Whether one can sign up."""
        return self.state == "published" and now <= self.deadline and now < self.ends


class Events:
    """All events, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def draft(self, new: NewEvent, author_id: int, now: datetime) -> int:
        """Write an event down; returns its number. Nobody sees it before another member of staff publishes it."""
        values = {name: getattr(new, name) for name in NewEvent.__slots__} | {"topics": list(new.topics)}
        row = self._connection.execute(
            insert(events)
            .values(
                **values,
                taken=0,
                state="draft",
                code=new_code(_CODE),
                author_id=author_id,
                created=now,
            )
            .returning(events.c.id)
        )
        return int(row.scalar_one())

    def find(self, id: int) -> Event | None:
        """The event of that number."""
        row = self._connection.execute(select(events).where(events.c.id == id)).first()
        return _read(row) if row is not None else None

    def by_code(self, code: str) -> Event | None:
        """The event that is signed in to with this code."""
        row = self._connection.execute(select(events).where(events.c.code == code.strip().upper())).first()
        return _read(row) if row is not None else None

    def coming(
        self,
        now: datetime,
        inside: Collection[str] = (),
        topic: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        at_most: int = 10,
    ) -> list[Event]:
        """Published events that are not over, the next first: in one of the divisions ``inside`` (or on the net), about
        ``topic``, beginning from ``since`` up to ``until``."""
        rows = select(events).where(events.c.state == "published", events.c.ends > now).order_by(events.c.begins)
        if inside:
            rows = rows.where(or_(events.c.adcode.in_(inside), events.c.adcode == ""))
        if since is not None:
            rows = rows.where(events.c.begins >= since)
        if until is not None:
            rows = rows.where(events.c.begins < until)
        found = [_read(row) for row in self._connection.execute(rows)]
        return [event for event in found if not topic or not event.topics or topic in event.topics][:at_most]

    def latest(self, at_most: int, *states: str) -> list[Event]:
        """The newest events in these states, for staff."""
        rows = select(events).where(events.c.state.in_(states)).order_by(events.c.id.desc()).limit(at_most)
        return [_read(row) for row in self._connection.execute(rows)]

    def publish(self, id: int, approver_id: int, announcement_id: int | None) -> bool:
        """Publish the draft of somebody else; returns whether that was done (of two who try at once one does it)."""
        return self._step(
            id, ("draft",), events.c.author_id != approver_id,
            state="published", approver_id=approver_id, announcement_id=announcement_id,
        )  # fmt: skip

    def cancel(self, id: int, now: datetime) -> bool:
        """Call it off; returns whether that was done."""
        return self._step(id, ("draft", "published"), state="cancelled", changed=now)

    def move(self, id: int, begins: datetime, ends: datetime, deadline: datetime, place: str, now: datetime) -> bool:
        """Another time or place; returns whether that was done."""
        return self._step(
            id, ("published",), begins=begins, ends=ends, deadline=deadline, place=place, changed=now
        )  # fmt: skip

    def _step(self, id: int, before: Collection[str], *conditions: Any, **values: Any) -> bool:
        step = update(events).where(events.c.id == id, events.c.state.in_(before), *conditions)
        return self._connection.execute(step.values(**values)).rowcount == 1


def _read(row: Any) -> Event:
    values = {name: getattr(row, name) for name in (*NewEvent.__slots__, *Event.__slots__)}
    return Event(**values | {"topics": tuple(row.topics)})
