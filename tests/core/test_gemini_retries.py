"""When Gemini is asked again, when it is left in peace, and what that costs the asker."""

import asyncio
import time
from collections.abc import Callable

import pytest

from backend.core.circuit_breaker import BreakerState
from backend.core.gemini import AUGeminiClient
from backend.core.gemini_errors import (
    GeminiBadKey,
    GeminiBreakerOpen,
    GeminiDailyQuotaExceeded,
    GeminiEmpty,
    GeminiError,
    GeminiPromptBlocked,
    GeminiQuotaExceeded,
    GeminiTimeout,
    GeminiUnknownModel,
    GeminiUpstreamFailed,
)
from tests.core.gemini_support import Way, ask, ask_in_pieces, both_ways, open_client
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import Behaviour, failure, payloads, whole_answer
from tests.fakes.gemini_payloads import blocked, candidate, quota_failure, retry_info
from tests.fakes.gemini_server import FakeGemini

DAILY = quota_failure("GenerateRequestsPerDayPerProjectPerModel-FreeTier")
HOPELESS: list[Behaviour] = [
    failure(429, [retry_info("60s")]),
    failure(503, headers={"Retry-After": "60"}),
    failure(429, [retry_info("0.1s")], headers={"Retry-After": "60"}),
]


def state_of(client: AUGeminiClient) -> BreakerState:
    return client.status().breaker


@both_ways
class TestRetries:
    async def test_asks_again_until_there_is_an_answer(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(failure(503), faults.cut_before_headers, whole_answer("at last"))
        async with open_client(fake_gemini, way) as client:
            answer = await ask(client)
        assert (answer.text, answer.usage.attempts) == ("at last", 3)

    async def test_a_kept_connection_that_ends_as_it_is_used_again_costs_one_more_attempt(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(whole_answer("one"), faults.cut_before_headers, whole_answer("two"))
        async with open_client(fake_gemini, way) as client:
            answers = [await ask(client) for _ in range(2)]
        told = [(answer.text, answer.usage.attempts) for answer in answers]
        assert told == [("one", 1), ("two", 2)]

    async def test_a_stream_that_had_not_begun_is_asked_again(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(failure(503), faults.cut_after(""), whole_answer("at last"))
        async with open_client(fake_gemini, way) as client:
            answer = (await ask_in_pieces(client))[1]
        assert (answer.text, answer.usage.attempts) == ("at last", 3)

    @pytest.mark.parametrize(
        "behaviour",
        [
            failure(429, [retry_info("0.15s")]),
            failure(503, headers={"Retry-After": "0.15"}),
        ],
    )
    async def test_waits_as_long_as_it_is_asked_to(
        self, fake_gemini: FakeGemini, way: Way, behaviour: Behaviour
    ) -> None:
        fake_gemini.script(behaviour)
        async with open_client(fake_gemini, way) as client:
            began = time.monotonic()
            assert (await ask(client)).usage.attempts == 2
            assert 0.15 <= time.monotonic() - began < 0.6

    @pytest.mark.parametrize("behaviour", HOPELESS)
    async def test_gives_up_at_once_when_the_wait_is_longer_than_the_deadline(
        self, fake_gemini: FakeGemini, way: Way, behaviour: Behaviour
    ) -> None:
        fake_gemini.script(behaviour)
        async with open_client(fake_gemini, way) as client:
            began = time.monotonic()
            with pytest.raises(GeminiError) as caught:
                await ask(client)
            assert time.monotonic() - began < 0.5
        assert caught.value.retry_after == 60
        assert len(fake_gemini.requests) == 1

    async def test_a_day_without_quota_is_not_asked_again(
        self, fake_gemini: FakeGemini, way: Way
    ) -> None:
        fake_gemini.script(failure(429, [DAILY, retry_info("0.01s")]))
        async with open_client(fake_gemini, way) as client:
            with pytest.raises(GeminiDailyQuotaExceeded):
                await ask(client)
        assert len(fake_gemini.requests) == 1

    async def test_all_attempts_share_one_deadline(self, fake_gemini: FakeGemini, way: Way) -> None:
        fake_gemini.script(failure(503), faults.stall_before_headers)
        async with open_client(fake_gemini, way, timeout_seconds=0.3) as client:
            began = time.monotonic()
            with pytest.raises(GeminiTimeout) as caught:
                await ask(client)
            assert time.monotonic() - began < 0.5
        assert caught.value.attempts == 2
        assert isinstance(caught.value.__cause__, GeminiUpstreamFailed)


class TestBreaker:
    @pytest.mark.parametrize("asking", [ask, ask_in_pieces])
    async def test_opens_after_five_failed_turns_and_spares_the_upstream(
        self, fake_gemini: FakeGemini, asking: Callable[[AUGeminiClient], object]
    ) -> None:
        fake_gemini.always(failure(503))
        async with open_client(fake_gemini, retries=0, breaker_open_seconds=9) as client:
            for _ in range(5):
                assert state_of(client) is BreakerState.CLOSED
                await expect(client, GeminiUpstreamFailed)
            error = await expect(client, GeminiBreakerOpen)
            assert error.retry_after == pytest.approx(9, abs=0.5)
            assert error.reason == client.status().reason == "gemini_upstream_failed"
            assert len(fake_gemini.requests) == 5

    async def test_closes_when_the_upstream_is_back(self, fake_gemini: FakeGemini) -> None:
        fake_gemini.always(failure(503))
        async with open_client(fake_gemini, retries=0, breaker_threshold=1) as client:
            await expect(client, GeminiUpstreamFailed)
            assert state_of(client) is BreakerState.OPEN
            fake_gemini.always(None)
            await asyncio.sleep(0.06)
            assert (await ask(client)).text
            assert state_of(client) is BreakerState.CLOSED

    @pytest.mark.parametrize(
        ("behaviour", "kind"),
        [
            (payloads(blocked()), GeminiPromptBlocked),
            (payloads(candidate(None)), GeminiEmpty),
            (failure(429), GeminiQuotaExceeded),
        ],
    )
    async def test_what_says_nothing_of_the_upstream_never_opens_it(
        self, fake_gemini: FakeGemini, behaviour: Behaviour, kind: type[GeminiError]
    ) -> None:
        fake_gemini.always(behaviour)
        async with open_client(fake_gemini, retries=0, breaker_threshold=2) as client:
            for _ in range(4):
                await expect(client, kind)
            assert state_of(client) is BreakerState.CLOSED

    @pytest.mark.parametrize(
        ("behaviour", "kind", "seconds"),
        [
            (failure(401), GeminiBadKey, 30),
            (failure(404), GeminiUnknownModel, 30),
            (failure(429, [retry_info("43s")]), GeminiQuotaExceeded, 43),
            (failure(429, headers={"Retry-After": "999999"}), GeminiQuotaExceeded, 3_600),
        ],
    )
    async def test_what_would_fail_for_everybody_opens_it_at_once(
        self,
        fake_gemini: FakeGemini,
        behaviour: Behaviour,
        kind: type[GeminiError],
        seconds: float,
    ) -> None:
        fake_gemini.always(behaviour)
        async with open_client(fake_gemini, breaker_misconfigured_seconds=30) as client:
            await expect(client, kind)
            error = await expect(client, GeminiBreakerOpen)
            assert error.retry_after == pytest.approx(seconds, abs=1)
            assert len(fake_gemini.requests) == 1

    async def test_a_cancelled_probe_does_not_wedge_it(self, fake_gemini: FakeGemini) -> None:
        fake_gemini.script(failure(503), faults.stall_before_headers)
        async with open_client(fake_gemini, retries=0, breaker_threshold=1) as client:
            await expect(client, GeminiUpstreamFailed)
            await asyncio.sleep(0.06)
            probe = asyncio.create_task(ask(client))
            await asyncio.sleep(0.05)
            await expect(client, GeminiBreakerOpen)
            probe.cancel()
            with pytest.raises(asyncio.CancelledError):
                await probe
            assert (await ask(client)).text

    async def test_nobody_retries_once_it_is_open(self, fake_gemini: FakeGemini) -> None:
        fake_gemini.always(failure(503))
        async with open_client(
            fake_gemini, breaker_threshold=1, backoff_seconds=0.1, breaker_open_seconds=9
        ) as client:
            turns = (ask(client) for _ in range(20))
            failures = await asyncio.gather(*turns, return_exceptions=True)
        assert {type(failure) for failure in failures} == {GeminiUpstreamFailed}
        assert len(fake_gemini.requests) < 60


async def expect(client: AUGeminiClient, kind: type[GeminiError]) -> GeminiError:
    with pytest.raises(GeminiError) as caught:
        await ask(client)
    assert type(caught.value) is kind
    return caught.value
