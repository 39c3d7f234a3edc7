"""letters: what the bot sends by itself"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_table("letters")  # nothing was ever written to it
    # no batch: SQLite would make the table anew, and dropping the old one would delete what hangs on it
    op.add_column("people", sa.Column("unreachable", sa.DateTime(), nullable=True))
    op.add_column("people", sa.Column("linked_id", ID, nullable=True))
    op.create_index("ix_people_linked_id", "people", ["linked_id"])
    op.create_table(
        "announcements",
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("author_id", ID, nullable=False),
        sa.Column("approver_id", ID, nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("starts", sa.DateTime(), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=True),
        sa.Column("ended", sa.DateTime(), nullable=True),
        sa.Column("written", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index("ix_announcements_state", "announcements", ["state"])
    op.create_table(
        "letters",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("recipient_id", ID, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("announcement_id", ID, nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.DateTime(), nullable=True),
        sa.Column("settled", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_letters_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcements.id"],
            name=op.f("fk_letters_announcement_id_announcements"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("recipient_id", "key", name=op.f("uq_letters_recipient_id_key")),
    )
    for name, columns, state in (
        ("ix_letters_due", ["channel", "announcement_id", "not_before", "id"], "waiting"),
        ("ix_letters_lease", ["lease"], "sending"),
    ):
        where = sa.text(f"state = '{state}'")
        op.create_index(name, "letters", columns, sqlite_where=where, postgresql_where=where)
    op.create_index("ix_letters_person_id_state", "letters", ["person_id", "state"])
    op.create_index("ix_letters_announcement_id_state", "letters", ["announcement_id", "state"])
    op.create_table(
        "lanes",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("free", sa.DateTime(), nullable=False),
        sa.Column("quiet", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", name=op.f("pk_lanes")),
    )
    op.create_table(
        "windows",
        sa.Column("person_id", ID, nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_windows_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_windows")),
    )


def downgrade() -> None:
    op.drop_table("windows")
    op.drop_table("lanes")
    op.drop_table("letters")
    op.drop_table("announcements")
    op.drop_index("ix_people_linked_id", "people")
    op.drop_column("people", "linked_id")
    op.drop_column("people", "unreachable")
    op.create_table(
        "letters",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("settled", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_letters_person_id_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index("ix_letters_person_id_state", "letters", ["person_id", "state"])
