"""Tests of `backend/services/knowledge/context.py`: which facts a budget holds, and as what."""

from dataclasses import replace
from typing import Any

import pytest

from backend.core.tokens import estimate_tokens
from backend.services.knowledge.context import (
    OFF_TOPIC_NOTE,
    Packer,
    Scored,
    render_context,
    tell_passage,
)
from backend.services.knowledge.passage import Confidence, Passage, Source


def passage(name: str, tokens: int = 20, *, core: bool = True, **changes: Any) -> Passage:
    """A passage that costs so many tokens."""
    bare = Passage(
        id=name,
        category="a",
        fact_id=name,
        title=name,
        body="",
        source=Source("A"),
        raw={},
        core=core,
    )
    length = 4 * tokens - len(f"[10 {tell_passage(bare)}\n")
    return replace(bare, **{"body": "w" * length, **changes})


def scored(name: str, score: float, tokens: int = 20, *, core: bool = True) -> Scored:
    return Scored(passage(name, tokens, core=core), score, 1.0, 1.0, 0)


def names(passages: list[Passage]) -> str:
    return "".join(one.id for one in passages)


@pytest.fixture
def packer() -> Packer:
    return Packer()


class TestPacker:
    def test_tells_a_line_and_what_it_costs_once_and_for_all(self, packer: Packer) -> None:
        one = passage("a", 20)
        line = tell_passage(one)

        assert (packer.tell(one), packer.cost(one)) == (line, estimate_tokens(f"[10 {line}\n"))
        assert (packer.tell(one), packer.cost(one)) == (line, estimate_tokens(f"[10 {line}\n"))

    @pytest.mark.parametrize(("room", "held"), [(-1, "a"), (0, "ab"), (1, "ab")])
    def test_fills_a_budget_to_the_last_token(self, packer: Packer, room: int, held: str) -> None:
        matches = [scored("a", 1.0), scored("b", 0.9)]
        budget = 40 + room

        assert names(packer.choose(matches, [], budget=budget)) == held
        assert names(packer.choose([], matches, budget=budget)) == held
        spare = [found.passage for found in matches]
        assert names(packer.choose([], [], budget=budget, spare=spare)) == held

    def test_what_is_too_long_leaves_its_room_to_shorter_ones(self, packer: Packer) -> None:
        long, short = scored("a", 1.0, 500), scored("b", 0.9)

        assert names(packer.choose([long, short], [], budget=50)) == "b"

    @pytest.mark.parametrize(("budget", "held"), [(78, "ox"), (79, "ox"), (80, "obx"), (82, "obx")])
    def test_keeps_half_the_budget_for_the_owners(
        self, packer: Packer, budget: int, held: str
    ) -> None:
        own = [scored("o", 0.5), scored("b", 0.4), scored("c", 0.3)]
        others = [scored(name, 1.0, 40, core=False) for name in "xy"]

        found = packer.choose(own, others, budget=budget)

        assert names(sorted(found, key=lambda one: one.id)) == "".join(sorted(held))

    def test_keeps_all_of_it_when_there_are_no_others(self, packer: Packer) -> None:
        own = [scored("a", 1.0), scored("b", 0.3)]

        assert names(packer.choose(own, [], budget=40)) == "ab"

    @pytest.mark.parametrize(
        ("score", "held"), [(0.3, "x.b"), (0.2, "x.b"), (0.19, "x.y"), (0.09, "x.y")]
    )
    def test_keeps_no_place_for_owners_facts_that_hardly_match(
        self, packer: Packer, score: float, held: str
    ) -> None:
        own, others = [scored("b", score)], [scored(n, 1.0, core=False) for n in "xy"]

        assert ".".join(names(packer.choose(own, others, budget=40))) == held

    @pytest.mark.parametrize(("score", "held"), [(0.09, "ab"), (0.08, "ab"), (0.07, "a")])
    def test_leaves_out_what_hardly_matches(self, packer: Packer, score: float, held: str) -> None:
        best, other = scored("a", 1.0), scored("b", score)

        assert names(packer.choose([best, other], [], budget=1_000)) == held
        assert names(packer.choose([], [best, other], budget=1_000)) == held
        assert names(packer.choose([other], [best], budget=1_000)) == held

    def test_tells_the_best_first_and_spare_ones_last(self, packer: Packer) -> None:
        own, others = [scored("a", 0.8), scored("b", 0.4)], [scored("x", 0.9), scored("y", 0.5)]
        spare = [passage(name) for name in "saxr"]

        found = packer.choose(own, others, budget=1_000, spare=spare)

        assert names(found) == "xaybsr"

    def test_holds_each_once(self, packer: Packer) -> None:
        match = scored("a", 1.0)

        found = packer.choose([match, match], [match], budget=1_000, spare=[match.passage] * 2)

        assert names(found) == "a"

    def test_holds_nothing_of_nothing(self, packer: Packer) -> None:
        assert packer.choose([], [], budget=1_000) == []


class TestLines:
    @pytest.mark.parametrize(
        ("changes", "line"),
        [
            ({}, "a] a: It is here."),
            ({"category": "au_fees"}, "au_fees] a: It is here."),
            ({"core": False, "source": Source("A", file="a.json")}, "a] a: It is here."),
            (
                {"core": False, "source": Source("A", url="https://www.au.edu/x/y")},
                "au.edu] a: It is here.",
            ),
            (
                {"core": False, "source": Source("A", url="http://m.au.edu")},
                "m.au.edu] a: It is here.",
            ),
            (
                {"core": False, "source": Source("A", url="http://au.edu/x//y/www.z")},
                "au.edu] a: It is here.",
            ),
            ({"source": Source("A", url="https://au.edu")}, "a] a: It is here."),
            ({"source": Source("A", date="2011")}, "a, as of 2011] a: It is here."),
            (
                {"overruled_by": "b"},
                "a] a: It is here. (another source, which stands, says otherwise)",
            ),
            (
                {"confidence": Confidence.LOW},
                "a] a: It is here. (not certain, check A)",
            ),
            (
                {"confidence": Confidence.LOW, "source": Source("A", url="https://au.edu/x")},
                "a] a: It is here. (not certain, check https://au.edu/x)",
            ),
            ({"confidence": Confidence.MEDIUM}, "a] a: It is here."),
        ],
    )
    def test_name_the_source_and_the_doubts(self, changes: dict[str, Any], line: str) -> None:
        told = passage("a", **{"body": "It is here.", "breadcrumb": ("a",), **changes})

        assert tell_passage(told) == line

    def test_are_numbered_from_one(self) -> None:
        passages = [passage("x", body="First."), passage("y", body="Second.")]

        assert render_context(passages) == "[1 a] First.\n[2 a] Second."
        assert render_context(passages, tell=lambda one: f"{one.id}]") == "[1 x]\n[2 y]"
        assert render_context([]) == ""

    def test_follow_a_note_off_the_topic(self) -> None:
        passages = [passage("x", body="First.")]

        assert render_context(passages, off_topic=True) == f"{OFF_TOPIC_NOTE}\n[1 a] First."
        assert render_context([], off_topic=True) == OFF_TOPIC_NOTE
