"""The service killed again and again in the middle of turns: nothing may be missing after."""

import asyncio
import os
import random
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from tests.databases import on_every_database
from tests.fakes.gemini_behaviours import slow_answer, whole_answer
from tests.fakes.gemini_http import Exchange
from tests.fakes.gemini_server import FakeGemini
from tests.processes import ServerProcess, serve
from tests.streams import CHAT, part_of, read_parts, text_of

KILLS: Final = int(os.environ.get("STRESS_KILLS", "10"))
"""Of each database; more by `STRESS_KILLS=200 make stress`."""

CONVERSATIONS: Final = 6


@dataclass
class Conversation:
    """One client, who repeats a message under its id until it is answered."""

    is_streaming: bool
    session_id: str | None = None
    asked: dict[str, str] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)

    async def talk(self, url: str) -> None:
        """Ask one thing after another until the server is gone."""
        async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as client:
            while True:
                open_ids = [name for name in self.asked if name not in self.answered]
                name = open_ids[-1] if open_ids else str(uuid4())
                message = self.asked.setdefault(name, f"Question {name}")
                body = {"message": message, "client_message_id": name}
                if self.session_id is not None:
                    body["session_id"] = self.session_id
                answer = await (self._stream if self.is_streaming else self._ask)(client, body)
                if answer is not None:
                    self.answered[name] = answer

    async def _ask(self, client: httpx.AsyncClient, body: dict[str, str]) -> str | None:
        response = await client.post(CHAT, json=body)
        if response.status_code != 200:
            assert response.status_code in {409, 503}, response.text
            return None
        self.session_id = response.json()["session_id"]
        return str(response.json()["response"])

    async def _stream(self, client: httpx.AsyncClient, body: dict[str, str]) -> str | None:
        read = b""
        async with client.stream("POST", f"{CHAT}stream", json=body) as response:
            if response.status_code != 200:
                assert response.status_code in {409, 503}
                return None
            async for piece in response.aiter_bytes():
                read += piece
                if self.session_id is None and b"\n\n" in read:
                    [start] = read_parts(read.partition(b"\n\n")[0] + b"\n\ndata: [DONE]")
                    self.session_id = start["messageMetadata"]["session_id"]
        parts = read_parts(read.rstrip())
        return text_of(parts) if part_of(parts, "finish") else None


async def answer_in_time(exchange: Exchange) -> None:
    """A model that takes up to 100 ms, whole or in pieces."""
    text = f"The answer {uuid4()}."
    if exchange.request.stream_form == "none":
        await asyncio.sleep(random.uniform(0, 0.1))  # noqa: S311 - moments, no secrets
        await whole_answer(text)(exchange)
    else:
        await slow_answer(text, pieces=5, pause=0.015)(exchange)


async def read_history(server: ServerProcess, session_id: str) -> list[dict[str, Any]]:
    """All of it, page by page."""
    messages: list[dict[str, Any]] = []
    page: dict[str, Any] = {"has_more": True}
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        while page["has_more"]:
            before = {"before": messages[0]["id"]} if messages else {}
            response = await client.get(f"{CHAT}{session_id}/history", params=before)
            page = response.json()
            messages = page["messages"] + messages
    return messages


def check(conversation: Conversation, history: list[dict[str, Any]]) -> None:
    """Everything acknowledged is there once, in order, and nothing is left half."""
    said = [message["content"] for message in history]
    for name, answer in conversation.answered.items():
        question = conversation.asked[name]
        assert said.count(question) == 1, question
        assert said[said.index(question) + 1] == answer
        assert said.count(answer) == 1
    assert len(said) == len(set(said))
    assert {message["status"] for message in history} <= {"complete", "interrupted"}


def count_answers(conversations: list[Conversation]) -> int:
    """How many answers were acknowledged."""
    return sum(len(conversation.answered) for conversation in conversations)


@pytest.mark.stress
@on_every_database
async def test_nothing_acknowledged_is_lost_or_doubled(
    database_url: str, fake_gemini: FakeGemini
) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "GEMINI_API_KEY": "k",
        "GEMINI_BASE_URL": fake_gemini.base_url,
        "RATE_LIMIT_ENABLED": "false",
        "LOG_LEVEL": "ERROR",
    }
    fake_gemini.always(answer_in_time)
    conversations = [Conversation(is_streaming=bool(n % 2)) for n in range(CONVERSATIONS)]
    for _ in range(KILLS):
        before = count_answers(conversations)
        with serve(**environment) as server:
            talks = [asyncio.create_task(c.talk(server.url)) for c in conversations]
            for _ in range(100):  # a slow machine may not have come to the first answer
                if count_answers(conversations) > before:
                    break
                await asyncio.sleep(0.1)
            await asyncio.sleep(random.uniform(0, 1))  # noqa: S311 - moments, no secrets
            server.kill()
            ends = await asyncio.gather(*talks, return_exceptions=True)
            assert all(isinstance(end, httpx.TransportError) for end in ends), ends

    with serve(**environment) as server:
        for conversation in conversations:
            if conversation.session_id is None:
                assert not conversation.answered  # a slow machine: never was a first answer read
                continue
            check(conversation, await read_history(server, conversation.session_id))
        async with httpx.AsyncClient(base_url=server.url, timeout=20, trust_env=False) as client:
            for conversation in conversations:
                body = {"message": "Next", "session_id": conversation.session_id}
                assert (await client.post(CHAT, json=body)).status_code == 200
    assert count_answers(conversations) >= KILLS
