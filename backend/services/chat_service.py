"""Conversations: one message in, one grounded answer out, both stored."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

import structlog
from sqlalchemy import Row
from sqlalchemy.orm import Session

from backend.core.errors import TurnInProgress, TurnStopped
from backend.database import Database
from backend.schemas.chat import ChatMessage as ChatMessageSchema
from backend.schemas.chat import (
    ChatRequest,
    ChatResponse,
    HistoryResponse,
    MessageEdit,
    ResetResponse,
    VersionsResponse,
)
from backend.services.erasure import ErasureService
from backend.services.history import read_page, read_versions
from backend.services.turn import Opening, find_owned_session
from backend.services.turn_engine import TurnEngine

_RETRY_SECONDS: Final = 0.2

logger = structlog.get_logger(__name__)


class ChatService:
    """Takes turns, shows them again and erases them.

    `turn_seconds` is the longest an answer may take: whoever repeats a message waits so long for
    the answer to the first one.
    """

    def __init__(
        self,
        database: Database,
        engine: TurnEngine,
        erasure_service: ErasureService,
        *,
        turn_seconds: float,
    ) -> None:
        self.database = database
        self.engine = engine
        self.erasure_service = erasure_service
        self._turn_seconds = turn_seconds

    async def process_message(
        self, request: ChatRequest, *, user_id: str | None = None
    ) -> ChatResponse:
        """Answer one message and store both sides of the turn.

        The question is committed before Gemini is asked: a failed answer must not lose it, and no
        database connection may be held while the model thinks.

        Raises:
            SessionNotFound: the session is somebody else's, or was deleted meanwhile.
            TurnInProgress: another message of the session is being answered.
            TurnStopped: the turn was stopped before the answer had a word.
            IdempotencyKeyReused: the message's id came before with another message.
            DatabaseUnavailable: the turn could not be stored.
        """
        return await self._take_turn(
            Opening(request.message, request.session_id, user_id, request.client_message_id)
        )

    async def edit_question(
        self, session_id: str, question_id: int, edit: MessageEdit, *, user_id: str | None = None
    ) -> ChatResponse:
        """Ask the last question in other words, in its place.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
            MessageNotFound: the session has no such question.
            NotTheLastTurn: others were asked after it.
            TurnInProgress: a message of the session is being answered.
        """
        await self.database.read(
            lambda db: find_owned_session(db.connection(), session_id, user_id)
        )
        return await self._take_turn(
            Opening(edit.message, session_id, user_id, edit.client_message_id, replaces=question_id)
        )

    async def _take_turn(self, opening: Opening) -> ChatResponse:
        patience = monotonic() + self._turn_seconds
        while monotonic() < patience:
            turn = await self.engine.open(lambda db: self.engine.turn_store.begin(db, opening))
            if turn.answer is not None:
                return _to_response(turn.answer._asdict())
            running = self.engine.find(turn) if turn.running else self.engine.run(turn)
            if running is not None:
                return _to_response(await running.result())
            # Another worker is answering the same message: its answer will be in the database.
            await asyncio.sleep(_RETRY_SECONDS)
        raise TurnInProgress(retry_after=1)

    async def regenerate(
        self, session_id: str, answer_id: int, *, user_id: str | None = None
    ) -> ChatResponse:
        """Answer the last question once more; the earlier answer is kept as a version.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
            MessageNotFound: the session has no such answer.
            NotTheLastTurn: more has been said after it.
            TurnInProgress: a message of the session is being answered.
        """
        turn = await self.engine.open(
            lambda db: self.engine.turn_store.begin_again(db, session_id, user_id, answer_id)
        )
        return _to_response(await self.engine.run(turn).result())

    async def reset_session(self, session_id: str, *, user_id: str | None = None) -> ResetResponse:
        """Erase a session with all its messages.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """

        await self.erasure_service.erase_session(session_id, user_id=user_id)
        self.engine.end_session(session_id)
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
            return HistoryResponse(
                session_id=session_id, messages=list(map(_show, rows)), has_more=has_more
            )

        return await self.database.read(read)

    async def get_versions(
        self, session_id: str, answer_id: int, *, user_id: str | None = None
    ) -> VersionsResponse:
        """All answers to one question, oldest first.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
            MessageNotFound: the session has no such answer.
        """

        def read(db: Session) -> VersionsResponse:
            connection = db.connection()
            find_owned_session(connection, session_id, user_id)
            rows = read_versions(connection, session_id, answer_id)
            return VersionsResponse(session_id=session_id, versions=list(map(_show, rows)))

        return await self.database.read(read)

    async def mark_interrupted(self) -> None:
        """Mark what a crash or a kill has cut off."""
        found = await self.database.write_rows(self.engine.turn_store.sweep)
        if found:
            logger.warning("turns_interrupted", count=found)


def _show(row: Row[Any]) -> ChatMessageSchema:
    return ChatMessageSchema.model_validate(row)


def _to_response(answer: Mapping[str, Any]) -> ChatResponse:
    if not answer["content"]:
        raise TurnStopped
    return ChatResponse.model_validate(
        {**answer, "response": answer["content"], "message_id": answer["id"]}
    )
