"""Who wants to hear of what: subscriptions by topic and prefecture; without one nothing is announced to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.database.tables import letters, people, subscriptions
from bot.letters import OPEN, State

TOPICS = (
    "专利", "商标", "地理标志", "著作权", "商业秘密", "海外", "维权", "检索", "质押", "植物新品种",
)  # fmt: skip
MOST = 20  # subscriptions of one person


@dataclass(frozen=True, slots=True)
class Subscription:
    """``topic`` is one of TOPICS or empty (all); ``region`` the adcode of a prefecture or empty (everywhere)."""

    topic: str = ""
    region: str = ""


def prefecture_of(adcode: str) -> str:
    """The adcode that subscriptions use for a place: that of its prefecture, of a city directly under the region its own.

    Empty for the region itself.
    """
    if adcode.endswith("0000"):
        return ""
    return adcode if adcode.startswith("6590") else adcode[:4] + "00"


class Subscriptions:
    """The subscriptions of all people, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, person_id: int, wanted: Subscription, now: datetime) -> bool:
        """Subscribe; returns whether that is new. Nothing is added beyond MOST."""
        if len(self.of(person_id)) >= MOST:
            return False
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        new = (
            dialect.insert(subscriptions)
            .values(person_id=person_id, topic=wanted.topic, region=wanted.region, since=now)
            .on_conflict_do_nothing()
            .returning(subscriptions.c.id)
        )
        return self._connection.execute(new).first() is not None

    def of(self, person_id: int) -> list[Subscription]:
        """What a person is subscribed to, with any of the accounts they linked, in the order of subscribing."""
        rows = self._connection.execute(
            select(subscriptions.c.topic, subscriptions.c.region)
            .where(subscriptions.c.person_id.in_(self._accounts(person_id)))
            .order_by(subscriptions.c.id)
        )
        return list(dict.fromkeys(Subscription(row.topic, row.region) for row in rows))

    def end(self, person_id: int, now: datetime, topic: str = "", region: str = "") -> int:
        """Unsubscribe from all, or from what names this topic or region; returns how many subscriptions ended.

        It is in force at once: announcements that wait for the person, on any of their accounts, are withdrawn when
        nothing is left.
        """
        accounts = self._accounts(person_id)
        which: ColumnElement[bool] = subscriptions.c.person_id.in_(accounts)
        if topic:
            which &= subscriptions.c.topic == topic
        if region:
            which &= subscriptions.c.region == region
        count = self._connection.execute(delete(subscriptions).where(which)).rowcount
        if not self.of(person_id):
            self._connection.execute(
                update(letters)
                .where(
                    letters.c.person_id.in_(accounts),
                    letters.c.announcement_id.is_not(None),
                    letters.c.state.in_(OPEN),
                )
                .values(state=State.WITHDRAWN, cause="unsubscribed", settled=now)
            )
        return count

    def _accounts(self, person_id: int) -> Select[tuple[int]]:
        """The accounts of one person."""
        linked = select(people.c.linked_id).where(people.c.id == person_id).scalar_subquery()
        return select(people.c.id).where(or_(people.c.id == person_id, people.c.linked_id == linked))
