"""learning: questions without an answer, drafts of entries"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MISSED = sa.text("outcome IN ('clarify', 'decline', 'handoff')")


def upgrade() -> None:
    op.create_index("ix_turns_missed", "turns", ["id"], sqlite_where=MISSED, postgresql_where=MISSED)
    op.create_table(
        "drafts",
        sa.Column("id", ID, nullable=False),
        sa.Column("entry", sa.String(length=80), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.Column("steps", sa.Integer(), server_default="0", nullable=False),
        sa.Column("proposed", sa.String(length=16), server_default="", nullable=False),
        sa.Column("proposed_by", ID, nullable=True),
        sa.Column("proposed_why", sa.Text(), server_default="", nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("approver_id", ID, nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=True),
        sa.Column("told", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name=op.f("fk_drafts_author_id_members")),
        sa.ForeignKeyConstraint(["approver_id"], ["members.id"], name=op.f("fk_drafts_approver_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
    )
    op.create_index("ix_drafts_state", "drafts", ["state"])
    op.create_table(
        "asked",
        sa.Column("turn_id", ID, autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cluster", ID, nullable=False),
        sa.Column("draft_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name=op.f("fk_asked_turn_id_turns"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_asked_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["drafts.id"], name=op.f("fk_asked_draft_id_drafts"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("turn_id", name=op.f("pk_asked")),
    )
    op.create_index("ix_asked_cluster", "asked", ["cluster"])
    op.create_index("ix_asked_draft_id", "asked", ["draft_id"])
    op.create_index("ix_asked_person_id", "asked", ["person_id"])


def downgrade() -> None:
    op.drop_table("asked")
    op.drop_table("drafts")
    op.drop_index("ix_turns_missed", "turns")
