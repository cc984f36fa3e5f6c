"""Titles, feedback, the list of a person's sessions, audit and background tasks

Revision ID: 0005
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.DateTime(timezone=True)
_OWNED = sa.text("user_id IS NOT NULL")
_ANONYMOUS = sa.text("user_id IS NULL")
_TITLE_LENGTH = 60


def upgrade() -> None:
    op.add_column("chat_sessions", sa.Column("title", sa.String(200), nullable=True))
    op.add_column("chat_messages", sa.Column("feedback", sa.String(20), nullable=True))
    op.add_column("chat_messages", sa.Column("feedback_comment", sa.String(1000), nullable=True))
    op.drop_index("ix_chat_sessions_user_id", "chat_sessions")
    op.create_index(
        "ix_chat_sessions_user_id_updated_at_id",
        "chat_sessions",
        ["user_id", "updated_at", "id"],
        sqlite_where=_OWNED,
        postgresql_where=_OWNED,
    )
    op.create_index(
        "ix_chat_sessions_created_at",
        "chat_sessions",
        ["created_at"],
        sqlite_where=_ANONYMOUS,
        postgresql_where=_ANONYMOUS,
    )
    op.create_table(
        "audit_events",
        sa.Column("id", _id, nullable=False),
        sa.Column("actor_id", sa.String(36), nullable=True),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("object_id", sa.String(500), nullable=False),
        sa.Column("happened_at", _moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "background_tasks",
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("held_by", sa.String(200), nullable=True),
        sa.Column("held_until", _moment, nullable=True),
        sa.Column("done_at", _moment, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_background_tasks"),
    )
    _title_what_is_there()


def _title_what_is_there() -> None:
    """Name the sessions that are there by the beginning of their first question."""
    sessions = sa.table("chat_sessions", sa.column("id"), sa.column("title"))
    messages = sa.table(
        "chat_messages",
        *(sa.column(name) for name in ("id", "session_id", "role", "content")),
    )
    beginning = sa.func.substr(messages.c.content, 1, _TITLE_LENGTH)
    for line_end in ("\n", "\r"):
        beginning = sa.func.replace(beginning, line_end, " ")
    first = (
        sa.select(beginning)
        .where(messages.c.session_id == sessions.c.id, messages.c.role == "user")
        .order_by(messages.c.id)
        .limit(1)
        .scalar_subquery()
    )
    op.execute(sessions.update().values(title=first))


def downgrade() -> None:
    op.drop_table("background_tasks")
    op.drop_table("audit_events")
    op.drop_index("ix_chat_sessions_created_at", "chat_sessions")
    op.drop_index("ix_chat_sessions_user_id_updated_at_id", "chat_sessions")
    op.create_index("ix_chat_sessions_user_id", "chat_sessions", ["user_id"])
    op.drop_column("chat_messages", "feedback_comment")
    op.drop_column("chat_messages", "feedback")
    op.drop_column("chat_sessions", "title")
