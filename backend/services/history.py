"""Reading what was said: a page for people, the newest turns for the model."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, or_, select

from backend.core.conversation import HistoryMessage
from backend.core.errors import MessageNotFound
from backend.core.tokens import estimate_tokens
from backend.models.chat import ChatMessage, MessageRole, MessageStatus

MODEL_MESSAGES: Final = 40
"""How many messages are read for the model at most; the token budget usually ends earlier."""

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

_FOR_MODEL: Final = (
    select(_messages.role, _messages.content)
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
    .limit(MODEL_MESSAGES)
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


def read_for_model(
    db: Connection, session_id: str, *, before: int = _NEVER, token_budget: int
) -> tuple[HistoryMessage, ...]:
    """The newest whole turns before message `before` that fit the budget, oldest first.

    A question without an answer is left out: the model would answer it instead of the new one.
    """
    rows = db.execute(_FOR_MODEL, {"session_id": session_id, "before": before}).all()
    kept: list[HistoryMessage] = []
    answer: HistoryMessage | None = None
    for role, content in rows:
        message = HistoryMessage(role.value, content)
        if role is MessageRole.ASSISTANT:
            answer = message
            continue
        if answer is None:
            continue
        token_budget -= estimate_tokens(answer.content) + estimate_tokens(content)
        if token_budget < 0:
            break
        kept += [answer, message]
        answer = None
    return tuple(reversed(kept))
