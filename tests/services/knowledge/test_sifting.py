"""Tests of `backend/services/knowledge/evidence.py`: what of several answers says it best."""

import pytest

from backend.services.knowledge.passage import Passage
from tests.services.knowledge.judging import entry, fact, judge, listing, scored


class TestSift:
    @pytest.mark.parametrize(
        ("question", "passages", "plainest"),
        [
            (
                "law doctor",
                [fact("Law", "Law doctor"), listing("Doctor", "Music")],
                ["Doctor"],
            ),
            ("library", [fact("Hall", "The library."), fact("Library")], ["Hall", "Library"]),
            ("library", [entry("Hall", "The library."), entry("Library")], ["Library"]),
            ("library", [listing("Halls", "Library"), fact("Library")], ["Library"]),
            ("library", [entry("Hall", "The library.")], ["Hall"]),
            (
                "law music",
                [entry("Law"), entry("Music law"), entry("Music")],
                ["Music law"],
            ),
            (
                "tuition law music",
                [entry("Tuition law"), entry("Tuition music law")],
                ["Tuition law", "Tuition music law"],
            ),
            (
                "apply law",
                [entry("Apply", "Forms."), entry("Apply", "Forms for law.")],
                ["Forms for law."],
            ),
            (
                "how much is the library",
                [entry("Library", "It has 5 doors."), entry("Library", "5 baht.")],
                ["5 baht."],
            ),
            (
                "price of the library",
                [entry("Library", "It has 5 doors."), entry("Library", "5 baht.")],
                ["It has 5 doors.", "5 baht."],
            ),
            (
                "master library",
                [fact("Library", "For all."), fact("Library", "For master.")],
                ["For master."],
            ),
            (
                "bachelor library",
                [fact("Library", "For all."), fact("Library", "For bachelor.")],
                ["For all.", "For bachelor."],
            ),
            ("library", [entry("Library exchange"), entry("Library")], ["Library"]),
            (
                "library exchange",
                [entry("Library exchange"), entry("Library exchange mba")],
                ["Library exchange"],
            ),
            ("library", [entry("Library mba")], ["Library mba"]),
            (
                "library bachelor",
                [entry("Library exchange"), entry("Library")],
                ["Library exchange", "Library"],
            ),
        ],
    )
    def test_keeps_what_says_it_most_plainly(
        self, question: str, passages: list[Passage], plainest: list[str]
    ) -> None:
        sifted = [found.passage for found in judge(question).sift(scored(*passages))]

        assert [one.title if one.title in plainest else one.body for one in sifted] == plainest

    def test_keeps_nothing_of_nothing(self) -> None:
        assert judge("library").sift([]) == []


class TestCompared:
    @pytest.mark.parametrize(
        ("question", "titles", "compared"),
        [
            ("mba master", ["Doctor", "Master", "Mba", "Mba two"], ["Master", "Mba"]),
            ("bachelor doctor", ["Doctor", "Doctor two", "Bachelor"], ["Doctor", "Bachelor"]),
            ("bangna huamak", ["Huamak", "Gate", "Bangna"], ["Huamak", "Bangna"]),
            ("mba", ["Mba", "Master"], []),
            ("mba bangna", ["Mba bangna"], []),
            ("mba master", ["Gate"], []),
            ("mba master", ["Mba master", "Master"], ["Mba master", "Master"]),
        ],
    )
    def test_is_the_best_for_each_of_several(
        self, question: str, titles: list[str], compared: list[str]
    ) -> None:
        found = judge(question).compared(scored(*map(entry, titles)))

        assert sorted(one.passage.title for one in found) == sorted(compared)


class TestIsTaughtAtLevel:
    LISTS = (listing("Master", "Law", "Engineering"), listing("Doctor", "Music"))

    @pytest.mark.parametrize(
        ("question", "title", "taught"),
        [
            ("tuition of law", "Master", True),
            ("tuition of music", "Master", False),
            ("tuition of music", "Doctor", True),
            ("tuition of law or music", "Doctor", True),
            ("tuition of electrical", "Master", True),
            ("tuition of music", "Mba", False),
            ("tuition of music", "Mba music", True),
            ("tuition of law", "Doctor", False),
            ("tuition of law", "Bachelor", True),
            ("tuition of law", "Gate", True),
            ("tuition", "Doctor", True),
            ("law", "Doctor", True),
        ],
    )
    def test_is_told_by_the_lists_for_degrees_after_the_first(
        self, question: str, title: str, taught: bool
    ) -> None:
        assert judge(question).is_taught_at_level(entry(title), self.LISTS) is taught
