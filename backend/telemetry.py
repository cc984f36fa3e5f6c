"""What the service tells of itself while it runs: metrics and traces, where they are asked for."""

import asyncio
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from fastapi import FastAPI

from backend.api.route_name import RouteNames
from backend.config import Settings
from backend.core.gemini import AUGeminiClient
from backend.core.meter import UNMETERED, Meter
from backend.core.tracing import traces_wanted
from backend.services.knowledge_service import KnowledgeService
from backend.services.metrics_service import MetricsService
from backend.services.turn_engine import TurnEngine

if TYPE_CHECKING:
    from backend.core.otel import OtelTracing
    from backend.core.prometheus import PrometheusMeter

logger = structlog.get_logger(__name__)


class Telemetry:
    """Opened with the application, before all that counts; `prepare` says what is looked at."""

    def __init__(self, app: FastAPI, config: Settings) -> None:
        self._app = app
        self._prometheus = _build_prometheus(app, config) if config.shows_metrics else None
        self._otel = _build_otel(app) if traces_wanted() else None
        self._service: MetricsService | None = None
        app.state.otel = self._otel
        if self._prometheus is not None or self._otel is not None:
            app.state.route_names = RouteNames(app)
        app.state.meter = self.meter

    @property
    def meter(self) -> Meter:
        """Takes the counts."""
        return UNMETERED if self._prometheus is None else self._prometheus

    def watch(
        self, engine: TurnEngine, gemini_client: AUGeminiClient, knowledge_service: KnowledgeService
    ) -> None:
        """Say what the metrics look at."""
        if self._prometheus is not None:
            self._service = MetricsService(
                self._prometheus, engine, gemini_client, knowledge_service
            )
        self._app.state.metrics_service = self._service

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the gauges true until the context ends, and send the last traces then."""
        try:
            if self._service is None:
                yield
            else:
                async with self._service.running():
                    yield
        finally:
            if self._otel is not None:
                await asyncio.to_thread(self._otel.close)


def _build_prometheus(app: FastAPI, config: Settings) -> "PrometheusMeter":
    from backend.core.prometheus import PrometheusMeter  # noqa: PLC0415 - see its docstring

    return PrometheusMeter(
        version=app.version,
        python=platform.python_version(),
        database=config.DATABASE_URL.partition(":")[0].partition("+")[0],
    )


def _build_otel(app: FastAPI) -> "OtelTracing | None":
    try:
        from backend.core.otel import OtelTracing  # noqa: PLC0415 - see its docstring
    except ImportError:
        logger.warning("traces_not_installed", get="pip install -r requirements-tracing.txt")
        return None
    return OtelTracing(version=app.version)
