"""Reading what was said: a page for people, the newest turns for the model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, or_, select

from backend.core.conversation import HistoryMessage
from backend.core.errors import MessageNotFound
from backend.core.tokens import estimate_tokens
from backend.models.chat import ChatMessage, MessageRole, MessageStatus

MODEL_MESSAGES: Final = 40
"""How many messages the model is shown at most; the token budget usually ends earlier."""

FOLDED_AT_ONCE: Final = 3
"""Turns that the model is no longer shown and no summary tells of, before they are folded."""

# Columns, not objects: the unit of work costs more than both transactions of a turn together.
_table = ChatMessage.__table__
_messages = _table.c
_answers = _table.alias("answers")

_IS_QUESTION: Final = _messages.role == MessageRole.USER
_VISIBLE: Final = or_(_IS_QUESTION, and_(_messages.is_current, _messages.content != ""))

# A question is as far as its answer is.
_STATUS: Final = func.coalesce(_answers.c.status, _messages.status, type_=_messages.status.type)
_PAGE: Final[Select[Any]] = (
    select(
        *(column for column in _messages if column.name != "status"),
        _STATUS.label("status"),
    )
    .select_from(
        _table.outerjoin(
            _answers, and_(_answers.c.question_id == _messages.id, _answers.c.is_current)
        )
    )
    .where(_messages.session_id == bindparam("session_id"), _VISIBLE)
    .order_by(_messages.id.desc())
    .limit(bindparam("limit"))
)
_PAGE_BEFORE: Final = _PAGE.where(_messages.id < bindparam("before"))

_FOR_MODEL: Final[Select[Any]] = (
    select(_messages.id, _messages.role, _messages.content)
    .where(
        _messages.session_id == bindparam("session_id"),
        _messages.id < bindparam("before"),
        or_(
            _IS_QUESTION,
            and_(
                _messages.is_current,
                _messages.content != "",
                _messages.status.in_([MessageStatus.COMPLETE, MessageStatus.STOPPED]),
            ),
        ),
    )
    .order_by(_messages.id.desc())
    .limit(MODEL_MESSAGES + 2 * FOLDED_AT_ONCE)
)
_VERSIONS: Final = (
    select(_table)
    .where(
        _messages.session_id == bindparam("session_id"),
        _messages.content != "",
        _messages.question_id
        == select(_answers.c.question_id)
        .where(_answers.c.id == bindparam("answer_id"))
        .scalar_subquery(),
    )
    .order_by(_messages.id)
)
_NEVER: Final = 2**63 - 1


def read_page(
    db: Connection, session_id: str, *, limit: int, before: int | None
) -> tuple[Sequence[Row[Any]], bool]:
    """The newest `limit` messages older than id `before`, oldest first, and whether more remain."""
    query = _PAGE if before is None else _PAGE_BEFORE
    keys = {"session_id": session_id, "limit": limit + 1, "before": before}
    rows = list(db.execute(query, keys))
    return rows[:limit][::-1], len(rows) > limit


def read_versions(db: Connection, session_id: str, answer_id: int) -> list[Row[Any]]:
    """All answers that were written to the question of one of them, oldest first.

    Raises:
        MessageNotFound: the session has no such answer.
    """
    rows = list(db.execute(_VERSIONS, {"session_id": session_id, "answer_id": answer_id}))
    if not rows:
        raise MessageNotFound
    return rows


@dataclass(frozen=True, slots=True)
class Window:
    """What the model is told of a session, and up to where more is to be folded into `summary`."""

    history: tuple[HistoryMessage, ...] = ()
    summary: str = ""
    fold_until: int | None = None


def read_for_model(
    db: Connection, session: Row[Any], *, before: int = _NEVER, token_budget: int
) -> Window:
    """The newest whole turns before message `before` that fit the budget, oldest first.

    A question without an answer is left out: the model would answer it instead of the new one.
    """
    rows = list(db.execute(_FOR_MODEL, {"session_id": session.id, "before": before}))
    told_until = session.summary_until or 0
    kept: list[HistoryMessage] = []
    fallen: list[int] = []
    for question, answer in _turns(rows):
        token_budget -= estimate_tokens(answer.content) + estimate_tokens(question.content)
        if token_budget < 0 or len(kept) == MODEL_MESSAGES:
            if answer.id <= told_until:
                break
            fallen.append(answer.id)
        else:
            kept += [
                HistoryMessage("assistant", answer.content),
                HistoryMessage("user", question.content),
            ]
    return Window(
        tuple(reversed(kept)),
        session.summary or "",
        fallen[0] if len(fallen) >= FOLDED_AT_ONCE else None,
    )


def _turns(rows: Sequence[Row[Any]]) -> Iterator[tuple[Row[Any], Row[Any]]]:
    """Questions with their answers, out of messages that stand newest first."""
    answer: Row[Any] | None = None
    for row in rows:
        if row.role is MessageRole.ASSISTANT:
            answer = row
        elif answer is not None:
            yield row, answer
            answer = None
