"""How the parts stand, told as metrics: looked at when somebody reads them.

With several workers also twice a second, as another one may be the one that is read.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core.circuit_breaker import BreakerState
from backend.core.errors import DatabaseUnavailable
from backend.core.gemini import AUGeminiClient
from backend.models.knowledge import KnowledgeGap
from backend.services.knowledge_service import KnowledgeService
from backend.services.turn_engine import TurnEngine

if TYPE_CHECKING:
    from backend.core.prometheus import PrometheusMeter

_EVERY_SECONDS: Final = 0.5
_GAPS_EVERY_SECONDS: Final = 15.0
_PATIENCE_SECONDS: Final = 1.0
_STATM: Final = Path("/proc/self/statm")
_PAGE_BYTES: Final = 4_096


class MetricsService:
    """Keeps the gauges of this worker true, and renders the metrics of all workers."""

    def __init__(
        self,
        meter: "PrometheusMeter",
        engine: TurnEngine,
        gemini_client: AUGeminiClient,
        knowledge_service: KnowledgeService,
    ) -> None:
        self.meter = meter
        self.engine = engine
        self.gemini_client = gemini_client
        self.knowledge_service = knowledge_service
        self._gaps_counted_at = -_GAPS_EVERY_SECONDS

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Watch the event loop and the parts until the context ends."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def render(self) -> tuple[bytes, str]:
        """The metrics of all workers, and their media type."""
        from backend.core.prometheus import CONTENT_TYPE  # noqa: PLC0415 - loaded by now

        self._show()
        await self._show_gaps()
        return await self.meter.render(), CONTENT_TYPE

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            if self.meter.is_shared:  # alone, whoever reads them finds them looked at then
                with suppress(OSError):  # the folder goes with the process that made it
                    self._show()
            due = loop.time() + _EVERY_SECONDS
            await asyncio.sleep(_EVERY_SECONDS)
            self.meter.loop_lagged(max(0.0, loop.time() - due))

    def _show(self) -> None:
        show = self.meter.show
        show("workers", 1, "Processes that answer.")
        show("resident_bytes", _resident_bytes(), "Memory in use.")
        running = self.engine.running
        streams = sum(turn.draft is not None for turn in running)
        show("turns_running", len(running), "Turns that are being answered.")
        show("streams_running", streams, "Those of them that are streamed.")
        in_use, capacity = self.engine.database.pool_use()
        show("database_connections_in_use", in_use, "Connections that are taken.")
        show("database_connections_limit", capacity, "Connections that there can be.")
        breaker = self.gemini_client.status().breaker
        self.meter.show_each(
            "gemini_breaker_workers",
            {state.value: state is breaker for state in BreakerState},
            "Workers by the state of their circuit breaker.",
            by="state",
        )
        self._show_knowledge()

    def _show_knowledge(self) -> None:
        """The version as a number, highest and lowest among workers: when they differ, so do these.

        Its first twelve hexadecimal digits fit a float exactly.
        """
        show = self.meter.show
        version = int(self.knowledge_service.version[:12] or "0", 16)
        about = "What is known, as a number that changes with it"
        show("knowledge_version", version, f"{about}.", across="livemax")
        show("knowledge_version_lowest", version, f"{about}; the lowest.", across="livemin")
        library = self.knowledge_service.library
        show("knowledge_facts", library.size, "Facts that are known.", across="livemin")
        show("knowledge_problems", len(library.problems), "Faults of the files.", across="livemax")

    async def _show_gaps(self) -> None:
        """Count the open questions, seldom; a database that is away leaves the last number."""
        now = monotonic()
        if now - self._gaps_counted_at < _GAPS_EVERY_SECONDS:
            return
        self._gaps_counted_at = now
        with suppress(DatabaseUnavailable, TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                count = await self.engine.database.read(_count_open_gaps)
            about = "Questions that no fact answers."
            self.meter.show("knowledge_gaps_open", count, about, across="livemostrecent")


def _count_open_gaps(db: Session) -> int:
    query = select(func.count()).select_from(KnowledgeGap).where(KnowledgeGap.closed_at.is_(None))
    return db.scalar(query) or 0


def _resident_bytes() -> int:
    """What this process holds in memory; 0 where the system does not tell."""
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0
