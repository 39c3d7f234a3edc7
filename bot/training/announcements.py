"""What is announced to many: drafted by one, approved by another, written as letters to all who subscribed, followed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, exists, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.tables import announcements, letters, people, subscriptions
from bot.letters import Letters, State
from bot.messages import Reply
from bot.responses import reply_from_json, reply_to_json
from bot.training.audience import PULLED, Audience, Reach, count_reach, is_meant

log = logging.getLogger(__name__)
KIND = "announcement"
WRITTEN_AT_ONCE = 1000  # people whose letters are written in one transaction


class Stage(StrEnum):
    """Where an announcement stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One announcement. ``why`` says why it was paused or stopped; ``starts`` when it may begin."""

    id: int
    title: str
    reply: Reply
    audience: Audience
    stage: Stage
    why: str
    author_id: int
    approver_id: int | None
    starts: datetime
    started: datetime | None
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many letters stand where, and why those that did not arrive did not."""

    counts: Mapping[State, int]
    causes: Mapping[tuple[State, str], int]

    @property
    def all(self) -> int:
        return sum(self.counts.values())


class Announcements:
    """All announcements, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # -- before it starts ----------------------------------------------------------------------------------

    def draft(
        self,
        title: str,
        reply: Reply,
        audience: Audience,
        author_id: int,
        now: datetime,
        starts: datetime | None = None,
    ) -> int:
        """Write one; returns its number. Nothing is sent before another member of staff approves it."""
        row = self._connection.execute(
            insert(announcements)
            .values(
                title=title,
                content=reply_to_json(reply),
                audience={"topics": list(audience.topics), "regions": list(audience.regions)},
                state=Stage.DRAFT,
                why="",
                author_id=author_id,
                created=now,
                starts=starts or now,
                written=0,
            )
            .returning(announcements.c.id)
        )
        return int(row.scalar_one())

    def find(self, id: int) -> Announcement | None:
        """The announcement of that number."""
        row = self._connection.execute(select(announcements).where(announcements.c.id == id)).first()
        return _read(row) if row is not None else None

    def latest(self, count: int, *stages: Stage) -> list[Announcement]:
        """The newest announcements (of these stages)."""
        rows = select(announcements).order_by(announcements.c.id.desc()).limit(count)
        if stages:
            rows = rows.where(announcements.c.state.in_(stages))
        return [_read(row) for row in self._connection.execute(rows)]

    def approve(self, id: int, approver_id: int) -> bool:
        """Approve a draft of somebody else; returns whether that was done (one of two who try at once wins)."""
        return self._step(
            id, (Stage.DRAFT,), Stage.APPROVED, announcements.c.author_id != approver_id, approver_id=approver_id
        )

    def reach(self, audience: Audience, now: datetime) -> list[Reach]:
        """How many people it would be for, by channel, and how many of them the platform lets us write to now."""
        return count_reach(self._connection, audience, now)

    # -- under way -----------------------------------------------------------------------------------------

    def begin(self, now: datetime) -> list[int]:
        """Start what is approved and due; returns the numbers. The audience is fixed by ``now``."""
        rows = self._connection.execute(
            update(announcements)
            .where(announcements.c.state == Stage.APPROVED, announcements.c.starts <= now)
            .values(state=Stage.RUNNING, started=now)
            .returning(announcements.c.id)
        )
        return list(rows.scalars())

    def advance(self, now: datetime) -> bool:
        """Begin what is due, write a portion of letters, close what is done; returns whether there is more to write."""
        for id in self.begin(now):
            log.info("announcement begun", extra={"announcement": id})
        more = False
        for id in self.unwritten():
            more |= not self.write(id, now)
        for id in self.finish(now):
            log.info("announcement done", extra={"announcement": id})
        return more

    def unwritten(self) -> list[int]:
        """The numbers of the running announcements whose letters are not all written."""
        rows = select(announcements.c.id).where(
            announcements.c.state == Stage.RUNNING, announcements.c.written.is_not(None)
        )
        return list(self._connection.execute(rows).scalars())

    def write(self, id: int, now: datetime) -> bool:
        """Write the letters to the next WRITTEN_AT_ONCE people; returns whether all are written.

        Of accounts that one person linked one gets it. Whoever dies here, the next goes on: a letter that is there is not
        written again.
        """
        row = self._connection.execute(
            select(announcements)
            .where(announcements.c.id == id, announcements.c.written.is_not(None))
            .with_for_update()
        ).first()
        if row is None:
            return True
        found = _read(row)
        some = (
            select(subscriptions.c.person_id)
            .where(subscriptions.c.person_id > row.written)
            .distinct()
            .order_by(subscriptions.c.person_id)
            .limit(WRITTEN_AT_ONCE)
            .subquery()
        )
        last = self._connection.execute(select(func.max(some.c.person_id))).scalar()
        if last is not None:
            self._write(found, row.written, last, now)
        self._connection.execute(update(announcements).where(announcements.c.id == id).values(written=last))
        return last is None

    def _write(self, announcement: Announcement, after: int, last: int, now: datetime) -> None:
        values: Mapping[str, ColumnElement[Any]] = {
            "person_id": people.c.id,
            "recipient_id": func.coalesce(people.c.linked_id, people.c.id),
            "channel": people.c.channel,
            "account": people.c.account,
            "announcement_id": literal(announcement.id),
            "key": literal(f"{KIND}:{announcement.id}"),
            "kind": literal(KIND),
            "created": literal(now, letters.c.created.type),
            "not_before": literal(now, letters.c.not_before.type),
            "state": case((people.c.channel.in_(PULLED), State.HELD.value), else_=State.WAITING.value),
            "cause": literal(""),
            "parts": literal(0),
        }
        who = (
            select(*values.values())
            .where(people.c.id > after, people.c.id <= last, is_meant(announcement.audience, announcement.started))
            .order_by(people.c.id)
        )
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        self._connection.execute(
            dialect.insert(letters)
            .from_select(list(values), who)
            .on_conflict_do_nothing(index_elements=["recipient_id", "key"])
        )

    def pause(self, id: int, why: str = "") -> bool:
        """Send no more of it for now; returns whether it was running."""
        return self._step(id, (Stage.RUNNING,), Stage.PAUSED, why=why)

    def resume(self, id: int) -> bool:
        """Go on; returns whether it was paused."""
        return self._step(id, (Stage.PAUSED,), Stage.RUNNING, why="")

    def stop(self, id: int, now: datetime) -> bool:
        """End it for good: what is not on its way is withdrawn."""
        stages = (Stage.DRAFT, Stage.APPROVED, Stage.RUNNING, Stage.PAUSED)
        if not self._step(id, stages, Stage.STOPPED, ended=now):
            return False
        Letters(self._connection).withdraw(f"{KIND}:{id}", now)
        return True

    def finish(self, now: datetime) -> list[int]:
        """Close what has nothing left to send; returns the numbers."""
        left = exists().where(
            letters.c.announcement_id == announcements.c.id, letters.c.state.in_((State.WAITING, State.SENDING))
        )
        rows = self._connection.execute(
            update(announcements)
            .where(announcements.c.state == Stage.RUNNING, announcements.c.written.is_(None), ~left)
            .values(state=Stage.DONE, ended=now)
            .returning(announcements.c.id)
        )
        return list(rows.scalars())

    def progress(self, id: int) -> Progress:
        """What became of its letters so far."""
        rows = self._connection.execute(
            select(letters.c.state, letters.c.cause, func.count().label("many"))
            .where(letters.c.announcement_id == id)
            .group_by(letters.c.state, letters.c.cause)
        ).all()
        counts: dict[State, int] = {}
        causes: dict[tuple[State, str], int] = {}
        for row in rows:
            state = State(row.state)
            counts[state] = counts.get(state, 0) + row.many
            if row.cause:
                causes[state, row.cause] = row.many
        return Progress(counts, causes)

    def _step(
        self, id: int, before: Sequence[Stage], after: Stage, *conditions: ColumnElement[bool], **values: Any
    ) -> bool:
        """Compare and set: of several who try, one does it."""
        step = update(announcements).where(announcements.c.id == id, announcements.c.state.in_(before), *conditions)
        return self._connection.execute(step.values(state=after, **values)).rowcount == 1


def _read(row: Any) -> Announcement:
    return Announcement(
        id=row.id,
        title=row.title,
        reply=reply_from_json(row.content),
        audience=Audience(tuple(row.audience["topics"]), tuple(row.audience["regions"])),
        stage=Stage(row.state),
        why=row.why,
        author_id=row.author_id,
        approver_id=row.approver_id,
        starts=row.starts,
        started=row.started,
        ended=row.ended,
    )
