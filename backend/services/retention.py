"""Retention: anonymous conversations that nobody went on with are erased after a set time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast

import structlog
from sqlalchemy import Connection, CursorResult, Table, delete, or_, select

from backend.core.errors import DatabaseUnavailable
from backend.core.worker import Worker
from backend.database import Database
from backend.models.base import utc_now
from backend.models.chat import ChatMessage, ChatSession
from backend.models.knowledge import KnowledgeGap
from backend.services.lease import Lease

SESSIONS_AT_ONCE: Final = 20
MESSAGES_AT_ONCE: Final = 500
"""Rows of one transaction: it holds up the turns that wait for a few milliseconds."""

_EVERY: Final = timedelta(hours=1)
_LEASE: Final = timedelta(minutes=2)
_LOOK_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.05

_sessions = cast(Table, ChatSession.__table__)
_messages = cast(Table, ChatMessage.__table__)
_gaps = cast(Table, KnowledgeGap.__table__)
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What one transaction erased, and from where the next one goes on; None at the end."""

    erased: int
    go_on_from: datetime | None


class RetentionService:
    """Erases what is older than `days`, once an hour in one of all workers; never with 0 days.

    People's own sessions stay until they erase them. Questions without an answer that were kept
    for staff, and not asked again for so long, go as well: they are words of people too.
    """

    def __init__(
        self, database: Database, worker: Worker, *, days: int, scrub: Callable[[], None]
    ) -> None:
        self.database = database
        self._days = days
        self._scrub = scrub
        self._lease = Lease("retention", str(worker), _LEASE, _EVERY)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look after it until the context ends; what a restart cut off is taken up again."""
        if not self._days:
            yield
            return
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def erase_old(self) -> int | None:
        """Erase what is due; gives the number of sessions, None when it is not this worker's turn.

        Raises:
            DatabaseUnavailable: the rest is left to the next time.
        """
        if not await self.database.write_rows(self._lease.take):
            return None
        cutoff = utc_now() - timedelta(days=self._days)
        total = 0
        place: datetime | None = datetime.min.replace(tzinfo=cutoff.tzinfo)
        while place is not None:
            batch = await self.database.write_rows(
                partial(_erase_batch, lease=self._lease, cutoff=cutoff, place=place)
            )
            total += batch.erased
            place = batch.go_on_from
            await asyncio.sleep(_PAUSE_SECONDS)
        gaps = await self.database.write_rows(partial(_forget_gaps, cutoff=cutoff))
        await self.database.write_rows(self._lease.finish)
        if total or gaps:
            self._scrub()
        return total

    async def _run(self) -> None:
        while True:
            try:
                erased = await self.erase_old()
                if erased:
                    logger.info("old_sessions_erased", count=erased)
            except DatabaseUnavailable:
                logger.warning("retention_waits_for_database")
            except Exception:
                # Whatever stops one round must not end the task that would do the next.
                logger.exception("retention_failed")
            await asyncio.sleep(_LOOK_SECONDS)


def _erase_batch(db: Connection, *, lease: Lease, cutoff: datetime, place: datetime) -> _Batch:
    """Erase a few sessions, or a part of a long one; never one that is being answered."""
    if not lease.keep(db):
        return _Batch(0, None)
    running = _sessions.c.running_question_id.is_not(None)
    old = (
        select(_sessions.c.id, _sessions.c.created_at)
        .where(
            _sessions.c.user_id.is_(None),
            _sessions.c.created_at.between(place, cutoff),
            _sessions.c.updated_at < cutoff,
            or_(~running, _sessions.c.running_until < utc_now()),
        )
        .order_by(_sessions.c.created_at)
        .limit(SESSIONS_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = db.execute(old).all()
    if not found:
        return _Batch(0, None)
    ids = [row.id for row in found]
    some = select(_messages.c.id).where(_messages.c.session_id.in_(ids)).limit(MESSAGES_AT_ONCE)
    erased = cast(CursorResult[Any], db.execute(delete(_messages).where(_messages.c.id.in_(some))))
    if erased.rowcount >= MESSAGES_AT_ONCE:
        return _Batch(0, found[0].created_at)
    db.execute(delete(_sessions).where(_sessions.c.id.in_(ids)))
    return _Batch(len(ids), found[0].created_at)


def _forget_gaps(db: Connection, *, cutoff: datetime) -> int:
    old = delete(_gaps).where(_gaps.c.last_seen < cutoff)
    return cast(CursorResult[Any], db.execute(old)).rowcount
