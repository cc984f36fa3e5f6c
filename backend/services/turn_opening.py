"""The rows that a turn begins with: found again, or made."""

from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row

from backend.core.errors import (
    IdempotencyKeyReused,
    MessageNotFound,
    NotTheLastTurn,
    SessionNotFound,
)
from backend.models.base import utc_now
from backend.models.chat import MessageRole, MessageStatus
from backend.schemas.chat import ChatRequest
from backend.schemas.stream import UIChatRequest
from backend.services import turn_rows as rows
from backend.services.title import make_title
from backend.services.turn import Opening


def opening_of(request: ChatRequest | UIChatRequest, user_id: str | None) -> Opening:
    """What is asked, in the plan's form or in the AI SDK's."""
    if isinstance(request, ChatRequest):
        return Opening(request.message, request.session_id, user_id, request.client_message_id)
    return Opening(
        request.message,
        request.known_session_id,
        user_id,
        request.client_message_id,
        chat_id=request.id,
        is_edit=request.is_edit,
    )


def find_session(db: Connection, opening: Opening) -> Row[Any] | None:
    """The session to go on with, locked; None when a new one is to be made.

    Raises:
        SessionNotFound: it is somebody else's, or was anonymous until somebody claimed it.
    """
    owners = {None, opening.user_id}
    if opening.session_id is not None:
        session = rows.find_session(db, opening.session_id, lock=True)
        if session is not None and session.user_id not in owners:
            raise SessionNotFound
        if session is not None:
            return session
    for key in opening.origin_keys:
        session = rows.lock_session_of(db, key)
        if session is not None and session.user_id in owners:
            return session
        if session is not None and opening.user_id is None:
            raise SessionNotFound
    return None


def find_question(db: Connection, session_id: str, opening: Opening) -> Row[Any] | None:
    """The same message, when it came before in this session.

    Raises:
        IdempotencyKeyReused: its id came before with another message, and this is no edit of it.
    """
    if opening.client_message_id is None:
        return None
    question = rows.find_question(db, session_id, opening.client_message_id)
    if question is None or question.content == opening.message:
        return question
    if not opening.is_edit:
        raise IdempotencyKeyReused
    drop_turn(db, session_id, question.id)
    return None


def find_last_question(db: Connection, session_id: str, answer_id: int | None) -> Row[Any]:
    """The question that was asked last, which `answer_id` must be an answer to."""
    last_id = rows.find_last_question_id(db, session_id)
    question = None if last_id is None else rows.find_message(db, session_id, last_id)
    if question is None:
        raise MessageNotFound
    if answer_id is not None:
        answer = rows.find_message(db, session_id, answer_id)
        if answer is None or answer.role is not MessageRole.ASSISTANT:
            raise MessageNotFound
        if answer.question_id != question.id:
            raise NotTheLastTurn
    return question


def new_session(opening: Opening) -> dict[str, Any]:
    """A session under an unguessable id."""
    now = utc_now()
    return {
        "id": str(uuid4()),
        "user_id": opening.user_id,
        "origin_key": next(iter(opening.origin_keys), None),
        "title": make_title(opening.message),
        "created_at": now,
        "updated_at": now,
    }


def new_question(session_id: str, opening: Opening) -> dict[str, Any]:
    """A question. How far it came is told by its answer."""
    return {
        "session_id": session_id,
        "role": MessageRole.USER,
        "content": opening.message,
        "timestamp": utc_now(),
        "status": MessageStatus.COMPLETE,
        "client_message_id": opening.client_message_id,
        "is_current": True,
    }


def new_answer(session_id: str, *, is_current: bool = True) -> dict[str, Any]:
    """Room for an answer; its id is known before its first word is written."""
    return {
        "session_id": session_id,
        "role": MessageRole.ASSISTANT,
        "content": "",
        "timestamp": utc_now(),
        "status": MessageStatus.PENDING,
        "is_current": is_current,
    }


def take_up_question(db: Connection, session_id: str, earlier: Row[Any]) -> int | None:
    """Take up a question that got no answer, if nothing was said after it; returns its id."""
    if rows.find_last_question_id(db, session_id) == earlier.id:
        rows.retire_answers(db, earlier.id)
        return int(earlier.id)
    rows.forget_client_id(db, earlier.id)
    return None


def drop_turn(db: Connection, session_id: str, question_id: int) -> None:
    """Erase the last question with its answers, for an edited one to take its place.

    Raises:
        MessageNotFound: the session has no such question.
        NotTheLastTurn: others were asked after it.
    """
    question = rows.find_message(db, session_id, question_id)
    if question is None or question.role is not MessageRole.USER:
        raise MessageNotFound
    if rows.find_last_question_id(db, session_id) != question_id:
        raise NotTheLastTurn
    rows.truncate(db, session_id, question_id)
