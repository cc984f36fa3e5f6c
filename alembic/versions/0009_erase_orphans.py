"""Erase what deletions have left behind

A SQLite database that was migrated at a start was then deleted from without foreign keys, on one
connection: messages stayed when their session went, and sessions when their account went.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A child, its column, and the table that the column names; in the order in which they go.
_PARTS = (
    ("sign_ins", "user_id", "users"),
    ("one_time_links", "user_id", "users"),
    ("chat_sessions", "user_id", "users"),
    ("chat_messages", "session_id", "chat_sessions"),
    ("chat_messages", "question_id", "chat_messages"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for child, column, parent in _PARTS:
        part = sa.table(child, sa.column(column))
        whole = sa.table(parent, sa.column("id")).alias("whole")
        named = part.c[column]
        gone = ~sa.exists().where(whole.c.id == named)
        op.execute(sa.delete(part).where(named.is_not(None), gone))
    versions = sa.table("knowledge_versions", sa.column("user_id"))
    users = sa.table("users", sa.column("id"))
    gone = ~sa.exists().where(users.c.id == versions.c.user_id)
    op.execute(sa.update(versions).where(gone).values(user_id=None))


def downgrade() -> None:
    """There is nothing to bring back."""
