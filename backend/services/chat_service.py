"""Conversations: one message in, one grounded answer out, both stored."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final, cast

import structlog
from sqlalchemy import Connection, Table, delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.errors import DatabaseUnavailable, SessionNotFound, TurnInProgress
from backend.database import Database
from backend.models.chat import ChatSession
from backend.schemas.chat import ChatMessage as ChatMessageSchema
from backend.schemas.chat import ChatRequest, ChatResponse, HistoryResponse, ResetResponse
from backend.services.history import read_page
from backend.services.reply import Reply, ReplyWriter
from backend.services.turn import Opening, Turn, TurnStore, find_owned_session

STORE_PATIENCE_SECONDS: Final = 30.0
"""How long a finished answer waits for a database that is locked, full or restarting."""

_RETRY_SECONDS: Final = 0.2
_sessions = cast(Table, ChatSession.__table__)

logger = structlog.get_logger(__name__)


class ChatService:
    """Takes turns, shows them again and erases them.

    `turn_seconds` is the longest an answer may take: whoever repeats a message waits so long for
    the answer to the first one.
    """

    def __init__(
        self,
        database: Database,
        reply_writer: ReplyWriter,
        turn_store: TurnStore,
        *,
        turn_seconds: float,
        store_patience: float = STORE_PATIENCE_SECONDS,
    ) -> None:
        self.database = database
        self.reply_writer = reply_writer
        self.turn_store = turn_store
        self._turn_seconds = turn_seconds
        self._store_patience = store_patience

    async def process_message(
        self, request: ChatRequest, *, user_id: str | None = None
    ) -> ChatResponse:
        """Answer one message and store both sides of the turn.

        The question is committed before Gemini is asked: a failed answer must not lose it, and no
        database connection may be held while the model thinks.

        Raises:
            SessionNotFound: the session is somebody else's, or was deleted meanwhile.
            TurnInProgress: another message of the session is being answered.
            IdempotencyKeyReused: the message's id came before with another message.
            DatabaseUnavailable: the turn could not be stored.
        """
        turn = await self._begin_turn(request, user_id)
        if turn.answer is not None:
            return _to_response(turn, dict(turn.answer._mapping))
        try:
            reply = await self.reply_writer.write(turn)
            answer_id = await self._finish_turn(turn, reply)
        except BaseException:
            await asyncio.shield(self._abandon_turn(turn))
            raise
        finally:
            self.turn_store.running.discard(turn.question_id)
        return _to_response(turn, {"id": answer_id, **reply.columns()})

    async def reset_session(self, session_id: str, *, user_id: str | None = None) -> ResetResponse:
        """Erase a session with all its messages.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """

        def erase(db: Connection) -> None:
            find_owned_session(db, session_id, user_id, lock=True)
            db.execute(delete(_sessions).where(_sessions.c.id == session_id))

        await self.database.write_rows(erase)
        return ResetResponse(message="Session reset", session_id=session_id)

    async def get_history(
        self,
        session_id: str,
        *,
        user_id: str | None = None,
        limit: int = 100,
        before: int | None = None,
    ) -> HistoryResponse:
        """The newest `limit` messages older than id `before`, oldest first.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """

        def read(db: Session) -> HistoryResponse:
            connection = db.connection()
            find_owned_session(connection, session_id, user_id)
            rows, has_more = read_page(connection, session_id, limit=limit, before=before)
            messages = [
                ChatMessageSchema.model_validate({**row._mapping, "sources": row.sources or []})
                for row in rows
            ]
            return HistoryResponse(session_id=session_id, messages=messages, has_more=has_more)

        return await self.database.read(read)

    async def mark_interrupted(self) -> None:
        """Mark what a crash or a kill has cut off."""
        found = await self.database.write_rows(self.turn_store.sweep)
        if found:
            logger.warning("turns_interrupted", count=found)

    async def _begin_turn(self, request: ChatRequest, user_id: str | None) -> Turn:
        """Claim the turn, or wait for the same message's answer that is being written already."""
        opening = Opening(request.message, request.session_id, user_id, request.client_message_id)

        claimed: list[int] = []

        def begin(db: Connection) -> Turn:
            turn = self.turn_store.begin(db, opening)
            claimed.append(turn.question_id)
            return turn

        patience = monotonic() + self._turn_seconds
        while monotonic() < patience:
            try:
                turn = await self.database.write_rows(begin)
            except IntegrityError:
                # The same first message came twice at once, or the session was deleted in
                # between: the other one is through by now, and a second look finds what it left.
                turn = await self.database.write_rows(begin)
            except DatabaseUnavailable:
                # Nobody knows whether the claim was committed; nobody answers it in any case.
                self.turn_store.running.difference_update(claimed)
                raise
            if not turn.running:
                return turn
            await asyncio.sleep(_RETRY_SECONDS)
        raise TurnInProgress(retry_after=1)

    async def _finish_turn(self, turn: Turn, reply: Reply) -> int:
        """Store the answer, waiting for a database that is away: it has been paid for."""

        def finish(db: Connection) -> int:
            return self.turn_store.finish(db, turn, reply.columns())

        patience = monotonic() + self._store_patience
        while True:
            try:
                return await self.database.write_rows(finish)
            except DatabaseUnavailable:
                if monotonic() > patience:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)
            except IntegrityError as exc:
                raise SessionNotFound from exc

    async def _abandon_turn(self, turn: Turn) -> None:
        try:
            await self.database.write_rows(lambda db: self.turn_store.abandon(db, turn))
        except DatabaseUnavailable:
            # The claim of a question that nobody answers any more counts as a leftover: the next
            # message of the session, or the next start, marks it.
            logger.warning("turn_not_marked", session_id=turn.session_id)


def _to_response(turn: Turn, answer: Mapping[str, Any]) -> ChatResponse:
    return ChatResponse.model_validate(
        {
            **answer,
            "response": answer["content"],
            "session_id": turn.session_id,
            "message_id": answer["id"],
        }
    )
