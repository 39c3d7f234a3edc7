"""Guessing the secret of an application: wrong tries are counted, by person and by number, and too many are made to wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from bot.database.tables import guesses

A_PERSON, PERSON_SPAN = 5, timedelta(hours=1)
A_NUMBER, NUMBER_SPAN = 20, timedelta(days=1)


class Guesses:
    """The wrong tries as seen through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def wait(self, person: int, number: str, now: datetime) -> bool:
        """Whether this person must wait before trying again, or this number was tried too often by anybody."""
        by_person = self._count(guesses.c.person_id == person, guesses.c.at > now - PERSON_SPAN)
        return (
            by_person >= A_PERSON
            or self._count(guesses.c.number == number, guesses.c.at > now - NUMBER_SPAN) >= A_NUMBER
        )

    def wrong(self, person: int, number: str, now: datetime) -> None:
        """One more wrong try; unknown numbers count like known ones."""
        self._connection.execute(delete(guesses).where(guesses.c.at <= now - NUMBER_SPAN))
        self._connection.execute(insert(guesses).values(person_id=person, number=number[:20], at=now))

    def _count(self, *where: object) -> int:
        return self._connection.execute(select(func.count()).select_from(guesses).where(*where)).scalar_one()  # type: ignore[arg-type]
