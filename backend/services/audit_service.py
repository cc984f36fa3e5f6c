"""The record of what administrators did."""

from typing import Any, cast

from sqlalchemy import Row, Table, insert, select
from sqlalchemy.orm import Session

from backend.database import Database
from backend.models.audit import AuditAction, AuditEvent

_events = cast(Table, AuditEvent.__table__)


def record_action(
    db: Session, *, actor_id: str | None, action: AuditAction, object_id: str
) -> None:
    """Note an action in the transaction that does it: neither is there without the other.

    `actor_id` is None for the command line; `object_id` is an id, never a name or an address.
    """
    db.execute(insert(_events).values(actor_id=actor_id, action=action, object_id=object_id))


class AuditService:
    """Shows the record to administrators."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def list_events(self, *, limit: int, before: int | None) -> tuple[list[Row[Any]], bool]:
        """Actions older than id `before`, newest first, and whether there are more."""
        query = select(_events).order_by(_events.c.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(_events.c.id < before)
        rows = await self.database.read(lambda db: list(db.execute(query)))
        return rows[:limit], len(rows) > limit
