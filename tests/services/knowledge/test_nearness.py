"""What nearness adds to scores, figure by figure."""

from typing import Any, Final

import numpy as np
import pytest

from backend.services.knowledge.context import Scored
from backend.services.knowledge.library import Library
from backend.services.knowledge.vectors import (
    PassageVectors,
    QuestionVector,
    ShelfVectors,
    assemble,
    pack,
    read_texts,
)
from tests.services.knowledge.conftest import TODAY, MakeService

OWN: Final[dict[str, Any]] = {"gates": [{"name": name, "opens": 8} for name in "ABCD"]}


def entries(count: int, **last: Any) -> dict[str, Any]:
    """So many entries; what is given is of the last one."""
    made = [{"id": f"e{n}", "title": f"Title {n}", "text": "Text."} for n in range(count)]
    return {"entries": [*made[:-1], {**made[-1], **last}]}


def vectors(cosines: dict[int, float], size: int = 3) -> ShelfVectors:
    """Vectors of some places, each so near to the question's."""
    rows = [[cosine, 0.0, 1.0][:size] for cosine in cosines.values()]
    matrix = np.array(rows, dtype=np.float32).reshape(-1, size)
    return ShelfVectors(np.array(list(cosines), dtype=np.int64), matrix)


def rank(
    library: Library,
    cosines: dict[int, float],
    found: dict[int, float] | None = None,
    version: str | None = None,
) -> list[tuple[int, float]]:
    """The places of other files' passages and their scores, by nearness and by these of words."""
    passages = PassageVectors(version or library.version, vectors({}), vectors(cosines))
    first = len(library.core.passages)
    scored = [
        Scored(library.others.passages[place], score, 0.5, 0.5, first + place)
        for place, score in (found or {}).items()
    ]
    question = QuestionVector(np.array([1.0, 0.0, 0.0], dtype=np.float32), passages)
    core, others = question.rank(library, scored[:1], scored, TODAY)
    assert core == scored[:1]
    for one in others:
        assert one.passage == library.others.passages[one.place - first]
        assert one.coverage == one.kinship == (0.5 if one.place - first in (found or {}) else 0.0)
    return [(one.place - first, one.score) for one in others]


class TestNearness:
    @pytest.mark.parametrize(
        ("cosines", "found", "ranked"),
        [
            # One of five: two deviations above the mean, the others half a one below.
            ({0: 0, 1: 1, 2: 0, 3: 0, 4: 0}, {}, {1: 0.2}),
            ({0: 0, 1: 0.5, 2: 0, 3: 0, 4: 0}, {}, {1: 0.2}),
            ({3: 1, 1: 0}, {}, {3: 0.1}),
            ({0: 0, 1: 1, 2: 0, 3: 0, 4: 0}, {0: 5.0}, {0: 4.0, 1: 4.0}),
            ({0: 0, 1: 1, 2: 0, 3: 0, 4: 0}, {1: 5.0}, {1: 9.0}),
            ({0: 0, 1: 1, 2: 0, 3: 0, 4: 0}, {0: 5.0, 3: 0.5}, {1: 3.92, 0: 4.02}),
            ({0: 0.5, 1: 0.5}, {0: 5.0}, {0: 5.0}),
            ({0: 1}, {2: 5.0}, {2: 5.0}),
            ({}, {2: 5.0}, {2: 5.0}),
        ],
    )
    def test_is_added_in_the_scale_of_the_words(
        self,
        make_service: MakeService,
        cosines: dict[int, float],
        found: dict[int, float],
        ranked: dict[int, float],
    ) -> None:
        library = make_service(own=OWN, more=entries(5)).library

        scores = rank(library, cosines, found)

        assert dict(scores) == pytest.approx(ranked, abs=0.01)
        assert [score for _, score in scores] == sorted(dict(scores).values(), reverse=True)

    def test_brings_in_twenty_at_the_most_the_nearest(self, make_service: MakeService) -> None:
        library = make_service(own=OWN, more=entries(40)).library
        cosines = {place: 1.0 if place % 2 else 0.1 for place in range(38)}

        nearest = [place for place, _ in rank(library, cosines)]
        assert sorted(nearest) == list(range(1, 38, 2))
        many = rank(library, {place: place / 40 for place in range(10, 40)})
        assert [place for place, _ in many] == list(range(39, 24, -1))
        most = rank(library, {place: float(place >= 5) for place in range(40)})
        assert len(most) == 20
        assert all(place >= 5 for place, _ in most)

    def test_brings_in_nothing_that_no_longer_holds(self, make_service: MakeService) -> None:
        library = make_service(more=entries(5, valid_until="2020")).library

        assert rank(library, {0: 0, 1: 0, 4: 1}) == []

    def test_is_not_told_of_another_version(self, make_service: MakeService) -> None:
        library = make_service(own=OWN, more=entries(5)).library

        assert rank(library, {0: 1, 1: 0}, {2: 5.0}, version="another") == [(2, 5.0)]


class TestVectors:
    def test_are_of_the_first_passages_the_owners_before_others(
        self, make_service: MakeService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        library = make_service(own=OWN, more=entries(4)).library
        every = read_texts(library)
        assert len(every.core) == len(library.core.passages) == 5
        assert [every.texts[key] for key in every.others] == [
            f"Title {number}: Text." for number in range(4)
        ]

        for most, core, others in ((7, 5, 2), (5, 5, 0), (3, 3, 0)):
            monkeypatch.setattr("backend.services.knowledge.vectors.MAX_PASSAGES", most)
            texts = read_texts(library)
            assert (list(texts.core), list(texts.others)) == (
                list(every.core)[:core],
                list(every.others)[:others],
            )
            assert texts.texts.keys() == {*texts.core, *texts.others}

    def test_are_put_together_as_far_as_they_are_known(self, make_service: MakeService) -> None:
        texts = read_texts(make_service(own=OWN, more=entries(4)).library)
        rows = pack(np.array([[1, 2], [0.5, -1], [3, 4]], dtype=np.float32))
        assert [len(row) for row in rows] == [4, 4, 4]
        keys = (texts.core[1], texts.others[0], texts.others[3])

        made = assemble("v", texts, dict(zip(keys, rows, strict=True)), 2)

        assert (made.version, made.count) == ("v", 3)
        assert made.core.places.tolist() == [1]
        assert made.core.matrix.tolist() == [[1, 2]]
        assert made.others.places.tolist() == [0, 3]
        assert made.others.matrix.tolist() == [[0.5, -1], [3, 4]]
        none = assemble("v", texts, {}, 2)
        assert none.count == 0
        assert none.core.matrix.shape == (0, 2)
