"""What the side file says of the owner's files, and what is wrong with it."""

from dataclasses import replace
from typing import Any, Final

import pytest

from backend.services.knowledge.passage import Passage, Source
from backend.services.knowledge.sidefile import SideFile, sidefile_problems

DOCUMENT: Final[dict[str, Any]] = {
    "sources": {
        "au_fees": {"title": "Fees", "url": "https://au.edu/fees", "date": "2025"},
        "au_odd": {"title": "", "url": 5},
        "au_broken": "words",
    },
    "paths": {
        "au_fees#/mba": {"date": "2026", "aliases": ["MBA", 5], "concepts": ["mba"]},
        "au_fees#/bba": {"aliases": "BBA"},
    },
    "labels": {"fee": {"en": "fee", "th": "ค่าเทอม"}},
    "units": {"THB": {"en": "baht"}},
    "overruled": {"fees.mba": "au_fees#/mba", "odd": 5},
}
SIDE: Final = SideFile.read(DOCUMENT)
SOURCE: Final = Source("Fees", date="2024")


def passage(identifier: str) -> Passage:
    return Passage(
        identifier, "au_fees", "fees.mba", "T", "B", SOURCE, None, aliases=("x",), concepts=("y",)
    )


class TestReading:
    @pytest.mark.parametrize(
        ("category", "title", "source"),
        [
            ("au_fees", "Fees", Source("Fees", "https://au.edu/fees", "f.json", "2025")),
            ("au_odd", None, Source("f.json", None, "f.json", None)),
            ("au_broken", None, Source("f.json", None, "f.json", None)),
            ("none", None, Source("f.json", None, "f.json", None)),
        ],
    )
    def test_names_where_a_category_comes_from(
        self, category: str, title: str | None, source: Source
    ) -> None:
        assert SIDE.title(category) == title
        assert SIDE.source(category, "f.json") == source

    def test_completes_the_passage_at_a_place(self) -> None:
        mba, bba = SIDE.complete(passage("au_fees#/mba")), SIDE.complete(passage("au_fees#/bba"))

        assert mba.source == replace(SOURCE, date="2026")
        assert mba.aliases == ("x", "MBA")
        assert mba.concepts == ("y", "mba")
        assert bba == passage("au_fees#/bba")
        assert bba.source == SOURCE
        assert bba.aliases == ("x",)
        assert SIDE.complete(passage("au_fees#/other")).aliases == ("x",)

    def test_marks_the_entry_that_the_owner_contradicts(self) -> None:
        entry = passage("more#fees.mba")

        assert SIDE.complete_entry(entry).overruled_by == "au_fees#/mba"
        assert SIDE.complete_entry(replace(entry, fact_id="odd")).overruled_by is None
        assert SIDE.complete_entry(replace(entry, fact_id="none")).overruled_by is None

    def test_names_keys_and_units(self) -> None:
        assert [SIDE.label("fee", language) for language in ("en", "th", "zh")] == [
            "fee",
            "ค่าเทอม",
            None,
        ]
        assert SIDE.unit("THB", "en") == "baht"
        assert SIDE.unit("USD", "en") is None
        assert SIDE.label("THB", "en") is None

    @pytest.mark.parametrize(
        "document",
        [None, [], 5, {}, {"overruled": 5, "paths": []}, {"overruled": None, "sources": "a"}],
    )
    def test_of_another_shape_says_nothing(self, document: object) -> None:
        assert SideFile.read(document) == SideFile()


ALL: Final = {"en": "a", "th": "b", "zh": "c", "my": "d"}


class TestProblems:
    @pytest.mark.parametrize(
        ("document", "problems"),
        [
            ({}, []),
            ({"labels": {"fee": ALL}, "units": {"THB": {}}, "overruled": {"a": "b"}}, []),
            ([], ["must be an object"]),
            (None, ["must be an object"]),
            ({"x": 1, "y": 2}, ["x: there is no such part", "y: there is no such part"]),
            ({"paths": 5}, ["paths: must be an object"]),
            ({"paths": {"a": 5, "b": {}}}, ["paths.a: must be an object"]),
            ({"overruled": {"a": 5, "b": "c"}}, ["overruled.a: must be a text"]),
            ({"labels": {"a": {**ALL, "th": "", "my": 5}}}, ["labels.a: no name in th, my"]),
            ({"labels": {"a": "x"}}, ["labels.a: must be an object"]),
            ({"labels": 5, "units": 5}, ["labels: must be an object", "units: must be an object"]),
            (
                {"sources": 5, "overruled": {"b": {}}},
                ["sources: must be an object", "overruled.b: must be a text"],
            ),
        ],
    )
    def test_are_told_one_by_one(self, document: object, problems: list[str]) -> None:
        assert list(sidefile_problems(document)) == problems
