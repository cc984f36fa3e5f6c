"""Tests of `backend/services/reply.py` and `grounding.py`: figures the facts do not hold."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend.core.gemini import AUGeminiClient
from backend.core.language import Language
from backend.services.grounding import ask_grounded
from backend.services.knowledge_service import KnowledgeService
from backend.services.turn import Turn
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import Behaviour, failure, whole_answer
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service, make_settings, run_service

QUESTION = "How much is the tuition for a bachelor's degree?"
GOOD = "Bachelor's tuition is 112,000-350,000 THB a year."
WRONG = "Bachelor's tuition is 113,000-350,000 THB a year, call 02-719-1918."
BETTER = "Bachelor's tuition is 112,000-350,000 THB a year, call 02-719-1918."


@pytest_asyncio.fixture
async def narrow(database_url: str, fake_gemini: FakeGemini) -> AsyncIterator[Service]:
    """The service with room for few facts, so that not every figure is given."""
    config = make_settings(
        DATABASE_URL=database_url,
        GEMINI_API_KEY="k",
        GEMINI_BASE_URL=fake_gemini.base_url,
        GEMINI_TIMEOUT_SECONDS=2,
        CONTEXT_TOKEN_BUDGET=400,
    )
    async with run_service(config) as service:
        yield service


class TestUnsupportedFigures:
    async def test_a_sound_answer_is_asked_for_once(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.answer_with(GOOD)

        answer = await narrow.ask(QUESTION)

        assert answer["response"] == GOOD
        assert answer["unsupported"] == []
        assert len(fake_gemini.requests) == 1

    async def test_an_invented_figure_is_asked_for_again_by_name(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(whole_answer(WRONG), whole_answer(GOOD))

        answer = await narrow.ask(QUESTION)

        first, second = fake_gemini.requests
        question, remark = (part["text"] for part in second.json()["contents"][-1]["parts"])
        assert answer["response"] == GOOD
        assert answer["unsupported"] == []
        assert question == first.json()["contents"][-1]["parts"][0]["text"]
        assert "113,000" in remark
        assert "02-719-1918" in remark
        assert first.json()["systemInstruction"] == second.json()["systemInstruction"]

    async def test_the_stored_question_stays_the_asker_s_own(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(whole_answer(WRONG), whole_answer(GOOD))

        answer = await narrow.ask(QUESTION)

        messages = await narrow.history(answer["session_id"])
        assert [message["content"] for message in messages] == [QUESTION, GOOD]

    async def test_both_asks_are_counted(self, narrow: Service, fake_gemini: FakeGemini) -> None:
        fake_gemini.answer_with(GOOD)
        once = (await narrow.ask(QUESTION))["usage"]
        fake_gemini.script(failure(503), whole_answer(WRONG), whole_answer(GOOD))

        usage = (await narrow.ask(QUESTION))["usage"]

        assert usage["attempts"] == 3
        assert usage["input_tokens"] == 2 * once["input_tokens"]
        assert usage["total_tokens"] > 2 * once["total_tokens"] - 10

    @pytest.mark.parametrize(
        ("first", "second", "kept", "unsupported"),
        [
            (WRONG, BETTER, BETTER, ["02-719-1918"]),
            (BETTER, WRONG, BETTER, ["02-719-1918"]),
            (WRONG, WRONG + " Or so.", WRONG, ["113,000", "02-719-1918"]),
        ],
    )
    async def test_the_better_of_two_is_kept_and_marked(
        self,
        narrow: Service,
        fake_gemini: FakeGemini,
        first: str,
        second: str,
        kept: str,
        unsupported: list[str],
    ) -> None:
        fake_gemini.script(whole_answer(first), whole_answer(second))

        answer = await narrow.ask(QUESTION)

        assert answer["response"] == kept
        assert answer["unsupported"] == unsupported
        assert answer["answered_by"] == "gemini"
        assert len(fake_gemini.requests) == 2
        assert (await narrow.stored())[-1].unsupported == unsupported

    @pytest.mark.parametrize(
        "fault",
        [failure(400), failure(429), faults.cut_before_headers, whole_answer("", "SAFETY")],
    )
    async def test_a_second_ask_that_fails_leaves_the_first_answer_marked(
        self, narrow: Service, fake_gemini: FakeGemini, fault: Behaviour
    ) -> None:
        fake_gemini.script(whole_answer(WRONG), fault, fault, fault)

        answer = await narrow.ask(QUESTION)

        assert answer["response"] == WRONG
        assert answer["unsupported"] == ["113,000", "02-719-1918"]
        assert answer["answered_by"] == "gemini"

    async def test_the_second_ask_ends_with_the_time_of_the_turn(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(whole_answer(WRONG), faults.stall_before_headers)
        client: AUGeminiClient = narrow.app.state.gemini_client
        knowledge: KnowledgeService = narrow.app.state.knowledge_service
        turn = Turn(session_id="s", question_id=1, answer_id=2, message=QUESTION)

        grounded = await ask_grounded(
            client, turn, knowledge.get_context(QUESTION), Language.ENGLISH, seconds=0.3
        )

        assert grounded.answer.text == WRONG
        assert grounded.unsupported == ["113,000", "02-719-1918"]

    async def test_the_asker_s_own_figures_are_no_inventions(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.answer_with("With 51,234 baht you cannot pay 112,000 THB a year.")

        first = await narrow.ask(f"I have 51,234 baht. {QUESTION}")
        later = await narrow.ask(QUESTION, session_id=first["session_id"])

        assert first["unsupported"] == later["unsupported"] == []
        assert len(fake_gemini.requests) == 2

    async def test_a_figure_cut_off_by_the_length_is_not_judged(
        self, narrow: Service, fake_gemini: FakeGemini
    ) -> None:
        for text in ("Tuition is 112,000 THB, at most 35", "Call +66 2 7", "See www.au.e"):
            fake_gemini.script(whole_answer(text, "MAX_TOKENS"))

            answer = await narrow.ask(QUESTION)

            assert answer["response"] == text
            assert answer["unsupported"] == []
            assert answer["finish_reason"] == "length"

    async def test_an_answer_from_the_knowledge_is_not_doubted(
        self, offline_service: Service
    ) -> None:
        for question in (QUESTION, "ค่าเทอมเท่าไหร่", "学费多少？", "ကျောင်းလခ ဘယ်လောက်လဲ"):
            assert (await offline_service.ask(question))["unsupported"] == []
