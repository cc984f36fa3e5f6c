"""Users, chat sessions and chat messages

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("updated_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_table(
        "chat_sessions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user_id", sa.String(36), nullable=True),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("updated_at", _moment, nullable=False),
        sa.Column("origin_key", sa.String(64), nullable=True),
        sa.Column("running_question_id", _id, nullable=True),
        sa.Column("running_by", sa.String(200), nullable=True),
        sa.Column("running_until", _moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_chat_sessions_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_chat_sessions"),
        sa.UniqueConstraint("origin_key", name="uq_chat_sessions_origin_key"),
    )
    op.create_index("ix_chat_sessions_user_id", "chat_sessions", ["user_id"])
    op.create_index(
        "ix_chat_sessions_running_question_id",
        "chat_sessions",
        ["running_question_id"],
        sqlite_where=sa.text("running_question_id IS NOT NULL"),
        postgresql_where=sa.text("running_question_id IS NOT NULL"),
    )
    op.create_table(
        "chat_messages",
        sa.Column("id", _id, nullable=False),
        sa.Column("session_id", sa.String(36), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("timestamp", _moment, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("client_message_id", sa.String(128), nullable=True),
        sa.Column("question_id", _id, nullable=True),
        sa.Column("answered_by", sa.String(20), nullable=True),
        sa.Column("language", sa.String(8), nullable=True),
        sa.Column("model", sa.String(100), nullable=True),
        sa.Column("finish_reason", sa.String(20), nullable=True),
        sa.Column("upstream_error", sa.String(50), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=True),
        sa.Column("suggestions", sa.JSON(), nullable=True),
        sa.Column("unsupported", sa.JSON(), nullable=True),
        sa.Column("usage", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["chat_messages.id"],
            name="fk_chat_messages_question_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["chat_sessions.id"],
            name="fk_chat_messages_session_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_chat_messages"),
        sa.UniqueConstraint(
            "session_id",
            "client_message_id",
            name="uq_chat_messages_session_id_client_message_id",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_chat_messages_question_id", "chat_messages", ["question_id"])
    op.create_index("ix_chat_messages_session_id_id", "chat_messages", ["session_id", "id"])


def downgrade() -> None:
    op.drop_table("chat_messages")
    op.drop_table("chat_sessions")
    op.drop_table("users")
