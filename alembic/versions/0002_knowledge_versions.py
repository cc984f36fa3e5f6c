"""Earlier versions of edited facts

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "knowledge_versions",
        sa.Column("id", _id, nullable=False),
        sa.Column("category", sa.String(255), nullable=False),
        sa.Column("entry_id", sa.String(200), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=True),
        sa.Column("user_id", sa.String(36), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_knowledge_versions_user_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_versions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_knowledge_versions_user_id", "knowledge_versions", ["user_id"])
    op.create_index(
        "ix_knowledge_versions_category_entry_id_id",
        "knowledge_versions",
        ["category", "entry_id", "id"],
    )


def downgrade() -> None:
    op.drop_table("knowledge_versions")
