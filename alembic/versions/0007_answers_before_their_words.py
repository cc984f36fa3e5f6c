"""An answer's row is made with its question, and an answer can have versions

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_messages = sa.table(
    "chat_messages", *(sa.column(name) for name in ("role", "status", "content", "is_current"))
)


def upgrade() -> None:
    op.add_column(
        "chat_messages",
        sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    # Questions that had no answer when the old code was stopped: nobody answers them any more.
    op.execute(
        _messages.update()
        .where(_messages.c.role == "user", _messages.c.status == "pending")
        .values(status="interrupted")
    )


def downgrade() -> None:
    """Keep what the old code can show: one whole answer to a question."""
    op.execute(
        _messages.delete().where(
            _messages.c.role == "assistant",
            sa.or_(_messages.c.is_current == sa.false(), _messages.c.status != "complete"),
        )
    )
    op.drop_column("chat_messages", "is_current")
