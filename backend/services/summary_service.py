"""Keeping summaries of long conversations, beside the turns: nobody waits for one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row, Select, and_, or_, select, update
from sqlalchemy.orm import Session

from backend.core.conversation import HistoryMessage
from backend.core.errors import AssistantUnavailable, DatabaseUnavailable
from backend.core.gemini import AUGeminiClient
from backend.database import Database
from backend.models.chat import MessageRole, MessageStatus
from backend.services.history import FOLDED_AT_ONCE
from backend.services.summary import bound_summary, fold_titles
from backend.services.title import cut
from backend.services.turn import Turn
from backend.services.turn_rows import messages, sessions

_AT_ONCE: Final = 4
"""Summaries that are made at one time; those who wait for an answer come first."""

_MESSAGES: Final = 20
"""Messages that are folded at once; a longer backlog is folded turn after turn."""

_LONGEST: Final = 500
"""Characters of a message that its summary is made from."""

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fallen:
    """What is to be folded: the summary so far, up to where it tells, and what came after."""

    summary: str
    told_until: int | None
    rows: list[Row[Any]]

    @property
    def said(self) -> list[HistoryMessage]:
        """All of it as the model is given it."""
        earlier = [HistoryMessage("summary", self.summary)] if self.summary else []
        return earlier + [
            HistoryMessage(row.role.value, _shorten(row.content)) for row in self.rows
        ]

    @property
    def questions(self) -> list[str]:
        """What was asked."""
        return [row.content for row in self.rows if row.role is MessageRole.USER]


class SummaryService:
    """Folds the turns that the model is no longer shown into the summary of their session.

    The model writes it; when it cannot, the questions' titles make one. A session has one fold at
    a time, and of two workers' the first to end stands.
    """

    def __init__(self, database: Database, gemini_client: AUGeminiClient) -> None:
        self.database = database
        self.gemini_client = gemini_client
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._free = asyncio.Semaphore(_AT_ONCE)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep summaries until the context ends; what is not done by then is done a turn later."""
        try:
            yield
        finally:
            for task in self._tasks.values():
                task.cancel()
            await self.settle()

    async def settle(self) -> None:
        """Wait for the folds that have begun."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def fold_soon(self, turn: Turn) -> None:
        """Have the session's summary brought up to date if the stored turn has need of it."""
        session_id = turn.session_id
        if turn.fold_until is None or session_id in self._tasks:
            return
        task = asyncio.create_task(self._fold(session_id, turn.fold_until))
        self._tasks[session_id] = task
        task.add_done_callback(partial(self._forget, session_id))

    def _forget(self, session_id: str, task: "asyncio.Task[None]") -> None:
        del self._tasks[session_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("summary_failed", exc_info=error)

    async def _fold(self, session_id: str, until: int) -> None:
        def read(db: Session) -> Fallen | None:
            return _read_fallen(db.connection(), session_id, until)

        async with self._free:
            try:
                fallen = await self.database.read(read)
                if fallen is None:
                    return
                summary = await self._summarise(fallen)
                await self.database.write_rows(lambda db: _keep(db, session_id, summary, fallen))
            except DatabaseUnavailable:
                # Nothing is lost: the turns are there, and the next one asks again.
                logger.warning("summary_not_kept")

    async def _summarise(self, fallen: Fallen) -> str:
        try:
            return bound_summary(await self.gemini_client.summarise(fallen.said))
        except AssistantUnavailable:
            return fold_titles(fallen.summary, fallen.questions)


def _read_fallen(db: Connection, session_id: str, until: int) -> Fallen | None:
    """The oldest turns that the summary does not tell of yet; None when there are too few.

    A fold that has just ended may have told of most of them.
    """
    found = select(sessions.c.summary, sessions.c.summary_until)
    session = db.execute(found.where(sessions.c.id == session_id)).first()
    if session is None:
        return None
    is_answer = and_(
        messages.c.is_current,
        messages.c.status.in_([MessageStatus.COMPLETE, MessageStatus.STOPPED]),
    )
    query: Select[Any] = select(messages.c.id, messages.c.role, messages.c.content).where(
        messages.c.session_id == session_id,
        messages.c.id > (session.summary_until or 0),
        messages.c.id <= until,
        messages.c.content != "",
        or_(messages.c.role == MessageRole.USER, is_answer),
    )
    rows = list(db.execute(query.order_by(messages.c.id).limit(_MESSAGES)))
    # Whole turns: a question that the limit parts from its answer comes with the next ones.
    if len(rows) == _MESSAGES and rows[-1].role is MessageRole.USER:
        rows.pop()
    fallen = Fallen(session.summary or "", session.summary_until, rows)
    return fallen if len(fallen.questions) >= FOLDED_AT_ONCE else None


def _keep(db: Connection, session_id: str, summary: str, fallen: Fallen) -> None:
    """Store a summary unless another one was stored meanwhile; the session keeps its place."""
    db.execute(
        update(sessions)
        .where(
            sessions.c.id == session_id,
            sessions.c.summary_until.is_not_distinct_from(fallen.told_until),
        )
        .values(
            summary=summary,
            summary_until=fallen.rows[-1].id,
            updated_at=sessions.c.updated_at,
        )
    )


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else cut(text, _LONGEST)
