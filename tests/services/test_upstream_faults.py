"""Every way Gemini can fail, seen by whoever asks: an answer all the same, and nothing lost."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend.core.circuit_breaker import BreakerState
from backend.core.gemini import AUGeminiClient, GeminiStatus
from tests.core.test_gemini_failures import FAULTS, WHOLE_ONLY
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import Behaviour, failure, whole_answer
from tests.fakes.gemini_payloads import retry_info
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service, make_settings, run_service

SLOW: list[tuple[str, Behaviour]] = [
    ("stall before headers", faults.stall_before_headers),
    ("stall between chunks", faults.stall_after("")),
    ("stall in a chunk", faults.stall_in_chunk("")),
    ("slow drip", faults.slow_drip()),
    ("429 that asks for a minute", failure(429, [retry_info("60s")])),
]
CASES = [(name, fault) for name, fault, _error, _attempts in FAULTS + WHOLE_ONLY] + SLOW


@pytest_asyncio.fixture
async def hasty(database_url: str, fake_gemini: FakeGemini) -> AsyncIterator[Service]:
    """The service with little patience, so that a stalled upstream ends soon."""
    config = make_settings(
        DATABASE_URL=database_url,
        GEMINI_API_KEY="k",
        GEMINI_BASE_URL=fake_gemini.base_url,
        GEMINI_TIMEOUT_SECONDS=0.5,
    )
    async with run_service(config) as service:
        yield service


class TestUpstreamFaults:
    @pytest.mark.parametrize("fault", [case[1] for case in CASES], ids=[case[0] for case in CASES])
    async def test_the_facts_answer_and_the_next_turn_works(
        self, hasty: Service, fake_gemini: FakeGemini, fault: Behaviour
    ) -> None:
        fake_gemini.always(fault)

        answer = await hasty.ask("How much is the tuition for a bachelor's degree?")
        question, reply = await hasty.history(answer["session_id"])

        assert answer["answered_by"] == "knowledge"
        assert "112,000" in answer["response"]
        assert "flagged words" not in answer["response"]
        assert answer["sources"][0]["file"] == "au_tuitions.json"
        assert answer["finish_reason"] == "stop"
        assert (question["status"], reply["status"]) == ("complete", "complete")
        assert reply["content"] == answer["response"]
        [_, stored] = await hasty.stored()
        assert stored.upstream_error.startswith("gemini_")

        fake_gemini.always(whole_answer("Well again."))
        next_turn = await hasty.ask("And for an MBA?", session_id=answer["session_id"])
        assert next_turn["response"]
        assert len(await hasty.history(answer["session_id"])) == 4

    async def test_a_dead_upstream_costs_little_once_it_is_known(
        self, hasty: Service, fake_gemini: FakeGemini
    ) -> None:
        with fake_gemini.refusing():
            for _ in range(8):
                answer = await hasty.ask("ค่าเทอมปริญญาตรีเท่าไหร่")
                assert answer["answered_by"] == "knowledge"
                assert answer["language"] == "th"
            status: GeminiStatus = hasty.app.state.gemini_client.status()

        assert status.breaker is BreakerState.OPEN
        assert len(await hasty.stored()) == 16

    async def test_an_answer_cut_by_its_length_is_kept_and_says_so(
        self, hasty: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(whole_answer("Tuition is 112,000", "MAX_TOKENS"))

        answer = await hasty.ask("How much?")

        assert answer["answered_by"] == "gemini"
        assert answer["finish_reason"] == "length"
        assert answer["response"] == "Tuition is 112,000"

    async def test_a_failure_that_passes_is_not_even_noticed(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(failure(503), failure(429, [retry_info("0.01s")]))

        answer = await service.ask("How much?")

        assert answer["answered_by"] == "gemini"
        assert answer["usage"]["attempts"] == 3

    async def test_the_client_is_the_one_the_settings_describe(self, hasty: Service) -> None:
        client = hasty.app.state.gemini_client

        assert isinstance(client, AUGeminiClient)
        assert client.status().configured
