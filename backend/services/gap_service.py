"""The questions that the facts do not answer: counted beside the turns, closed by new facts."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import Row

from backend.core.breaks import Breaks
from backend.core.errors import DatabaseUnavailable
from backend.core.language import Language
from backend.database import Database
from backend.models.base import utc_now
from backend.schemas.knowledge_gap import GapList
from backend.services.gap_list import Order, Status, export_gaps, list_gaps
from backend.services.gap_store import close, read_open, store
from backend.services.knowledge.gap import Gap, answering, is_gap, make_gap
from backend.services.knowledge_service import KnowledgeContext, KnowledgeService, Passage
from backend.services.turn import Turn

MAX_WAITING: Final = 1_000
_MANY_WAITING: Final = 500
"""Notes from which on they are judged without breaks: with more of them some would be lost."""

_EVERY_SECONDS: Final = 1.0
_CHUNK: Final = 100

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Noted:
    turn: Turn
    context: KnowledgeContext
    language: Language
    cited: tuple[Passage, ...] | None
    moment: datetime

    @property
    def asked(self) -> tuple[object, ...]:
        """What decides whether it is a gap: notes in which this is equal are judged once."""
        said = tuple(said.content for said in self.turn.history if said.role == "user")
        cited = None if self.cited is None else tuple(passage.id for passage in self.cited)
        return self.turn.message, said, cited, self.language, id(self.context.edition)


class GapService:
    """Keeps the gaps. A turn only leaves a note in memory; a task of its own writes them down.

    No turn waits for that or fails with it: the thread that judges the notes takes breaks. What
    was noted in the last seconds is lost when the process dies: a gap that matters is asked again.
    """

    def __init__(
        self,
        database: Database,
        knowledge_service: KnowledgeService,
        *,
        breaks: Breaks | None = None,
    ) -> None:
        self.database = database
        self.knowledge_service = knowledge_service
        self._breaks = breaks or Breaks()
        self._noted: deque[_Noted] = deque(maxlen=MAX_WAITING)
        self._checked = ""
        self._flushing = asyncio.Lock()

    def note(
        self,
        turn: Turn,
        context: KnowledgeContext,
        language: Language,
        cited: tuple[Passage, ...] | None = None,
    ) -> None:
        """Remember a turn that may have shown a gap.

        `cited` is what the model's answer draws on; None when the facts themselves had to answer.
        """
        if not context.off_topic:
            self._noted.append(_Noted(turn, context, language, cited, utc_now()))
            if len(self._noted) >= _MANY_WAITING:
                self._breaks.end()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write notes down and check the open gaps after every reload, until the context ends."""
        stop = asyncio.Event()
        task = asyncio.create_task(self._run(stop))
        try:
            yield
        finally:
            stop.set()
            self._breaks.end()
            await task

    async def flush(self) -> None:
        """Write down what was noted, without breaks.

        Raises:
            DatabaseUnavailable: nothing was written; the notes are kept.
        """
        self._breaks.end()
        async with self._flushing:  # whoever reads the gaps waits for what is being written
            await self._flush()

    async def _flush_with_breaks(self) -> None:
        if self._flushing.locked():
            return
        async with self._flushing:
            self._breaks.allow()
            await self._flush()

    async def _flush(self) -> None:
        noted = [self._noted.popleft() for _ in range(len(self._noted))]
        if not noted:
            return
        rows = await asyncio.to_thread(self._to_rows, noted)
        if not rows:
            return
        try:
            await self.database.write(lambda db: store(db, rows))
        except DatabaseUnavailable:
            self._noted.extendleft(reversed(noted))
            raise

    async def get_page(
        self, *, order: Order, status: Status, limit: int, cursor: str | None
    ) -> GapList:
        """A page of gaps, with those that this worker has just noted.

        Raises:
            InvalidRequest: the cursor is not one of ours.
        """
        await self._bring_up_to_date()
        return await self.database.read(
            partial(list_gaps, order=order, status=status, limit=limit, cursor=cursor)
        )

    async def export(self, *, order: Order, status: Status) -> str:
        """All questions as a CSV table."""
        await self._bring_up_to_date()
        return await self.database.read(partial(export_gaps, order=order, status=status))

    async def _bring_up_to_date(self) -> None:
        await self.flush()
        await self.recheck()

    async def recheck(self) -> None:
        """Close the open gaps that the present facts answer."""
        version = self.knowledge_service.version
        if version == self._checked:
            return
        gaps = await self.database.read(read_open)
        for start in range(0, len(gaps), _CHUNK):
            chunk = gaps[start : start + _CHUNK]
            answered = await asyncio.to_thread(self._answered, chunk)
            if answered:
                await self.database.write(partial(close, ids=answered))
        self._checked = version

    async def _run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _EVERY_SECONDS)
            if not stop.is_set():
                await _attempt(self._keep_up)
        await _attempt(self.flush)  # with what was noted while the last ones were judged

    async def _keep_up(self) -> None:
        await self._flush_with_breaks()
        await self.recheck()

    def _answered(self, gaps: Iterable[Row[Any]]) -> list[int]:
        """The ids of those for which other passages are found now than did not answer."""
        found = []
        for gap in self._breaks.between(gaps):
            context = self.knowledge_service.get_context(gap.question)
            if set(answering(context)) - set(gap.passages):
                found.append(gap.id)
        return found

    def _to_rows(self, noted: Sequence[_Noted]) -> list[dict[str, Any]]:
        """A row for each different question, in one order for all workers: none waits in a ring."""
        same: dict[tuple[object, ...], list[_Noted]] = {}
        for one in noted:
            same.setdefault(one.asked, []).append(one)
        rows: dict[str, dict[str, Any]] = {}
        for group in self._breaks.between(same.values()):
            gap = self._find_gap(group[0])
            if gap is None:
                continue
            first, last = group[0], group[-1]
            row = rows.setdefault(gap.text_key, _new_row(gap, first))
            row["asked_in"] += [one.turn.question_id for one in group]
            row |= {
                "first_seen": min(row["first_seen"], first.moment),
                "last_seen": max(row["last_seen"], last.moment),
                "passages": list(gap.passages),
            }
        return [rows[key] for key in sorted(rows)]

    def _find_gap(self, noted: _Noted) -> Gap | None:
        """What is to be kept of a note; None when its question was answered."""
        message = noted.turn.message
        if noted.cited is not None and not is_gap(message, noted.context, noted.cited):
            return None
        question, context = self._in_full(noted)
        judged = noted.cited is not None and context is noted.context
        if not judged and not is_gap(message, context, noted.cited):
            return None
        return make_gap(question, context)

    def _in_full(self, noted: _Noted) -> tuple[str, KnowledgeContext]:
        """A follow-up together with the question that it follows; others as they are."""
        message = noted.turn.message
        earlier = [said.content for said in noted.turn.history if said.role == "user"]
        if not earlier:
            return message, noted.context
        alone = self.knowledge_service.get_context(message)
        if len(alone.query.parts) == len(noted.context.query.parts):
            return message, alone
        question = f"{earlier[-1]} {message}"
        return question, self.knowledge_service.get_context(question)


def _new_row(gap: Gap, noted: _Noted) -> dict[str, Any]:
    return {
        "text_key": gap.text_key,
        "topic": gap.topic,
        "question": gap.question,
        "language": noted.language.value,
        "asked_in": [],
        "first_seen": noted.moment,
        "last_seen": noted.moment,
        "closed_at": None,
    }


async def _attempt(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except DatabaseUnavailable:
        logger.warning("gaps_wait_for_database")
    except Exception:
        # One question that cannot be kept must not end the task that keeps the others.
        logger.exception("gaps_not_kept")
