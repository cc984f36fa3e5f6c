"""What the tests of the Gemini client share."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Literal

import pytest

from backend.core.circuit_breaker import BreakerState
from backend.core.gemini import (
    Answer,
    AUGeminiClient,
    GeminiConfig,
    build_gemini_client,
)
from tests.fakes.gemini_server import FakeGemini

Way = Literal["rest", "sdk"]
WAYS: Final[tuple[Way, ...]] = ("rest", "sdk")
API_KEY: Final = "AIza-made-up-key"
CONTEXT: Final = "Hua Mak campus phone: +66 2300 4543\nMBA tuition: 312,000 baht"

both_ways = pytest.mark.parametrize("way", WAYS)


def gemini_config(fake: FakeGemini, way: Way = "rest", **changes: Any) -> GeminiConfig:
    """Settings quick enough for tests: short waits, short times."""
    quick: dict[str, Any] = {
        "timeout_seconds": 2.0,
        # Busy machines take longer to connect than the shortest times under test allow.
        "connect_seconds": 5.0,
        "backoff_seconds": 0.002,
        "breaker_open_seconds": 0.05,
        "breaker_misconfigured_seconds": 0.05,
    }
    base_url = changes.pop("base_url", fake.base_url)
    return GeminiConfig(
        api_key=API_KEY, base_url=base_url, transport=way, model="gemini-test", **(quick | changes)
    )


@asynccontextmanager
async def open_client(
    fake: FakeGemini, way: Way = "rest", **changes: Any
) -> AsyncIterator[AUGeminiClient]:
    """A client of the fake server, closed at the end."""
    client = build_gemini_client(gemini_config(fake, way, **changes))
    try:
        yield client
    finally:
        await client.aclose()


async def until_allowed(client: AUGeminiClient) -> None:
    """Wait for the breaker when it is open, which here is for 0.05 s."""
    if client.status().breaker is BreakerState.OPEN:
        await asyncio.sleep(0.06)


async def ask(client: AUGeminiClient, message: str = "What does the MBA cost?") -> Answer:
    return await client.generate_response(message, CONTEXT, [])


async def ask_in_pieces(
    client: AUGeminiClient, message: str = "What does the MBA cost?"
) -> tuple[list[str], Answer]:
    """The deltas of a streamed answer, and the whole."""
    deltas: list[str] = []
    async for item in client.stream_response(message, CONTEXT, []):
        if isinstance(item, Answer):
            return deltas, item
        deltas.append(item.text)
    raise AssertionError("the stream ended without an answer")
