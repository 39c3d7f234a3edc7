"""The rows about a person: who they are, what they said, what was answered; found, kept, erased."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.conversation import Conversation, load, save
from bot.database.tables import letters, people, receipts, turns
from bot.messages import Person
from bot.people_linked import LinkedAccounts


@dataclass(frozen=True, slots=True)
class Known:
    """A person's row. ``noticed`` says whether the privacy notice was shown."""

    id: int
    conversation: Conversation
    noticed: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of an erasure: its number, when, and how many rows of what were erased. Holds nothing personal."""

    id: str
    at: datetime
    erased: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Past:
    """A turn that was kept: its delivery key, when, what was said (masked), and the response as JSON."""

    delivery: str
    at: datetime
    said: str
    response: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A free question that was kept (masked), what came of it, and the entry that answered."""

    at: datetime
    said: str
    outcome: str
    entry: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of one turn; ``said`` is masked."""

    delivery: str
    at: datetime
    said: str
    intent: str
    outcome: str
    entry: str | None
    confidence: float | None
    free: bool
    response: Mapping[str, Any]


# built once: putting a statement together costs more than running it
_IS = (
    (people.c.channel == bindparam("channel"))
    & (people.c.account == bindparam("account"))
    & (people.c.native_id == bindparam("native_id"))
)
_FIND = select(people.c.id, people.c.state, people.c.noticed_at).where(_IS)
_STORED = select(turns.c.response).where(
    (turns.c.person_id == bindparam("person")) & (turns.c.delivery == bindparam("delivery"))
)
_LAST = select(turns.c.response).where(turns.c.person_id == bindparam("person")).order_by(turns.c.id.desc()).limit(1)
_FREE = (
    select(turns.c.said, turns.c.response)
    .where(turns.c.person_id == bindparam("person"), turns.c.free)
    .order_by(turns.c.id.desc())
    .limit(bindparam("count"))
)
_QUESTIONS = (
    select(turns.c.at, turns.c.said, turns.c.outcome, turns.c.entry)
    .where(turns.c.person_id == bindparam("person"), turns.c.free)
    .order_by(turns.c.id.desc())
    .limit(bindparam("count"))
)
_RECENT = (
    select(turns.c.delivery, turns.c.at, turns.c.said, turns.c.response)
    .join(people)
    .where(_IS)
    .order_by(turns.c.id.desc())
    .limit(bindparam("count"))
)
_KEEP = (
    update(people)
    .where(people.c.id == bindparam("person"))
    .values(state=bindparam("kept_state"), last_seen=bindparam("kept_at"), unreachable=None)
)
_KEEP_AND_NOTICE = _KEEP.values(noticed_at=bindparam("kept_at"))
_INSERT_TURN = insert(turns)
_LOCK = text("SELECT pg_advisory_xact_lock(:number)")


def _named(person: Person) -> dict[str, str]:
    return {"channel": person.channel, "account": person.account, "native_id": person.id}


class People:
    """The people of all channels, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, person: Person) -> None:
        """Hold this person's messages back in other processes until the transaction ends (PostgreSQL; SQLite has one writer)."""
        if self._connection.dialect.name == "postgresql":
            number = int.from_bytes(hashlib.blake2b(person.key.encode(), digest_size=8).digest(), "big", signed=True)
            self._connection.execute(_LOCK, {"number": number})

    def find(self, person: Person, now: datetime) -> Known:
        """The person's row, made on the first message."""
        row = self._connection.execute(_FIND, _named(person)).first()
        if row is None:
            dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
            new = dialect.insert(people).values(**_named(person), first_seen=now, last_seen=now, state={})
            self._connection.execute(new.on_conflict_do_nothing())
            row = self._connection.execute(_FIND, _named(person)).one()
        return Known(row.id, load(row.state), row.noticed_at is not None)

    def look_up(self, person: Person) -> Known | None:
        """The person's row, None when they never wrote. Makes no row."""
        row = self._connection.execute(_FIND, _named(person)).first()
        return None if row is None else Known(row.id, load(row.state), row.noticed_at is not None)

    def stored(self, id: int, delivery: str) -> Mapping[str, Any] | None:
        """The response that was already given to this delivery."""
        row = self._connection.execute(_STORED, {"person": id, "delivery": delivery}).first()
        return row.response if row is not None else None

    def last(self, id: int) -> Mapping[str, Any] | None:
        """The last response that was given to a person."""
        row = self._connection.execute(_LAST, {"person": id}).first()
        return row.response if row is not None else None

    def recent(self, person: Person, count: int) -> list[Past]:
        """The last ``count`` turns of a person, oldest first; none for an unknown person. Makes no row."""
        rows = self._connection.execute(_RECENT, {**_named(person), "count": count}).all()
        return [Past(row.delivery, row.at, row.said, row.response) for row in reversed(rows)]

    def so_far(self, id: int, count: int) -> list[tuple[str, str]]:
        """The last free questions of a person and the beginnings of the answers, oldest first; both as they were kept."""
        rows = self._connection.execute(_FREE, {"person": id, "count": count}).all()
        return [(row.said, str(next((r["text"] for r in row.response["replies"]), ""))) for row in reversed(rows)]

    def questions(self, id: int, count: int) -> list[Question]:
        """The last free questions of a person, the newest first, and what came of them."""
        rows = self._connection.execute(_QUESTIONS, {"person": id, "count": count})
        return [Question(row.at, row.said, row.outcome, row.entry) for row in rows]

    def keep(self, id: int, conversation: Conversation, record: Record, noticed: bool) -> None:
        """Store the turn and what is remembered after it. Does nothing when the person was erased in this turn."""
        kept = self._connection.execute(
            _KEEP_AND_NOTICE if noticed else _KEEP,
            {"person": id, "kept_state": save(conversation), "kept_at": record.at},
        )
        if kept.rowcount:
            self._connection.execute(
                _INSERT_TURN,
                {
                    "person_id": id,
                    "delivery": record.delivery,
                    "at": record.at,
                    "said": record.said,
                    "intent": record.intent,
                    "outcome": record.outcome,
                    "entry": record.entry,
                    "confidence": record.confidence,
                    "free": record.free,
                    "response": dict(record.response),
                },
            )

    def held(self, id: int) -> dict[str, int]:
        """How many rows are kept about a person, by kind."""
        return {"对话记录": self._count(turns, id), "给您的消息": self._count(letters, id)}

    def _count(self, table: Table, id: int) -> int:
        return self._connection.execute(
            select(func.count()).select_from(table).where(table.c.person_id == id)
        ).scalar_one()

    def erase(self, id: int, now: datetime, elsewhere: Mapping[str, int] | None = None) -> Receipt:
        """Erase all that is kept about a person, their row included, and return the receipt.

        ``elsewhere`` is what other services have erased of this person: how many of what.
        """
        erased = {**self.held(id), **(elsewhere or {}), "会话状态": 1}
        LinkedAccounts(self._connection).unlink(id)
        for table in (turns, letters):
            self._connection.execute(delete(table).where(table.c.person_id == id))
        self._connection.execute(delete(people).where(people.c.id == id))
        receipt = Receipt(secrets.token_hex(5).upper(), now, erased)
        self._connection.execute(insert(receipts).values(id=receipt.id, at=now, erased=dict(erased)))
        return receipt

    def expiring(self, now: datetime, days: int) -> list[int]:
        """Those who have not written for ``days`` days."""
        old = select(people.c.id).where(people.c.last_seen < now - timedelta(days=days))
        return list(self._connection.execute(old).scalars())

    def expire(self, now: datetime, days: int) -> int:
        """Erase everyone who has not written for ``days`` days; returns how many people."""
        old = select(people.c.id).where(people.c.last_seen < now - timedelta(days=days))
        for id in self._connection.execute(old.where(people.c.linked_id.is_not(None))).scalars().all():
            LinkedAccounts(self._connection).unlink(id)
        for table in (turns, letters):
            self._connection.execute(delete(table).where(table.c.person_id.in_(old)))
        return self._connection.execute(delete(people).where(people.c.last_seen < now - timedelta(days=days))).rowcount
