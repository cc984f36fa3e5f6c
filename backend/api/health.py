"""Whether the service lives, and whether it can do its work."""

from fastapi import APIRouter, Response, status

from backend.api.deps import HealthServiceDep
from backend.api.openapi import operation_id
from backend.schemas.health import HealthResponse, ReadyResponse, RootResponse

router = APIRouter(tags=["health"], generate_unique_id_function=operation_id)


@router.get("/", response_model=RootResponse)
async def root() -> RootResponse:
    """Say that the service runs."""
    return RootResponse()


@router.get("/health", response_model=HealthResponse)
async def health_check() -> HealthResponse:
    """Say that the process lives; touches nothing else."""
    return HealthResponse()


@router.get(
    "/health/ready",
    response_model=ReadyResponse,
    responses={status.HTTP_503_SERVICE_UNAVAILABLE: {"model": ReadyResponse}},
)
async def ready_check(response: Response, health_service: HealthServiceDep) -> ReadyResponse:
    """Say whether each part the service stands on works; 503 when it cannot take turns."""
    ready = await health_service.check()
    if ready.status != "ready":
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return ready
