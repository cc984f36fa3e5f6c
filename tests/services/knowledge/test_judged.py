"""Tests of `backend/services/knowledge/choice.py`: how near the best a passage must come."""

from dataclasses import replace

import pytest

from backend.services.knowledge.choice import choose, choose_passages
from backend.services.knowledge.context import KnowledgeContext, Scored
from backend.services.knowledge.passage import Fact, Passage, Source
from backend.services.knowledge_service import KnowledgeService


def passage(
    name: str,
    *,
    core: bool = False,
    category: str = "x",
    members: tuple[str, ...] = (),
    parent: str | None = None,
    overruled_by: str | None = None,
) -> Passage:
    """A passage about the library."""
    return Passage(
        id=name,
        category=category,
        fact_id=name,
        title=f"Library {name}",
        body="It is here.",
        source=Source("X"),
        raw={},
        core=core,
        facts=(Fact((), members, counted=True),) if members else (),
        parent=parent,
        overruled_by=overruled_by,
    )


def scored(one: Passage, score: float, coverage: float = 1.0, place: int = 0) -> Scored:
    return Scored(one, score, coverage, coverage, place)


class Chooser:
    """Chooses among matches that are made up, for a question about the library."""

    def __init__(self, service: KnowledgeService) -> None:
        self.context = service.get_context("library")

    def told(self, *matches: Scored) -> list[str]:
        return [one.id for one in choose_passages(replace(self.context, matches=matches))]


@pytest.fixture
def chooser(shipped: KnowledgeService) -> Chooser:
    return Chooser(shipped)


class TestNearTheBest:
    @pytest.mark.parametrize(
        ("score", "coverage", "told"),
        [
            (1.0, 1.0, True),
            (0.66, 1.0, True),
            (0.65, 1.0, True),
            (0.64, 1.0, False),
            (0.66, 0.76, True),
            (1.0, 0.75, True),
            (1.0, 0.74, False),
        ],
    )
    def test_is_told_beside_it(
        self, chooser: Chooser, score: float, coverage: float, told: bool
    ) -> None:
        found = chooser.told(scored(passage("a"), 1.0), scored(passage("b"), score, coverage))

        assert found == (["a", "b"] if told else ["a"])

    @pytest.mark.parametrize(
        ("best_is_core", "category", "score", "told"),
        [
            (True, "x", 0.66, True),
            (True, "x", 0.64, False),
            (True, "y", 0.86, True),
            (True, "y", 0.85, True),
            (True, "y", 0.84, False),
            (False, "x", 0.66, True),
            (False, "y", 0.66, True),
        ],
    )
    def test_of_the_owners_files_only_one_is_told_unless_they_are_as_good(
        self, chooser: Chooser, best_is_core: bool, category: str, score: float, told: bool
    ) -> None:
        best, other = passage("a", core=best_is_core), passage("b", core=True, category=category)

        found = chooser.told(scored(best, 1.0), scored(other, score, place=1))

        assert found == (["a", "b"] if told else ["a"])

    def test_an_entry_is_told_beside_the_owners_fact(self, chooser: Chooser) -> None:
        matches = scored(passage("a", core=True), 1.0), scored(passage("b", category="y"), 0.7)

        assert chooser.told(*matches) == ["a", "b"]

    def test_is_measured_in_shares_of_the_best(self, chooser: Chooser) -> None:
        matches = [scored(passage(name), score, 0.5) for name, score in (("a", 8.0), ("b", 6.0))]

        assert chooser.told(*matches, scored(passage("c"), 5.0)) == ["a", "b"]

    def test_what_is_overruled_is_not_told(self, chooser: Chooser) -> None:
        matches = scored(passage("a", overruled_by="b"), 1.0), scored(passage("b"), 0.5)

        assert chooser.told(*matches) == ["b"]

    def test_of_many_five_are_told(self, chooser: Chooser) -> None:
        assert chooser.told(*(scored(passage(f"{n}"), 1.0) for n in range(9))) == list("01234")

    @pytest.mark.parametrize(("before", "told"), [(11, True), (12, False)])
    def test_is_among_the_first_dozen(self, chooser: Chooser, before: int, told: bool) -> None:
        strangers = [replace(passage(f"{n}"), title="Gate", body="Iron.") for n in range(before)]
        matches = [scored(one, 1.0) for one in strangers]

        assert chooser.told(*matches, scored(passage("a"), 0.9)) == (["a"] if told else [])

    @pytest.mark.parametrize(("score", "told"), [(0.41, True), (0.4, True), (0.39, False)])
    def test_is_not_far_from_what_matches_best_though_that_is_no_answer(
        self, chooser: Chooser, score: float, told: bool
    ) -> None:
        stranger = replace(passage("s"), title="Gate", body="Iron.")

        found = chooser.told(scored(stranger, 1.0), scored(passage("a"), score))

        assert found == (["a"] if told else [])

    def test_nothing_is_told_of_nothing(self, chooser: Chooser) -> None:
        assert chooser.told() == []

    @pytest.mark.parametrize(("coverage", "told"), [(0.51, True), (0.5, True), (0.49, False)])
    def test_holds_half_of_a_question_that_names_no_subject(
        self, shipped: KnowledgeService, coverage: float, told: bool
    ) -> None:
        context = shipped.get_context("zeppelin")
        one = replace(passage("a"), title="Zeppelin")
        matches = (scored(one, 1.0, coverage),)

        found = choose_passages(replace(context, matches=matches, off_topic=False))

        assert found == ([one] if told else [])

    def test_holds_less_of_one_that_names_a_subject(self, chooser: Chooser) -> None:
        assert chooser.told(scored(passage("a"), 1.0, 0.1)) == ["a"]


class TestOrder:
    def test_is_the_owners_for_their_facts_that_are_as_good(self, chooser: Chooser) -> None:
        scores = {"a": (1.0, 7), "b": (0.95, 3), "c": (0.9, 5), "d": (0.8, 1), "e": (0.7, 0)}
        matches = [
            scored(passage(name, core=True), score, place=place)
            for name, (score, place) in scores.items()
        ]

        assert chooser.told(*matches) == ["b", "c", "a", "d", "e"]

    @pytest.mark.parametrize(("score", "order"), [(0.85, ["b", "a"]), (0.84, ["a", "b"])])
    def test_is_by_score_for_what_is_not_as_good(
        self, chooser: Chooser, score: float, order: list[str]
    ) -> None:
        best, other = passage("a", core=True), passage("b", core=True)

        assert chooser.told(scored(best, 1.0, place=1), scored(other, score)) == order

    def test_is_by_score_for_entries_after_the_owners_equals(self, chooser: Chooser) -> None:
        matches = [
            scored(passage("a"), 1.0, place=9),
            scored(passage("b"), 0.9, place=1),
            scored(passage("c", core=True), 0.88, place=5),
        ]

        assert chooser.told(*matches) == ["c", "a", "b"]


class TestListsAndTheirMembers:
    @staticmethod
    def members(*scores: float) -> list[Scored]:
        return [
            scored(passage(f"m{place}", parent="all"), score, place=place)
            for place, score in enumerate(scores)
        ]

    @staticmethod
    def whole(score: float) -> Scored:
        return scored(passage("all", members=("one", "two")), score)

    @pytest.mark.parametrize(
        ("list_score", "member_scores", "told"),
        [
            (0.9, (1.0,), ["m0"]),
            (0.9, (1.0, 0.8), ["m0", "m1"]),
            (0.9, (1.0, 0.8, 0.8), ["all"]),
            (0.5, (1.0, 0.9, 0.8), ["all"]),
            (0.5, (1.0, 0.8), ["m0", "m1"]),
            (1.0, (1.0, 0.8), ["all"]),
            (1.0, (0.9, 0.8), ["all"]),
            (1.0, (0.5, 0.4), ["all"]),
        ],
    )
    def test_never_stand_beside_each_other(
        self,
        chooser: Chooser,
        list_score: float,
        member_scores: tuple[float, ...],
        told: list[str],
    ) -> None:
        matches = [self.whole(list_score), *self.members(*member_scores)]
        matches.sort(key=lambda found: -found.score)

        assert chooser.told(*matches) == told

    def test_leave_the_place_of_the_best_member_to_the_list(self, chooser: Chooser) -> None:
        others = [scored(passage("o"), 0.95), scored(passage("p"), 0.7)]
        matches = [*self.members(1.0, 0.9, 0.9), *others, self.whole(0.6)]
        matches.sort(key=lambda found: -found.score)

        assert chooser.told(*matches) == ["o", "p", "all"]

    def test_are_told_with_what_is_no_member(self, chooser: Chooser) -> None:
        stranger = scored(passage("s", parent="none"), 0.95)

        assert chooser.told(*self.members(1.0), stranger, self.whole(0.9)) == ["m0", "s"]

    def test_a_parent_that_is_no_list_stands_for_nothing(self, chooser: Chooser) -> None:
        matches = [scored(passage("all"), 1.0), *self.members(0.9, 0.9, 0.9)]

        assert chooser.told(*matches) == ["all", "m0", "m1", "m2"]


class TestOfSeveralQuestions:
    @staticmethod
    def clause(context: KnowledgeContext, *names: str) -> KnowledgeContext:
        matches = tuple(scored(passage(name), 1.0, place=n) for n, name in enumerate(names))
        return replace(context, matches=matches, clauses=())

    @pytest.mark.parametrize(
        ("whole", "clauses", "told", "partial"),
        [
            ("ab", [], "ab", False),
            ("ab", ["cd"], "ab", False),
            ("ab", ["cd", "ef"], "cedf", False),
            ("ab", ["cd", ""], "ab", False),
            ("", [], "", False),
            ("", ["cd"], "cd", False),
            ("", ["cd", ""], "cd", True),
            ("", ["", ""], "", True),
            ("a", ["bcd", "efg"], "becfd", False),
            ("a", ["bc", "bd"], "bcd", False),
            ("a", ["bcd", "e", "f"], "befcd", False),
        ],
    )
    def test_the_best_for_each_is_told_first(
        self, chooser: Chooser, whole: str, clauses: list[str], told: str, partial: bool
    ) -> None:
        each = tuple(self.clause(chooser.context, *names) for names in clauses)
        context = replace(self.clause(chooser.context, *whole), clauses=each)

        choice = choose(context)

        assert [one.id for one in choice.passages] == list(told)
        assert choice.partial is partial

    def test_none_is_told_off_the_topic(self, chooser: Chooser) -> None:
        context = self.clause(chooser.context, "a")

        assert choose(context).passages
        assert choose(replace(context, off_topic=True)).passages == ()
        clause = replace(context, off_topic=True)
        assert choose(replace(context, matches=(), clauses=(clause,))).passages == ()
