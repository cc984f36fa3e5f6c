"""What people think of answers."""

from typing import Any, Final, cast

from sqlalchemy import CursorResult, Table, update
from sqlalchemy.orm import Session

from backend.core.errors import MessageNotFound
from backend.database import Database
from backend.models.chat import ChatMessage, MessageRole, Rating
from backend.schemas.session import FeedbackRead, FeedbackWrite
from backend.services.turn import find_owned_session

_messages = cast(Table, ChatMessage.__table__)
_NOTHING: Final[dict[str, None]] = {"feedback": None, "feedback_comment": None}


class FeedbackService:
    """Keeps one rating for each answer, beside it: whatever erases the answer takes it along."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def rate(
        self, session_id: str, message_id: int, feedback: FeedbackWrite, *, user_id: str | None
    ) -> FeedbackRead:
        """Keep a rating; it replaces the one before, its comment included.

        Raises:
            SessionNotFound: there is no such session, or it is somebody else's.
            MessageNotFound: the session has no such answer.
        """
        values = {"feedback": Rating(feedback.rating), "feedback_comment": feedback.comment}
        await self._store(session_id, message_id, values, user_id)
        return FeedbackRead(message_id=message_id, rating=feedback.rating, comment=feedback.comment)

    async def take_back(
        self, session_id: str, message_id: int, *, user_id: str | None
    ) -> FeedbackRead:
        """Forget a rating, also one that was never given.

        Raises: as `rate`.
        """
        await self._store(session_id, message_id, _NOTHING, user_id)
        return FeedbackRead(message_id=message_id, rating=None, comment=None)

    async def _store(
        self, session_id: str, message_id: int, values: dict[str, Any], user_id: str | None
    ) -> None:
        def store(db: Session) -> None:
            find_owned_session(db.connection(), session_id, user_id)
            answer = (
                _messages.c.id == message_id,
                _messages.c.session_id == session_id,
                _messages.c.role == MessageRole.ASSISTANT,
            )
            changed = db.execute(update(_messages).where(*answer).values(**values))
            if cast(CursorResult[Any], changed).rowcount == 0:
                raise MessageNotFound

        await self.database.write(store)
