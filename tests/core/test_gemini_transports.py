"""What holds of calls to Gemini whichever transport makes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from backend.core.gemini_errors import GeminiError, GeminiMalformed
from backend.core.gemini_rest import RestTransport
from backend.core.gemini_sdk import SdkTransport
from backend.core.gemini_types import Reply
from tests.core.gemini_support import Way, both_ways, gemini_config
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_payloads import candidate, encode
from tests.fakes.gemini_server import FakeGemini

PAYLOAD = b'{"contents": [{"parts": [{"text": "?"}]}]}'
TRANSPORTS: dict[Way, type[RestTransport | SdkTransport]] = {
    "rest": RestTransport,
    "sdk": SdkTransport,
}


@asynccontextmanager
async def opened(
    fake: FakeGemini, way: Way, **settings: Any
) -> AsyncIterator[RestTransport | SdkTransport]:
    transport = TRANSPORTS[way](replace(gemini_config(fake, way), **settings))
    try:
        yield transport
    finally:
        await transport.aclose()


async def streamed(transport: RestTransport | SdkTransport) -> list[Reply]:
    return [reply async for reply in transport.stream(PAYLOAD)]


@both_ways
async def test_an_answer_may_be_as_long_as_the_limit(fake_gemini: FakeGemini, way: Way) -> None:
    good = encode(candidate("Yes."), numeric_enums=way == "sdk")
    fake_gemini.script(*[faults.whole(200, good)] * 2)
    async with opened(fake_gemini, way, max_answer_bytes=len(good)) as transport:
        assert (await transport.generate(PAYLOAD)).text == "Yes."
    async with opened(fake_gemini, way, max_answer_bytes=len(good) - 1) as transport:
        with pytest.raises(GeminiMalformed, match="oversized"):
            await transport.generate(PAYLOAD)


@both_ways
class TestEnd:
    async def test_of_a_call_closes_its_connection_at_once(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(*[faults.stall_before_headers] * 2)
        async with opened(fake_gemini, way) as transport:
            for asked, call in enumerate((transport.generate(PAYLOAD), streamed(transport)), 1):
                calling = asyncio.create_task(call)
                await fake_gemini.wait_until_asked(asked)
                calling.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await calling
                await fake_gemini.wait_until_closed()
            assert (await transport.generate(PAYLOAD)).finish_reason == "STOP"

    async def test_of_a_stream_that_is_left_closes_its_connection(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(faults.stall_after("Yes."))
        async with opened(fake_gemini, way) as transport:
            stream = transport.stream(PAYLOAD)
            assert (await anext(stream)).text == "Yes."
            await stream.aclose()
            await fake_gemini.wait_until_closed()

    async def test_of_all_closes_what_is_idle_and_cuts_what_is_not(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        async with opened(fake_gemini, way) as transport:
            await transport.generate(PAYLOAD)
            await transport.aclose()
            await fake_gemini.wait_until_closed()

        fake_gemini.script(faults.stall_before_headers)
        async with opened(fake_gemini, way) as transport:
            calling = asyncio.create_task(transport.generate(PAYLOAD))
            await fake_gemini.wait_until_asked(2)
            await transport.aclose()
            with pytest.raises(GeminiError):
                await asyncio.wait_for(calling, 2)
            await fake_gemini.wait_until_closed()
