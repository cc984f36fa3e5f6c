"""Tests of `backend/services/audit_service.py`: pages of the record, newest first."""

import pytest
from sqlalchemy.orm import Session

from backend.database import Database
from backend.models.audit import AuditAction
from backend.services.audit_service import AuditService, record_action


@pytest.mark.parametrize(
    ("limit", "before", "objects", "has_more"),
    [
        (9, None, "dcba", False),
        (4, None, "dcba", False),
        (3, None, "dcb", True),
        (1, None, "d", True),
        (2, 4, "cb", True),
        (3, 4, "cba", False),
        (1, 2, "a", False),
        (9, 1, "", False),
    ],
)
async def test_a_page_holds_the_newest_before_an_action_and_tells_whether_there_are_more(
    database: Database, limit: int, before: int | None, objects: str, has_more: bool
) -> None:
    def add(db: Session) -> None:
        for name in "abcd":
            record_action(db, actor_id=None, action=AuditAction.ENTRY_CREATED, object_id=name)

    await database.write(add)

    rows, more = await AuditService(database).list_events(limit=limit, before=before)

    assert "".join(row.object_id for row in rows) == objects
    assert [row.id for row in rows] == sorted((row.id for row in rows), reverse=True)
    assert more is has_more
