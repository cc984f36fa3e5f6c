"""What proves a figure, and how one without a proof is named."""

from dataclasses import replace

import pytest

from backend.services.figures import Evidence, find_unsupported
from backend.services.knowledge.passage import Fact, Passage
from tests.services.figures.conftest import make_passage


def listing(count: int, of: str = "Way") -> str:
    return "\n".join(f"- {of}" for _ in range(count))


class TestProofsOfAPassage:
    @pytest.mark.parametrize(
        "passage",
        [
            make_passage("It takes 77 days."),
            replace(make_passage("Nothing."), title="The 77 days"),
            replace(make_passage("Nothing."), facts=(Fact(("days",), 77),)),
            replace(make_passage("Nothing."), facts=(Fact(("77 days",), "many"),)),
            replace(make_passage("Nothing."), facts=(Fact(("days",), tuple(["day"] * 77)),)),
            make_passage("Nothing.", url="https://au.edu/77"),
        ],
    )
    def test_come_from_each_part_of_it(self, passage: Passage) -> None:
        assert find_unsupported(_answer(passage), Evidence([passage])) == []
        assert find_unsupported(_answer(passage), Evidence([make_passage("Nothing.")])) != []

    def test_come_from_its_date_and_the_title_of_its_source(self) -> None:
        passage = make_passage("Nothing.", date="2026-11-02")
        titled = replace(passage, source=replace(passage.source, title="Fees 2019", date=None))

        assert find_unsupported("2 November 2026", Evidence([passage])) == []
        assert find_unsupported("2 November 2026", Evidence([titled])) != []
        assert find_unsupported("in 2019", Evidence([titled])) == []
        assert find_unsupported("in 2019", Evidence([passage])) == ["2019"]

    def test_of_a_list_beside_a_number_are_both(self) -> None:
        """Neither takes the other away where they are the same."""
        listed = replace(make_passage("2 of 3"), facts=(Fact(("ways",), ("a", "b", "c")),))
        dated = replace(make_passage("1 of 2", date="2026-03"), facts=listed.facts)

        for passage in (listed, dated):
            assert find_unsupported("2 and 3 and 4", Evidence([passage])) == ["4"]

    def test_of_members_of_a_group_are_how_many_of_them_were_given(self) -> None:
        members = [replace(make_passage(name), parent="made#all") for name in ("a", "b", "c")]
        others = [make_passage(name) for name in ("d", "e")]

        assert find_unsupported("3 campuses", Evidence([*members, *others])) == []
        assert find_unsupported("2 or 5 campuses", Evidence([*members, *others])) == ["2", "5"]


class TestWhatWasAsked:
    def test_supports_only_itself(self) -> None:
        evidence = Evidence([make_passage("It costs 50 baht.")], ["I am 17", "and have 60 baht"])

        assert find_unsupported("50, 17, 60 baht, 18", evidence) == ["18"]
        assert find_unsupported("17, 60 baht, 19, 50 baht", evidence) == ["19"]

    def test_supports_nothing_where_nothing_was_asked(self) -> None:
        assert find_unsupported("17", Evidence([make_passage("Nothing.")])) == ["17"]
        assert find_unsupported("17", Evidence([])) == ["17"]


class TestListsOfAnAnswer:
    @pytest.mark.parametrize(("listed", "named"), [(2, "2"), (3, "3"), (50, "50"), (3, "three")])
    def test_support_the_number_of_their_items(self, listed: int, named: str) -> None:
        assert find_unsupported(f"{named} ways:\n{listing(listed)}", Evidence([])) == []

    @pytest.mark.parametrize(
        ("listed", "named"), [(3, "2"), (2, "3"), (3, "4"), (51, "51"), (1, "01"), (0, "0")]
    )
    def test_support_no_other_number(self, listed: int, named: str) -> None:
        assert find_unsupported(f"{named} ways:\n{listing(listed)}", Evidence([])) == [named]

    def test_support_no_amounts(self) -> None:
        answer = f"3 ways for 3 baht:\n{listing(3)}"

        assert find_unsupported(answer, Evidence([])) == ["3"]


class TestNames:
    @pytest.mark.parametrize(
        ("answer", "named"),
        [
            # The unit is named only where it is what is wrong.
            ("It costs 50 USD now", "50 USD"),
            ("It costs USD 50 now", "USD 50"),
            ("It costs 51 USD now", "51"),
            ("It is 50% now", "50%"),
            ("It is 51% now", "51"),
            ("It is ร้อยละ 50 now", "ร้อยละ 50"),
            ("It costs **51** baht", "51"),
            ("It costs 5\u200b1 baht", "51"),
            ("It costs ๕๑ บาท", "๕๑"),
            ("It costs 51K.", "51K"),
        ],
    )
    def test_a_figure_is_named_as_it_is_written(self, answer: str, named: str) -> None:
        assert find_unsupported(answer, Evidence([make_passage("It costs 50 baht.")])) == [named]

    def test_figures_of_all_kinds_stand_in_the_order_of_the_answer(self) -> None:
        answer = "77, two hundred, 8:45, A9, 2 May 2020, 02-719-1919, au.edu, a@au.edu, 78, 77"

        assert find_unsupported(answer, Evidence([])) == answer.split(", ")[:-1]


def _answer(passage: Passage) -> str:
    return f"See {passage.source.url}." if passage.source.url else "It takes 77 days."
