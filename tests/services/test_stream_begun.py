"""Tests of `backend/services/stream_service.py`: which turn a message begins, joins or repeats."""

import asyncio
from typing import Any

import pytest

from backend.core.errors import SessionNotFound
from backend.schemas.chat import ChatRequest
from backend.schemas.stream import UIChatRequest
from backend.services.draft import Draft
from backend.services.reply import Reply
from backend.services.stream_service import StreamService
from backend.services.turn import Turn
from tests.services.answering import Desk, write_whole
from tests.services.turns import CLIENT_ID, Turns
from tests.streams import drain, text_of

CHAT = "a-chat-of-this-page"


def in_chat(trigger: str, chat_id: str = CHAT) -> UIChatRequest:
    """What the AI SDK sends of a chat with one question."""
    part = {"type": "text", "text": "Fees?"}
    message = {"id": CLIENT_ID, "role": "user", "parts": [part]}
    body: dict[str, Any] = {"id": chat_id, "messages": [message], "trigger": trigger}
    return UIChatRequest.model_validate(body)


class TestStreamMessage:
    async def test_that_came_before_joins_its_turn_or_repeats_its_answer(
        self, turns: Turns
    ) -> None:
        release = asyncio.Event()

        async def wait(turn: Turn, draft: Draft | None) -> Reply:
            await release.wait()
            return await write_whole(turn, draft)

        here = StreamService(Desk(turns, wait).engine)
        request = ChatRequest(message="Fees?", client_message_id=CLIENT_ID)
        streams = [await here.stream_message(request) for _ in range(2)]
        release.set()
        async with asyncio.timeout(10):
            texts = [text_of(await drain(stream)) for stream in streams]
            texts.append(text_of(await drain(await here.stream_message(request))))

        assert texts == ["Some fees."] * 3
        assert len(await turns.messages()) == 2

    async def test_of_a_chat_is_answered_anew_where_it_says_so(self, turns: Turns) -> None:
        here = StreamService(Desk(turns, write_whole).engine)
        for trigger in ("submit-message", "regenerate-message"):
            stream = await here.stream_message(in_chat(trigger))
            assert text_of(await drain(stream)) == "Some fees."

        _, first, second = await turns.messages()
        assert (first.is_current, second.is_current) == (False, True)
        with pytest.raises(SessionNotFound):
            await here.stream_message(in_chat("regenerate-message", "another-chat-of-a-page"))
