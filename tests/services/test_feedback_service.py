"""Tests of `backend/services/feedback_service.py`: a rating is one answer's."""

from typing import Literal

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.core.errors import MessageNotFound, SessionNotFound
from backend.database import Database
from backend.models import ChatMessage, ChatSession, MessageRole, User
from backend.schemas.session import FeedbackWrite
from backend.services.feedback_service import FeedbackService

Row = tuple[int, str | None, str | None]


async def talk(database: Database) -> None:
    """Two sessions of three turns: the ids 1 to 6 and 7 to 12, the even ones answers."""

    def add(db: Session) -> None:
        db.execute(insert(User).values(id="ann", email="ann", password_hash="!"))
        for at, (id_, owner) in enumerate([("open", None), ("hers", "ann")]):
            db.execute(insert(ChatSession).values(id=id_, user_id=owner))
            for number in range(1, 7):
                role = MessageRole.USER if number % 2 else MessageRole.ASSISTANT
                said = {"session_id": id_, "role": role, "content": "?"}
                db.execute(insert(ChatMessage).values(id=6 * at + number, **said))

    await database.write(add)


async def rated(database: Database) -> list[Row]:
    columns = (ChatMessage.id, ChatMessage.feedback, ChatMessage.feedback_comment)
    query = select(*columns).where(
        ChatMessage.feedback.is_not(None) | ChatMessage.feedback_comment.is_not(None)
    )
    rows = await database.read(lambda db: db.execute(query.order_by(ChatMessage.id)).all())
    return [(row[0], row[1], row[2]) for row in rows]


def say(rating: Literal["up", "down"], comment: str | None = None) -> FeedbackWrite:
    return FeedbackWrite(rating=rating, comment=comment)


async def test_a_rating_is_kept_and_taken_back_for_one_answer_alone(database: Database) -> None:
    await talk(database)
    service = FeedbackService(database)
    for id_ in (2, 4, 6):
        await service.rate("open", id_, say("up", f"At {id_}"), user_id=None)

    await service.rate("open", 4, say("down"), user_id="ann")
    replaced = await rated(database)
    await service.take_back("open", 2, user_id=None)

    assert replaced == [(2, "up", "At 2"), (4, "down", None), (6, "up", "At 6")]
    assert await rated(database) == [(4, "down", None), (6, "up", "At 6")]


@pytest.mark.parametrize(
    ("session_id", "message_id", "user_id", "error"),
    [
        ("open", 3, None, MessageNotFound),
        ("open", 8, "ann", MessageNotFound),
        ("open", 99, None, MessageNotFound),
        ("hers", 2, "ann", MessageNotFound),
        ("hers", 8, None, SessionNotFound),
        ("hers", 8, "bob", SessionNotFound),
        ("none", 2, None, SessionNotFound),
    ],
)
async def test_what_is_no_answer_of_ones_own_is_not_rated(
    database: Database,
    session_id: str,
    message_id: int,
    user_id: str | None,
    error: type[Exception],
) -> None:
    await talk(database)
    service = FeedbackService(database)

    with pytest.raises(error):
        await service.rate(session_id, message_id, say("up"), user_id=user_id)
    with pytest.raises(error):
        await service.take_back(session_id, message_id, user_id=user_id)

    assert await rated(database) == []
