"""Who talks with the bot and what was said: people, turns, the inbox, receipts of erasure."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, String, Table, Text, UniqueConstraint, text

from bot.database.tables.columns import RETENTION, Id, UtcDateTime, metadata, personal

people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    Column("native_id", String(128), nullable=False, info=personal("platform id", RETENTION)),
    Column("first_seen", UtcDateTime, nullable=False, info=personal("when the person came", RETENTION)),
    Column("last_seen", UtcDateTime, nullable=False, info=personal("when the person last wrote", RETENTION)),
    Column("noticed_at", UtcDateTime, info=personal("when the privacy notice was shown", RETENTION)),
    # what is remembered between two messages: topic, waiting form, options shown (see bot/conversation.py)
    Column("state", JSON, nullable=False, info=personal("state of the conversation, masked", RETENTION)),
    # since when the platform delivers nothing to the person (blocked the bot, gone); empty again when they write
    Column("unreachable", UtcDateTime, info=personal("when the person shut the bot out", RETENTION)),
    # the same number for all accounts that one person linked (that of the first); NULL: not linked
    Column("linked_id", Id, info=personal("linked accounts", RETENTION)),
    UniqueConstraint("channel", "account", "native_id"),
    Index("ix_people_last_seen", "last_seen"),
    Index("ix_people_linked_id", "linked_id"),
)

_MISSED = text("outcome IN ('clarify', 'decline', 'handoff')")  # few: what may be a question without an answer

turns = Table(
    "turns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    # the delivery's own key, unique for a person: a repeat finds the stored response
    Column("delivery", String(160), nullable=False, info=personal("platform message id", RETENTION)),
    Column("at", UtcDateTime, nullable=False, info=personal("when it was said", RETENTION)),
    Column("said", Text, nullable=False, info=personal("what was said, identity and phone numbers masked", RETENTION)),
    Column("intent", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("entry", String(80)),
    Column("confidence", Float),
    Column("free", Boolean, nullable=False),  # a free question, counted by the limit
    Column("response", JSON, nullable=False, info=personal("what was answered", RETENTION)),
    UniqueConstraint("person_id", "delivery"),
    Index("ix_turns_person_id_at", "person_id", "at"),
    Index("ix_turns_missed", "id", sqlite_where=_MISSED, postgresql_where=_MISSED),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    Column("delivery", String(160), nullable=False, info=personal("platform update id", "until handled")),
    Column("received", UtcDateTime, nullable=False),
    Column("body", JSON, nullable=False, info=personal("the platform's update", "until handled")),
    UniqueConstraint("channel", "account", "delivery"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("erased", JSON, nullable=False),  # counts by table, nothing personal
)
