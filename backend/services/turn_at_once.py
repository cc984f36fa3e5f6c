"""The beginning and the end of a turn in one statement each, where the database can do that.

On PostgreSQL a statement may change several tables, and each one saved is a round trip less, which
costs more than what the statement does. SQLite has neither the form nor round trips to save.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    CTE,
    Connection,
    Executable,
    Select,
    bindparam,
    exists,
    insert,
    literal_column,
    select,
    update,
)

from backend.services.turn_rows import FREE, IS_OWN, UNTIL, messages, sessions

_QUESTION: Final = (
    "session_id",
    "role",
    "content",
    "timestamp",
    "status",
    "client_message_id",
    "is_current",
)
_ANSWER: Final = ("session_id", "role", "content", "timestamp", "status", "is_current")
_SESSION: Final = ("id", "user_id", "origin_key", "title", "created_at", "updated_at")


def can_at_once(db: Connection) -> bool:
    """Whether the database can change several tables by one statement."""
    return db.dialect.name == "postgresql"


def ask_at_once(
    db: Connection,
    question: Mapping[str, Any],
    answer: Mapping[str, Any],
    claim: Mapping[str, Any],
    session: Mapping[str, Any] | None,
) -> tuple[int, int]:
    """Store a question and the row of its answer, and claim their session, or the new one given.

    Returns the ids of the question and the answer.
    """
    keys = {
        **_named("question", question),
        **_named("answer", answer),
        **_named("session", session or {}),
        **claim,
    }
    ids = db.execute(_ASK if session is None else _ASK_FIRST, keys).one()
    return int(ids[0]), int(ids[1])


def finish_at_once(
    db: Connection, claim: Mapping[str, Any], answer_id: int, answer: Mapping[str, Any]
) -> bool:
    """Fill the row of an answer and free its session; False, and nothing done, when the claim is
    no longer this owner's."""
    return db.execute(_FINISH, {**claim, "answer": answer_id, **answer}).first() is not None


def _named(table: str, columns: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{table}_{name}": value for name, value in columns.items()}


def _given(table: str, source: Any, names: tuple[str, ...], *more: Any) -> Select[Any]:
    """A row of what is given for a table's columns, and `more`."""
    columns = [bindparam(f"{table}_{name}", type_=source.c[name].type) for name in names]
    return select(*columns, *more)


def _stored_turn() -> tuple[CTE, CTE]:
    """The statements that store a question and make the row of its answer; each gives its id."""
    question = (
        insert(messages)
        .from_select(_QUESTION, _given("question", messages, _QUESTION), include_defaults=False)
        .returning(messages.c.id)
        .cte("asked")
    )
    answer = (
        insert(messages)
        .from_select(
            [*_ANSWER, "question_id"],
            _given("answer", messages, _ANSWER, question.c.id),
            include_defaults=False,
        )
        .returning(messages.c.id)
        .cte("answered")
    )
    return question, answer


def _ask() -> Executable:
    question, answer = _stored_turn()
    question_id = select(question.c.id).scalar_subquery()
    return (
        update(sessions)
        .where(sessions.c.id == bindparam("session"))
        .values(
            running_question_id=question_id,
            running_by=bindparam("owner"),
            running_until=UNTIL,
            updated_at=bindparam("now"),
        )
        .returning(question_id, select(answer.c.id).scalar_subquery())
    )


def _ask_first() -> Executable:
    """In a new session: its row is checked to be there when the whole statement is done."""
    question, answer = _stored_turn()
    running_by = bindparam("owner", type_=sessions.c.running_by.type)
    columns = (*_SESSION, "running_question_id", "running_by", "running_until")
    return (
        insert(sessions)
        .from_select(
            columns,
            _given("session", sessions, _SESSION, question.c.id, running_by, UNTIL),
            include_defaults=False,
        )
        .returning(sessions.c.running_question_id, select(answer.c.id).scalar_subquery())
    )


def _finish() -> Executable:
    freed = (
        update(sessions)
        .where(*IS_OWN)
        .values(**FREE, updated_at=bindparam("now"))
        .returning(sessions.c.id)
        .cte("freed")
    )
    return (
        update(messages)
        .where(messages.c.id == bindparam("answer"), exists(select(freed.c.id)))
        .returning(literal_column("1"))
    )


_ASK: Final = _ask()
_ASK_FIRST: Final = _ask_first()
_FINISH: Final = _finish()
