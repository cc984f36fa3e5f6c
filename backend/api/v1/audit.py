"""The record of administrators' actions."""

from fastapi import Depends

from backend.api.deps import AuditServiceDep, BeforeId, PageLimit
from backend.api.identity import get_admin_user
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.core.errors import DatabaseUnavailable, Forbidden, InvalidRequest, NotAuthenticated
from backend.schemas.audit import AuditEventRead, AuditList

router = part_router("audit")(
    dependencies=[Depends(get_admin_user)],
    responses=document_problems(NotAuthenticated, Forbidden, InvalidRequest, DatabaseUnavailable),
)


@router.get("/")
async def list_events(
    audit_service: AuditServiceDep, limit: PageLimit = 50, before: BeforeId = None
) -> AuditList:
    """List what administrators did, newest first; page back with the last event's id."""
    rows, has_more = await audit_service.list_events(limit=limit, before=before)
    items = [AuditEventRead.model_validate(row) for row in rows]
    return AuditList(items=items, has_more=has_more)
