"""Whom an announcement is for: who subscribed to it and can be reached, each person once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select

from bot.database.tables import people, subscriptions, windows
from bot.letters import KEPT_BACK

PULLED = ("web", "terminal")  # nobody can be written to there: letters are shown when the person is there


@dataclass(frozen=True, slots=True)
class Audience:
    """Subscribers of any of the ``topics`` in any of the ``regions`` (adcodes of prefectures); empty: of all."""

    topics: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """How many people of a channel it is for: ``at_once`` can be sent to now, ``later`` see it when they next come."""

    channel: str
    at_once: int
    later: int


def count_reach(connection: Connection, audience: Audience, now: datetime) -> list[Reach]:
    """How many people it would be for, by channel, and how many of them the platform lets us write to now."""
    window = exists().where(windows.c.person_id == people.c.id, windows.c.until > now, windows.c.left > KEPT_BACK)
    open_now = case((people.c.channel.in_(PULLED), 0), ((people.c.channel == "wechat") & ~window, 0), else_=1)
    rows = connection.execute(
        select(people.c.channel, func.count().label("all"), func.sum(open_now).label("now"))
        .where(is_meant(audience, None))
        .group_by(people.c.channel)
        .order_by(people.c.channel)
    )
    return [Reach(row.channel, int(row.now), row.all - int(row.now)) for row in rows]


def is_meant(audience: Audience, at: datetime | None) -> ColumnElement[bool]:
    """Whether a row of people gets it: subscribed, reachable, and the best of the accounts that are linked to it."""
    other = people.alias("other")
    theirs = subscriptions.alias("theirs")
    rank = {
        table: case((table.c.channel == "telegram", 0), (table.c.channel == "wechat", 1), else_=2)
        for table in (people, other)
    }
    better = exists().where(
        other.c.linked_id == people.c.linked_id,
        other.c.unreachable.is_(None),
        exists().where(theirs.c.person_id == other.c.id),
        or_(
            rank[other] < rank[people],
            (rank[other] == rank[people]) & (other.c.id < people.c.id),
        ),
    )
    return and_(people.c.unreachable.is_(None), _match(audience, at), ~better)


def _match(audience: Audience, at: datetime | None) -> ColumnElement[bool]:
    """Whether a person has a subscription that the audience means, since before ``at``."""
    fits = [subscriptions.c.person_id == people.c.id]
    if audience.topics:
        fits.append(subscriptions.c.topic.in_(("", *audience.topics)))
    if audience.regions:
        fits.append(subscriptions.c.region.in_(("", *audience.regions)))
    if at is not None:
        fits.append(subscriptions.c.since <= at)
    return exists().where(and_(*fits))
