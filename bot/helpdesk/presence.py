"""Who is on duty. Members of staff are, until they say that they are away. The rows of ``absences``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bot.database.tables import absences
from bot.staff import Member


@dataclass(frozen=True, slots=True)
class Presence:
    """Presence as seen through one connection."""

    connection: Connection

    def is_here(self, member: Member, now: datetime) -> bool:
        """Whether they are on duty (whatever the hour)."""
        return not self.away((member.id,), now)

    def away(self, members: Iterable[int], now: datetime) -> frozenset[int]:
        """Those of ``members`` who are away."""
        rows = select(absences.c.member_id, absences.c.until).where(absences.c.member_id.in_(tuple(members)))
        return frozenset(id for id, until in self.connection.execute(rows) if until is None or until > now)

    def leave(self, member: int, now: datetime, until: datetime | None = None) -> None:
        """They are away from now on, until a time or until they say that they are back."""
        self.come_back(member)
        self.connection.execute(insert(absences).values(member_id=member, since=now, until=until))

    def come_back(self, member: int) -> None:
        self.connection.execute(delete(absences).where(absences.c.member_id == member))
