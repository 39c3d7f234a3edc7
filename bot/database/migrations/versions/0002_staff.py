"""members of staff and their invites"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("id", ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("prefecture", sa.String(length=6), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_members_person_id_people"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("person_id", name=op.f("uq_members_person_id")),
    )
    op.create_index("ix_members_role_prefecture_point", "members", ["role", "prefecture", "point"])
    op.create_table(
        "invites",
        sa.Column("id", ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("prefecture", sa.String(length=6), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("invited_by", ID, nullable=True),
        sa.Column("replaces", ID, nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=False),
        sa.Column("used", sa.DateTime(), nullable=True),
        sa.Column("member_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["invited_by"], ["members.id"], name=op.f("fk_invites_invited_by_members")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_invites_member_id_members")),
        sa.ForeignKeyConstraint(["replaces"], ["members.id"], name=op.f("fk_invites_replaces_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invites")),
        sa.UniqueConstraint("digest", name=op.f("uq_invites_digest")),
    )


def downgrade() -> None:
    op.drop_table("invites")
    op.drop_index("ix_members_role_prefecture_point", "members")
    op.drop_table("members")
