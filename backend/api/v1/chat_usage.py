"""What answers cost."""

from typing import Annotated

from fastapi import Depends, Query

from backend.api.deps import UsageServiceDep
from backend.api.identity import get_admin_user
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.core.errors import DatabaseUnavailable, Forbidden, InvalidRequest, NotAuthenticated
from backend.schemas.usage import MAX_USAGE_DAYS, UsageResponse

router = part_router("chat")(
    dependencies=[Depends(get_admin_user)],
    responses=document_problems(NotAuthenticated, Forbidden, InvalidRequest, DatabaseUnavailable),
)


@router.get("/usage")
async def read_usage(
    usage_service: UsageServiceDep,
    days: Annotated[
        int, Query(ge=1, le=MAX_USAGE_DAYS, description="How many days, today included.")
    ] = 30,
) -> UsageResponse:
    """Read what the answers of each UTC day cost, oldest day first."""
    return await usage_service.read_days(days)
