"""the register: institutions, calls, applications, changes, reports, history, services rendered"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:

    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "institutions",
        sa.Column("id", ID, nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("head", sa.String(length=40), nullable=False),
        sa.Column("contact", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("barred_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institutions")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_institutions_credit_code")),
    )
    op.create_table(
        "rendered",
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("point", "month", "kind", "topic", name=op.f("pk_rendered")),
    )
    op.create_table(
        "guesses",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_guesses_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guesses")),
    )
    with op.batch_alter_table("guesses", schema=None) as batch_op:
        batch_op.create_index("ix_guesses_number_at", ["number", "at"], unique=False)
        batch_op.create_index("ix_guesses_person_id_at", ["person_id", "at"], unique=False)

    op.create_table(
        "calls",
        sa.Column("id", ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("short_renewal", sa.Boolean(), nullable=False),
        sa.Column("notice", sa.String(length=300), nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.Column("made", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["members.id"], name=op.f("fk_calls_made_by_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("year", name=op.f("uq_calls_year")),
    )
    op.create_table(
        "changes",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("steps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("proposed", sa.String(length=16), server_default="", nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_why", sa.Text(), server_default="", nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("old", sa.JSON(), nullable=False),
        sa.Column("new", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_changes_member_id_members")),
        sa.ForeignKeyConstraint(
            ["point"], ["points.code"], name=op.f("fk_changes_point_points"), onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sa.UniqueConstraint("number", name=op.f("uq_changes_number")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index("ix_changes_state", ["state"], unique=False)

    op.create_table(
        "history",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subject_id", ID, nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("proposal", sa.Boolean(), nullable=False),
        sa.Column("old", sa.String(length=16), nullable=False),
        sa.Column("new", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("article", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_history_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint("subject", "subject_id", "step", name=op.f("uq_history_subject_subject_id_step")),
    )
    op.create_table(
        "offices",
        sa.Column("adcode", sa.String(length=6), autoincrement=False, nullable=False),
        sa.Column("prefecture", sa.String(length=6), nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_offices_member_id_members")),
        sa.PrimaryKeyConstraint("adcode", name=op.f("pk_offices")),
    )
    op.create_table(
        "reports",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("steps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("proposed", sa.String(length=16), server_default="", nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_why", sa.Text(), server_default="", nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_reports_member_id_members")),
        sa.ForeignKeyConstraint(
            ["point"], ["points.code"], name=op.f("fk_reports_point_points"), onupdate="CASCADE", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("number", name=op.f("uq_reports_number")),
        sa.UniqueConstraint("point", "year", name=op.f("uq_reports_point_year")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index("ix_reports_state", ["state"], unique=False)

    op.create_table(
        "applications",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("renewal", sa.Boolean(), nullable=False),
        sa.Column("call_id", ID, nullable=False),
        sa.Column("institution_id", ID, nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("adcode", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("steps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("proposed", sa.String(length=16), server_default="", nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_why", sa.Text(), server_default="", nullable=False),
        sa.Column("applicant_id", ID, nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("defects", sa.JSON(), nullable=False),
        sa.Column("notice_from", sa.Date(), nullable=True),
        sa.Column("notice_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["people.id"], name=op.f("fk_applications_applicant_id_people"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_applications_call_id_calls")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institutions.id"], name=op.f("fk_applications_institution_id_institutions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("number", name=op.f("uq_applications_number")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index("ix_applications_applicant_id", ["applicant_id"], unique=False)
        batch_op.create_index("ix_applications_state_adcode", ["state", "adcode"], unique=False)
        batch_op.create_index(
            "uq_applications_institution_id_open",
            ["institution_id"],
            unique=True,
            sqlite_where=sa.text(
                "state IN ('submitted', 'returned', 'recommended', 'returned-region', 'experts', 'notice', 'objection')"
            ),
            postgresql_where=sa.text(
                "state IN ('submitted', 'returned', 'recommended', 'returned-region', 'experts', 'notice', 'objection')"
            ),
        )

    with op.batch_alter_table("points", schema=None) as batch_op:
        batch_op.add_column(sa.Column("institution_id", ID, nullable=True))
        batch_op.add_column(sa.Column("rectify_by", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("since", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("steps", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("proposed", sa.String(length=16), server_default="", nullable=False))
        batch_op.add_column(sa.Column("proposed_by", ID, nullable=True))
        batch_op.add_column(sa.Column("proposed_why", sa.Text(), server_default="", nullable=False))
        batch_op.create_index(
            "uq_points_institution_id_valid",
            ["institution_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('active', 'rectifying')"),
            postgresql_where=sa.text("state IN ('active', 'rectifying')"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_points_institution_id_institutions"), "institutions", ["institution_id"], ["id"]
        )


def downgrade() -> None:

    with op.batch_alter_table("points", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_points_institution_id_institutions"), type_="foreignkey")
        batch_op.drop_index(
            "uq_points_institution_id_valid",
            sqlite_where=sa.text("state IN ('active', 'rectifying')"),
            postgresql_where=sa.text("state IN ('active', 'rectifying')"),
        )
        batch_op.drop_column("proposed_why")
        batch_op.drop_column("proposed_by")
        batch_op.drop_column("proposed")
        batch_op.drop_column("steps")
        batch_op.drop_column("since")
        batch_op.drop_column("rectify_by")
        batch_op.drop_column("institution_id")

    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_applications_institution_id_open",
            sqlite_where=sa.text(
                "state IN ('submitted', 'returned', 'recommended', 'returned-region', 'experts', 'notice', 'objection')"
            ),
            postgresql_where=sa.text(
                "state IN ('submitted', 'returned', 'recommended', 'returned-region', 'experts', 'notice', 'objection')"
            ),
        )
        batch_op.drop_index("ix_applications_state_adcode")
        batch_op.drop_index("ix_applications_applicant_id")

    op.drop_table("applications")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index("ix_reports_state")

    op.drop_table("reports")
    op.drop_table("offices")
    op.drop_table("history")
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index("ix_changes_state")

    op.drop_table("changes")
    op.drop_table("calls")
    with op.batch_alter_table("guesses", schema=None) as batch_op:
        batch_op.drop_index("ix_guesses_person_id_at")
        batch_op.drop_index("ix_guesses_number_at")

    op.drop_table("guesses")
    op.drop_table("rendered")
    op.drop_table("institutions")
    op.drop_table("counters")
