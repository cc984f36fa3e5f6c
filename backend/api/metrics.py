"""What Prometheus reads."""

import hmac

from fastapi import APIRouter, Request, Response

from backend.config import Settings
from backend.core.errors import NotAuthenticated, NotFound
from backend.services.metrics_service import MetricsService

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def show_metrics(request: Request) -> Response:
    """Tell the metrics to whoever has `METRICS_TOKEN`; without one set, in development to all."""
    service: MetricsService | None = request.app.state.metrics_service
    if service is None:
        raise NotFound
    _check_token(request)
    content, media_type = await service.render()
    return Response(content, media_type=media_type, headers={"Cache-Control": "no-store"})


def _check_token(request: Request) -> None:
    config: Settings = request.app.state.settings
    if config.METRICS_TOKEN is None:
        return
    expected = f"Bearer {config.METRICS_TOKEN.get_secret_value()}".encode()
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(given, expected):
        raise NotAuthenticated("The metrics are shown to those who have METRICS_TOKEN.")
