"""Work that one of all workers does from time to time."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base


class BackgroundTask(Base):
    """Who does a task, until when at the latest, and when it was last done to its end."""

    __tablename__ = "background_tasks"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    held_by: Mapped[str | None] = mapped_column(String(200))
    held_until: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
