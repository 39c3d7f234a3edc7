"""What the bot sends by itself: letters, announcements to many, the sending lanes, WeChat's reply windows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, text

from bot.database.tables.columns import RETENTION, Id, UtcDateTime, metadata, personal


def _only(state: str) -> dict[str, Any]:
    """A partial index, over the letters of one state."""
    where = text(f"state = '{state}'")
    return {"sqlite_where": where, "postgresql_where": where}


announcements = Table(
    "announcements",
    metadata,
    Column("id", Id, primary_key=True),
    Column("title", String(120), nullable=False),
    Column("content", JSON, nullable=False),  # a reply
    Column("audience", JSON, nullable=False),  # topics, regions (adcodes); see bot/training/announcements.py
    Column("state", String(16), nullable=False),  # draft, approved, running, paused, done, stopped
    Column("why", String(200), nullable=False),  # why it was paused or stopped
    Column("author_id", Id, nullable=False),  # of the staff member
    Column("approver_id", Id),
    Column("created", UtcDateTime, nullable=False),
    Column("starts", UtcDateTime, nullable=False),
    Column("started", UtcDateTime),
    Column("ended", UtcDateTime),
    # whose letters are written already: up to this person; NULL: all are
    Column("written", Id),
    Index("ix_announcements_state", "state"),
)

letters = Table(
    "letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    # who gets it: the person, or the first of the accounts they linked; one letter of a key for each
    Column("recipient_id", Id, nullable=False),
    Column("key", String(120), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("account", String(64), nullable=False),
    Column("announcement_id", Id, ForeignKey("announcements.id", ondelete="CASCADE")),  # NULL: to this person alone
    Column(
        "content", JSON(none_as_null=True), info=personal("a message to the person", RETENTION)
    ),  # NULL: the announcement's
    Column("created", UtcDateTime, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("state", String(12), nullable=False),  # see bot/letters.py
    Column("cause", String(80), nullable=False),
    Column("parts", Integer, nullable=False),  # how many parts of it need not be sent again
    Column("lease", UtcDateTime),  # until when who is sending it may take
    Column("settled", UtcDateTime),
    UniqueConstraint("recipient_id", "key"),
    # what is due, by source; what is on its way: both small, as settled letters leave them
    Index("ix_letters_due", "channel", "announcement_id", "not_before", "id", **_only("waiting")),
    Index("ix_letters_lease", "lease", **_only("sending")),
    Index("ix_letters_person_id_state", "person_id", "state"),
    Index("ix_letters_announcement_id_state", "announcement_id", "state"),
)

lanes = Table(
    "lanes",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("account", String(64), primary_key=True),
    Column("free", UtcDateTime, nullable=False),  # when the next letter may go out by the rate of the account
    Column("quiet", UtcDateTime, nullable=False),  # until when the platform wants silence
)

windows = Table(
    "windows",
    metadata,
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("until", UtcDateTime, nullable=False, info=personal("until when WeChat lets us write", RETENTION)),
    Column("left", Integer, nullable=False),  # how many letters it still allows
)
