"""Training and outreach: subscriptions, events, sign-ups, codes for linking accounts."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from bot.database.tables.columns import RETENTION, Id, UtcDateTime, metadata, personal

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("topic", String(24), nullable=False, info=personal("what the person wants to hear of", RETENTION)),
    Column("region", String(6), nullable=False, info=personal("where, an adcode", RETENTION)),  # empty: everywhere
    Column("since", UtcDateTime, nullable=False),
    UniqueConstraint("person_id", "topic", "region"),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("form", String(12), nullable=False),
    Column("title", String(80), nullable=False),
    Column("about", Text, nullable=False),
    Column("organiser", String(120), nullable=False),
    Column("point", String(40), nullable=False),  # code of the point that organises it; empty: an office
    Column("prefecture", String(6), nullable=False),  # adcode of the office in charge; empty: the region
    Column("audience", String(16), nullable=False),
    Column("topics", JSON, nullable=False),
    Column("adcode", String(6), nullable=False),  # where it is; empty: on the net only
    Column("place", String(200), nullable=False),
    Column("begins", UtcDateTime, nullable=False),
    Column("ends", UtcDateTime, nullable=False),
    Column("deadline", UtcDateTime, nullable=False),
    Column("capacity", Integer),  # NULL: no limit
    Column("taken", Integer, nullable=False),
    Column("contact", String(120), nullable=False),
    Column("state", String(12), nullable=False),  # draft, published, cancelled
    Column("code", String(12), nullable=False, unique=True),  # of the sign-in
    Column("announcement_id", Id, ForeignKey("announcements.id")),
    Column("author_id", Id, nullable=False),
    Column("approver_id", Id),
    Column("created", UtcDateTime, nullable=False),
    Column("changed", UtcDateTime),  # when it was last changed after it was published
    Index("ix_events_state_begins", "state", "begins"),
)

signups = Table(
    "signups",
    metadata,
    Column("id", Id, primary_key=True),
    Column("event_id", Id, ForeignKey("events.id"), nullable=False),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(40), nullable=False, info=personal("how the person wants to be called", RETENTION)),
    Column("company", String(80), nullable=False, info=personal("where the person works", RETENTION)),
    Column("state", String(12), nullable=False),  # in, waiting, left
    Column("turn", Integer, nullable=False),  # the order of coming, for the waiting list
    Column("at", UtcDateTime, nullable=False, info=personal("when the person signed up", RETENTION)),
    Column("signed_in", UtcDateTime, info=personal("when the person came", RETENTION)),
    Column("score", Integer, info=personal("what the person thought of it, 1 to 5", RETENTION)),
    Column("remark", String(500), nullable=False, info=personal("what the person said of it, masked", RETENTION)),
    UniqueConstraint("event_id", "person_id"),
    Index("ix_signups_event_id_state_turn", "event_id", "state", "turn"),
    Index("ix_signups_person_id", "person_id"),
)

link_codes = Table(
    "link_codes",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the code, which is not kept
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Index("ix_link_codes_person_id", "person_id"),
)
