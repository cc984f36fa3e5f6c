"""Answers over all the real facts, their figures rewritten or altered in every way."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from backend.services.figures import Evidence, find_unsupported
from backend.services.knowledge.passage import Passage
from tests.services.figures.conftest import shipped_passages
from tests.services.figures.rewriting import SENTENCES, Stated, digits_of, stated_in

GIVEN_BESIDE = 3
KINDS = (
    *("money THB", "money USD", "phone", "link", "year", "date", "decimal", "percent"),
    *("range", "time"),
)

Case = tuple[Stated, Sequence[Passage]]


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """Each figure of each passage, with what else is given to the model."""
    random = Random(20261102)  # noqa: S311 - a fixed set, no secret
    passages = shipped_passages()
    chosen: list[Case] = []
    for passage in passages:
        for stated in stated_in(passage, random):
            given = (passage, *random.sample(passages, GIVEN_BESIDE))
            altered = tuple(pair for pair in stated.altered if not is_given(pair[0], given))
            chosen.append((replace(stated, altered=altered), given))
    return chosen


def is_given(plain: str, given: Sequence[Passage]) -> bool:
    """Whether an altered figure by chance is another one that was given."""
    text = " ".join(f"{p.text} {p.source.title} {p.source.url} {p.source.date}" for p in given)
    return bool(plain) and (plain in text or plain in digits_of(text))


class TestGeneratedAnswers:
    def test_there_are_many_of_every_kind(self, cases: list[Case]) -> None:
        kinds = Counter(stated.kind for stated, _ in cases)

        assert set(kinds) == set(KINDS)
        assert sum(len(stated.rewritten) for stated, _ in cases) > 1_000
        assert sum(len(stated.altered) for stated, _ in cases) > 1_000

    @pytest.mark.parametrize("kind", KINDS)
    def test_no_rewritten_figure_is_accused(self, cases: list[Case], kind: str) -> None:
        accused = [
            (written, stated.written, found)
            for stated, given in cases
            if stated.kind == kind
            for place, written in enumerate(stated.rewritten)
            if (found := find_unsupported(put(written, place), Evidence(given)))
        ]

        assert accused == []

    @pytest.mark.parametrize("kind", KINDS)
    def test_every_altered_figure_is_found(self, cases: list[Case], kind: str) -> None:
        missed = [
            (written, stated.written, given[0].text)
            for stated, given in cases
            if stated.kind == kind
            for place, (_, written) in enumerate(stated.altered)
            if not find_unsupported(put(written, place), Evidence(given))
        ]

        assert missed == []

    def test_every_passage_supports_itself(self) -> None:
        for passage in shipped_passages():
            assert find_unsupported(passage.text, Evidence([passage])) == []


def put(written: str, place: int) -> str:
    """A sentence around a figure."""
    return SENTENCES[place % len(SENTENCES)].format(written)
