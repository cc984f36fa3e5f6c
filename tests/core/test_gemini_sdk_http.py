"""One call to Gemini through Google's SDK, and what is kept from it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from backend.core.gemini_errors import (
    GeminiCutOff,
    GeminiError,
    GeminiMalformed,
    GeminiQuotaExceeded,
    GeminiUnreachable,
    GeminiUpstreamFailed,
)
from backend.core.gemini_sdk import SdkTransport
from backend.core.gemini_types import Reply, Usage
from tests.core.gemini_support import API_KEY, gemini_config
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import Behaviour, failure, payloads
from tests.fakes.gemini_payloads import blocked, candidate, encode, usage
from tests.fakes.gemini_server import FakeGemini

PAYLOAD = b'{"contents": [{"parts": [{"text": "?"}]}]}'
GOOD = encode(candidate("Yes."), numeric_enums=True)
ANSWER = Reply("Yes.", "STOP", model="gemini-fake-001")


@asynccontextmanager
async def opened(fake: FakeGemini, **settings: Any) -> AsyncIterator[SdkTransport]:
    transport = SdkTransport(replace(gemini_config(fake, "sdk"), **settings))
    try:
        yield transport
    finally:
        await transport.aclose()


async def streamed(transport: SdkTransport) -> list[Reply]:
    return [reply async for reply in transport.stream(PAYLOAD)]


def two_candidates() -> dict[str, Any]:
    both = candidate("Yes.", thought="Hm")
    both["candidates"] += candidate("No.", "SAFETY")["candidates"]
    return both


class TestRequest:
    async def test_goes_to_its_address_with_the_key_in_a_header(
        self, fake_gemini: FakeGemini
    ) -> None:
        async with opened(fake_gemini, base_url=f"{fake_gemini.base_url}/a/") as transport:
            await transport.generate(PAYLOAD)
            await streamed(transport)

        whole, stream = fake_gemini.requests
        assert whole.target.startswith("/a/v1beta/models/gemini-test:generateContent")
        assert stream.target.startswith("/a/v1beta/models/gemini-test:streamGenerateContent")
        for request in fake_gemini.requests:
            assert request.headers["x-goog-api-key"] == API_KEY
            assert request.headers["accept-encoding"] == "identity"
            assert request.json()["contents"] == [{"parts": [{"text": "?"}]}]

    async def test_leaves_out_what_the_sdk_does_not_know(self, fake_gemini: FakeGemini) -> None:
        settings = b'"maxOutputTokens": 7, "thinkingConfig": {"thinkingLevel": "LOW"}'
        async with opened(fake_gemini) as transport:
            await transport.generate(PAYLOAD[:-1] + b', "generationConfig": {%b}}' % settings)
        assert fake_gemini.requests[0].json()["generationConfig"] == {"maxOutputTokens": 7}

    @pytest.mark.parametrize("payload", [b"{", b'{"contents": 5}'])
    async def test_that_is_none_is_not_sent(self, fake_gemini: FakeGemini, payload: bytes) -> None:
        async with opened(fake_gemini) as transport:
            with pytest.raises(GeminiMalformed):
                await transport.generate(payload)
        assert fake_gemini.requests == []


class TestAnswer:
    @pytest.mark.parametrize(
        ("payload", "reply"),
        [
            (candidate("Yes."), ANSWER),
            (candidate("Yes.", thought="Hm"), ANSWER),
            (two_candidates(), ANSWER),
            (candidate("Yes.", None), replace(ANSWER, finish_reason=None)),
            (candidate("Yes.", "MAX_TOKENS"), replace(ANSWER, finish_reason="MAX_TOKENS")),
            (candidate("Yes.", "A_NEW_ONE"), replace(ANSWER, finish_reason="UNKNOWN_99")),
            (candidate(None), replace(ANSWER, text="")),
            ({}, Reply()),
            ({"candidates": None}, Reply()),
            (
                blocked("BLOCKLIST") | {"usageMetadata": usage(7, 0)},
                Reply(block_reason="BLOCKLIST", usage=Usage(7, 0, 0, 0, 7)),
            ),
            ({"usageMetadata": usage(3, 4, 5, 6)}, Reply(usage=Usage(3, 4, 5, 6, 12))),
            (
                {"usageMetadata": {"promptTokenCount": 9, "totalTokenCount": 5}},
                Reply(usage=Usage(9, 0, 0, 0, 5)),
            ),
        ],
    )
    async def test_is_read_without_thoughts_whole_and_in_pieces(
        self, fake_gemini: FakeGemini, payload: dict[str, Any], reply: Reply
    ) -> None:
        fake_gemini.script(*[payloads(payload)] * 2)
        async with opened(fake_gemini) as transport:
            assert await transport.generate(PAYLOAD) == reply
            assert await streamed(transport) == [reply]

    @pytest.mark.parametrize("texts", [[], ["Yes"], ["Yes", "", ", ค่า", "."]])
    async def test_comes_in_as_many_pieces_as_were_sent(
        self, fake_gemini: FakeGemini, texts: list[str]
    ) -> None:
        fake_gemini.script(payloads({}, [candidate(text, None, thought="Hm") for text in texts]))
        async with opened(fake_gemini) as transport:
            assert [reply.text for reply in await streamed(transport)] == texts
            assert (await transport.generate(PAYLOAD)).finish_reason == "STOP"
        assert len(fake_gemini.connections) == 1


class TestFailure:
    @pytest.mark.parametrize(
        ("behaviour", "kind", "reason"),
        [
            (failure(503), GeminiUpstreamFailed, "503 UNAVAILABLE"),
            (failure(429, headers={"Retry-After": "7"}), GeminiQuotaExceeded, "429 RESOURCE"),
            (faults.whole(503, b"x" * 65_537), GeminiUpstreamFailed, "503"),
            (faults.whole(200, GOOD, {"Content-Type": "text/" + "h" * 99}), GeminiMalformed, "c"),
            (faults.whole(200, GOOD, {"Content-Type": "application/a"}), GeminiMalformed, "c"),
            (faults.whole(200, b"{"), GeminiMalformed, "not JSON"),
            (faults.cut_before_headers, GeminiUnreachable, ""),
            (faults.wrong_length, GeminiCutOff, ""),
        ],
    )
    async def test_of_a_whole_answer_is_named(
        self, fake_gemini: FakeGemini, behaviour: Behaviour, kind: type[GeminiError], reason: str
    ) -> None:
        fake_gemini.script(behaviour)
        async with opened(fake_gemini) as transport:
            with pytest.raises(GeminiError) as caught:
                await transport.generate(PAYLOAD)
            assert type(caught.value) is kind
            assert caught.value.retry_after == (7 if kind is GeminiQuotaExceeded else None)
            assert caught.value.reason.startswith(reason)
            assert len(caught.value.reason) <= len("content type ") + 50
            assert (await transport.generate(PAYLOAD)).finish_reason == "STOP"

    @pytest.mark.parametrize(
        ("behaviour", "kind", "replies"),
        [
            (failure(503), GeminiUpstreamFailed, 0),
            (faults.whole(200, b'[{"candidates": 5}]'), GeminiMalformed, 0),
            (faults.whole(200, b"[" + GOOD + b', "x"]'), GeminiMalformed, 1),
            (faults.whole(200, b"[" + GOOD + b', {"a": '), GeminiMalformed, 1),
            (faults.whole(200, b'[{"error": {"code": 503}}]'), GeminiUpstreamFailed, 0),
            (faults.cut_after("Yes."), GeminiCutOff, 1),
        ],
    )
    async def test_of_a_stream_comes_after_what_was_good_of_it(
        self, fake_gemini: FakeGemini, behaviour: Behaviour, kind: type[GeminiError], replies: int
    ) -> None:
        fake_gemini.script(behaviour)
        async with opened(fake_gemini) as transport:
            stream = transport.stream(PAYLOAD)
            came = [await anext(stream) for _ in range(replies)]
            with pytest.raises(GeminiError) as caught:
                await anext(stream)
            assert type(caught.value) is kind
            assert [reply.text for reply in came] == ["Yes."] * replies
            assert (await transport.generate(PAYLOAD)).finish_reason == "STOP"
