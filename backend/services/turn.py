"""The two transactions of a turn, and what keeps a message from being asked twice."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast
from uuid import uuid4

from sqlalchemy import Connection, CursorResult, Row, Table, bindparam, func, insert, select, update

from backend.core.conversation import HistoryMessage
from backend.core.errors import IdempotencyKeyReused, SessionNotFound, TurnInProgress
from backend.core.worker import Worker
from backend.models.base import utc_now
from backend.models.chat import ChatMessage, ChatSession, MessageRole, MessageStatus
from backend.services.history import read_for_model
from backend.services.title import make_title

MIN_ORIGIN_KEY_LENGTH: Final = 16
"""Characters. A shorter client id may be "1" in two browsers: it counts within a session only."""

# Rows, not objects, and statements built once: the unit of work and the building of statements
# each cost more than both transactions of a turn together.
_sessions = cast(Table, ChatSession.__table__)
_messages = cast(Table, ChatMessage.__table__)
_FREE: Final = {"running_question_id": None, "running_by": None, "running_until": None}

_FIND_SESSION: Final = select(_sessions).where(_sessions.c.id == bindparam("id"))
_LOCK_SESSION: Final = _FIND_SESSION.with_for_update()
_LOCK_ORIGIN: Final = (
    select(_sessions).where(_sessions.c.origin_key == bindparam("origin_key")).with_for_update()
)
_FIND_CLAIMED: Final = select(_sessions).where(_sessions.c.running_question_id.is_not(None))
_FIND_QUESTION: Final = select(_messages).where(
    _messages.c.session_id == bindparam("session_id"),
    _messages.c.client_message_id == bindparam("client_message_id"),
)
_FIND_ANSWER: Final = (
    select(_messages)
    .where(_messages.c.question_id == bindparam("question_id"))
    .order_by(_messages.c.id.desc())
)
_NEWEST_ID: Final = select(func.max(_messages.c.id)).where(
    _messages.c.session_id == bindparam("session_id")
)
_FORGET_CLIENT_ID: Final = (
    update(_messages).where(_messages.c.id == bindparam("question")).values(client_message_id=None)
)
_ADD_SESSION: Final = insert(_sessions)
_ADD_MESSAGE: Final = insert(_messages)
_CLAIM: Final = update(_sessions).where(_sessions.c.id == bindparam("session"))
_FREE_CLAIM: Final = (
    update(_sessions)
    .where(
        _sessions.c.id == bindparam("session"),
        _sessions.c.running_question_id == bindparam("question"),
    )
    .values(**_FREE, updated_at=bindparam("updated_at"))
)
_COMPLETE: Final = (
    update(_messages)
    .where(_messages.c.id == bindparam("question"))
    .values(status=MessageStatus.COMPLETE)
)
_INTERRUPT: Final = (
    update(_messages)
    .where(_messages.c.id == bindparam("question"), _messages.c.status == MessageStatus.PENDING)
    .values(status=MessageStatus.INTERRUPTED)
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What is asked: a message, in which session, by whom, under which id of the client's."""

    message: str
    session_id: str | None
    user_id: str | None
    client_message_id: str | None

    @property
    def origin_key(self) -> str | None:
        """Finds the session that the same first message has made before."""
        if len(self.client_message_id or "") < MIN_ORIGIN_KEY_LENGTH:
            return None
        return hashlib.sha256(f"{self.user_id}\n{self.client_message_id}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that is stored and claimed for this process.

    When the same message came before, `answer` is its stored answer, or `running` says that it is
    being answered right now, here or by another worker.
    """

    session_id: str
    question_id: int
    message: str
    history: tuple[HistoryMessage, ...] = ()
    answer: Row[Any] | None = None
    running: bool = False


class TurnStore:
    """The transactions of turns; each public method is one, run on a worker thread.

    A session is claimed for `lease` at most while its question is answered. `running` holds the
    questions that this process answers: a claim of its own that is not among them is a leftover.
    """

    def __init__(self, worker: Worker, *, lease: timedelta, history_token_budget: int) -> None:
        self._name = str(worker)
        self.running: set[int] = set()
        self._lease = lease
        self._history_token_budget = history_token_budget

    def begin(self, db: Connection, opening: Opening) -> Turn:
        """Find or make the session, claim it and store the question.

        Raises:
            SessionNotFound: the session belongs to somebody else.
            TurnInProgress: another message of the session is being answered.
            IdempotencyKeyReused: the client's message id came before with another message.
        """
        session = _find_session(db, opening)
        if session is None:
            session_id = _add_session(db, opening)
            question_id = _add_question(db, session_id, opening)
            return self._claim(db, Turn(session_id, question_id, opening.message))
        earlier = _find_question(db, session.id, opening)
        if earlier is not None and earlier.status is MessageStatus.COMPLETE:
            turn = Turn(session.id, earlier.id, earlier.content)
            return Turn(session.id, earlier.id, earlier.content, answer=self.find_answer(db, turn))
        if self._is_running(session):
            if earlier is not None and earlier.id == session.running_question_id:
                return Turn(session.id, earlier.id, earlier.content, running=True)
            raise TurnInProgress(retry_after=1)
        if session.running_question_id is not None:
            db.execute(_INTERRUPT, {"question": session.running_question_id})
        history = read_for_model(db, session.id, token_budget=self._history_token_budget)
        question_id = _add_question_again(db, session.id, earlier, opening)
        return self._claim(db, Turn(session.id, question_id, opening.message, history))

    def finish(self, db: Connection, turn: Turn, answer: Mapping[str, Any]) -> int:
        """Store the answer, complete its question and free the session; returns the answer's id.

        Raises:
            SessionNotFound: the session was deleted meanwhile; nothing of it may come back.
        """
        if not _free(db, turn):
            # A connection that broke in the commit may have stored the answer all the same.
            stored = self.find_answer(db, turn)
            if stored is None or stored.content != answer["content"]:
                raise SessionNotFound
            return int(stored.id)
        db.execute(_COMPLETE, {"question": turn.question_id})
        return _add_message(
            db,
            session_id=turn.session_id,
            role=MessageRole.ASSISTANT,
            status=MessageStatus.COMPLETE,
            question_id=turn.question_id,
            **answer,
        )

    def abandon(self, db: Connection, turn: Turn) -> None:
        """Free the session of a turn that gets no answer; its question stays, marked."""
        db.execute(_INTERRUPT, {"question": turn.question_id})
        _free(db, turn)

    def sweep(self, db: Connection) -> int:
        """Mark the turns whose worker is gone as interrupted; returns how many there were."""
        claimed = db.execute(_FIND_CLAIMED).all()
        dead = [session for session in claimed if not self._is_running(session)]
        for session in dead:
            self.abandon(db, Turn(session.id, session.running_question_id, ""))
        return len(dead)

    def find_answer(self, db: Connection, turn: Turn) -> Row[Any] | None:
        """The stored answer to a turn's question; None while there is none."""
        return db.execute(_FIND_ANSWER, {"question_id": turn.question_id}).first()

    def _claim(self, db: Connection, turn: Turn) -> Turn:
        now = utc_now()
        # Before the commit: a second message must not take this claim for a leftover.
        self.running.add(turn.question_id)
        claim = {
            "session": turn.session_id,
            "running_question_id": turn.question_id,
            "running_by": self._name,
            "running_until": now + self._lease,
            "updated_at": now,
        }
        db.execute(_CLAIM, claim)
        return turn

    def _is_running(self, session: Row[Any]) -> bool:
        if session.running_question_id is None or session.running_until <= utc_now():
            return False
        if session.running_by == self._name:
            return session.running_question_id in self.running
        owner = Worker.parse(session.running_by)
        return owner is None or not owner.is_dead()


def find_owned_session(
    db: Connection, session_id: str, user_id: str | None, *, lock: bool = False
) -> Row[Any]:
    """The session, if it is anonymous or the user's own; `lock` it before it is changed.

    Raises:
        SessionNotFound: there is none, or it is somebody else's: nobody learns which.
    """
    session = db.execute(_LOCK_SESSION if lock else _FIND_SESSION, {"id": session_id}).first()
    if session is None or session.user_id not in {None, user_id}:
        raise SessionNotFound
    return session


def _find_session(db: Connection, opening: Opening) -> Row[Any] | None:
    """The session to go on with, locked; None when a new one is to be made."""
    session = None
    if opening.session_id is not None:
        session = db.execute(_LOCK_SESSION, {"id": opening.session_id}).first()
    if session is None and opening.origin_key is not None:
        session = db.execute(_LOCK_ORIGIN, {"origin_key": opening.origin_key}).first()
    if session is not None and session.user_id not in {None, opening.user_id}:
        raise SessionNotFound
    return session


def _find_question(db: Connection, session_id: str, opening: Opening) -> Row[Any] | None:
    """The same message, when it came before in this session."""
    if opening.client_message_id is None:
        return None
    question = db.execute(
        _FIND_QUESTION,
        {"session_id": session_id, "client_message_id": opening.client_message_id},
    ).first()
    if question is not None and question.content != opening.message:
        raise IdempotencyKeyReused
    return question


def _add_session(db: Connection, opening: Opening) -> str:
    session_id = str(uuid4())
    now = utc_now()
    session = {
        "id": session_id,
        "user_id": opening.user_id,
        "origin_key": opening.origin_key,
        "title": make_title(opening.message),
        "created_at": now,
        "updated_at": now,
    }
    db.execute(_ADD_SESSION, session)
    return session_id


def _add_question_again(
    db: Connection, session_id: str, earlier: Row[Any] | None, opening: Opening
) -> int:
    """Store the question, or take up one that got no answer if nothing was said after it."""
    if earlier is not None:
        newest = db.execute(_NEWEST_ID, {"session_id": session_id}).scalar()
        if newest == earlier.id:
            return int(earlier.id)
        db.execute(_FORGET_CLIENT_ID, {"question": earlier.id})
    return _add_question(db, session_id, opening)


def _add_question(db: Connection, session_id: str, opening: Opening) -> int:
    return _add_message(
        db,
        session_id=session_id,
        role=MessageRole.USER,
        content=opening.message,
        timestamp=utc_now(),
        status=MessageStatus.PENDING,
        client_message_id=opening.client_message_id,
    )


def _add_message(db: Connection, **columns: Any) -> int:
    """Store a message and return its id."""
    result = cast(CursorResult[Any], db.execute(_ADD_MESSAGE, columns))
    key = result.inserted_primary_key
    assert key is not None  # noqa: S101 - a single-row insert always has one
    return int(key[0])


def _free(db: Connection, turn: Turn) -> bool:
    """Give the claim back; False when it is no longer this turn's."""
    freed = db.execute(
        _FREE_CLAIM,
        {
            "session": turn.session_id,
            "question": turn.question_id,
            "updated_at": utc_now(),
        },
    )
    return cast(CursorResult[Any], freed).rowcount > 0
