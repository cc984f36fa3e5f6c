"""From a question to the facts that answer it: what is found, in which order, and what has room."""

from dataclasses import replace
from typing import Any, Final

import pytest

from backend.core.conversation import HistoryMessage
from backend.core.tokens import estimate_tokens
from backend.services.knowledge.context import OFF_TOPIC_NOTE, Scored, render_context
from backend.services.knowledge.passage import Passage, Source
from backend.services.knowledge.query import Part, Query, Term, TermKind
from backend.services.knowledge.retrieval import Retriever, is_off_topic
from tests.services.knowledge.conftest import TODAY, MakeService

OWN: Final[dict[str, Any]] = {
    "gates": [{"name": f"{name} gate", "opens": 8} for name in ("North", "South", "West", "East")],
    "lifts": [{"name": "Lift", "opens": 9}, {"name": "Stairs", "opens": 9}],
}
CONTACTS: Final[dict[str, Any]] = {
    "campuses": [{"name": name, "phone": "+66 2 719 1919"} for name in ("Hua Mak", "Bangna")]
}
ENTRIES: Final[list[dict[str, Any]]] = [
    {"id": "zebra", "title": "Zebra", "text": "A zebra stands beside the north gate."},
    {"id": "lion", "title": "Lion", "text": "The lion and the zebra are friends."},
    {"id": "old", "title": "Zebra fair", "text": "Zebra.", "valid_until": "2020-01-01"},
]


def filler(count: int) -> dict[str, Any]:
    """Facts that no question is about."""
    texts = {"title": "Walrus", "text": "x " * 99}
    return {"entries": [{"id": f"f{number}", **texts} for number in range(count)]}


def scored(*kinships: float) -> list[Scored]:
    """Matches that hold so much of a question."""
    source = Source("a.json")
    passage = Passage("a#", "a", "a", "A", "a", source, raw=None)
    return [Scored(passage, 1.0, 0.0, kinship, 0) for kinship in kinships]


WORD: Final = Part((Term("word", TermKind.WORD, 1.0, 1.0),))
DECIDING: Final = replace(WORD, anchored=True, groups=frozenset({"level"}))


class TestOffTopic:
    @pytest.mark.parametrize(
        ("query", "kinships", "off"),
        [
            (Query((WORD,)), (0.1, 0.36, 0.2), False),
            (Query((WORD,)), (0.1, 0.35, 0.2), True),
            (Query((WORD,)), (), True),
            (Query(), (), False),
            (Query(foreign=1), (), True),
            (Query((WORD,), foreign=1), (1.0,), True),
            (Query((replace(WORD, anchored=True),)), (), False),
            (Query((replace(WORD, anchored=True),), foreign=1), (0.72,), False),
            (Query((replace(WORD, anchored=True),), foreign=1), (0.71,), True),
            (Query((replace(WORD, anchored=True),), foreign=2), (1.0,), True),
            (Query((replace(WORD, kept=True),)), (), False),
            (Query((replace(WORD, kept=True),), foreign=1), (1.0,), True),
            (Query((replace(WORD, aspect=True),)), (), False),
            (Query((replace(WORD, aspect=True), WORD)), (), True),
            (Query((DECIDING,), foreign=9), (), False),
            (Query((DECIDING,), elsewhere=True), (1.0,), True),
        ],
    )
    def test_is_what_holds_too_little_or_names_others(
        self, query: Query, kinships: tuple[float, ...], off: bool
    ) -> None:
        assert is_off_topic(query, scored(*kinships)) is off

    @pytest.mark.parametrize(
        ("unknown", "kinship", "off"),
        [
            (0, 0.35, True),
            (1, 0.35, True),
            (2, 0.35, False),
            (2, 0.28, True),
            (3, 0.28, False),
            (4, 0.15, False),
            (9, 0.15, False),
            (9, 0.14, True),
        ],
    )
    def test_is_less_the_more_words_are_misspelt_but_not_without_end(
        self, unknown: int, kinship: float, off: bool
    ) -> None:
        assert is_off_topic(Query((WORD,), unknown=unknown), scored(kinship)) is off

    def test_gets_the_contacts_within_the_budget(self, make_service: MakeService) -> None:
        service = make_service(au_contacts=CONTACTS, more=filler(20))
        text = service.get_context("bitcoin", token_budget=1_000).text
        cost = estimate_tokens(text)

        for budget in range(1, cost + 20):
            context = service.get_context("bitcoin", token_budget=budget)
            assert context.off_topic
            assert not context.complete
            assert context.token_count <= max(budget, estimate_tokens(OFF_TOPIC_NOTE))
        assert context.text == text
        assert [passage.title for passage in context.passages] == ["Hua Mak", "Bangna"]


class TestWhatIsChosen:
    def test_is_everything_that_holds_when_it_fits(self, make_service: MakeService) -> None:
        service = make_service(own=OWN, more={"entries": ENTRIES})
        whole = estimate_tokens(render_context(service.library.passages))

        context = service.get_context("zebra", token_budget=whole)
        less = service.get_context("zebra", token_budget=whole - 1)

        assert context.complete
        assert "old" not in [passage.fact_id for passage in context.passages]
        assert len(context.passages) == service.library.size - 1
        assert context.text == render_context(context.passages)
        assert context.token_count == estimate_tokens(context.text)
        assert not less.complete

    def test_leaves_a_tenth_to_the_contacts_if_they_take_no_more(
        self, make_service: MakeService
    ) -> None:
        service = make_service(own=OWN, au_contacts=CONTACTS, more=filler(40))
        retriever = Retriever(service.library)
        phones = list(dict.fromkeys(phone.passage for phone in service.library.phones))
        cost = estimate_tokens(render_context(phones))

        def chosen(budget: int, message: str = "walrus") -> list[str]:
            context = retriever.find(message, (), budget=budget, today=TODAY)
            assert not context.complete
            assert context.token_count <= budget
            return [passage.title for passage in context.passages]

        assert chosen(10 * cost)[-2:] == ["Hua Mak", "Bangna"]
        assert "Walrus" in chosen(10 * cost)[-3]
        assert "Bangna" not in chosen(10 * cost - 1)
        assert sorted(chosen(10 * cost, "Bangna phone")).count("Bangna") == 1

    def test_fills_up_with_the_contacts_when_the_best_stands_alone(
        self, make_service: MakeService
    ) -> None:
        service = make_service(own={"motto": "Walrus"}, au_contacts=CONTACTS, more=filler(9))

        context = service.get_context("motto", token_budget=60)

        assert [passage.title for passage in context.passages] == ["own", "Hua Mak", "Bangna"]


class TestMatches:
    def test_are_of_all_files_best_first(self, make_service: MakeService) -> None:
        context = make_service(own=OWN, more={"entries": ENTRIES}).get_context("north zebra")

        scores = [found.score for found in context.matches]
        assert scores == sorted(scores, reverse=True)
        assert {found.passage.fact_id for found in context.matches} == {
            "zebra",
            "lion",
            "gates.0",
            "gates",
        }

    def test_say_how_much_of_the_question_they_hold(self, make_service: MakeService) -> None:
        library = make_service(own=OWN, more={"entries": ENTRIES}).library
        found = Retriever(library).find("zebra lion visa", (), budget=500, today=TODAY).matches
        by_id = {one.passage.fact_id: one for one in found}
        index = library.others.index
        terms = {term.token: term for term in library.analyser.read_query("zebra lion visa").terms}
        whole = sum(map(index.mass, terms.values()))

        assert by_id["zebra"].coverage == pytest.approx(index.mass(terms["zebra"]) / whole)
        assert by_id["lion"].coverage > by_id["zebra"].coverage
        assert by_id["lion"].coverage < by_id["lion"].kinship < 1
        assert set(by_id["lion"].terms) == {"zebra", "lion"}
        places = {passage.fact_id: n for n, passage in enumerate(library.passages)}
        assert {name: one.place for name, one in by_id.items()} == {
            name: places[name] for name in by_id
        }

    def test_of_words_alone_hold_as_much_as_they_are_kin(self, make_service: MakeService) -> None:
        library = make_service(own=OWN, more={"entries": ENTRIES}).library
        found = Retriever(library).find("zebra lion", (), budget=500, today=TODAY).matches

        assert [one.kinship for one in found] == [one.coverage for one in found]
        assert found[0].coverage == pytest.approx(1.0)

    def test_leave_out_what_shares_no_more_than_a_common_word(
        self, make_service: MakeService
    ) -> None:
        entries = [{"id": f"e{n}", "title": f"Notice {n}", "text": "Campus."} for n in range(60)]
        entries.append({"id": "rare", "title": "Zebra quagga okapi", "text": "Campus zebra."})
        service = make_service(more={"entries": entries})

        found = service.get_context("zebra quagga okapi campus").matches

        assert [one.passage.fact_id for one in found] == ["rare"]


class TestClauses:
    def test_are_what_each_question_finds_by_itself(self, make_service: MakeService) -> None:
        service = make_service(own=OWN, more={"entries": ENTRIES})
        message = "Where is the zebra? How many lifts are there?"

        context = service.get_context(message, history=[HistoryMessage("user", "Hello")])

        assert [one.matches[0].passage.fact_id for one in context.clauses] == ["zebra", "lifts"]
        assert {one.text for one in context.clauses} == {""}
        assert {one.token_count for one in context.clauses} == {0}
        assert service.get_context("Where is the zebra?").clauses == ()

    def test_are_sixteen_matches_at_the_most(self, make_service: MakeService) -> None:
        entries = [{"id": f"e{n}", "title": "Zebra", "text": f"Zebra {n}."} for n in range(40)]
        service = make_service(more={"entries": entries}, own=OWN)

        context = service.get_context("Where is the zebra? Where is the north gate?")

        assert len(context.clauses[0].matches) == 16
        assert len(context.matches) > 16


class TestSearch:
    @pytest.mark.parametrize(
        ("limit", "category", "found"),
        [
            (10, None, ["zebra", "lion", "gates.0", "gates"]),
            (2, None, ["zebra", "gates.0"]),
            (10, "more", ["zebra", "lion"]),
            (10, "own", ["gates.0", "gates"]),
            (1, "own", ["gates.0"]),
            (10, "none", []),
        ],
    )
    def test_is_of_all_or_of_one_category(
        self, make_service: MakeService, limit: int, category: str | None, found: list[str]
    ) -> None:
        library = make_service(own=OWN, more={"entries": ENTRIES}).library

        hits = Retriever(library).search(
            "north zebra zebra", limit=limit, category=category, today=TODAY
        )

        ids = [hit.passage.fact_id for hit in hits]
        assert sorted(ids) == sorted(found)
        scores = [hit.score for hit in hits]
        assert scores == sorted(scores, reverse=True)
