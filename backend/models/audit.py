"""What administrators did."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backend.models.base import Base, utc_now


class AuditAction(StrEnum):
    """What was done, and to what kind of object."""

    ENTRY_CREATED = "entry.created"
    ENTRY_UPDATED = "entry.updated"
    ENTRY_DELETED = "entry.deleted"
    ENTRY_RESTORED = "entry.restored"
    USER_PROMOTED = "user.promoted"
    USER_DEMOTED = "user.demoted"
    USER_ACTIVATED = "user.activated"
    USER_DEACTIVATED = "user.deactivated"
    USER_DELETED = "user.deleted"


class AuditEvent(Base):
    """One action of an administrator: ids only, never what people wrote or are called.

    `actor_id` is no foreign key: whoever deletes an account, their own included, must not thereby
    take what they did out of the record. None is the command line. `object_id` is a user's id, or
    `category#id` of an entry.
    """

    __tablename__ = "audit_events"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    actor_id: Mapped[str | None] = mapped_column(String(36))
    action: Mapped[AuditAction]
    object_id: Mapped[str] = mapped_column(String(500))
    happened_at: Mapped[datetime] = mapped_column(default=utc_now)
