"""The rows of turns: statements built once, each behind a function that says what it is for.

Rows, not objects: the unit of work and the building of statements each cost more than both
transactions of a turn together.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import (
    Connection,
    CursorResult,
    Row,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from backend.models.chat import ChatMessage, ChatSession, MessageRole, MessageStatus
from backend.services.database_clock import NOW, clock

sessions: Final = cast(Table, ChatSession.__table__)
messages: Final = cast(Table, ChatMessage.__table__)

FREE: Final = {"running_question_id": None, "running_by": None, "running_until": None}

_SESSION: Final = select(sessions, NOW.label("read_at"))
_FIND_SESSION: Final = _SESSION.where(sessions.c.id == bindparam("id"))
_LOCK_SESSION: Final = _FIND_SESSION.with_for_update()
_LOCK_ORIGIN: Final = _SESSION.where(
    sessions.c.origin_key == bindparam("origin_key")
).with_for_update()
_FIND_CLAIMED: Final = _SESSION.where(sessions.c.running_question_id.is_not(None))
_FIND_QUESTION: Final = select(messages).where(
    messages.c.session_id == bindparam("session_id"),
    messages.c.client_message_id == bindparam("client_message_id"),
)
_FIND_ANSWER: Final = (
    select(messages)
    .where(messages.c.question_id == bindparam("question_id"))
    .order_by(messages.c.id.desc())
)
_FIND_STANDING: Final = select(messages).where(
    messages.c.question_id == bindparam("question_id"), messages.c.is_current
)
_FIND_MESSAGE: Final = select(messages).where(
    messages.c.session_id == bindparam("session_id"), messages.c.id == bindparam("id")
)
_LAST_QUESTION: Final = select(func.max(messages.c.id)).where(
    messages.c.session_id == bindparam("session_id"), messages.c.role == MessageRole.USER
)
_FORGET_CLIENT_ID: Final = (
    update(messages).where(messages.c.id == bindparam("question")).values(client_message_id=None)
)
_ADD_SESSION: Final = insert(sessions)
_ADD_MESSAGE: Final = insert(messages)
_TRUNCATE: Final = delete(messages).where(
    messages.c.session_id == bindparam("session"), messages.c.id >= bindparam("first")
)
UNTIL: Final = clock(bindparam("lease_seconds"))
_CLAIM: Final = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"))
    .values(
        running_question_id=bindparam("question"),
        running_by=bindparam("owner"),
        running_until=UNTIL,
        updated_at=bindparam("now"),
    )
)
IS_OWN: Final = (
    sessions.c.id == bindparam("session"),
    sessions.c.running_question_id == bindparam("question"),
    sessions.c.running_by == bindparam("owner"),
)
_FREE_CLAIM: Final = update(sessions).where(*IS_OWN).values(**FREE, updated_at=bindparam("now"))
_RENEW_CLAIM: Final = (
    # The column names itself: else this would count as a word of somebody in the conversation.
    update(sessions).where(*IS_OWN).values(running_until=UNTIL, updated_at=sessions.c.updated_at)
)
_KEEP_DRAFT: Final = (
    update(messages)
    .where(
        messages.c.id == bindparam("answer"),
        messages.c.status == MessageStatus.PENDING,
        exists(select(sessions.c.id).where(*IS_OWN)),
    )
    .values(content=bindparam("text"))
)
_SET_ANSWER: Final = update(messages).where(messages.c.id == bindparam("answer"))
_END_ANSWERS: Final = (
    update(messages)
    .where(
        messages.c.question_id == bindparam("question"),
        messages.c.status == MessageStatus.PENDING,
    )
    .values(status=bindparam("ended_as"))
)
_RETIRE_ANSWERS: Final = (
    update(messages)
    .where(messages.c.question_id == bindparam("question"), messages.c.id != bindparam("answer"))
    .values(is_current=False)
)


def find_session(db: Connection, session_id: str, *, lock: bool = False) -> Row[Any] | None:
    """The session; `lock` it before it is changed."""
    return db.execute(_LOCK_SESSION if lock else _FIND_SESSION, {"id": session_id}).first()


def lock_session_of(db: Connection, origin_key: str) -> Row[Any] | None:
    """The session that the same client has made before, locked."""
    return db.execute(_LOCK_ORIGIN, {"origin_key": origin_key}).first()


def find_claimed_sessions(db: Connection) -> list[Row[Any]]:
    """All sessions in which a turn runs, or ran when its worker died."""
    return list(db.execute(_FIND_CLAIMED))


def find_question(db: Connection, session_id: str, client_message_id: str) -> Row[Any] | None:
    """The question that came with this id before."""
    keys = {"session_id": session_id, "client_message_id": client_message_id}
    return db.execute(_FIND_QUESTION, keys).first()


def find_answer(db: Connection, question_id: int) -> Row[Any] | None:
    """The newest answer to a question, whatever became of it."""
    return db.execute(_FIND_ANSWER, {"question_id": question_id}).first()


def find_standing_answer(db: Connection, question_id: int) -> Row[Any] | None:
    """The answer to a question that the history shows, of all versions."""
    return db.execute(_FIND_STANDING, {"question_id": question_id}).first()


def find_message(db: Connection, session_id: str, message_id: int) -> Row[Any] | None:
    """A message of the session."""
    return db.execute(_FIND_MESSAGE, {"session_id": session_id, "id": message_id}).first()


def find_last_question_id(db: Connection, session_id: str) -> int | None:
    """The question that was asked last."""
    newest: int | None = db.execute(_LAST_QUESTION, {"session_id": session_id}).scalar()
    return newest


def add_session(db: Connection, columns: Mapping[str, Any]) -> None:
    """Store a new session."""
    db.execute(_ADD_SESSION, columns)


def add_message(db: Connection, columns: Mapping[str, Any]) -> int:
    """Store a message and return its id."""
    result = cast(CursorResult[Any], db.execute(_ADD_MESSAGE, columns))
    key = result.inserted_primary_key
    assert key is not None  # noqa: S101 - a single-row insert always has one
    return int(key[0])


def truncate(db: Connection, session_id: str, first_id: int) -> None:
    """Erase a message and all that were said after it."""
    db.execute(_TRUNCATE, {"session": session_id, "first": first_id})


def forget_client_id(db: Connection, question_id: int) -> None:
    """Let the id of a question without an answer be used again."""
    db.execute(_FORGET_CLIENT_ID, {"question": question_id})


def claim_session(db: Connection, claim: Mapping[str, Any]) -> None:
    """Mark a session as answering a question: `session`, `question`, `owner`, `lease_seconds` from
    the database's `now` on, and the `now` of this machine."""
    db.execute(_CLAIM, claim)


def renew_claims(
    db: Connection, claims: Sequence[tuple[str, int]], owner: str, *, seconds: float
) -> None:
    """Prolong this owner's claims, each a session and its question; those lost stay lost."""
    keys = {"owner": owner, "lease_seconds": seconds}
    db.execute(
        _RENEW_CLAIM,
        [{"session": session, "question": question, **keys} for session, question in claims],
    )


def free_session(db: Connection, claim: Mapping[str, Any]) -> bool:
    """Give a claim back: `session`, `question`, `owner`, `now`; False when it is no longer its."""
    return cast(CursorResult[Any], db.execute(_FREE_CLAIM, claim)).rowcount > 0


def keep_drafts(db: Connection, drafts: Sequence[Mapping[str, Any]]) -> int:
    """Store what is written so far: `text` in the row of the `answer` to a `question` in a
    `session`, as long as that is its `owner`'s; returns of how many it is."""
    return cast(CursorResult[Any], db.execute(_KEEP_DRAFT, drafts)).rowcount


def set_answer(db: Connection, answer_id: int, columns: Mapping[str, Any]) -> None:
    """Fill the row of an answer."""
    db.execute(_SET_ANSWER, {"answer": answer_id, **columns})


def retire_answers(db: Connection, question_id: int, *, but: int = 0) -> None:
    """Let one answer stand for all versions of it."""
    db.execute(_RETIRE_ANSWERS, {"question": question_id, "answer": but})


def end_answers(db: Connection, question_id: int, status: MessageStatus) -> None:
    """Mark what is still being written to a question; its text so far stays."""
    db.execute(_END_ANSWERS, {"question": question_id, "ended_as": status})
