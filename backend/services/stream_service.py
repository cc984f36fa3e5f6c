"""Streamed answers: begun, joined late, followed from another worker, stopped."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

from backend.core import ui_stream as frames
from backend.core.errors import DatabaseUnavailable, SessionNotFound
from backend.core.replay import KEEP_ALIVE_SECONDS, ReplayLog
from backend.core.termination import on_termination
from backend.models.chat import MessageStatus
from backend.schemas.chat import ChatRequest
from backend.schemas.stream import UIChatRequest
from backend.services.draft import INTERRUPTED_TEXT, remaining_frames, stored_frames
from backend.services.draft_keeper import DraftKeeper
from backend.services.turn import Opening, Turn
from backend.services.turn_engine import RunningTurn, TurnEngine
from backend.services.turn_opening import opening_of

if TYPE_CHECKING:
    from backend.core.replay_redis import RedisReplays

Stream = AsyncGenerator[bytes, None]
"""Server-sent events, ready for the wire."""

_POLL_SECONDS: Final = 0.2
_SHOWN_SECONDS: Final = 2.0
"""How long a worker has to show an answer that it has begun."""

_CHECK_SECONDS: Final = 5.0
"""Silence after which one looks whether the worker that writes the answer still lives."""

_STOP_SECONDS: Final = 2.0
"""How long another worker has to stop what it writes, before its turn is ended without it."""


class StreamService:
    """Gives answers word by word, to whoever asks for them and however often.

    With `replays`, what one worker writes can be read and stopped through all others; without,
    the others give the answer when it is stored.
    """

    def __init__(self, engine: TurnEngine, *, replays: "RedisReplays | None" = None) -> None:
        self.engine = engine
        self._replays = replays

    @asynccontextmanager
    async def running(self, *, grace: float) -> AsyncIterator[None]:
        """Look after running turns meanwhile; at the end they get `grace` seconds to finish.

        The end begins with the signal: a server waits for open streams before anything else.
        """
        ending: list[asyncio.Task[None]] = []

        def begin_to_end() -> None:
            ending.append(asyncio.create_task(self.engine.drain(grace)))

        keeping = asyncio.create_task(DraftKeeper(self.engine).run())
        try:
            async with AsyncExitStack() as stack:
                if self._replays is not None:
                    stack.push_async_callback(self._replays.aclose)
                    await stack.enter_async_context(self._replays.listening(self.stop_here))
                with on_termination(begin_to_end):
                    yield
                    await asyncio.gather(*ending)
                    await self.engine.drain(grace)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def stream_message(
        self, request: ChatRequest | UIChatRequest, *, user_id: str | None = None
    ) -> Stream:
        """Begin a turn and give its answer as it is written; a repeated message joins the first.

        What can be refused is refused here, before the first byte.

        Raises:
            SessionNotFound: the session is somebody else's, or none to regenerate in.
            MessageNotFound: there is no such answer to regenerate.
            TurnInProgress: another message of the session is being answered.
            IdempotencyKeyReused: the message's id came before with another message.
            NotTheLastTurn: the question that is edited is not the last one.
            DatabaseUnavailable: the question could not be stored.
        """
        if isinstance(request, UIChatRequest) and request.trigger == "regenerate-message":
            return await self._regenerate_in_chat(request, user_id)
        opening = opening_of(request, user_id)
        turn = await self.engine.open(lambda db: self.engine.turn_store.begin(db, opening))
        if turn.answer is not None:
            return _at_once(stored_frames(turn.answer._asdict()))
        return await self._join(turn) if turn.running else self._start(turn)

    async def regenerate(
        self, session_id: str, answer_id: int | None, *, user_id: str | None
    ) -> Stream:
        """Answer the last question once more; None names the last answer.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
            MessageNotFound: the session has no such answer.
            NotTheLastTurn: more has been said after it.
            TurnInProgress: a message of the session is being answered.
        """
        return self._start(
            await self.engine.open(
                lambda db: self.engine.turn_store.begin_again(db, session_id, user_id, answer_id)
            )
        )

    async def rejoin(self, session_id: str, *, user_id: str | None) -> Stream | None:
        """The answer that is being written in a session, from its start; None when none is.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """
        turn = await self._find_running(session_id, user_id)
        return None if turn is None else await self._join(turn)

    async def rejoin_chat(self, chat_id: str, *, user_id: str | None) -> Stream | None:
        """As `rejoin`, by the client's own name of the session; None when it has none yet."""
        session_id = await self._find_session(Opening("", chat_id, user_id, None, chat_id=chat_id))
        return None if session_id is None else await self.rejoin(session_id, user_id=user_id)

    async def stop(self, session_id: str, *, user_id: str | None) -> bool:
        """Stop the running answer and keep what is written; False when none was running.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """
        turn = await self._find_running(session_id, user_id)
        if turn is None:
            return False
        running = self.engine.find(turn)
        if running is not None:
            running.end(MessageStatus.STOPPED)
            await asyncio.wait([running.task])
        elif not await self._stop_elsewhere(turn):
            store = self.engine.turn_store
            await self.engine.database.write_rows(lambda db: store.stop(db, turn))
        return True

    def stop_here(self, key: str) -> None:
        """Stop the answer of that key if this worker writes it."""
        for running in self.engine.running:
            if running.turn.key == key:
                running.end(MessageStatus.STOPPED)

    async def _regenerate_in_chat(self, request: UIChatRequest, user_id: str | None) -> Stream:
        # The SDK's own id may look like one of ours.
        session_id = await self._find_session(
            Opening("", request.known_session_id, user_id, None, chat_id=request.id)
        )
        if session_id is None:
            raise SessionNotFound
        return await self.regenerate(session_id, request.answer_id, user_id=user_id)

    async def _find_session(self, opening: Opening) -> str | None:
        return await self.engine.database.read(
            lambda db: self.engine.turn_store.find_session(db.connection(), opening)
        )

    async def _find_running(self, session_id: str, user_id: str | None) -> Turn | None:
        store = self.engine.turn_store
        return await self.engine.database.read(
            lambda db: store.find_running(db.connection(), session_id, user_id)
        )

    async def _stop_elsewhere(self, turn: Turn) -> bool:
        """Ask the worker that writes the answer; True once it has stopped."""
        if self._replays is None or not await self._replays.stop(turn.key):
            return False
        patience = monotonic() + _STOP_SECONDS
        while monotonic() < patience:
            if await self._is_over(turn):
                return True
            await asyncio.sleep(_POLL_SECONDS)
        return False

    def _start(self, turn: Turn) -> Stream:
        running = self.engine.run(turn, streamed=True)
        log = _log_of(running)
        if self._replays is not None:
            self._replays.publish(turn.key, log)
        return log.read()

    async def _join(self, turn: Turn) -> Stream:
        running = self.engine.find(turn)
        if running is not None and running.draft is not None:
            return running.draft.log.read()
        log = await self._follow(turn)
        return self._when_shown(turn) if log is None else self._followed(turn, log)

    async def _follow(self, turn: Turn) -> ReplayLog | None:
        return None if self._replays is None else await self._replays.follow(turn.key)

    async def _when_shown(self, turn: Turn) -> Stream:
        """What another worker writes, whose copy is not to be seen: it may just have begun."""
        log, patience = None, monotonic() + _SHOWN_SECONDS
        while self._replays and log is None and monotonic() < patience:
            if await self._is_over(turn):
                break
            await asyncio.sleep(_POLL_SECONDS)
            log = await self._follow(turn)
        pieces = self._when_stored(turn) if log is None else self._followed(turn, log)
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece

    async def _followed(self, turn: Turn, log: ReplayLog) -> Stream:
        """What another worker writes; where Redis fails, the rest comes once it is stored."""
        shown = bytearray()
        async with aclosing(log.read(keep_alive=_CHECK_SECONDS)) as pieces:
            async for piece in pieces:
                if piece != frames.KEEP_ALIVE:
                    shown += piece
                elif await self._is_over(turn):
                    break
                yield piece
        if shown.endswith(frames.DONE):
            return
        async with aclosing(self._when_stored(turn, bytes(shown))) as pieces:
            async for piece in pieces:
                yield piece

    async def _when_stored(self, turn: Turn, shown: bytes = b"") -> Stream:
        """The answer of a worker that cannot be followed, in one piece, after what was `shown`."""
        silent_since = monotonic()
        while not await self._is_over(turn):
            if monotonic() - silent_since > KEEP_ALIVE_SECONDS:
                silent_since = monotonic()
                yield frames.KEEP_ALIVE
            await asyncio.sleep(_POLL_SECONDS)
        store = self.engine.turn_store
        answer = await self.engine.database.read(
            lambda db: store.find_answer(db.connection(), turn)
        )
        if answer is None or answer.status not in {MessageStatus.COMPLETE, MessageStatus.STOPPED}:
            yield frames.error(INTERRUPTED_TEXT) + frames.DONE
        else:
            yield remaining_frames(answer._asdict(), shown)

    async def _is_over(self, turn: Turn) -> bool:
        """Whether nobody writes it any more; a database that is away cannot tell."""
        store = self.engine.turn_store
        try:
            return await self.engine.database.read(
                lambda db: not store.is_being_written(db.connection(), turn)
            )
        except DatabaseUnavailable:
            return False


def _log_of(running: RunningTurn) -> ReplayLog:
    assert running.draft is not None  # noqa: S101 - it was started as a stream
    return running.draft.log


async def _at_once(piece: bytes) -> Stream:
    yield piece
