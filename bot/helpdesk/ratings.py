"""How answers of the library were rated: one tap, words if somebody wants. The rows of ``ratings``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from bot.database.tables import ratings
from bot.registry.reports import Rendered


@dataclass(frozen=True, slots=True)
class Ratings:
    """The ratings as seen through one connection."""

    connection: Connection
    rendered: Rendered

    def rate(self, person: int, entry: str, topic: str, good: bool, question: str, now: datetime) -> bool:
        """Rate the answer of an entry; a person's newer rating takes the place of the older. Returns whether it is new.

        It is counted by topic and month without the person (no point is behind it: the bot answered).
        """
        mine = (ratings.c.person_id == person) & (ratings.c.entry == entry)
        was = self.connection.execute(select(ratings.c.good).where(mine)).scalar()
        self.connection.execute(delete(ratings).where(mine))
        self.connection.execute(
            insert(ratings).values(person_id=person, entry=entry, question=question, good=good, words="", at=now)
        )
        if was is None:
            self.rendered.count("", "good" if good else "bad", topic, now.date())
        return was is None

    def explain(self, person: int, entry: str, words: str) -> bool:
        """What was not right about the answer; False when it was not rated."""
        mine = (ratings.c.person_id == person) & (ratings.c.entry == entry)
        return self.connection.execute(update(ratings).where(mine).values(words=words)).rowcount == 1

    def count(self, person: int) -> int:
        """How many ratings of a person are kept."""
        mine = select(func.count()).select_from(ratings).where(ratings.c.person_id == person)
        return self.connection.execute(mine).scalar_one()

    def by_entry(self, since: datetime, most: int = 10) -> Mapping[str, tuple[int, int]]:
        """How often entries were rated good and bad since then, those rated bad most often first."""
        bad = func.sum((~ratings.c.good).cast(ratings.c.id.type))
        rows = self.connection.execute(
            select(ratings.c.entry, func.count().label("all"), bad.label("bad"))
            .where(ratings.c.at >= since)
            .group_by(ratings.c.entry)
            .order_by(bad.desc(), ratings.c.entry)
            .limit(most)
        )
        return {row.entry: (row.all - int(row.bad), int(row.bad)) for row in rows}
