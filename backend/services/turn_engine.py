"""Running turns: answers are written by tasks of their own, whoever is still there to read them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any, Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from backend.core.errors import (
    AUGuruError,
    DatabaseUnavailable,
    ServiceUnavailable,
    SessionNotFound,
    TurnStopped,
)
from backend.core.log import bind_session
from backend.core.meter import UNMETERED, Meter
from backend.database import Database
from backend.models.chat import MessageStatus
from backend.services.draft import INTERRUPTED_TEXT, Draft
from backend.services.reply import AnswerCut, Reply, ReplyWriter
from backend.services.turn import Turn
from backend.services.turn_store import TurnStore

STORE_PATIENCE_SECONDS: Final = 30.0
"""How long a finished answer waits for a database that is locked, full or restarting."""

_RETRY_SECONDS: Final = 0.2

Begin = Callable[[Connection], Turn]

logger = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class RunningTurn:
    """A turn that this worker answers; its `draft` is what readers of a streamed one get.

    `ending` says how it was ended before its time; once `is_written`, it cannot be any more.
    """

    turn: Turn
    draft: Draft | None
    task: "asyncio.Task[Mapping[str, Any]]" = field(init=False)
    ending: MessageStatus | None = None
    is_written: bool = False
    started_at: float = field(default_factory=monotonic)

    def end(self, status: MessageStatus) -> None:
        """Close the call to the model at once; what is written is kept."""
        if self.ending is None and not self.is_written:
            self.ending = status
            # Not at once: a task that is cancelled before its first step never takes it, and its
            # session would stay claimed for as long as this process lives.
            self.task.get_loop().call_soon(self._cancel)

    def _cancel(self) -> None:
        if not self.is_written:
            self.task.cancel()

    def times(self) -> dict[str, int]:
        """How long its first word and all of it took; a whole answer comes at once."""
        now = monotonic()
        begun = (self.draft and self.draft.begun_at) or now
        return {
            "first_token_ms": round((begun - self.started_at) * 1_000),
            "duration_ms": round((now - self.started_at) * 1_000),
        }

    async def result(self) -> Mapping[str, Any]:
        """The columns of the stored answer. Whoever waits and goes takes nothing along.

        Raises:
            TurnStopped: it was stopped before it had a word.
            ServiceUnavailable: it was cut off.
        """
        return await asyncio.shield(self.task)


class TurnEngine:
    """Has turns answered, and knows those that run in this worker."""

    def __init__(
        self,
        database: Database,
        reply_writer: ReplyWriter,
        turn_store: TurnStore,
        *,
        store_patience: float = STORE_PATIENCE_SECONDS,
        when_stored: Callable[[Turn], None] | None = None,
        meter: Meter = UNMETERED,
    ) -> None:
        self.database = database
        self.reply_writer = reply_writer
        self.turn_store = turn_store
        self._store_patience = store_patience
        self._when_stored = when_stored
        self._meter = meter
        self._running: dict[int, RunningTurn] = {}

    @property
    def running(self) -> list[RunningTurn]:
        """All turns that this worker answers now."""
        return list(self._running.values())

    def find(self, turn: Turn) -> RunningTurn | None:
        """The turn as it runs in this worker, if it does."""
        return self._running.get(turn.answer_id)

    async def open(self, begin: Begin) -> Turn:
        """Commit the beginning of a turn, which `begin` finds or claims.

        Raises:
            DatabaseUnavailable: nothing was stored, as far as anybody knows.
        """
        claimed: list[int] = []

        def claim(db: Connection) -> Turn:
            turn = begin(db)
            claimed.append(turn.question_id)
            return turn

        try:
            try:
                turn = await self.database.write_rows(claim)
            except IntegrityError:
                # The same first message came twice at once, or the session was deleted in
                # between: the other one is through by now, and a second look finds what it left.
                turn = await self.database.write_rows(claim)
        except DatabaseUnavailable:
            # Nobody knows whether the claim was committed; nobody answers it in any case.
            self.turn_store.running.difference_update(claimed)
            raise
        bind_session(turn.session_id)
        return turn

    def run(self, turn: Turn, *, streamed: bool = False) -> RunningTurn:
        """Have a claimed turn answered; it goes on when whoever asked has gone."""
        draft = Draft(turn) if streamed else None
        running = RunningTurn(turn, draft)
        writing = self.reply_writer.stream(turn, draft) if draft else self.reply_writer.write(turn)
        running.task = asyncio.create_task(self._answer(running, writing))
        running.task.add_done_callback(_notice)
        self._running[turn.answer_id] = running
        return running

    def end_session(self, session_id: str) -> None:
        """Stop what runs in a session that is being erased."""
        for running in self.running:
            if running.turn.session_id == session_id:
                running.end(MessageStatus.STOPPED)

    async def drain(self, patience: float) -> None:
        """Let running turns end within `patience` seconds; store what the others have written."""
        tasks = [running.task for running in self.running]
        if not tasks:
            return
        await asyncio.wait(tasks, timeout=patience)
        for running in self.running:
            running.end(MessageStatus.INTERRUPTED)
        await asyncio.wait(tasks, timeout=self._store_patience)

    async def _answer(self, running: RunningTurn, writing: Awaitable[Reply]) -> Mapping[str, Any]:
        turn, draft = running.turn, running.draft
        try:
            columns = await self._written(running, writing)
            await self._store(turn, columns)
        except BaseException as exc:
            self._meter.turn_ended("erased" if isinstance(exc, SessionNotFound) else "failed")
            await asyncio.shield(self._abandon(turn))
            if draft is not None:
                _show_failure(draft, exc)
            raise
        finally:
            self.turn_store.running.discard(turn.question_id)
            del self._running[turn.answer_id]
        self._count(running, columns)
        if self._when_stored is not None:
            self._when_stored(turn)
        answer = {"id": turn.answer_id, "session_id": turn.session_id, **columns}
        if draft is not None and columns["status"] is MessageStatus.INTERRUPTED:
            draft.fail()
        elif draft is not None:
            draft.finish(answer)
        elif columns["status"] is MessageStatus.STOPPED:
            raise TurnStopped
        elif columns["status"] is MessageStatus.INTERRUPTED:
            raise ServiceUnavailable(INTERRUPTED_TEXT, retry_after=1)
        return answer

    async def _written(self, running: RunningTurn, writing: Awaitable[Reply]) -> dict[str, Any]:
        """The columns of the answer, or of what there is of it when it was ended."""
        try:
            reply = await writing
            status = running.ending or MessageStatus.COMPLETE
        except AnswerCut as cut:
            reply, status = cut.reply, MessageStatus.INTERRUPTED
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if running.ending is None or task is None:
                raise
            task.uncancel()
            reply = self.reply_writer.cut_reply(running.turn, running.draft)
            status = running.ending
        finally:
            running.is_written = True
        usage = {**asdict(reply.usage), **running.times()}
        return {**reply.columns(), "usage": usage, "status": status}

    def _count(self, running: RunningTurn, columns: Mapping[str, Any]) -> None:
        usage = columns["usage"]
        is_streamed = running.draft is not None and running.draft.begun_at is not None
        self._meter.turn_ended(
            columns["status"].value,
            answered_by=columns["answered_by"].value,
            seconds=usage["duration_ms"] / 1_000,
            first_word_seconds=usage["first_token_ms"] / 1_000 if is_streamed else None,
        )

    async def _store(self, turn: Turn, columns: Mapping[str, Any]) -> None:
        """Store the answer, waiting for a database that is away: it has been paid for."""

        patience = monotonic() + self._store_patience
        while True:
            try:
                return await self._store_once(turn, columns)
            except DatabaseUnavailable:
                if monotonic() > patience:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)
            except IntegrityError as exc:
                raise SessionNotFound from exc

    async def _store_once(self, turn: Turn, columns: Mapping[str, Any]) -> None:
        store = self.turn_store
        if not await self.database.write_alone(lambda db: store.finish_alone(db, turn, columns)):
            await self.database.write_rows(lambda db: store.finish(db, turn, columns))

    async def _abandon(self, turn: Turn) -> None:
        try:
            await self.database.write_rows(lambda db: self.turn_store.abandon(db, turn))
        except DatabaseUnavailable:
            # The claim of a question that nobody answers any more counts as a leftover: the next
            # message of the session, or the next start, marks it.
            logger.warning("turn_not_marked")


def _show_failure(draft: Draft, error: BaseException) -> None:
    if isinstance(error, TurnStopped):
        draft.stop()
    elif isinstance(error, AUGuruError):
        draft.fail(error.detail)
    else:
        draft.fail()


def _notice(task: "asyncio.Task[Mapping[str, Any]]") -> None:
    """Log what nobody has expected; those who wait for the answer get the error as well."""
    if task.cancelled():
        return
    error = task.exception()
    if error is not None and not isinstance(error, AUGuruError):
        logger.error("turn_failed", exc_info=error)
