"""Sign-ins, one-time links, and what an account needs for them

Revision ID: 0004
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0005"
branch_labels = None
depends_on = None

_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("full_name", sa.String(200), nullable=True))
        users.add_column(sa.Column("email_confirmed_at", _moment, nullable=True))
        # The people that are there get a version; afterwards the service always gives one.
        users.add_column(sa.Column("token_version", _id, nullable=False, server_default="0"))
    with op.batch_alter_table("users") as users:
        users.alter_column("token_version", server_default=None)
    op.create_index("ix_users_created_at_id", "users", ["created_at", "id"])
    op.create_table(
        "sign_ins",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("used_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sign_ins_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sign_ins"),
    )
    op.create_table(
        "one_time_links",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=False),
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_one_time_links_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_one_time_links"),
    )
    for table in ("sign_ins", "one_time_links"):
        op.create_index(f"ix_{table}_user_id", table, ["user_id"])
        op.create_index(f"ix_{table}_expires_at", table, ["expires_at"])


def downgrade() -> None:
    op.drop_table("one_time_links")
    op.drop_table("sign_ins")
    op.drop_index("ix_users_created_at_id", "users")
    with op.batch_alter_table("users") as users:
        for column in ("token_version", "email_confirmed_at", "full_name"):
            users.drop_column(column)
