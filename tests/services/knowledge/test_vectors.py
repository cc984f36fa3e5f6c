"""What nearness adds to the words: made-up vectors over made-up facts."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pytest

from backend.core.conversation import HistoryMessage
from backend.services.knowledge.vectors import (
    PassageVectors,
    QuestionVector,
    assemble,
    pack,
    question_in_full,
    read_texts,
)
from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import MakeService

SIZE: Final = 4
ENTRIES: Final = [
    {"id": "canteen", "title": "Canteen", "text": "Rice and noodles from 7:00."},
    {"id": "bus", "title": "Shuttle bus", "text": "It leaves Hua Mak at 7:30."},
    {"id": "wifi", "title": "Wireless network", "text": "Sign in with the student number."},
    {"id": "pool", "title": "Swimming", "text": "Lanes are free on Sundays."},
    {"id": "old", "title": "Fair", "text": "Rides in the yard.", "valid_until": "2020-01-01"},
]


@pytest.fixture
def service(make_service: MakeService) -> KnowledgeService:
    return make_service(au_life={"entries": ENTRIES})


def vectors_of(service: KnowledgeService, *near: str, known: int = 99) -> PassageVectors:
    """Vectors in which the facts of these ids point one way and all others another."""
    texts = read_texts(service.library)
    hashes = [*texts.core, *texts.others]
    rows = np.tile(np.array([0.0, 1.0, 0.0, 0.0], dtype=np.float32), (len(hashes), 1))
    passages = (*service.library.core.passages, *service.library.others.passages)
    for place, passage in enumerate(passages):
        if passage.fact_id in near:
            rows[place] = [1.0, 0.0, 0.0, 0.0]
    packed = dict(list(zip(hashes, pack(rows), strict=True))[:known])
    return assemble(service.version, texts, packed, SIZE)


def question(passages: PassageVectors) -> QuestionVector:
    return QuestionVector(np.array([1.0, 0.0, 0.0, 0.0], dtype=np.float32), passages)


def chosen(
    service: KnowledgeService, message: str, vector: QuestionVector | None, budget: int = 45
) -> list[str]:
    context = service.get_context(message, token_budget=budget, vector=vector)
    return [passage.fact_id for passage in context.passages]


class TestNearness:
    def test_brings_in_what_shares_no_word_with_the_question(
        self, service: KnowledgeService
    ) -> None:
        asked = "Hua Mak student bus: where can I do my laps?"

        assert "pool" not in chosen(service, asked, None)
        assert "pool" in chosen(service, asked, question(vectors_of(service, "pool")))

    def test_orders_what_shares_as_many(self, service: KnowledgeService) -> None:
        for first in ("canteen", "pool"):
            vector = question(vectors_of(service, first))
            assert chosen(service, "student: rice or Sundays?", vector)[0] == first

    @pytest.mark.parametrize("kind", ["gates", "lifts"])
    def test_is_the_passage_s_own_in_the_owner_s_files_and_in_others(
        self, make_service: MakeService, kind: str
    ) -> None:
        names = ("North", "South", "West", "East")
        own = {"gates": [{"name": f"{name} gate", "opens": 8} for name in names]}
        lifts = [{"id": f"lifts.{n}", "title": f"{names[n]} lift", "text": "8."} for n in range(4)]
        service = make_service(own=own, more={"entries": lifts})
        for number in range(4):
            vector = question(vectors_of(service, f"{kind}.{number}"))
            found = chosen(service, f"which {kind} are there?", vector, budget=40)

            assert next(one for one in found if one.startswith(f"{kind}.")) == f"{kind}.{number}"

    def test_does_not_bring_back_what_no_longer_holds(self, service: KnowledgeService) -> None:
        vector = question(vectors_of(service, "old"))

        assert "old" not in chosen(service, "student rides in the yard", vector, budget=50)

    def test_leaves_it_to_the_words_whether_a_question_is_ours_and_what_matches(
        self, service: KnowledgeService
    ) -> None:
        vector = question(vectors_of(service, "pool"))
        for message in ("what is the weather in Paris", "student bus"):
            alone = service.get_context(message, token_budget=25)
            both = service.get_context(message, token_budget=25, vector=vector)

            assert both.off_topic == alone.off_topic
            assert both.matches == alone.matches

    @pytest.mark.parametrize("known", [0, 1])
    def test_of_too_few_passages_tells_nothing(self, service: KnowledgeService, known: int) -> None:
        vector = question(vectors_of(service, "canteen", known=known))

        assert chosen(service, "student bus", vector) == chosen(service, "student bus", None)

    def test_of_some_passages_leaves_the_others_where_their_words_put_them(
        self, service: KnowledgeService
    ) -> None:
        vector = question(vectors_of(service, "canteen", known=3))

        assert "pool" in chosen(service, "swimming lanes on Sundays", vector, budget=50)

    def test_to_other_facts_than_the_present_ones_counts_for_nothing(
        self, service: KnowledgeService, make_service: MakeService
    ) -> None:
        vector = question(vectors_of(service, "pool"))
        edited = make_service(au_life={"entries": ENTRIES[::-1]})

        assert chosen(edited, "student bus", vector) == chosen(edited, "student bus", None)

    def test_to_all_alike_changes_nothing(self, service: KnowledgeService) -> None:
        vector = question(vectors_of(service))

        assert chosen(service, "student bus", vector) == chosen(service, "student bus", None)


class TestTexts:
    def test_hold_the_names_in_other_languages(self, make_service: MakeService) -> None:
        entry = {"id": "bus", "title": "Bus", "text": "At 7:30.", "aliases": ["รถรับส่ง"]}
        library = make_service(au_life={"entries": [entry]}).library

        assert list(read_texts(library).texts.values()) == ["Bus: At 7:30. รถรับส่ง"]

    def test_of_equal_passages_are_one(self, make_service: MakeService) -> None:
        entries = [{"id": name, "title": "Bus", "text": "At 7:30."} for name in "ab"]
        texts = read_texts(make_service(au_life={"entries": entries}).library)

        assert len(texts.texts) == 1
        assert len(texts.others) == 2


def said(*questions: str) -> Sequence[HistoryMessage]:
    return [
        message
        for text in questions
        for message in (HistoryMessage("user", text), HistoryMessage("assistant", "Yes."))
    ]


class TestQuestionInFull:
    @pytest.mark.parametrize(
        ("earlier", "message", "full"),
        [
            ((), "What does the MBA cost?", "What does the MBA cost?"),
            (("bachelor's fees?",), "and for masters?", "bachelor's fees? and for masters?"),
            (("bachelor's fees?",), "Who founded the university?", "Who founded the university?"),
            (("fees?", "and for masters?"), "แล้ว MBA ล่ะ", "and for masters? แล้ว MBA ล่ะ"),
        ],
    )
    def test_is_a_follow_up_with_what_it_follows(
        self, owners: KnowledgeService, earlier: tuple[str, ...], message: str, full: str
    ) -> None:
        assert question_in_full(owners.library.analyser, message, said(*earlier)) == full

    def test_is_never_longer_than_what_is_looked_at(self, owners: KnowledgeService) -> None:
        text = question_in_full(owners.library.analyser, "fee " * 1_000 + "the end", ())

        assert len(text) <= 600
        assert text.endswith("the end")
