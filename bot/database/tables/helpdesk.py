"""A person behind the bot: tickets and what was said in them, who is on duty; ratings, suggestions and complaints."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from bot.database.tables.columns import RETENTION, Id, UtcDateTime, metadata, personal

# all that is known of a ticket or a complaint goes with the person who made it; counts stay (see ``rendered``)
tickets = Table(
    "tickets",
    metadata,
    Column("id", Id, primary_key=True),  # the number that people are told
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(12), nullable=False),  # see bot/helpdesk/tickets.py
    Column("service", String(24), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("adcode", String(12), nullable=False),  # of the place it is about; empty: none was said
    Column("question", Text, nullable=False, info=personal("what is asked, numbers masked", RETENTION)),
    # what was said with the bot before, if the person agreed
    Column("context", JSON(none_as_null=True), info=personal("the conversation so far, with consent", RETENTION)),
    Column("level", String(12), nullable=False),  # point, prefecture, region: whose turn it is
    Column("point", String(40), nullable=False),
    Column("prefecture", String(12), nullable=False),
    Column("asked_id", Id),  # the one member who was told; NULL: all of the level
    Column("member_id", Id),  # who took it
    Column("state", String(12), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("proposed", String(24), nullable=False, default=""),
    Column("proposed_by", Id),
    Column("proposed_why", Text, nullable=False, default=""),
    Column("created", UtcDateTime, nullable=False),
    Column("due", UtcDateTime),  # when time moves it on by itself; NULL only once it is closed
    Column("promised", UtcDateTime),  # until when somebody was promised to answer
    Column("stars", Integer, info=personal("how the help was rated", RETENTION)),
    Index("ix_tickets_person_id", "person_id"),
    Index("ix_tickets_state_due", "state", "due"),
)

ticket_messages = Table(
    "ticket_messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("side", String(8), nullable=False),  # asker, staff; note: between members of staff
    Column("member_id", Id),
    Column("text", Text, nullable=False, info=personal("what was said to and by staff", RETENTION)),
    Column("file", JSON(none_as_null=True), info=personal("a file that was sent along", RETENTION)),
    Index("ix_ticket_messages_ticket_id", "ticket_id"),
)

# members of staff who are not on duty; who has no row is
absences = Table(
    "absences",
    metadata,
    Column("member_id", Id, primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),  # NULL: until they say so
)

ratings = Table(
    "ratings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("entry", String(80), nullable=False),
    Column("question", Text, nullable=False, info=personal("the question that was answered, masked", RETENTION)),
    Column("good", Boolean, nullable=False),
    Column("words", Text, nullable=False, info=personal("what was said about the answer, masked", RETENTION)),
    Column("at", UtcDateTime, nullable=False, info=personal("when it was rated", RETENTION)),
    UniqueConstraint("person_id", "entry"),
    Index("ix_ratings_at", "at"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(24), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),  # of the passcode that opens it
    # NULL: anonymous, nothing leads back to the person
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE")),
    Column("kind", String(12), nullable=False),  # suggestion, complaint
    Column("category", String(24), nullable=False),
    Column("point", String(40), nullable=False),  # whom it is about; empty: the network or the bot
    Column("prefecture", String(12), nullable=False),
    Column("text", Text, nullable=False, info=personal("the suggestion or complaint", RETENTION)),
    Column("file_id", Id, info=personal("the evidence that was sent along", RETENTION)),
    # the copy of it that staff were shown
    Column("shown", JSON(none_as_null=True), info=personal("a copy of the evidence", RETENTION)),
    Column("answer", Text, nullable=False, default="", info=personal("what was answered", RETENTION)),
    Column("state", String(12), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("proposed", String(24), nullable=False, default=""),
    Column("proposed_by", Id),
    Column("proposed_why", Text, nullable=False, default=""),
    Column("member_id", Id),
    Column("created", UtcDateTime, nullable=False),
    Column("due", UtcDateTime, nullable=False),  # by when it is to be answered
    Index("ix_feedback_person_id", "person_id"),
    Index("ix_feedback_state_due", "state", "due"),
)
