"""Accounts that one person linked with a one-time code, so that nothing is announced to them twice."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from bot.database.tables import letters, link_codes, people

VALID_FOR = timedelta(minutes=15)
DIGITS = 8


class LinkedAccounts:
    """The links between accounts, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def code(self, person_id: int, now: datetime) -> str:
        """A new code to be typed with another account, valid for 15 minutes; an earlier one is void."""
        made = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        self._connection.execute(
            delete(link_codes).where(or_(link_codes.c.person_id == person_id, link_codes.c.expires <= now))
        )
        self._connection.execute(
            insert(link_codes).values(digest=_digest(made), person_id=person_id, expires=now + VALID_FOR)
        )
        return made

    def link(self, person_id: int, code: str, now: datetime) -> bool:
        """Link the account that types ``code`` with the one it was given to; the code is used up.

        Returns False for a code that is none (any more), or one's own.
        """
        other = self._connection.execute(
            delete(link_codes)
            .where(
                link_codes.c.digest == _digest(code), link_codes.c.expires > now, link_codes.c.person_id != person_id
            )
            .returning(link_codes.c.person_id)
        ).scalar()
        if other is None:
            return False
        groups = dict(
            self._connection.execute(
                select(people.c.id, func.coalesce(people.c.linked_id, people.c.id)).where(
                    people.c.id.in_((person_id, other))
                )
            ).all()
        )
        if len(groups) < 2:
            return False
        self._join(min(groups.values()), max(groups.values()))
        return True

    def count(self, person_id: int) -> int:
        """How many accounts the person has here."""
        linked = select(people.c.linked_id).where(people.c.id == person_id).scalar_subquery()
        return int(
            self._connection.execute(
                select(func.count()).where(or_(people.c.id == person_id, people.c.linked_id == linked))
            ).scalar_one()
        )

    def unlink(self, person_id: int) -> None:
        """Take an account out of its group: it is a person of its own again."""
        alone = (people.c.id == person_id) & (people.c.linked_id != person_id)
        taken_out = self._connection.execute(update(people).where(alone).values(linked_id=None)).rowcount
        if taken_out:
            self._own_letters(person_id)
            return
        # the group bears this account's number: the next one gives it a new one
        rest = self._connection.execute(
            select(func.min(people.c.id)).where(people.c.linked_id == person_id, people.c.id != person_id)
        ).scalar()
        if rest is not None:
            theirs = (people.c.linked_id == person_id) & (people.c.id != person_id)
            members = self._connection.execute(select(people.c.id).where(theirs)).scalars().all()
            self._connection.execute(update(people).where(theirs).values(linked_id=rest))
            self._connection.execute(update(letters).where(letters.c.person_id.in_(members)).values(recipient_id=rest))
        self._connection.execute(update(people).where(people.c.id == person_id).values(linked_id=None))

    def _join(self, first: int, second: int) -> None:
        """Make one group of two; of letters with the same key those of the first stay the group's."""
        if first == second:
            return
        other = letters.alias("other")
        for here, there in ((second, first), (first, second)):  # one that waits gives way
            double = exists().where(other.c.recipient_id == there, other.c.key == letters.c.key)
            waits = letters.c.state.in_(("waiting", "held"))
            self._connection.execute(delete(letters).where(letters.c.recipient_id == here, waits, double))
        # of two that were sent before, one keeps the number that nobody bears any more
        double = exists().where(other.c.recipient_id == first, other.c.key == letters.c.key)
        self._connection.execute(
            update(letters).where(letters.c.recipient_id == second, ~double).values(recipient_id=first)
        )
        in_groups = or_(people.c.id.in_((first, second)), people.c.linked_id.in_((first, second)))
        self._connection.execute(update(people).where(in_groups).values(linked_id=first))

    def _own_letters(self, person_id: int) -> None:
        self._connection.execute(update(letters).where(letters.c.person_id == person_id).values(recipient_id=person_id))


def _digest(code: str) -> str:
    return hashlib.sha256(f"link:{code.strip()}".encode()).hexdigest()
