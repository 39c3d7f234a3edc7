"""The yearly calls for applications (Art. 8): from when to when, where the official notice stands, how renewals go."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import Connection, insert, select, update

from bot.database.tables import calls


@dataclass(frozen=True, slots=True)
class Call:
    """The call of a year; open from ``opens_on`` to ``closes_on``, both included. With ``short_renewal`` renewals go
    without experts; ``notice`` is the address of the official notice, or empty."""

    id: int
    year: int
    opens_on: date
    closes_on: date
    short_renewal: bool
    notice: str

    def is_open_on(self, day: date) -> bool:
        return self.opens_on <= day <= self.closes_on

    def closed(self, day: date) -> str:
        """Why nothing can be submitted on ``day``."""
        if day < self.opens_on:
            return f"{self.year}年的申报 {self.opens_on} 才开始（第八条：每年开展一次）。"
        return f"{self.year}年的申报已于 {self.closes_on} 截止，请等下一年度的通知（第八条）。"


_COLUMNS = tuple(field.name for field in fields(Call))


class Calls:
    """The calls as seen through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open_on(self, day: date) -> Call | None:
        """The call that is open on ``day``, or None."""
        return next((call for call in self.all() if call.is_open_on(day)), None)

    def latest(self) -> Call | None:
        """The call of the last year that has one, or None."""
        return next(iter(self.all()), None)

    def get(self, id: int) -> Call | None:
        return next((call for call in self.all() if call.id == id), None)

    def all(self) -> list[Call]:
        """All calls, the last year first."""
        rows = self._connection.execute(select(calls).order_by(calls.c.year.desc())).mappings()
        return [Call(**{name: row[name] for name in _COLUMNS}) for row in rows]

    def make(
        self, opens_on: date, closes_on: date, *, short_renewal: bool, notice: str, member: int, now: datetime
    ) -> Call:
        """Enter the call of the year in which it opens, or change its dates. Raises ValueError when it ends before it begins."""
        if closes_on < opens_on:
            raise ValueError(f"a call that closes on {closes_on}, before it opens on {opens_on}")
        values = {"closes_on": closes_on, "opens_on": opens_on, "short_renewal": short_renewal, "notice": notice}
        year = opens_on.year
        changed = self._connection.execute(update(calls).where(calls.c.year == year).values(values)).rowcount
        if not changed:
            self._connection.execute(insert(calls).values(year=year, made_by=member, made=now, **values))
        return next(call for call in self.all() if call.year == year)
