"""What the bot tells a person by itself (a reminder, a decision, an answer by staff): letters, written in the transaction
of what they tell about, and sent afterwards.

A letter waits until it is sent. What became of it is said by its state and, where there is one, the cause:

- ``waiting``: to be sent, not before its time;
- ``sending``: a request may be under way;
- ``sent``: the platform said so, or it was shown to the person;
- ``held``: the platform lets nothing through now; it is shown when the person next writes;
- ``refused``: it will never arrive (blocked, no such account, not accepted);
- ``unsure``: it may have arrived (the line dropped, the process died); it is not sent again by itself;
- ``withdrawn``: no longer wanted before it was sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.tables import announcements, letters, people, windows
from bot.messages import Person, Reply, Window
from bot.responses import reply_from_json, reply_to_json

KEY = 120  # characters
KEPT_BACK = 2  # of the letters that a WeChat window allows: announcements leave them for answers and reminders


class State(StrEnum):
    """What became of a letter (see above)."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    REFUSED = "refused"
    UNSURE = "unsure"
    WITHDRAWN = "withdrawn"


OPEN = (State.WAITING, State.HELD)  # may be shown to the person when they write


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to ``person``; ``parts`` of it need not be sent again; ``at`` is when it was due; ``in_window`` whether the
    platform lets it through now (else only a notice of it)."""

    id: int
    person_id: int
    person: Person
    kind: str
    reply: Reply
    at: datetime
    announcement_id: int | None = None
    parts: int = 0
    in_window: bool = True


READ_COLUMNS = (
    letters.c.id,
    letters.c.person_id,
    letters.c.channel,
    letters.c.account,
    people.c.native_id,
    letters.c.kind,
    letters.c.not_before,
    letters.c.announcement_id,
    letters.c.parts,
)
_CONTENT = func.coalesce(letters.c.content, announcements.c.content, type_=letters.c.content.type)
READ = (
    select(*READ_COLUMNS, _CONTENT.label("content"))
    .join(people, people.c.id == letters.c.person_id)
    .outerjoin(announcements, announcements.c.id == letters.c.announcement_id)
)

# what one pauses is not shown either
_GOES_ON = letters.c.announcement_id.is_(None) | announcements.c.state.in_(("running", "done"))


def read_letter(row: Any, reply: Reply | None = None, in_window: bool = True) -> Letter:
    """A row of :data:`READ`, or of READ_COLUMNS with the ``reply`` already read."""
    return Letter(
        id=row.id,
        person_id=row.person_id,
        person=Person(row.channel, row.account, row.native_id),
        kind=row.kind,
        reply=reply or reply_from_json(row.content),
        at=row.not_before,
        announcement_id=row.announcement_id,
        parts=row.parts,
        in_window=in_window,
    )


class Letters:
    """The letters of all people, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(
        self, person_id: int, reply: Reply, *, kind: str, key: str, now: datetime, not_before: datetime | None = None
    ) -> bool:
        """Write to a person; sent after the transaction, not before ``not_before``. Returns whether it is new.

        ``key`` (at most 120 characters) says what it is about: the same person, or another account that they linked,
        gets one letter of a key, whatever becomes of it. ``kind`` names the subject, like ``reminder``. Nothing happens
        for a person who was erased.
        """
        if not 0 < len(key) <= KEY:
            raise ValueError(f"key: expected 1 to {KEY} characters, got {len(key)}")
        values: Mapping[str, ColumnElement[Any]] = {
            "person_id": people.c.id,
            "recipient_id": func.coalesce(people.c.linked_id, people.c.id),
            "channel": people.c.channel,
            "account": people.c.account,
            "key": literal(key),
            "kind": literal(kind),
            "content": literal(reply_to_json(reply), letters.c.content.type),
            "created": literal(now, letters.c.created.type),
            "not_before": literal(not_before or now, letters.c.not_before.type),
            "state": literal(State.WAITING.value),
            "cause": literal(""),
            "parts": literal(0),
        }
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        new = (
            dialect.insert(letters)
            .from_select(list(values), select(*values.values()).where(people.c.id == person_id))
            .on_conflict_do_nothing(index_elements=["recipient_id", "key"])
            .returning(letters.c.id)
        )
        return self._connection.execute(new).first() is not None

    def withdraw(self, key: str, now: datetime, person_id: int | None = None) -> int:
        """What of this key was not sent yet is not sent any more (to this person); returns how many letters."""
        which = (letters.c.key == key) & letters.c.state.in_(OPEN)
        if person_id is not None:
            which &= letters.c.person_id == person_id
        return self._connection.execute(
            update(letters).where(which).values(state=State.WITHDRAWN, settled=now)
        ).rowcount

    def withdraw_all(self, key: str, now: datetime, person_id: int) -> int:
        """As :meth:`withdraw`, for all keys of this person that begin with ``key`` and a colon."""
        begins = letters.c.key.startswith(f"{key}:", autoescape=True)
        return self._connection.execute(
            update(letters)
            .where(letters.c.person_id == person_id, begins, letters.c.state.in_(OPEN))
            .values(state=State.WITHDRAWN, settled=now)
        ).rowcount

    def due(self, person_ids: Collection[int], now: datetime) -> list[Letter]:
        """What is to be shown to these people now, oldest first."""
        rows = self._connection.execute(
            READ.where(
                letters.c.person_id.in_(person_ids), letters.c.state.in_(OPEN), letters.c.not_before <= now, _GOES_ON
            ).order_by(letters.c.not_before, letters.c.id)
        )
        return [read_letter(row) for row in rows]

    def due_at(self, channel: str, native_ids: Collection[str], now: datetime) -> dict[str, list[Letter]]:
        """What is to be shown now to the people of a channel with these ids there, by id, oldest first."""
        rows = self._connection.execute(
            READ.where(
                letters.c.channel == channel,
                people.c.native_id.in_(native_ids),
                letters.c.state.in_(OPEN),
                letters.c.not_before <= now,
                _GOES_ON,
            ).order_by(letters.c.not_before, letters.c.id)
        )
        found: dict[str, list[Letter]] = {}
        for row in rows:
            found.setdefault(row.native_id, []).append(read_letter(row))
        return found

    def shown(self, ids: Sequence[int], now: datetime) -> None:
        """These were shown to the people they are for."""
        self._connection.execute(
            update(letters)
            .where(letters.c.id.in_(ids), letters.c.state.in_(OPEN))
            .values(state=State.SENT, settled=now)
        )

    def open_window(self, person_id: int, window: Window, now: datetime) -> None:
        """The person (unless erased) wrote just now on a channel that lets us write for a while after that."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        allowed = {"until": now + window.open_for, "left": window.letters}
        row = select(people.c.id, literal(allowed["until"], windows.c.until.type), literal(window.letters)).where(
            people.c.id == person_id
        )
        new = dialect.insert(windows).from_select(["person_id", "until", "left"], row)
        self._connection.execute(new.on_conflict_do_update(index_elements=["person_id"], set_=allowed))

    def latest(self, person_id: int, count: int) -> list[Letter]:
        """The last ``count`` letters that a person got or that wait to be shown, oldest first."""
        rows = self._connection.execute(
            READ.where(letters.c.person_id == person_id, letters.c.state.in_((State.SENT, State.HELD)))
            .order_by(letters.c.not_before.desc(), letters.c.id.desc())
            .limit(count)
        ).all()
        return [read_letter(row) for row in reversed(rows)]

    def recent(self, person: Person, count: int) -> list[Letter]:
        """The last ``count`` letters that a person got, oldest first; ``at`` is when."""
        rows = self._connection.execute(
            READ.with_only_columns(
                *[c for c in READ.selected_columns if c.key != "not_before"],
                letters.c.settled.label("not_before"),
            )
            .where(
                people.c.channel == person.channel,
                people.c.account == person.account,
                people.c.native_id == person.id,
                letters.c.state == State.SENT,
            )
            .order_by(letters.c.settled.desc(), letters.c.id.desc())
            .limit(count)
        ).all()
        return [read_letter(row) for row in reversed(rows)]
