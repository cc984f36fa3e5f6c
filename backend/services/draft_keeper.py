"""Storing answers while they are written: a crash leaves what their readers have seen.

And holding the sessions of those that take long: whoever dies lets go of them soon.
"""

import asyncio
from collections.abc import Sequence
from functools import partial
from time import monotonic
from typing import Final

import structlog

from backend.core.errors import DatabaseUnavailable
from backend.models.chat import MessageStatus
from backend.services.turn_engine import RunningTurn, TurnEngine

INTERVAL_SECONDS: Final = 2.0
RENEW_SECONDS: Final = 3.0
"""How old a claim gets before it is renewed; most turns are over by then."""

_BATCH: Final = 50
"""Drafts in one transaction: more would let other writers wait noticeably."""

logger = structlog.get_logger(__name__)


class DraftKeeper:
    """Stores what has been added to streamed answers since it last looked, and renews claims."""

    def __init__(
        self,
        engine: TurnEngine,
        *,
        interval: float = INTERVAL_SECONDS,
        renew_after: float = RENEW_SECONDS,
    ) -> None:
        self._engine = engine
        self._interval = interval
        self._renew_after = renew_after
        self._renewed: dict[int, float] = {}
        self._kept: dict[int, int] = {}

    async def run(self) -> None:
        """Keep drafts until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            try:
                await self.renew()
                await self.keep()
            except DatabaseUnavailable:
                # The text is still here, and the end of the turn waits for the database.
                logger.warning("drafts_not_kept", running=len(self._engine.running))

    async def renew(self) -> None:
        """Hold the sessions of all turns that were claimed or renewed a while ago."""
        running, now = self._engine.running, monotonic()
        self._renewed = {
            turn.turn.answer_id: self._renewed.get(turn.turn.answer_id, turn.started_at)
            for turn in running
        }
        due = [
            turn.turn
            for turn in running
            if now - self._renewed[turn.turn.answer_id] >= self._renew_after
        ]
        for start in range(0, len(due), _BATCH):
            some = due[start : start + _BATCH]
            await self._engine.database.write_rows(
                partial(self._engine.turn_store.claims.renew, turns=some)
            )
            self._renewed.update({turn.answer_id: now for turn in some})

    async def keep(self) -> None:
        """Store every draft that has grown; end the turns that were taken from this worker."""
        grown = [
            running
            for running in self._engine.running
            if running.draft is not None
            and not running.is_written
            and running.draft.size > self._kept.get(running.turn.answer_id, 0)
        ]
        for start in range(0, len(grown), _BATCH):
            await self._keep(grown[start : start + _BATCH])
        alive = {running.turn.answer_id for running in self._engine.running}
        self._kept = {name: size for name, size in self._kept.items() if name in alive}

    async def _keep(self, grown: Sequence[RunningTurn]) -> None:
        store = self._engine.turn_store
        drafts = [(running, running.draft) for running in grown if running.draft is not None]
        written = [(running.turn, draft.text) for running, draft in drafts]
        sizes = {running.turn.answer_id: draft.size for running, draft in drafts}
        lost = await self._engine.database.write_rows(lambda db: store.keep_drafts(db, written))
        self._kept.update(sizes)
        for running in grown:
            if running.turn.answer_id in lost:
                running.end(MessageStatus.STOPPED)
