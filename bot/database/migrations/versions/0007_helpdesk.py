"""helpdesk: tickets, their messages, absences, ratings, suggestions and complaints"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("member_id", ID, nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_absences")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("prefecture", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_id", ID, nullable=True),
        sa.Column("shown", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("proposed", sa.String(length=24), nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_why", sa.Text(), nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_feedback_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("number", name=op.f("uq_feedback_number")),
    )
    op.create_index("ix_feedback_person_id", "feedback", ["person_id"], unique=False)
    op.create_index("ix_feedback_state_due", "feedback", ["state", "due"], unique=False)
    op.create_table(
        "ratings",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("entry", sa.String(length=80), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_ratings_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sa.UniqueConstraint("person_id", "entry", name=op.f("uq_ratings_person_id_entry")),
    )
    op.create_index("ix_ratings_at", "ratings", ["at"], unique=False)
    op.create_table(
        "tickets",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("service", sa.String(length=24), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("adcode", sa.String(length=12), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("context", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("level", sa.String(length=12), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("prefecture", sa.String(length=12), nullable=False),
        sa.Column("asked_id", ID, nullable=True),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("proposed", sa.String(length=24), nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_why", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=True),
        sa.Column("promised", sa.DateTime(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_tickets_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
    )
    op.create_index("ix_tickets_person_id", "tickets", ["person_id"], unique=False)
    op.create_index("ix_tickets_state_due", "tickets", ["state", "due"], unique=False)
    op.create_table(
        "ticket_messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_messages_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_messages")),
    )
    op.create_index("ix_ticket_messages_ticket_id", "ticket_messages", ["ticket_id"], unique=False)


def downgrade() -> None:

    op.drop_index("ix_ticket_messages_ticket_id", table_name="ticket_messages")
    op.drop_table("ticket_messages")
    op.drop_index("ix_tickets_state_due", table_name="tickets")
    op.drop_index("ix_tickets_person_id", table_name="tickets")
    op.drop_table("tickets")
    op.drop_index("ix_ratings_at", table_name="ratings")
    op.drop_table("ratings")
    op.drop_index("ix_feedback_state_due", table_name="feedback")
    op.drop_index("ix_feedback_person_id", table_name="feedback")
    op.drop_table("feedback")
    op.drop_table("absences")
