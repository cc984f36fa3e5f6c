"""What is kept about the knowledge beside its files."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, utc_now


class EditAction(StrEnum):
    """What was done to an entry."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    RESTORED = "restored"


class KnowledgeVersion(Base):
    """What an entry was before an edit: `entry` is None when there was nothing before it."""

    __tablename__ = "knowledge_versions"
    __table_args__ = (
        Index("ix_knowledge_versions_category_entry_id_id", "category", "entry_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(255))
    entry_id: Mapped[str] = mapped_column(String(200))
    action: Mapped[EditAction]
    entry: Mapped[dict[str, Any] | None]
    user_id: Mapped[str | None] = mapped_column(
        String(36), ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class KnowledgeGap(Base):
    """A question that the facts did not answer: what was asked and how often, never by whom.

    `text_key` is the hash of the normalised text; questions of one `topic` ask for the same in
    whatever language. `passages` are those that were found and did not answer, with their
    versions: when others are found, the gap is closed.
    """

    __tablename__ = "knowledge_gaps"

    id: Mapped[int] = mapped_column(primary_key=True)
    text_key: Mapped[str] = mapped_column(String(64), unique=True)
    topic: Mapped[str] = mapped_column(String(300), index=True)
    question: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(8))
    count: Mapped[int]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    passages: Mapped[list[str]]
