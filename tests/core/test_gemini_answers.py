"""Good answers, whole and streamed, over both transports."""

import asyncio
import time
from dataclasses import replace

import pytest
from urllib3.connection import HTTPConnection

from backend.core.conversation import HistoryMessage
from backend.core.gemini import Answer, AnswerDelta, FinishReason, Usage, build_gemini_client
from backend.core.gemini_errors import GeminiMalformed, GeminiNotConfigured, GeminiUnreachable
from backend.core.gemini_sdk_http import UpstreamCall
from backend.core.language import Language
from tests.core.gemini_support import (
    API_KEY,
    CONTEXT,
    Way,
    ask,
    ask_in_pieces,
    both_ways,
    gemini_config,
    open_client,
)
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import payloads, stream_bytes, whole_answer
from tests.fakes.gemini_payloads import candidate, encode, question_of, usage
from tests.fakes.gemini_server import FakeGemini

COUNTS = usage(prompt=900, output=40, thoughts=25, cached=800)


@both_ways
class TestAnswers:
    async def test_gives_text_model_reason_and_usage(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(*[whole_answer("312,000 baht", metadata=COUNTS)] * 2)
        async with open_client(fake_gemini, way) as client:
            whole = await ask(client)
            deltas, streamed = await ask_in_pieces(client)
        counts = Usage(900, 40, 25, 800, 965, attempts=1)
        assert whole == Answer("312,000 baht", "gemini-fake-001", FinishReason.STOP, counts)
        assert streamed == whole
        assert deltas == ["312,", "000 ", "baht"]

    async def test_an_answer_cut_by_its_length_is_an_answer(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.always(whole_answer("It costs 312", "MAX_TOKENS"))
        async with open_client(fake_gemini, way) as client:
            whole = await ask(client)
            _, streamed = await ask_in_pieces(client)
        assert (whole.text, whole.finish_reason) == ("It costs 312", FinishReason.LENGTH)
        assert streamed == whole

    async def test_joins_parts_and_never_shows_a_thought(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        payload = candidate("Yes", thought="The user wants")
        parts = payload["candidates"][0]["content"]["parts"]
        parts += [{"text": ", it"}, {"text": "secret", "thought": True}, {"text": " is."}]
        fake_gemini.always(payloads(payload))
        async with open_client(fake_gemini, way) as client:
            assert (await ask(client)).text == "Yes, it is."
            assert await ask_in_pieces(client) == (["Yes, it is."], await ask(client))

    async def test_drops_what_no_database_can_store(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.always(payloads(candidate("ค่า\x00เทอม")))
        async with open_client(fake_gemini, way) as client:
            assert (await ask(client)).text == "ค่าเทอม"

    async def test_reads_an_answer_that_the_end_of_the_connection_ends(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.always(faults.http_1_0("old proxy"))
        async with open_client(fake_gemini, way) as client:
            assert (await ask(client)).text == "old proxy"
            assert (await ask_in_pieces(client))[1].text == "old proxy"

    async def test_keeps_connections_alive(self, fake_gemini: FakeGemini, way: Way) -> None:
        async with open_client(fake_gemini, way) as client:
            for _ in range(3):
                await ask(client)
                await ask_in_pieces(client)
            assert len(fake_gemini.connections) == 1
        await fake_gemini.wait_until_closed()

    async def test_answers_many_at_once(self, fake_gemini: FakeGemini, way: Way) -> None:
        fake_gemini.latency = 0.1
        async with open_client(fake_gemini, way, timeout_seconds=9.0) as client:
            await ask(client)
            began = time.monotonic()
            answers = await asyncio.gather(*(ask(client, f"q{n}") for n in range(100)))
            assert time.monotonic() - began < 5.0  # one after another they would take ten
        assert [answer.text for answer in answers] == [f"You asked: q{n}" for n in range(100)]


@both_ways
class TestRequests:
    async def test_sends_the_key_in_a_header_only(self, fake_gemini: FakeGemini, way: Way) -> None:
        async with open_client(fake_gemini, way) as client:
            await ask(client)
        request = fake_gemini.requests[0]
        assert request.headers["x-goog-api-key"] == API_KEY
        assert API_KEY not in request.target
        assert API_KEY.encode() not in request.body
        assert request.headers["accept-encoding"] == "identity"

    async def test_sends_prompt_history_and_limits(self, fake_gemini: FakeGemini, way: Way) -> None:
        history = [HistoryMessage("user", "Hi"), HistoryMessage("assistant", "Hello")]
        async with open_client(fake_gemini, way, max_output_tokens=77) as client:
            await client.generate_response("ค่าเทอม?", CONTEXT, history, language=Language.THAI)
        request = fake_gemini.requests[0]
        body = request.json()
        assert request.target.startswith("/v1beta/models/gemini-test:generateContent")
        assert [content["role"] for content in body["contents"]] == ["user", "model", "user"]
        assert question_of(body) == "ค่าเทอม?"
        system = "".join(part["text"] for part in body["systemInstruction"]["parts"])
        assert CONTEXT in system
        assert "Answer in Thai" in system
        assert body["generationConfig"]["maxOutputTokens"] == 77

    async def test_keeps_a_path_before_the_api(self, fake_gemini: FakeGemini, way: Way) -> None:
        base_url = f"{fake_gemini.base_url}/proxy/"
        async with open_client(fake_gemini, way, base_url=base_url) as client:
            await ask(client)
        assert fake_gemini.requests[0].target.startswith("/proxy/v1beta/models/gemini-test:")

    async def test_ignores_proxies_of_the_environment(
        self, fake_gemini: FakeGemini, way: Way, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with open_client(fake_gemini, way) as client:
            assert (await ask(client)).text


class TestRest:
    async def test_names_the_thinking_level(self, fake_gemini: FakeGemini) -> None:
        async with open_client(fake_gemini, thinking_level="low") as client:
            await ask(client)
        config = fake_gemini.requests[0].json()["generationConfig"]
        assert config["thinkingConfig"] == {"thinkingLevel": "LOW"}

    async def test_reads_events_cut_anywhere(self, fake_gemini: FakeGemini) -> None:
        events = [candidate("ค่าเทอม ", None), candidate("学费 ကျောင်းလခ"), {"usageMetadata": COUNTS}]
        body = b": hello\r\n" + b"".join(b"data: " + encode(e) + b"\r\n\r\n" for e in events)
        fake_gemini.script(stream_bytes(body, cut_at=range(1, len(body))))
        async with open_client(fake_gemini) as client:
            deltas, answer = await ask_in_pieces(client)
        assert deltas == ["ค่าเทอม ", "学费 ကျောင်းလခ"]
        assert answer.usage.input_tokens == 900

    async def test_drops_half_a_surrogate_pair(self, fake_gemini: FakeGemini) -> None:
        body = encode(candidate("ok?")).replace(b"?", b"\\ud83d!")
        fake_gemini.script(faults.whole(200, body))
        async with open_client(fake_gemini) as client:
            assert (await ask(client)).text == "ok!"

    async def test_skips_interim_answers(self, fake_gemini: FakeGemini) -> None:
        body = encode(candidate("ok"))
        hints = b"HTTP/1.1 103 Early Hints\r\nContent-Type: text/html\r\n\r\n"
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        fake_gemini.script(faults.raw(hints + head % len(body) + body))
        async with open_client(fake_gemini) as client:
            assert (await ask(client)).text == "ok"

    async def test_sends_no_key_that_would_break_out_of_its_header(
        self, fake_gemini: FakeGemini
    ) -> None:
        config = replace(gemini_config(fake_gemini), api_key="a-key\r\nX-Evil: 1")
        client = build_gemini_client(config)
        for way_to_ask in (ask, ask_in_pieces):
            with pytest.raises(GeminiUnreachable):
                await way_to_ask(client)
        await client.aclose()
        assert fake_gemini.requests == []


class TestSdk:
    async def test_refuses_a_wrong_type_in_a_field_that_only_it_reads(
        self, fake_gemini: FakeGemini
    ) -> None:
        payload = candidate("ok")
        payload["candidates"][0]["safetyRatings"] = 5
        fake_gemini.script(payloads(payload))
        async with open_client(fake_gemini, "sdk", retries=0) as client:
            with pytest.raises(GeminiMalformed):
                await ask(client)

    async def test_a_call_cut_before_it_has_a_connection_gets_none(self) -> None:
        call = UpstreamCall()
        call.abort()
        with pytest.raises(OSError, match="cancelled"):
            call.attach(HTTPConnection("127.0.0.1"))


async def test_the_sdk_drops_a_thinking_level_that_it_cannot_send(fake_gemini: FakeGemini) -> None:
    async with open_client(fake_gemini, "sdk", thinking_level="low") as client:
        await ask(client)
    assert "thinkingConfig" not in fake_gemini.requests[0].json()["generationConfig"]


class TestWithoutAKey:
    async def test_exists_says_so_and_refuses(self, fake_gemini: FakeGemini) -> None:
        config = gemini_config(fake_gemini)
        client = build_gemini_client(type(config)(api_key=None, base_url=fake_gemini.base_url))
        assert not client.status().configured
        with pytest.raises(GeminiNotConfigured):
            await ask(client)
        with pytest.raises(GeminiNotConfigured):
            await ask_in_pieces(client)
        await client.aclose()
        assert fake_gemini.requests == []


async def test_deltas_come_as_soon_as_they_are_sent(fake_gemini: FakeGemini) -> None:
    fake_gemini.script(faults.stall_after("first"))
    async with open_client(fake_gemini) as client:
        stream = client.stream_response("?", CONTEXT, [])
        began = time.monotonic()
        assert await anext(stream) == AnswerDelta("first")
        assert time.monotonic() - began < 0.3
        await stream.aclose()


def test_settings_never_print_the_key(fake_gemini: FakeGemini) -> None:
    assert API_KEY not in repr(gemini_config(fake_gemini))


class TestBaseUrl:
    async def test_keeps_port_and_path_of_the_base_url(self, fake_gemini: FakeGemini) -> None:
        base_url = f"{fake_gemini.base_url}/proxy for é/"
        async with open_client(fake_gemini, "rest", base_url=base_url) as client:
            await ask(client)
        request = fake_gemini.requests[0]
        assert request.headers["host"] == fake_gemini.base_url.removeprefix("http://")
        assert request.target == ("/proxy%20for%20%C3%A9/v1beta/models/gemini-test:generateContent")
