"""Vectors that were made once: each costs a call of a model."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, utc_now


class KnowledgeVector(Base):
    """The vector of one text by one model; `vector` is of half-precision floats, little-endian."""

    __tablename__ = "knowledge_vectors"

    model: Mapped[str] = mapped_column(String(150), primary_key=True)
    text_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    vector: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
