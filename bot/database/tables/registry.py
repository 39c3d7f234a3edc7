"""The register: institutions, service points, applications, changes, annual reports, their history, services rendered."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.database.tables.columns import RETENTION, Id, UtcDateTime, metadata, personal
from bot.database.tables.staff import OFFICIAL


def _stages() -> list[Column[object]]:
    """What every row with a life-cycle has: its state, since when, how many steps it took, what awaits a second person."""
    return [
        Column("since", UtcDateTime),
        Column("steps", Integer, nullable=False, default=0, server_default="0"),
        Column("proposed", String(16), nullable=False, default="", server_default=""),
        Column("proposed_by", Id),
        Column("proposed_why", Text, nullable=False, default="", server_default=""),
    ]


institutions = Table(
    "institutions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("credit_code", String(18), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("adcode", String(6), nullable=False),
    Column("address", String(200), nullable=False),
    Column("lat", Float),  # WGS-84
    Column("lon", Float),
    Column("head", String(40), nullable=False, info=personal("name of who is in charge", OFFICIAL)),
    Column("contact", String(40), nullable=False, info=personal("name of the contact", OFFICIAL)),
    Column("phone", String(60), nullable=False, info=personal("telephone of the contact", OFFICIAL)),
    Column("barred_until", Date),  # the last day of a bar (Art. 17)
)

points = Table(
    "points",
    metadata,
    Column("id", Id, primary_key=True),
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
    Column("state", String(16), nullable=False),  # bot/registry/stages.py
    Column("confirmed_on", Date),
    Column("website", String(300), nullable=False),
    Column("institution_id", Id, ForeignKey("institutions.id")),
    Column("rectify_by", Date),  # the last day of a rectification (Art. 16)
    *_stages(),
    Index("ix_points_lat", "lat"),
    Index("ix_points_adcode", "adcode"),
    # never two valid points of one institution
    Index(
        "uq_points_institution_id_valid",
        "institution_id",
        unique=True,
        sqlite_where=text("state IN ('active', 'rectifying')"),
        postgresql_where=text("state IN ('active', 'rectifying')"),
    ),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("year", Integer, nullable=False, unique=True),
    Column("opens_on", Date, nullable=False),
    Column("closes_on", Date, nullable=False),
    Column("short_renewal", Boolean, nullable=False),  # renewals without experts
    Column("notice", String(300), nullable=False),  # where the official notice stands
    Column("made_by", Id, ForeignKey("members.id"), nullable=False),
    Column("made", UtcDateTime, nullable=False),
)

applications = Table(
    "applications",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),  # SHA-256 of number and secret; the secret is not kept
    Column("renewal", Boolean, nullable=False),
    Column("call_id", Id, ForeignKey("calls.id"), nullable=False),
    Column("institution_id", Id, ForeignKey("institutions.id"), nullable=False),
    Column("point", String(40), nullable=False),  # code: renewed, or made by the certification
    Column("adcode", String(6), nullable=False),
    Column("state", String(16), nullable=False),
    *_stages(),
    Column("applicant_id", Id, ForeignKey("people.id", ondelete="SET NULL")),
    Column("fields", JSON, nullable=False, info=personal("what the applicant declared", OFFICIAL)),
    Column("defects", JSON, nullable=False),  # of the last return: item, article, what is wrong
    Column("notice_from", Date),
    Column("notice_until", Date),
    Index("ix_applications_state_adcode", "state", "adcode"),
    Index("ix_applications_applicant_id", "applicant_id"),
    Index(
        "uq_applications_institution_id_open",
        "institution_id",
        unique=True,
        sqlite_where=text(
            "state IN ('submitted', 'returned', 'recommended', 'returned-region', 'experts', 'notice', 'objection')"
        ),
        postgresql_where=text(
            "state IN ('submitted', 'returned', 'recommended', 'returned-region', 'experts', 'notice', 'objection')"
        ),
    ),
)

# only sample points are ever deleted
changes = Table(
    "changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("point", String(40), ForeignKey("points.code", onupdate="CASCADE", ondelete="CASCADE"), nullable=False),
    Column("state", String(16), nullable=False),
    *_stages(),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("why", Text, nullable=False),
    Column("old", JSON, nullable=False, info=personal("contact data of a point before", OFFICIAL)),
    Column("new", JSON, nullable=False, info=personal("contact data of a point after", OFFICIAL)),
    Index("ix_changes_state", "state"),
)

reports = Table(
    "reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("point", String(40), ForeignKey("points.code", onupdate="CASCADE", ondelete="CASCADE"), nullable=False),
    Column("year", Integer, nullable=False),  # of the summary; the plan is of the year after
    Column("state", String(16), nullable=False),
    *_stages(),
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("late", Boolean, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("summary", Text, nullable=False),
    Column("plan", Text, nullable=False),
    UniqueConstraint("point", "year"),
    Index("ix_reports_state", "state"),
)

history = Table(
    "history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject", String(16), nullable=False),  # application, point, change, report
    Column("subject_id", Id, nullable=False),
    Column("step", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("member_id", Id, ForeignKey("members.id")),  # empty: the applicant, or the passing of time
    Column("role", String(16), nullable=False),
    Column("action", String(16), nullable=False),
    Column("proposal", Boolean, nullable=False),  # a first person proposed it
    Column("old", String(16), nullable=False),
    Column("new", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("article", String(40), nullable=False),
    Column("data", JSON, nullable=False, info=personal("what was decided on, names included", OFFICIAL)),
    UniqueConstraint("subject", "subject_id", "step"),
)

offices = Table(
    "offices",
    metadata,
    Column("adcode", String(6), primary_key=True, autoincrement=False),  # a city directly under the region
    Column("prefecture", String(6), nullable=False),  # whose office takes care of it
    Column("member_id", Id, ForeignKey("members.id"), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

rendered = Table(
    "rendered",
    metadata,
    Column("point", String(40), primary_key=True),
    Column("month", String(7), primary_key=True),  # 2026-11
    Column("kind", String(16), primary_key=True),
    Column("topic", String(40), primary_key=True),
    Column("count", Integer, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", Integer, nullable=False),
)

guesses = Table(
    "guesses",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("number", String(20), nullable=False, info=personal("number of an application asked for", RETENTION)),
    Column("at", UtcDateTime, nullable=False, info=personal("when it was asked for", RETENTION)),
    Index("ix_guesses_person_id_at", "person_id", "at"),
    Index("ix_guesses_number_at", "number", "at"),
)
