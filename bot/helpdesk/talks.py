"""What is said between the person who asked and staff: kept with the ticket, and brought to the other side as letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.database.tables import letters, members, ticket_messages, windows
from bot.letters import Letters
from bot.messages import File, Option, Reply
from bot.staff import Actor, Staff

ASKER, STAFF, NOTE = "asker", "staff", "note"
_KIND = "ticket"


@dataclass(frozen=True, slots=True)
class Said:
    """A message, and a file that goes with it."""

    text: str
    file: File | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A message that was kept. ``side`` is asker, staff or note (between members of staff)."""

    at: datetime
    side: str
    member_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """How long, and how many letters, WeChat lets us write to the person who asked."""

    until: datetime
    left: int


@dataclass(frozen=True, slots=True)
class Talks:
    """The messages of tickets as seen through one connection."""

    connection: Connection
    letters: Letters
    staff: Staff

    def of(self, ticket: int, last: int = 8) -> list[Line]:
        """The last messages of a ticket, oldest first."""
        rows = self.connection.execute(
            select(ticket_messages)
            .where(ticket_messages.c.ticket_id == ticket)
            .order_by(ticket_messages.c.id.desc())
            .limit(last)
        ).all()
        return [Line(row.at, row.side, row.member_id, row.text) for row in reversed(rows)]

    def files_of(self, tickets: Sequence[int]) -> list[File]:
        """The files that were sent in these tickets."""
        sent = ticket_messages.c.ticket_id.in_(tickets) & ticket_messages.c.file.is_not(None)
        return [File(**file) for file in self.connection.execute(select(ticket_messages.c.file).where(sent)).scalars()]

    def forget(self, tickets: Sequence[int]) -> None:
        """Remove what letters to staff hold of these tickets (those to the person who asked go with the person)."""
        staff = select(members.c.person_id).where(members.c.person_id.is_not(None))
        for ticket in tickets:
            about = letters.c.key.startswith(f"ticket:{ticket}:", autoescape=True)
            self.connection.execute(
                delete(letters).where(letters.c.kind == _KIND, letters.c.person_id.in_(staff), about)
            )

    def window(self, person: int, now: datetime) -> Window | None:
        """What WeChat lets us write to a person now; None where no such limit is known (other channels)."""
        row = self.connection.execute(select(windows).where(windows.c.person_id == person)).first()
        return None if row is None else Window(row.until, row.left if row.until > now else 0)

    def waits_for_staff(self, ticket: int, since: datetime) -> bool:
        """Whether the last word since then is not that of staff."""
        spoken = ticket_messages.c.side.in_((ASKER, STAFF))
        last = (
            select(ticket_messages.c.side)
            .where(ticket_messages.c.ticket_id == ticket, spoken, ticket_messages.c.at >= since)
            .order_by(ticket_messages.c.id.desc())
            .limit(1)
        )
        return self.connection.execute(last).scalar() != STAFF

    def from_asker(self, ticket: int, member: int | None, said: Said, now: datetime) -> None:
        """Bring it to the member who took the ticket; before that it waits with the ticket."""
        key = self._keep(ticket, ASKER, None, said, now)
        if member is not None:
            self._to_member(member, Reply(f"【工单 {ticket}】{said.text}", file=said.file), key, now)

    def from_staff(self, ticket: int, person: int, actor: Actor, said: Said, now: datetime) -> None:
        """Bring it to the person who asked. On WeChat what does not fit waits for their next message."""
        key = self._keep(ticket, STAFF, actor.member, said, now)
        reply = Reply(f"【工单 {ticket}】{actor.name}：{said.text}", file=said.file)
        self.letters.put(person, reply, kind=_KIND, key=key, now=now)

    def note(self, ticket: int, actor: Actor, text: str, now: datetime) -> None:
        """A word between members of staff."""
        self._keep(ticket, NOTE, actor.member, Said(text), now)

    def tell_asker(self, person: int, text: str, key: str, now: datetime) -> None:
        """What becomes of the ticket. No buttons: while a person talks a bare number is meant for them."""
        self.letters.put(person, Reply(text), kind=_KIND, key=f"ticket:{key}", now=now)

    def tell_member(self, member: int, text: str, key: str, now: datetime) -> None:
        """What becomes of a ticket that a member took."""
        self._to_member(member, Reply(text), f"ticket:{key}", now)

    def offer(self, member: int, ticket: int, text: str, key: str, now: datetime) -> None:
        """A ticket that a member may take."""
        options = (Option("接单", f"接单 {ticket}"), Option("看工单", f"工单 {ticket}"))
        self._to_member(member, Reply(text, options=options), f"ticket:{key}", now)

    def _to_member(self, member: int, reply: Reply, key: str, now: datetime) -> None:
        found = self.staff.member(member)
        if found is not None and found.person is not None:
            self.letters.put(found.person, reply, kind=_KIND, key=key, now=now)

    def _keep(self, ticket: int, side: str, member: int | None, said: Said, now: datetime) -> str:
        new = insert(ticket_messages).values(
            ticket_id=ticket,
            at=now,
            side=side,
            member_id=member,
            text=said.text,
            file=asdict(said.file) if said.file else None,
        )
        id = self.connection.execute(new.returning(ticket_messages.c.id)).scalar_one()
        return f"ticket:{ticket}:said:{id}"
