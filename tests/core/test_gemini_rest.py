"""One call to Gemini over our own HTTP, without what the client puts around it."""

import json
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
    GeminiTimeout,
    GeminiUnreachable,
    GeminiUpstreamFailed,
)
from backend.core.gemini_rest import RestTransport
from backend.core.gemini_types import Reply, Usage
from tests.core.gemini_support import API_KEY, gemini_config
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import Behaviour, failure, payloads, stream_bytes
from tests.fakes.gemini_payloads import candidate, encode, usage
from tests.fakes.gemini_server import FakeGemini

PAYLOAD = b'{"contents": [{"parts": [{"text": "?"}]}]}'
GOOD = encode(candidate("Yes."))
ANSWER = Reply("Yes.", "STOP", model="gemini-fake-001")


@asynccontextmanager
async def opened(fake: FakeGemini, **settings: Any) -> AsyncIterator[RestTransport]:
    transport = RestTransport(replace(gemini_config(fake), **settings))
    try:
        yield transport
    finally:
        await transport.aclose()


async def streamed(transport: RestTransport) -> list[Reply]:
    return [reply async for reply in transport.stream(PAYLOAD)]


class TestRequest:
    @pytest.mark.parametrize(
        ("path", "model", "target"),
        [
            ("", "gemini-x", "/v1beta/models/gemini-x"),
            ("/", "gemini-x", "/v1beta/models/gemini-x"),
            ("/a/b/", "a?b#c é", "/a/b/v1beta/models/a%3Fb%23c%20%C3%A9"),
        ],
    )
    async def test_goes_to_its_address_with_the_key_in_a_header(
        self, fake_gemini: FakeGemini, path: str, model: str, target: str
    ) -> None:
        base_url = fake_gemini.base_url
        async with opened(fake_gemini, base_url=base_url + path, model=model) as transport:
            await transport.generate(PAYLOAD)
            await streamed(transport)
            await transport.embed(b'{"requests": []}')

        whole, stream, vectors = fake_gemini.requests
        assert whole.target == f"{target}:generateContent"
        assert stream.target == f"{target}:streamGenerateContent?alt=sse"
        assert vectors.target == f"{target}:batchEmbedContents"
        for request in fake_gemini.requests:
            assert request.method == "POST"
            assert request.headers["host"] == base_url.removeprefix("http://")
            assert request.headers["x-goog-api-key"] == API_KEY
            assert request.headers["content-type"] == "application/json"
            assert request.headers["accept-encoding"] == "identity"
        assert whole.body == stream.body == PAYLOAD

    async def test_shows_no_password_of_the_address(self, fake_gemini: FakeGemini) -> None:
        base_url = fake_gemini.base_url.replace("http://", "http://me:secret@")
        async with opened(fake_gemini, base_url=base_url) as transport:
            await transport.generate(PAYLOAD)
        (request,) = fake_gemini.requests
        assert request.headers["host"] == fake_gemini.base_url.removeprefix("http://")

    async def test_goes_without_a_key_where_there_is_none(self, fake_gemini: FakeGemini) -> None:
        async with opened(fake_gemini, api_key=None) as transport:
            await transport.generate(PAYLOAD)
        assert fake_gemini.requests[0].headers["x-goog-api-key"] == ""


class TestAnswer:
    async def test_is_read_whole(self, fake_gemini: FakeGemini) -> None:
        fake_gemini.script(payloads(candidate("Yes.") | {"usageMetadata": usage(3, 4, 5, 6)}))
        async with opened(fake_gemini) as transport:
            reply = await transport.generate(PAYLOAD)
        assert reply == replace(ANSWER, usage=Usage(3, 4, 5, 6, 12))

    async def test_is_read_in_pieces(self, fake_gemini: FakeGemini) -> None:
        fake_gemini.script(payloads({}, [candidate("Yes", None), {}, candidate(".")]))
        async with opened(fake_gemini) as transport:
            replies = await streamed(transport)
        assert [reply.text for reply in replies] == ["Yes", "", "."]
        assert [reply.finish_reason for reply in replies] == [None, None, "STOP"]

    @pytest.mark.parametrize("kind", ["application/json", "APPLICATION/JSON ; charset=utf-8"])
    async def test_may_name_its_kind_in_any_form(self, fake_gemini: FakeGemini, kind: str) -> None:
        fake_gemini.script(faults.whole(200, GOOD, {"Content-Type": kind}))
        async with opened(fake_gemini) as transport:
            assert await transport.generate(PAYLOAD) == ANSWER


class TestFailure:
    @pytest.mark.parametrize(
        ("behaviour", "kind", "reason"),
        [
            (failure(503), GeminiUpstreamFailed, "503 UNAVAILABLE"),
            (failure(429, headers={"Retry-After": "7"}), GeminiQuotaExceeded, "429 RESOURCE"),
            (faults.whole(503, b"x" * 65_537), GeminiUpstreamFailed, "503"),
            (faults.whole(200, GOOD, {"Content-Type": "text/" + "h" * 99}), GeminiMalformed, "c"),
            (faults.cut_before_headers, GeminiUnreachable, "ReadError"),
            (faults.cut_in_headers, GeminiUnreachable, "ReadError"),
            (faults.raw(b"SSH-2.0-OpenSSH\r\n"), GeminiUnreachable, "ProtocolError"),
            (faults.wrong_length, GeminiCutOff, "ReadError"),
            (faults.stall_after("Yes"), GeminiTimeout, "chunk"),
        ],
    )
    async def test_of_a_whole_answer_is_named(
        self, fake_gemini: FakeGemini, behaviour: Behaviour, kind: type[GeminiError], reason: str
    ) -> None:
        fake_gemini.script(behaviour)
        async with opened(
            fake_gemini, chunk_seconds=0.1 if kind is GeminiTimeout else 5.0
        ) as transport:
            with pytest.raises(GeminiError) as caught:
                await transport.generate(PAYLOAD)
            assert type(caught.value) is kind
            assert caught.value.reason.startswith(reason)
            assert len(caught.value.reason) <= len("content type ") + 50
            assert caught.value.retry_after == (7 if kind is GeminiQuotaExceeded else None)
            assert (await transport.generate(PAYLOAD)).finish_reason == "STOP"

    @pytest.mark.parametrize(
        ("behaviour", "kind", "reason", "replies"),
        [
            (failure(503), GeminiUpstreamFailed, "503 UNAVAILABLE", 0),
            (
                faults.whole(200, GOOD, {"Content-Type": "application/json"}),
                GeminiMalformed,
                "content type application/json",
                0,
            ),
            (faults.stall_after("Yes"), GeminiTimeout, "chunk", 1),
            (faults.cut_after("Yes"), GeminiCutOff, "ReadError", 1),
            (stream_bytes(b"data: {\n\n"), GeminiMalformed, "not JSON", 0),
            (
                stream_bytes(b"data: " + json.dumps({"error": {"code": 503}}).encode() + b"\n\n"),
                GeminiUpstreamFailed,
                "503",
                0,
            ),
        ],
    )
    async def test_of_a_stream_comes_after_what_was_good_of_it(
        self,
        fake_gemini: FakeGemini,
        behaviour: Behaviour,
        kind: type[GeminiError],
        reason: str,
        replies: int,
    ) -> None:
        fake_gemini.script(behaviour)
        async with opened(
            fake_gemini, chunk_seconds=0.1 if kind is GeminiTimeout else 5.0
        ) as transport:
            stream = transport.stream(PAYLOAD)
            came = [await anext(stream) for _ in range(replies)]
            with pytest.raises(GeminiError) as caught:
                await anext(stream)
            assert type(caught.value) is kind
            assert caught.value.reason == reason
            assert [reply.text for reply in came] == ["Yes"] * replies
            assert (await transport.generate(PAYLOAD)).finish_reason == "STOP"

    async def test_to_connect_is_that_nobody_is_reached(self, fake_gemini: FakeGemini) -> None:
        async with opened(fake_gemini) as transport:
            with fake_gemini.refusing(), pytest.raises(GeminiUnreachable, match="ConnectError"):
                await transport.generate(PAYLOAD)
