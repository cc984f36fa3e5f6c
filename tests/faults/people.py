"""People who talk on through a fault, and the account that is settled with them after it."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.fakes.gemini_behaviours import slow_answer, whole_answer
from tests.fakes.gemini_http import Exchange
from tests.streams import CHAT, read_parts, text_of

READY_SECONDS: Final = 5.0
"""Within so long after a fault's end everything works again, by itself."""

PATIENCE_SECONDS: Final = 240.0
"""How long a test waits for what must come; machines that test are busy."""

Refusal = tuple[int, str]
_SILENCE_SECONDS: Final = 40.0
_TALK_MESSAGES: Final = 50
"""After so many a person begins another conversation."""


@dataclass
class Person:
    """Asks one thing after another, each under one id until it is answered, now here, now there."""

    urls: Sequence[str]
    is_streaming: bool
    session_id: str | None = None
    said: list[str] = field(default_factory=list)
    earlier: list[tuple[str, list[str]]] = field(default_factory=list)
    answered: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    cuts: int = 0
    longest_wait: float = 0.0
    _turn: "count[int]" = field(default_factory=count)

    async def ask(self, client: httpx.AsyncClient) -> None:
        """Ask a new thing, and again until the answer is acknowledged."""
        if self.session_id is not None and len(self.said) >= _TALK_MESSAGES:
            self.earlier.append((self.session_id, self.said))
            self.session_id, self.said = None, []
        name = str(uuid4())
        body = {"message": f"Question {name}", "client_message_id": name}
        began = time.monotonic()
        while (answer := await self._try(client, body)) is None:  # noqa: ASYNC110 - elsewhere
            await asyncio.sleep(0.1)
        self.longest_wait = max(self.longest_wait, time.monotonic() - began)
        self.said += [body["message"], answer]
        self.answered += 1

    async def _try(self, client: httpx.AsyncClient, body: dict[str, str]) -> str | None:
        url = self.urls[next(self._turn) % len(self.urls)]
        if self.session_id is not None:
            body["session_id"] = self.session_id
        try:
            return await (self._stream if self.is_streaming else self._post)(client, url, body)
        except httpx.TransportError:
            self.cuts += 1
            return None

    async def _post(self, client: httpx.AsyncClient, url: str, body: dict[str, str]) -> str | None:
        response = await client.post(f"{url}{CHAT}", json=body)
        if response.status_code != 200:
            self.refusals.append(read_refusal(response))
            return None
        self.session_id = response.json()["session_id"]
        return str(response.json()["response"])

    async def _stream(
        self, client: httpx.AsyncClient, url: str, body: dict[str, str]
    ) -> str | None:
        async with client.stream("POST", f"{url}{CHAT}stream", json=body) as response:
            read = await response.aread()
            if response.status_code != 200:
                self.refusals.append(read_refusal(response))
                return None
        parts = read_parts(read.rstrip())
        kinds = [part["type"] for part in parts]
        if "finish" not in kinds:
            assert "error" in kinds or "abort" in kinds, kinds
            self.cuts += 1
            return None
        self.session_id = parts[0]["messageMetadata"]["session_id"]
        return text_of(parts)


def read_refusal(response: httpx.Response) -> Refusal:
    """What a refusal says; it must be one that a client can act on."""
    assert response.status_code in {409, 503}, response.text
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert int(response.headers["retry-after"]) >= 1, response.text
    problem = response.json()
    assert problem["detail"]
    return response.status_code, problem["code"]


class Crowd:
    """Several people at once, JSON and streams mixed."""

    def __init__(self, people: list[Person], client: httpx.AsyncClient) -> None:
        self.people = people
        self.client = client

    @property
    def answered(self) -> int:
        """How many turns were acknowledged to anybody."""
        return sum(person.answered for person in self.people)

    @property
    def refusals(self) -> set[Refusal]:
        """Which refusals anybody got."""
        return {refusal for person in self.people for refusal in person.refusals}

    async def hear(self, more: int) -> float:
        """Wait until so many more turns were acknowledged; gives the seconds it took."""
        began, wanted = time.monotonic(), self.answered + more
        await until(lambda: _holds(self.answered >= wanted))
        return time.monotonic() - began

    async def settle(self) -> None:
        """Every history must be what its person was told: nothing lost, doubled or misplaced."""
        for person in self.people:
            talks = [*person.earlier, (person.session_id, person.said)] if person.said else []
            for session_id, said in talks:
                url = f"{person.urls[0]}{CHAT}{session_id}/history"
                response = await self.client.get(url, params={"limit": 200})
                messages = response.json()["messages"]
                assert [m["content"] for m in messages] == said
                assert {m["status"] for m in messages} == {"complete"}


@asynccontextmanager
async def crowd(*urls: str, size: int = 6) -> AsyncIterator[Crowd]:
    """People who talk until the block ends, and then finish what they have begun."""
    limits = httpx.Limits(max_keepalive_connections=0)
    timeout = httpx.Timeout(_SILENCE_SECONDS)
    async with httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False) as client:
        people = [Person(urls, is_streaming=bool(number % 2)) for number in range(size)]
        is_over = asyncio.Event()

        async def talk(person: Person) -> None:
            while not is_over.is_set():
                await person.ask(client)

        async with asyncio.TaskGroup() as talks:
            for person in people:
                talks.create_task(talk(person))
            everybody = Crowd(people, client)
            yield everybody
            is_over.set()
        await everybody.settle()


async def answer_in_time(exchange: Exchange) -> None:
    """A model that never says the same thing twice, whole or in pieces, in a tenth of a second."""
    text = f"The answer {uuid4()}."
    if exchange.request.stream_form == "none":
        await asyncio.sleep(0.05)
        await whole_answer(text)(exchange)
    else:
        await slow_answer(text, pieces=4, pause=0.025)(exchange)


async def until(condition: Callable[[], Awaitable[bool]], within: float = PATIENCE_SECONDS) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - it happens elsewhere
            await asyncio.sleep(0.05)


async def readiness(url: str) -> dict[str, Any]:
    """What `/health/ready` says now."""
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        body: dict[str, Any] = (await client.get(f"{url}/health/ready")).json()
    return body


async def recovery(url: str) -> float:
    """The seconds until everything is well again, as `/health/ready` sees it."""
    began = time.monotonic()

    async def is_well() -> bool:
        try:
            parts = await readiness(url)
        except httpx.TransportError:  # asked of a worker that was just ending
            return False
        states = [part["state"] for part in parts.values() if isinstance(part, dict)]
        return parts["status"] == "ready" and set(states) <= {"ok", "off"}

    await until(is_well)
    return time.monotonic() - began


async def _holds(condition: bool) -> bool:
    return condition


def tell(text: str) -> None:
    """Say what was seen; pytest shows it with `-s`."""
    sys.stdout.write(f"{text}\n")
