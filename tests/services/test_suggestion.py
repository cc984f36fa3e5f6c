"""Tests of `backend/services/suggestion.py`: what may be asked next."""

import json
from pathlib import Path

import pytest

from backend.core.conversation import HistoryMessage
from backend.core.language import Language
from backend.services.knowledge_service import KnowledgeService
from backend.services.suggestion import Suggester
from backend.services.turn import Turn
from tests.service import Service

BANK = Path("backend/services/knowledge/suggested_questions.json")
ENGLISH = [question["en"] for question in json.loads(BANK.read_text("utf-8"))]


def suggest(
    knowledge: KnowledgeService,
    message: str,
    *,
    language: Language = Language.ENGLISH,
    asked: tuple[str, ...] = (),
) -> list[str]:
    history = tuple(HistoryMessage("user", question) for question in asked)
    turn = Turn("s", 1, 2, message, history)
    context = knowledge.get_context(message, history=history)
    answer = knowledge.compose_answer(message, context, language)
    return Suggester(knowledge).suggest(turn, context, language, answer.passages)


@pytest.fixture(scope="module")
def shipped() -> KnowledgeService:
    return KnowledgeService(Path("data"), token_budget=1_500)


class TestSuggest:
    @pytest.mark.parametrize("language", list(Language))
    @pytest.mark.parametrize("message", ["How much is the MBA?", "ค่าเทอม", "Hello", "bitcoin"])
    def test_each_is_a_question_whose_facts_are_there(
        self, shipped: KnowledgeService, language: Language, message: str
    ) -> None:
        offered = suggest(shipped, message, language=language)

        assert len(set(offered)) == 3
        for question in offered:
            context = shipped.get_context(question)
            assert shipped.likely_passages(context), question

    def test_what_was_asked_or_told_is_not_offered(self, shipped: KnowledgeService) -> None:
        asked = tuple(ENGLISH[:8])
        offered = suggest(shipped, "  how MUCH does the mba cost?", asked=asked)

        assert offered
        assert not {text.casefold() for text in offered} & {text.casefold() for text in asked}

    @pytest.mark.parametrize(
        ("message", "nearest"),
        [
            ("How much is the MBA?", ["How much is the tuition for a bachelor's degree?"]),
            (
                "How much is the tuition for a bachelor's degree?",
                ["How much is the tuition for a master's degree?"],
            ),
            (
                "Where is the library?",
                ["Where is the Suvarnabhumi campus?", "How many campuses are there?"],
            ),
            ("Which papers does the application need?", ["What English score is required?"]),
            (
                "What English score is required?",
                ["Which documents do I need to apply?", "How do I apply?"],
            ),
            (
                "Where is the Suvarnabhumi campus?",
                [
                    "What is the phone number of the Hua Mak campus?",
                    "What is the university's website?",
                ],
            ),
            # What both are about counts for more than the file that both stand in.
            ("What is the university's website?", ["When was the university founded?"]),
        ],
    )
    def test_the_nearest_come_first(
        self, shipped: KnowledgeService, message: str, nearest: list[str]
    ) -> None:
        assert suggest(shipped, message)[: len(nearest)] == nearest

    def test_each_is_answered_by_a_fact_of_its_own(self, shipped: KnowledgeService) -> None:
        for message in ENGLISH[:3]:
            offered = suggest(shipped, message)
            facts = [shipped.likely_passages(shipped.get_context(text))[0].id for text in offered]
            assert len(set(facts)) == 3, message

    def test_follows_the_facts_as_they_change(self, tmp_path: Path) -> None:
        knowledge = KnowledgeService(tmp_path, token_budget=500)
        suggester = Suggester(knowledge)

        def offered(language: Language) -> list[str]:
            context = knowledge.get_context("Hello")
            return suggester.suggest(Turn("s", 1, 2, "Hello"), context, language, ())

        assert offered(Language.ENGLISH) == []
        entry = {"id": "mba", "title": "MBA", "text": "The tuition of the MBA is 312,000 baht."}
        (tmp_path / "au_tuitions.json").write_text(json.dumps({"entries": [entry]}))
        knowledge.reload()

        assert "How much does the MBA cost?" in offered(Language.ENGLISH)
        assert offered(Language.THAI) != offered(Language.ENGLISH)

    def test_without_facts_there_are_none(self, tmp_path: Path) -> None:
        assert suggest(KnowledgeService(tmp_path, token_budget=500), "How much is the MBA?") == []

    @pytest.mark.parametrize("language", list(Language))
    def test_most_of_the_list_is_answered_by_the_shipped_facts(
        self, shipped: KnowledgeService, language: Language
    ) -> None:
        questions = [q[language.value] for q in json.loads(BANK.read_text("utf-8"))]
        answered = [q for q in questions if shipped.likely_passages(shipped.get_context(q))]

        assert len(answered) >= 0.9 * len(questions), set(questions) - set(answered)


async def test_an_answer_comes_with_them_and_keeps_them(service: Service) -> None:
    fields = {"client_message_id": "a-long-enough-message-id"}
    answer = await service.ask("How much is the MBA?", **fields)

    assert len(answer["suggestions"]) == 3
    assert (await service.ask("How much is the MBA?", **fields)) == answer
