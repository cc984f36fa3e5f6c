"""Streams that go wrong once they have begun, and streams that nobody wants any more."""

import asyncio
import time

import pytest

from backend.core.circuit_breaker import BreakerState
from backend.core.gemini import AnswerDelta, AUGeminiClient
from backend.core.gemini_errors import (
    GeminiCutOff,
    GeminiError,
    GeminiMalformed,
    GeminiPromptBlocked,
    GeminiRecitation,
    GeminiSafetyStop,
    GeminiTimeout,
    GeminiUpstreamFailed,
)
from tests.core.gemini_support import CONTEXT, Way, ask_in_pieces, both_ways, open_client
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import Behaviour, payloads
from tests.fakes.gemini_http import Exchange
from tests.fakes.gemini_payloads import blocked, candidate, encode, error_body
from tests.fakes.gemini_server import FakeGemini


def after_text(last: object) -> Behaviour:
    """A stream of a first piece of text and then this."""
    return payloads({}, [candidate("It costs ", None), last])


BROKEN = [
    ("cut", faults.cut_after("It costs "), GeminiCutOff),
    ("cut in a chunk", faults.cut_in_chunk("It costs "), GeminiCutOff),
    ("ended without a reason", faults.cut_after("It costs ", clean=True), GeminiCutOff),
    ("stall", faults.stall_after("It costs "), GeminiTimeout),
    ("stall in a chunk", faults.stall_in_chunk("It costs "), GeminiTimeout),
    ("safety", after_text(candidate("a bomb", "SAFETY")), GeminiSafetyStop),
    ("recitation", after_text(candidate("verse", "RECITATION")), GeminiRecitation),
    ("blocked late", after_text(blocked()), GeminiPromptBlocked),
    ("error envelope", after_text(error_body(503)), GeminiUpstreamFailed),
    ("malformed", after_text({"candidates": 7}), GeminiMalformed),
]


@both_ways
class TestBrokenStreams:
    @pytest.mark.parametrize(
        ("behaviour", "kind"), [pytest.param(b[1], b[2], id=b[0]) for b in BROKEN]
    )
    async def test_carry_what_was_shown_and_are_not_asked_again(
        self,
        fake_gemini: FakeGemini,
        way: Way,
        behaviour: Behaviour,
        kind: type[GeminiError],
    ) -> None:
        fake_gemini.script(behaviour)
        shown: list[str] = []

        async def follow(client: AUGeminiClient) -> None:
            async for item in client.stream_response("?", CONTEXT, []):
                shown.append(item.text)  # noqa: PERF401 - what came before the error counts

        async with open_client(fake_gemini, way, chunk_seconds=0.15) as client:
            began = time.monotonic()
            with pytest.raises(GeminiError) as caught:
                await follow(client)
            assert time.monotonic() - began < 0.6
            assert type(caught.value) is kind
            assert caught.value.partial_text == "".join(shown) == "It costs "
            assert len(fake_gemini.requests) == caught.value.attempts == 1
            assert (await ask_in_pieces(client))[1].text

    async def test_blanks_are_not_the_first_word(self, fake_gemini: FakeGemini, way: Way) -> None:
        fake_gemini.script(
            payloads({}, [candidate("\n", None), candidate(" \n", "STOP")]),
            payloads({}, [candidate("\n", None), candidate(" It costs", None), candidate(" 5.")]),
        )

        async with open_client(fake_gemini, way) as client:
            shown, answer = await ask_in_pieces(client)

        assert answer.usage.attempts == 2
        assert shown[0] == "It costs"
        assert "".join(shown) == answer.text == "It costs 5."

    async def test_a_stall_between_pieces_is_told_from_one_before(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(faults.stall_after("It costs "))
        async with open_client(fake_gemini, way, chunk_seconds=0.1) as client:
            with pytest.raises(GeminiTimeout) as caught:
                await ask_in_pieces(client)
        assert caught.value.reason == "chunk"

    async def test_the_deadline_ends_a_stream_that_never_does(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        async def talk_for_ever(exchange: Exchange) -> None:
            await faults.endless(exchange, candidate("on ", None), pause=0.02)

        fake_gemini.script(talk_for_ever)
        async with open_client(fake_gemini, way, timeout_seconds=0.3) as client:
            with pytest.raises(GeminiTimeout) as caught:
                await ask_in_pieces(client)
            assert caught.value.reason == "deadline"
            assert caught.value.partial_text.startswith("on on ")

    async def test_an_answer_that_is_finished_survives_an_end_that_never_comes(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        async def stall_after_the_end(exchange: Exchange) -> None:
            await faults.cut_after_payload(exchange, candidate("All of it."))
            await exchange.stall()

        fake_gemini.script(stall_after_the_end)
        async with open_client(fake_gemini, way, chunk_seconds=0.1) as client:
            assert (await ask_in_pieces(client))[1].text == "All of it."
        await fake_gemini.wait_until_closed()

    async def test_an_answer_that_is_finished_survives_a_broken_end(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        async def cut_after_the_end(exchange: Exchange) -> None:
            await faults.cut_after_payload(exchange, candidate("All of it."))

        fake_gemini.script(cut_after_the_end)
        async with open_client(fake_gemini, way) as client:
            assert (await ask_in_pieces(client))[1].text == "All of it."


@both_ways
class TestUnwantedStreams:
    async def test_closing_the_stream_closes_the_connection_at_once(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(faults.stall_after("first"))
        async with open_client(fake_gemini, way) as client:
            stream = client.stream_response("?", CONTEXT, [])
            assert await anext(stream) == AnswerDelta("first")
            left_at = time.monotonic()
            await stream.aclose()
            assert await fake_gemini.wait_until_closed() - left_at < 0.2
            assert client.status().breaker is BreakerState.CLOSED
            assert (await ask_in_pieces(client))[1].text

    @pytest.mark.parametrize(
        "behaviour", [faults.stall_before_headers, faults.stall_after(""), faults.stall_after("a")]
    )
    async def test_cancelling_closes_the_connection_at_once(
        self, fake_gemini: FakeGemini, way: Way, behaviour: Behaviour
    ) -> None:
        fake_gemini.script(behaviour)
        async with open_client(fake_gemini, way) as client:
            task = asyncio.create_task(ask_in_pieces(client))
            await fake_gemini.wait_until_asked()
            await asyncio.sleep(0.02)
            task.cancel()
            left_at = time.monotonic()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await fake_gemini.wait_until_closed() - left_at < 0.2
            assert (await ask_in_pieces(client))[1].text

    async def test_cancelling_a_whole_answer_closes_the_connection_at_once(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(faults.stall_before_headers)
        async with open_client(fake_gemini, way) as client:
            task = asyncio.create_task(client.generate_response("?", CONTEXT, []))
            await fake_gemini.wait_until_asked()
            await asyncio.sleep(0.02)
            task.cancel()
            left_at = time.monotonic()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await fake_gemini.wait_until_closed() - left_at < 0.2
            assert (await client.generate_response("?", CONTEXT, [])).text

    async def test_closing_the_client_cuts_what_is_under_way(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(faults.stall_before_headers)
        async with open_client(fake_gemini, way, retries=0) as client:
            task = asyncio.create_task(client.generate_response("?", CONTEXT, []))
            await fake_gemini.wait_until_asked()
            left_at = time.monotonic()
            await client.aclose()
            assert await fake_gemini.wait_until_closed() - left_at < 1  # its time is 2 s
            task.cancel()
            with pytest.raises((asyncio.CancelledError, GeminiError)):
                await task


def test_pieces_are_encoded_for_who_asks_for_numbers() -> None:
    assert b'"finishReason": 3' in encode(candidate("x", "SAFETY"), numeric_enums=True)
