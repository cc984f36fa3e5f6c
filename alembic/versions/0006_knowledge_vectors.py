"""Vectors of passages

Revision ID: 0006
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "knowledge_vectors",
        sa.Column("model", sa.String(150), nullable=False),
        sa.Column("text_hash", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("model", "text_hash", name="pk_knowledge_vectors"),
    )
    op.create_index("ix_knowledge_vectors_created_at", "knowledge_vectors", ["created_at"])


def downgrade() -> None:
    op.drop_table("knowledge_vectors")
