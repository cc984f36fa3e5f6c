"""Questions that the facts do not answer

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "knowledge_gaps",
        sa.Column("id", _id, nullable=False),
        sa.Column("text_key", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(300), nullable=False),
        sa.Column("question", sa.String(300), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("count", _id, nullable=False),
        sa.Column("first_seen", _moment, nullable=False),
        sa.Column("last_seen", _moment, nullable=False),
        sa.Column("closed_at", _moment, nullable=True),
        sa.Column("passages", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_gaps"),
        sa.UniqueConstraint("text_key", name="uq_knowledge_gaps_text_key"),
    )
    op.create_index("ix_knowledge_gaps_topic", "knowledge_gaps", ["topic"])


def downgrade() -> None:
    op.drop_table("knowledge_gaps")
