"""Tests of `backend/services/knowledge/bound.py`: the passages of a large file."""

from dataclasses import replace
from pathlib import Path

import pytest

from backend.services.knowledge.binder import bind
from backend.services.knowledge.bound import BoundPassages
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.volume import Volume
from tests.services.knowledge.binding import GATE, make_job


def noted(passage: Passage) -> Passage:
    return replace(passage, note=f"{passage.note or ''}!")


@pytest.fixture
def passages(tmp_path: Path) -> BoundPassages:
    job = make_job(tmp_path, [{**GATE, "id": name} for name in "abc"])
    bind(job)
    return BoundPassages(Volume.open(Path(job.target)), noted)


class TestBoundPassages:
    def test_are_a_sequence(self, passages: BoundPassages) -> None:
        names = [passage.fact_id for passage in passages]

        assert len(passages) == 3
        assert names == ["a", "b", "c"]
        assert [passages[place].fact_id for place in (0, 2, -1, 0)] == ["a", "c", "c", "a"]
        assert [passage.fact_id for passage in passages[1:]] == ["b", "c"]
        assert passages[3:] == ()
        with pytest.raises(IndexError):
            passages[3]

    def test_are_found_by_their_id(self, passages: BoundPassages) -> None:
        assert passages.find("b") == passages[1]
        assert passages.find("d") is None

    def test_are_completed_however_they_are_asked_for(self, passages: BoundPassages) -> None:
        one = passages.find("a")

        assert one is not None
        told = [one, passages[0], *passages[:1], *list(passages)[:1]]
        assert [passage.note for passage in told] == ["!"] * 4

    def test_may_be_completed_once_more(self, passages: BoundPassages) -> None:
        twice = passages.completed(noted)

        assert [passage.note for passage in twice] == ["!!"] * 3
        assert passages[0].note == "!"
