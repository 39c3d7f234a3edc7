"""All tables, as SQLAlchemy Core, with what is personal in each column and how long it is kept.

Times are stored as UTC without a zone (SQLite drops zones) through :class:`UtcDateTime`. A column that holds something
personal says so in ``info``: ``personal`` names what it is, ``kept`` how long (a test lists them all).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC without a zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def _personal(what: str, kept: str) -> dict[str, Any]:
    return {"personal": what, "kept": kept}


_RETENTION = "IPBOT_RETENTION_DAYS after the last message"
_Id = BigInteger().with_variant(Integer, "sqlite")

people = Table(
    "people",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    Column("native_id", String(128), nullable=False, info=_personal("platform id", _RETENTION)),
    Column("first_seen", UtcDateTime, nullable=False, info=_personal("when the person came", _RETENTION)),
    Column("last_seen", UtcDateTime, nullable=False, info=_personal("when the person last wrote", _RETENTION)),
    Column("noticed_at", UtcDateTime, info=_personal("when the privacy notice was shown", _RETENTION)),
    # what is remembered between two messages: topic, waiting form, options shown (see bot/conversation.py)
    Column("state", JSON, nullable=False, info=_personal("state of the conversation, masked", _RETENTION)),
    UniqueConstraint("channel", "account", "native_id"),
    Index("ix_people_last_seen", "last_seen"),
)

turns = Table(
    "turns",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("person_id", _Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    # the delivery's own key, unique for a person: a repeat finds the stored response
    Column("delivery", String(160), nullable=False, info=_personal("platform message id", _RETENTION)),
    Column("at", UtcDateTime, nullable=False, info=_personal("when it was said", _RETENTION)),
    Column(
        "said", Text, nullable=False, info=_personal("what was said, identity and phone numbers masked", _RETENTION)
    ),
    Column("intent", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("entry", String(80)),
    Column("confidence", Float),
    Column("free", Boolean, nullable=False),  # a free question, counted by the limit
    Column("response", JSON, nullable=False, info=_personal("what was answered", _RETENTION)),
    UniqueConstraint("person_id", "delivery"),
    Index("ix_turns_person_id_at", "person_id", "at"),
)

letters = Table(
    "letters",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("person_id", _Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("content", JSON, nullable=False, info=_personal("a message to the person", _RETENTION)),
    Column("state", String(16), nullable=False),  # waiting, sent
    Column("settled", UtcDateTime),
    Index("ix_letters_person_id_state", "person_id", "state"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    Column("delivery", String(160), nullable=False, info=_personal("platform update id", "until handled")),
    Column("received", UtcDateTime, nullable=False),
    Column("body", JSON, nullable=False, info=_personal("the platform's update", "until handled")),
    UniqueConstraint("channel", "account", "delivery"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("erased", JSON, nullable=False),  # counts by table, nothing personal
)

points = Table(
    "points",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("code", String(40), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("adcode", String(6), nullable=False),
    Column("address", String(200), nullable=False),
    Column("phone", String(60), nullable=False),
    Column("lat", Float, nullable=False),  # WGS-84
    Column("lon", Float, nullable=False),
    Column("services", JSON, nullable=False),  # list of service tags
    Column("hours", String(200), nullable=False),  # empty: the region's hours
    Column("certified_on", Date),
    Column("expires_on", Date),
    Column("state", String(16), nullable=False),  # active, expired, revoked, cancelled
    Column("confirmed_on", Date),
    Column("website", String(300), nullable=False),
    Index("ix_points_lat", "lat"),
    Index("ix_points_adcode", "adcode"),
)
