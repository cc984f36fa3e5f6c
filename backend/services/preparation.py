"""Bringing the database into the state that the service needs, whenever it appears."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from backend.core.errors import DatabaseUnavailable
from backend.database import Database
from backend.migration import MigrationFailed, migrate_if_behind

_PAUSE_SECONDS: Final = 1.0

logger = structlog.get_logger(__name__)


class Preparation:
    """Migrates the database if told to, and marks what a crash has cut off.

    A database that is away does not stop the start: readiness tells, and turns get 503 until it
    is back. Claims that stay behind are found by the next message of their session.
    """

    def __init__(
        self,
        database: Database,
        mark_interrupted: Callable[[], Awaitable[None]],
        *,
        migrates: bool,
        pause: float = _PAUSE_SECONDS,
    ) -> None:
        self._database = database
        self._mark_interrupted = mark_interrupted
        self._migrates = migrates
        self._pause = pause

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Try at once and, where there is something to migrate later, until it is done."""
        try:
            await self._prepare()
            later = None
        except (DatabaseUnavailable, DBAPIError, MigrationFailed) as exc:
            logger.warning("database_unavailable_at_start", reason=type(exc).__name__)
            waits = self._migrates and not isinstance(exc, MigrationFailed)
            later = asyncio.create_task(self._prepare_later()) if waits else None
        try:
            yield
        finally:
            if later is not None:
                later.cancel()
                with suppress(asyncio.CancelledError):
                    await later

    async def _prepare(self) -> None:
        if self._migrates:
            await asyncio.to_thread(migrate_if_behind, self._database.engine)
        await self._mark_interrupted()

    async def _prepare_later(self) -> None:
        while True:
            await asyncio.sleep(self._pause)
            try:
                await self._prepare()
            except (DatabaseUnavailable, DBAPIError):
                continue
            except MigrationFailed:
                logger.warning("database_not_migrated", exc_info=True)
                return
            logger.warning("database_prepared")
            return
