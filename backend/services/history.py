"""Reading what was said: a page for people, the newest turns for the model."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from backend.core.conversation import HistoryMessage
from backend.core.tokens import estimate_tokens
from backend.models.chat import ChatMessage, MessageRole, MessageStatus

MODEL_MESSAGES: Final = 40
"""How many messages are read for the model at most; the token budget usually ends earlier."""

# Columns, not objects: the unit of work costs more than both transactions of a turn together.
_messages = ChatMessage.__table__.c

_FOR_MODEL: Final = (
    select(_messages.role, _messages.content)
    .where(
        _messages.session_id == bindparam("session_id"),
        _messages.status == MessageStatus.COMPLETE,
    )
    .order_by(_messages.id.desc())
    .limit(MODEL_MESSAGES)
)


def read_page(
    db: Connection, session_id: str, *, limit: int, before: int | None
) -> tuple[Sequence[Row[Any]], bool]:
    """The newest `limit` messages older than id `before`, oldest first, and whether more remain."""
    query = select(ChatMessage.__table__).where(_messages.session_id == session_id)
    if before is not None:
        query = query.where(_messages.id < before)
    rows = db.execute(query.order_by(_messages.id.desc()).limit(limit + 1)).all()
    return rows[:limit][::-1], len(rows) > limit


def read_for_model(
    db: Connection, session_id: str, *, token_budget: int
) -> tuple[HistoryMessage, ...]:
    """The newest whole turns that fit the budget, oldest first.

    A question without an answer is left out: the model would answer it instead of the new one.
    """
    rows = db.execute(_FOR_MODEL, {"session_id": session_id}).all()
    kept: list[HistoryMessage] = []
    turn: list[HistoryMessage] = []
    for role, content in rows:
        turn.append(HistoryMessage(role.value, content))
        token_budget -= estimate_tokens(content)
        if token_budget < 0:
            break
        if role is MessageRole.USER:
            kept += turn
            turn = []
    return tuple(reversed(kept))
