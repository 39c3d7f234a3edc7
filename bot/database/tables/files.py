"""Files that people sent, and the one-time links by which they send them; the contents are in the folder of files."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from bot.database.tables.columns import Id, UtcDateTime, metadata, personal

HELD = "while a form holds it, else 7 days; with a record as long as the record"

uploads = Table(
    "uploads",
    metadata,
    Column("id", Id, primary_key=True),
    # names the upload in answers of forms, and opens its page; not hashed, as the stored answer holds the link as well
    Column("token", String(43), nullable=False, unique=True),
    # none once it belongs to a record and the person was erased
    Column("person_id", Id, ForeignKey("people.id", ondelete="SET NULL")),
    Column("form", String(40), nullable=False),  # the form and the question (answers before it) that a link is for
    Column("step", Integer, nullable=False),
    Column("types", String(100), nullable=False),  # endings, by commas
    Column("at_most", Integer, nullable=False),  # bytes
    Column("expires", UtcDateTime),  # of a link
    Column("received", UtcDateTime),
    Column("taken", UtcDateTime),  # when it became the answer to the question
    Column("claimed", UtcDateTime),  # when a record took it
    Column("path", String(64), nullable=False),  # a name in the folder of files
    Column("name", String(160), nullable=False, info=personal("name of a file of the person", HELD)),
    Column("type", String(100), nullable=False),
    Column("size", Integer, nullable=False),
    Index("ix_uploads_person_id_form_step", "person_id", "form", "step"),
)
