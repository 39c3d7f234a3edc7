"""Learning from what was not answered: the questions, and the drafts of entries that shall answer them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from bot.database.tables.columns import Id, UtcDateTime, metadata

drafts = Table(
    "drafts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry", String(80), nullable=False),  # id of the entry; empty until it is written
    Column("topic", String(40), nullable=False),
    Column("text", Text, nullable=False),  # the file, as it stands in content/faq
    Column("state", String(16), nullable=False),  # bot/helpdesk/drafts.py
    Column("since", UtcDateTime),
    Column("steps", Integer, nullable=False, default=0, server_default="0"),
    Column("proposed", String(16), nullable=False, default="", server_default=""),
    Column("proposed_by", Id),
    Column("proposed_why", Text, nullable=False, default="", server_default=""),
    Column("author_id", Id, ForeignKey("members.id"), nullable=False),
    Column("approver_id", Id, ForeignKey("members.id")),
    Column("created", UtcDateTime, nullable=False),
    Column("due", Date, nullable=False),  # until when it should be written
    Column("findings", JSON(none_as_null=True)),  # of the check; NULL: not checked since it was last written
    Column("told", UtcDateTime),  # when those who had asked were written to; NULL: not yet
    Index("ix_drafts_state", "state"),
)

# which turns are questions that wait for an entry; what was said stands in the turn alone
asked = Table(
    "asked",
    metadata,
    Column("turn_id", Id, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(12), nullable=False),  # bot/helpdesk/unanswered.py
    Column(
        "cluster", Id, nullable=False
    ),  # the first question (turn) of its group; derived, made anew as questions come
    Column("draft_id", Id, ForeignKey("drafts.id", ondelete="SET NULL")),  # who takes care of it
    Index("ix_asked_cluster", "cluster"),
    Index("ix_asked_draft_id", "draft_id"),
    Index("ix_asked_person_id", "person_id"),
)
