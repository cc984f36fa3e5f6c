"""How long Gemini may take, for what, on a clock that takes no time."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from backend.core.circuit_breaker import CircuitBreaker
from backend.core.conversation import HistoryMessage
from backend.core.gemini import Answer, AUGeminiClient, GeminiConfig, build_gemini_client
from backend.core.gemini_errors import (
    GeminiBreakerOpen,
    GeminiCutOff,
    GeminiError,
    GeminiNotConfigured,
    GeminiSafetyStop,
    GeminiTimeout,
    GeminiUpstreamFailed,
)
from backend.core.gemini_types import FinishReason, Reply, Usage
from tests.core.gemini_support import CONTEXT, ask
from tests.core.skipped_time import in_no_time, now

Piece = tuple[float, Reply | GeminiError]
"""Seconds of silence, and what comes after them."""

END = Reply(finish_reason="STOP")
# Words are such as begin no rule: what might give the prompt away is shown later.


class SlowTransport:
    """Gives one script for each call, the last one again and again."""

    def __init__(self, *scripts: Sequence[Piece]) -> None:
        self._scripts = list(scripts)
        self.calls = 0
        self.closed = 0

    def _next_script(self) -> Sequence[Piece]:
        self.calls += 1
        return self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]

    async def generate(self, payload: bytes) -> Reply:
        ((seconds, reply),) = self._next_script()
        await asyncio.sleep(seconds)
        if isinstance(reply, GeminiError):
            raise reply
        return reply

    async def stream(self, payload: bytes) -> AsyncGenerator[Reply, None]:
        for seconds, reply in self._next_script():
            await asyncio.sleep(seconds)
            if isinstance(reply, GeminiError):
                raise reply
            yield reply

    async def aclose(self) -> None:
        self.closed += 1


def client_of(transport: SlowTransport | None, **settings: Any) -> AUGeminiClient:
    config = GeminiConfig(model="gemini-test", **({"backoff_seconds": 0} | settings))
    return AUGeminiClient(config, transport, CircuitBreaker(threshold=2, clock=now))


async def streamed(client: AUGeminiClient) -> tuple[list[str], Answer]:
    *deltas, answer = [item async for item in client.stream_response("?", CONTEXT, [])]
    assert isinstance(answer, Answer)
    return [delta.text for delta in deltas], answer


def said(text: str) -> Reply:
    return Reply(text)


class TestStreams:
    @pytest.mark.parametrize(
        ("script", "deltas", "seconds"),
        [
            ([(19.9, said("Zoo")), (9.9, END)], ["Zoo"], 29.8),
            ([(1, said("")), (9.9, said("")), (9.9, said("Zoo")), (0, END)], ["Zoo"], 20.8),
            ([(0, said("Zoo ")), (9.9, said("two")), (9.9, END), (0.9, Reply())], 2, 20.7),
            ([(0, said("Zoo")), (0, END), (9, said("more"))], ["Zoo"], 1.0),
            ([(0, said("Zoo")), (0, END), (0.5, GeminiCutOff())], ["Zoo"], 0.5),
            ([(0, said("Zoo")), (0, END), (0.5, Reply(" two"))], ["Zoo", " two"], 0.5),
        ],
    )
    @in_no_time
    async def test_may_pause_within_their_times(
        self, script: Sequence[Piece], deltas: list[str] | int, seconds: float
    ) -> None:
        transport, began = SlowTransport(script), now()

        shown, answer = await streamed(client_of(transport))

        assert shown == deltas or len(shown) == deltas
        assert answer.text == "".join(shown)
        assert answer.finish_reason is FinishReason.STOP
        assert now() - began == pytest.approx(seconds)
        assert transport.calls == answer.usage.attempts == 1

    @pytest.mark.parametrize(
        ("script", "reason", "seconds", "partial"),
        [
            ([(20.1, said("Zoo"))], "first byte", 20, ""),
            ([(1, said("Zoo")), (10.1, END)], "chunk", 11, "Zoo"),
            ([(1, said("")), (10.1, END)], "chunk", 11, ""),
            ([(9, said("z"))] * 9, "deadline", 30, "zzz"),
        ],
    )
    @in_no_time
    async def test_that_pause_longer_are_ended(
        self, script: Sequence[Piece], reason: str, seconds: float, partial: str
    ) -> None:
        began = now()
        with pytest.raises(GeminiTimeout) as caught:
            await streamed(client_of(SlowTransport(script)))
        assert (caught.value.reason, caught.value.partial_text) == (reason, partial)
        assert now() - began == pytest.approx(seconds)

    @in_no_time
    async def test_that_failed_before_their_first_word_are_asked_for_again(self) -> None:
        failed: list[Piece] = [(4, said("")), (1, GeminiCutOff())]
        transport = SlowTransport(failed, failed, [(5, said("Zoo")), (1, END)])
        began = now()
        shown, answer = await streamed(client_of(transport))
        assert (shown, answer.usage.attempts, transport.calls) == (["Zoo"], 3, 3)
        assert now() - began == pytest.approx(16)

    @in_no_time
    async def test_that_failed_after_it_are_not(self) -> None:
        transport = SlowTransport([(0, said("Zoo")), (1, GeminiCutOff())], [(0, END)])
        with pytest.raises(GeminiCutOff) as caught:
            await streamed(client_of(transport))
        assert (caught.value.partial_text, caught.value.attempts) == ("Zoo", 1)
        assert transport.calls == 1

    @in_no_time
    async def test_show_nothing_of_a_piece_that_must_not_be_shown(self) -> None:
        flagged = Reply(" bad", finish_reason="SAFETY")
        with pytest.raises(GeminiSafetyStop) as caught:
            await streamed(client_of(SlowTransport([(0, said("Zoo")), (0, flagged)])))
        assert caught.value.partial_text == "Zoo"

    @in_no_time
    async def test_tell_the_last_usage_and_model_and_the_first_reason(self) -> None:
        pieces = [
            Reply("Zoo", usage=Usage(1, 1), model="gemini-a"),
            Reply(" two", "MAX_TOKENS", usage=Usage(1, 2), model="gemini-b"),
            Reply("", "STOP", usage=Usage(1, 3)),
            Reply(""),
        ]
        _, answer = await streamed(client_of(SlowTransport([(0, piece) for piece in pieces])))
        assert answer == Answer("Zoo two", "gemini-b", FinishReason.LENGTH, Usage(1, 3, attempts=1))


class TestWholeAnswers:
    @in_no_time
    async def test_may_take_all_the_time_there_is(self) -> None:
        began = now()
        answer = await ask(client_of(SlowTransport([(29.9, Reply("Zoo", "STOP"))])))
        assert answer == Answer("Zoo", "gemini-test", FinishReason.STOP, Usage())
        assert now() - began == pytest.approx(29.9)

    @in_no_time
    async def test_are_waited_for_no_longer_over_all_attempts(self) -> None:
        failure = GeminiUpstreamFailed()
        transport = SlowTransport([(14, failure)], [(30, END)])
        began = now()
        with pytest.raises(GeminiTimeout) as caught:
            await ask(client_of(transport))
        assert (caught.value.reason, caught.value.attempts) == ("deadline", 2)
        assert caught.value.__cause__ is failure
        assert now() - began == pytest.approx(30)

    @pytest.mark.parametrize("retries", [0, 1, 2])
    @in_no_time
    async def test_are_asked_for_once_more_than_there_are_retries(self, retries: int) -> None:
        transport = SlowTransport([(1, GeminiUpstreamFailed())])
        with pytest.raises(GeminiUpstreamFailed) as caught:
            await ask(client_of(transport, retries=retries))
        assert caught.value.attempts == transport.calls == retries + 1

    @in_no_time
    async def test_the_same_holds_for_summaries(self) -> None:
        transport = SlowTransport([(1, GeminiUpstreamFailed())], [(1, Reply("Fees.", "STOP"))])
        assert await client_of(transport).summarise([HistoryMessage("user", "?")]) == "Fees."


class TestClient:
    @in_no_time
    async def test_without_a_transport_says_so_and_is_never_asked(self) -> None:
        client = client_of(None)
        for asking in (ask(client), streamed(client), client.summarise([])):
            with pytest.raises(GeminiNotConfigured):
                await asking
        assert not client.status().configured
        await client.aclose()

    @in_no_time
    async def test_tells_what_the_breaker_knows_and_closes_what_it_uses(self) -> None:
        transport = SlowTransport([(0, GeminiUpstreamFailed())])
        client = client_of(transport, retries=0)
        for _ in range(2):
            assert (client.status().breaker, client.status().reason) == ("closed", None)
            with pytest.raises(GeminiUpstreamFailed):
                await ask(client)
        status = client.status()
        assert (status.configured, status.model, status.transport) == (True, "gemini-test", "rest")
        assert (status.breaker, status.reason) == ("open", "gemini_upstream_failed")
        with pytest.raises(GeminiBreakerOpen):
            await streamed(client)
        await client.aclose()
        assert transport.closed == 1

    async def test_is_built_for_what_is_configured(self) -> None:
        assert not build_gemini_client(GeminiConfig()).status().configured
        client = build_gemini_client(GeminiConfig(api_key="k", model="gemini-x"))
        assert client.status().configured
        await client.aclose()
