"""Tests of `backend/services/grounding.py`: figures that are judged, and those that are not."""

import pytest

from backend.core.conversation import HistoryMessage
from backend.core.gemini import Answer, FinishReason, Usage
from backend.core.language import Language
from backend.services.figures import Evidence
from backend.services.grounding import (
    GroundedAnswer,
    ask_grounded,
    evidence_of,
    unsupported_in,
)
from backend.services.knowledge_service import KnowledgeContext
from backend.services.turn import Turn
from tests.core.gemini_support import open_client
from tests.fakes.gemini_behaviours import whole_answer
from tests.fakes.gemini_payloads import usage
from tests.fakes.gemini_server import FakeGemini
from tests.services.figures.conftest import make_passage

EVIDENCE = Evidence([make_passage("Tuition is 112,000 THB. Call +66 2 719 1919. See www.au.edu.")])
LONG = "The semesters are listed below, each with the fees of its first year: "


def judge(text: str, reason: FinishReason) -> list[str]:
    return unsupported_in(Answer(text, "m", reason, Usage()), EVIDENCE)


class TestCutOff:
    @pytest.mark.parametrize(
        "end",
        [
            *(
                "113",
                "113,",
                "113,000",
                "$113",
                "+66 2 7",
                "(02) 71",
                "12:3",
                "2026-1",
                "11/2",
                "99t",
            ),
            *("www.au.e", "fees@a", "https://www.au.edu/x", "99th", "1 2 3 4 5 6"),
        ],
    )
    @pytest.mark.parametrize("before", ["", "It is ", LONG])
    def test_the_last_figure_of_a_text_without_an_end_is_not_judged(
        self, before: str, end: str
    ) -> None:
        assert judge(before + end, FinishReason.LENGTH) == []

    @pytest.mark.parametrize("text", ["It is 113,000", LONG + "It is 113,000"])
    def test_of_a_text_with_an_end_it_is(self, text: str) -> None:
        assert judge(text, FinishReason.STOP) == ["113,000"]

    @pytest.mark.parametrize(
        "text",
        [
            "It is 113,000 THB and more",
            "It is 113,000 THB, or 112",
            f"It is 113,000 THB. {LONG}112",
            f"{LONG}113,000 THB and more",
        ],
    )
    def test_those_before_it_are_judged(self, text: str) -> None:
        assert judge(text, FinishReason.LENGTH) == ["113,000"]


FACT = make_passage("Tuition is 112,000 THB.")
CONTEXT = KnowledgeContext("[1] Tuition is 112,000 THB.", (FACT,), 9)


class TestEvidence:
    def test_is_the_facts_and_what_the_asker_has_said(self) -> None:
        said = (HistoryMessage("user", "I am 23,456."), HistoryMessage("assistant", "No, 34,567."))
        turn = Turn("s", 1, 2, "I have 51,234 baht.", history=said)

        evidence = evidence_of(turn, CONTEXT)

        answer = Answer("112,000, 23,456, 34,567, 51,234.", "m", FinishReason.STOP, Usage())
        assert unsupported_in(answer, evidence) == ["34,567"]


async def grounded(fake: FakeGemini, turn: Turn) -> GroundedAnswer:
    async with open_client(fake) as client:
        return await ask_grounded(client, turn, CONTEXT, Language.ENGLISH, seconds=5)


class TestAskGrounded:
    @pytest.mark.parametrize(
        ("first", "second", "kept", "unsupported"),
        [
            ("113,000 or 114,000.", "115,000.", "115,000.", ["115,000"]),
            ("113,000 or 114,000.", "112,000.", "112,000.", []),
            ("113,000.", "115,000.", "113,000.", ["113,000"]),
            ("113,000.", "115,000 or 116,000.", "113,000.", ["113,000"]),
        ],
    )
    async def test_keeps_the_second_answer_only_if_it_is_better(
        self, fake_gemini: FakeGemini, first: str, second: str, kept: str, unsupported: list[str]
    ) -> None:
        fake_gemini.script(whole_answer(first), whole_answer(second))

        answer = await grounded(fake_gemini, Turn("s", 1, 2, "How much?"))

        assert answer.answer.text == kept
        assert answer.unsupported == unsupported

    @pytest.mark.parametrize("second", ["112,000.", "115,000."])
    async def test_tells_what_both_asks_cost(self, fake_gemini: FakeGemini, second: str) -> None:
        costs = (usage(prompt=100, output=20), usage(prompt=300, output=7))
        texts = ("113,000.", second)
        fake_gemini.script(
            *(whole_answer(text, metadata=cost) for text, cost in zip(texts, costs, strict=True))
        )

        answer = await grounded(fake_gemini, Turn("s", 1, 2, "How much?"))

        spent = answer.answer.usage
        assert (spent.input_tokens, spent.output_tokens, spent.attempts) == (400, 27, 2)

    async def test_names_twenty_figures_at_most(self, fake_gemini: FakeGemini) -> None:
        figures = [f"{number},777" for number in range(200, 225)]
        fake_gemini.script(whole_answer(f"{' or '.join(figures)}."), whole_answer("Nothing."))

        answer = await grounded(fake_gemini, Turn("s", 1, 2, "How much?"))

        remark = str(fake_gemini.requests[1].json()["contents"][-1])
        assert [figure in remark for figure in figures] == [True] * 20 + [False] * 5
        assert answer.answer.text == "Nothing."

    async def test_asks_both_times_with_all_that_is_remembered(
        self, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(whole_answer("113,000."), whole_answer("112,000."))
        said = (HistoryMessage("user", "Hello?"), HistoryMessage("assistant", "Hello."))

        await grounded(fake_gemini, Turn("s", 1, 2, "How much?", said, summary="Wants an MBA."))

        for request in fake_gemini.requests:
            assert "Wants an MBA." in str(request.json()["contents"])
            assert "Hello?" in str(request.json()["contents"])
