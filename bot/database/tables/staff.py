"""Who works with the register: members of staff and their one-time invites."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table

from bot.database.tables.columns import Id, UtcDateTime, metadata, personal

OFFICIAL = "as long as the official record"

members = Table(
    "members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("prefecture", String(6), nullable=False),  # adcode, of a prefecture officer
    Column("point", String(40), nullable=False),  # code, of point staff
    Column("name", String(40), nullable=False, info=personal("name of a member of staff", OFFICIAL)),
    # the chat account; emptied when they leave or erase their data: the member stays for the record
    Column("person_id", Id, ForeignKey("people.id", ondelete="SET NULL"), unique=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Index("ix_members_role_prefecture_point", "role", "prefecture", "point"),
)

invites = Table(
    "invites",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),  # SHA-256 of the code, which is not kept
    Column("role", String(16), nullable=False),
    Column("prefecture", String(6), nullable=False),
    Column("point", String(40), nullable=False),
    Column("name", String(40), nullable=False, info=personal("name of a member of staff", OFFICIAL)),
    Column("invited_by", Id, ForeignKey("members.id")),  # empty: from the command line
    Column("replaces", Id, ForeignKey("members.id")),  # a hand-over: whose work ends when it is used
    Column("created", UtcDateTime, nullable=False),
    Column("expires", UtcDateTime, nullable=False),
    Column("used", UtcDateTime),
    Column("member_id", Id, ForeignKey("members.id")),  # whom it made
)
