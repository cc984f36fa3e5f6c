"""Turns that are answered as a test says, without a model or facts."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection

from backend.core.errors import DatabaseUnavailable
from backend.core.gemini import Usage
from backend.core.meter import Unmetered
from backend.database import Database
from backend.models import MessageStatus
from backend.models.base import utc_now
from backend.models.chat import AnsweredBy
from backend.services.draft import Draft
from backend.services.reply import AnswerCut, Reply, ReplyWriter
from backend.services.turn import Turn
from backend.services.turn_engine import STORE_PATIENCE_SECONDS, RunningTurn, TurnEngine
from tests.services.turns import T, Turns
from tests.streams import Part, drain

Writing = Callable[[Turn, Draft | None], Awaitable[Reply]]


def reply(content: str) -> Reply:
    return Reply(
        content=content,
        timestamp=utc_now(),
        answered_by=AnsweredBy.KNOWLEDGE,
        language="en",
        sources=[],
        suggestions=[],
        unsupported=[],
        usage=Usage(attempts=3),
    )


class Writer(ReplyWriter):
    """Writes what it is told to."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing

    async def write(self, turn: Turn) -> Reply:
        return await self._writing(turn, None)

    async def stream(self, turn: Turn, draft: Draft) -> Reply:
        return await self._writing(turn, draft)


class Told(Unmetered):
    """Notes which turns it is told of."""

    def __init__(self) -> None:
        self.ends: list[tuple[str, str]] = []
        self.seconds: list[tuple[float | None, float | None]] = []

    def turn_ended(
        self,
        outcome: str,
        *,
        answered_by: str = "nobody",
        seconds: float | None = None,
        first_word_seconds: float | None = None,
    ) -> None:
        self.ends.append((outcome, answered_by))
        self.seconds.append((seconds, first_word_seconds))


async def write_whole(_turn: Turn, draft: Draft | None) -> Reply:
    if draft is not None:
        draft.open([])
        draft.add("Some")
        draft.add(" fees.")
    return reply("Some fees.")


async def write_nothing(_turn: Turn, draft: Draft | None) -> Reply:
    return reply("")


async def break_off(_turn: Turn, draft: Draft | None) -> Reply:
    if draft is not None:
        draft.open([])
        draft.add("Some")
    raise AnswerCut(reply("Some"))


async def stay_away(_turn: Turn, draft: Draft | None) -> Reply:
    if draft is not None:
        draft.open([])
        draft.add("Some")
    await asyncio.sleep(60)
    raise AssertionError


async def go_wrong(_turn: Turn, _draft: Draft | None) -> Reply:
    raise ZeroDivisionError


class Desk:
    """An engine that is told what to write, over the transactions of a worker."""

    def __init__(
        self,
        turns: Turns,
        writing: Writing,
        *,
        database: Database | None = None,
        patience: float = STORE_PATIENCE_SECONDS,
    ) -> None:
        self.turns = turns
        self.meter = Told()
        self.stored: list[Turn] = []
        self.engine = TurnEngine(
            database or turns.database,
            Writer(writing),
            turns.store,
            store_patience=patience,
            when_stored=self.stored.append,
            meter=self.meter,
        )

    async def run(self, *, streamed: bool = False) -> RunningTurn:
        return self.engine.run(await self.turns.begin(), streamed=streamed)

    async def answer(self) -> tuple[str, MessageStatus]:
        row = (await self.turns.messages())[-1]
        return row.content, row.status


async def shown(running: RunningTurn) -> list[Part]:
    assert running.draft is not None
    return await drain(running.draft.log.read())


class AwayDatabase(Database):
    """Cannot be reached for the next few writes."""

    away = 0

    async def write_rows(self, change: Callable[[Connection], T]) -> T:
        if self.away:
            self.away -= 1
            raise DatabaseUnavailable(retry_after=1)
        return await super().write_rows(change)
