"""What a term tells, what a document scores, and that a large index finds what a small one does."""

import math
import random
from collections.abc import Mapping
from typing import Final

import numpy as np
import pytest

from backend.services.knowledge.index import (
    K1,
    LEAST_SHARE,
    MAX_HITS,
    B,
    Hit,
    Index,
    evidence,
    rarity,
)
from backend.services.knowledge.large_index import LARGE, LargeIndex, best_places, build_index
from backend.services.knowledge.query import Term, TermKind

DOCUMENTS: Final[list[dict[str, float]]] = [
    {"fee": 2.0, "the": 1.0},
    {"bus": 1.0, "the": 1.0, "gate": 4.0},
    {"fee": 1.0, "the": 1.0},
]


def term(token: str, weight: float = 1.0, mass: float = 1.0) -> Term:
    return Term(token, TermKind.WORD, weight, mass)


def bm25(documents: list[dict[str, float]], token: str, place: int) -> float:
    """The share of a term in the score of a document, by the book."""
    lengths = [sum(document.values()) for document in documents]
    norm = K1 * (1 - B + B * lengths[place] / (sum(lengths) / len(lengths)))
    count = sum(token in document for document in documents)
    frequency = documents[place][token]
    return rarity(len(documents), count) * frequency * (K1 + 1) / (frequency + norm)


class TestWhatATermTells:
    @pytest.mark.parametrize(
        ("size", "count", "told"),
        [(10, 2, math.log(4.4)), (3, 0, math.log(8)), (0, 0, math.log(2))],
    )
    def test_is_more_the_fewer_hold_it(self, size: int, count: int, told: float) -> None:
        assert rarity(size, count) == pytest.approx(told)

    def test_is_most_for_what_none_holds(self) -> None:
        index = Index(DOCUMENTS)

        for _ in range(2):
            assert index.idf("fee") == rarity(3, 2)
            assert index.idf("bus") == rarity(3, 1)
            assert index.idf("nothing") == rarity(3, 0)
        assert index.size == 3
        assert "fee" in index
        assert "nothing" not in index

    def test_is_a_share_of_the_question_though_all_hold_it(self) -> None:
        index = Index(DOCUMENTS)

        assert index.mass(term("bus", mass=2.0)) == 2.0 * rarity(3, 1)
        assert index.mass(term("the", mass=2.0)) == 2.0 * LEAST_SHARE * rarity(3, 0)

    def test_covers_a_part_of_the_question_when_it_is_faint(self) -> None:
        assert evidence(term("word"), 2.0) == 2.0
        assert 0 < evidence(Term("wor", TermKind.GRAM), 2.0) < 1.0
        assert 0 < evidence(Term("12", TermKind.FIGURE), 2.0) < 1.0


class TestSearch:
    def test_scores_as_bm25_says(self) -> None:
        index = Index(DOCUMENTS)
        found = index.search([term("fee"), term("gate", 0.5), term("nothing")])

        assert set(found) == {0, 1, 2}
        for place, token, weight in ((0, "fee", 1.0), (1, "gate", 0.5), (2, "fee", 1.0)):
            expected = weight * bm25(DOCUMENTS, token, place)
            assert found[place].score == pytest.approx(expected)
            assert found[place].tokens == [token]
        assert found[0].covered == pytest.approx(index.mass(term("fee")))

    def test_adds_up_what_several_terms_tell(self) -> None:
        index = Index(DOCUMENTS)
        hit = index.search([term("bus", mass=2.0), term("gate"), term("the", -1.0)])[1]

        assert hit.tokens == ["bus", "gate"]
        assert hit.covered == pytest.approx(
            2 * index.idf("bus") + index.idf("gate") + index.mass(term("the"))
        )
        assert hit.score == pytest.approx(
            bm25(DOCUMENTS, "bus", 1) + bm25(DOCUMENTS, "gate", 1) - bm25(DOCUMENTS, "the", 1)
        )

    def test_may_be_within_some_places(self) -> None:
        index = Index(DOCUMENTS)

        assert list(index.search([term("the")], within=range(1, 2))) == [1]
        assert index.search([term("bus")], within=range(2, 3)) == {}
        assert index.search([term("the")], within=range(0)) == {}

    def test_may_be_without_some_places(self) -> None:
        index = Index(DOCUMENTS)

        assert set(index.search([term("the")], without=[1, 7])) == {0, 2}
        assert set(index.search([term("fee")], range(2), without=[0])) == set()

    def test_of_nothing_finds_nothing(self) -> None:
        assert Index([]).search([term("fee")]) == {}
        assert Index(DOCUMENTS).search([]) == {}

    def test_names_only_terms_that_count_for_a_document(self) -> None:
        hit = Hit()
        hit.add("a", 2.0, 3.0, 0.5)
        hit.add("b", -1.0, 2.0, 0.25)
        hit.add("c", 0.0, 2.0, 0.25)

        assert hit == Hit(score=4.0, covered=1.0, tokens=["a"])


@pytest.fixture(scope="module")
def many() -> list[dict[str, float]]:
    """Documents of few words: some of these stand nearly everywhere, some hardly anywhere."""
    chance = random.Random(5)  # noqa: S311  # documents, not secrets
    names = [f"w{number}" for number in range(40)]
    return [
        {
            name: float(chance.randint(1, 4))
            for number, name in enumerate(names)
            if chance.random() < 1 / (1 + number)
        }
        for _ in range(1_200)
    ]


class TestLargeIndex:
    def test_is_made_from_so_many_documents_on(self) -> None:
        assert type(build_index([{"a": 1.0}] * LARGE)) is Index
        assert type(build_index([{"a": 1.0}] * (LARGE + 1))) is LargeIndex

    @pytest.mark.parametrize(
        "weights",
        [
            {"w1": 1.0, "w30": 1.0},
            {"w2": 0.5, "w3": 1.0, "w9": 1.0},
            {"w1": -2.0, "w2": 1.0, "w20": 0.6},
            {"w39": 1.0, "nowhere": 1.0},
        ],
    )
    @pytest.mark.parametrize("within", [None, range(100, 400), range(1_150, 1_200)])
    @pytest.mark.parametrize("most", [10, 200])
    def test_finds_the_best_with_the_same_scores(
        self,
        many: list[dict[str, float]],
        weights: Mapping[str, float],
        within: range | None,
        most: int,
    ) -> None:
        terms = [term(token, weight, 2.0) for token, weight in weights.items()]
        every = Index(many).search(terms, within)
        expected = {place: hit for place, hit in every.items() if hit.score > 0}

        found = LargeIndex(many).search(terms, within, most)

        assert len(found) == min(len(expected), max(most, MAX_HITS))
        assert list(found) == sorted(found)
        for place, hit in found.items():
            assert hit.score == pytest.approx(expected[place].score)
            assert hit.covered == pytest.approx(expected[place].covered)
            assert hit.tokens == expected[place].tokens
        ranked = sorted((hit.score for hit in expected.values()), reverse=True)[: len(found)]
        assert sorted((hit.score for hit in found.values()), reverse=True) == pytest.approx(ranked)

    @pytest.mark.parametrize("within", [None, range(100, 900)])
    def test_finds_the_best_without_some_places(
        self, many: list[dict[str, float]], within: range | None
    ) -> None:
        index = LargeIndex(many)
        first = index.search([term("w2"), term("w9")], within)

        second = index.search([term("w2"), term("w9")], within, without=list(first))

        assert len(second) == MAX_HITS
        assert not first.keys() & second.keys()
        assert min(hit.score for hit in first.values()) >= max(hit.score for hit in second.values())


class TestBestPlaces:
    @pytest.mark.parametrize(
        ("scores", "most", "places"),
        [
            ([0.0, 3.0, -1.0, 1.0, 2.0], 2, [1, 4]),
            ([0.0, 3.0, -1.0, 1.0, 2.0], 3, [1, 3, 4]),
            ([0.0, 3.0, -1.0, 1.0, 2.0], 9, [1, 3, 4]),
            ([1.0, 2.0, 1.0, 2.0, 1.0], 3, [0, 1, 3]),
            ([1.0, 2.0, 1.0, 2.0, 1.0], 4, [0, 1, 2, 3]),
            ([1.0, 1.0, 1.0], 2, [0, 1]),
            ([0.01, 1.0, 0.02], 2, [1, 2]),
            ([0.0, 0.0], 1, []),
            ([-1.0], 1, []),
            ([], 1, []),
        ],
    )
    def test_are_the_highest_above_nothing_and_of_equals_the_first(
        self, scores: list[float], most: int, places: list[int]
    ) -> None:
        assert best_places(np.array(scores, dtype=np.float32), most).tolist() == places

    @pytest.mark.parametrize("most", [1, 7, 30, 200])
    def test_are_those_that_sorting_finds(self, most: int) -> None:
        chance = random.Random(most)  # noqa: S311  # scores, not secrets
        scores = [round(chance.uniform(-1, 3) ** 3, 1) for _ in range(150)]
        ranked = sorted(range(150), key=lambda place: (-scores[place], place))
        expected = [place for place in ranked[:most] if scores[place] > 0]

        found = best_places(np.array(scores, dtype=np.float32), most)

        assert found.tolist() == sorted(expected)
