"""Entries of a large file: what is read of each, and what is told of those that are wrong."""

import json
from datetime import date
from typing import Any

import pytest

from backend.services.knowledge.sheets import SheetReader


def entry(name: str, **values: Any) -> dict[str, Any]:
    return {"id": name, "title": "Title", "text": "Text.", **values}


class TestSheetReader:
    def test_keeps_what_an_entry_is_found_by_and_what_it_was(self) -> None:
        raw = entry(
            "a", title="A\ntitle", aliases=["one\ttwo"], tags=["tag"], valid_until="2026-02"
        )
        plain, full = SheetReader("crumb", None).read([entry("b"), raw], 0)

        assert (full.fact_id, full.title, full.body) == ("a", "A title", "Text.")
        assert (full.aliases, full.tags) == (("one two",), ("tag",))
        assert full.valid_until == date(2026, 2, 28).toordinal()
        assert json.loads(full.content)["id"] == "a"
        assert json.loads(plain.content) == entry("b")
        assert (plain.valid_until, plain.worth) == (0, 1.0)

    @pytest.mark.parametrize(
        ("values", "least", "most"),
        [
            ({"priority": 2.0}, 2.0, 2.0),
            ({"confidence": "low"}, 0.5, 0.99),
            ({"confidence": "medium"}, 1.0, 1.0),
        ],
    )
    def test_weighs_what_is_sure_and_important(
        self, values: dict[str, Any], least: float, most: float
    ) -> None:
        (sheet,) = SheetReader("crumb", None).read([entry("a", **values)], 0)

        assert least <= sheet.worth <= most

    def test_tells_which_entries_are_wrong_and_reads_all_others(self) -> None:
        names = [f"e{number}" for number in range(450)]
        raw: list[Any] = [entry(name) for name in names]
        raw[10], raw[205], raw[449] = 7, {"title": "No id"}, entry("e449", colour="red")
        reader = SheetReader("crumb", None)

        read = [sheet.fact_id for sheet in reader.read(raw, 1_000)]

        assert read == [name for name in names if name not in ("e10", "e205", "e449")]
        places = [place for _, place in reader.problems]
        assert places == ["entry 1010", "entry 1205", "entry e449"]

    def test_reads_an_id_once_over_all_that_it_reads(self) -> None:
        reader = SheetReader("crumb", None)

        first = [sheet.fact_id for sheet in reader.read([entry("a"), entry("b")], 0)]
        second = [sheet.fact_id for sheet in reader.read([entry(" a "), entry("c")], 2)]

        assert (first, second) == (["a", "b"], ["c"])
        assert reader.problems == [("this id came before in the file", "entry  a ")]

    def test_tells_of_a_text_that_is_cut(self) -> None:
        reader = SheetReader("crumb", None)
        raw = [entry("long", text="word " * 400), entry("short")]

        assert [sheet.fact_id for sheet in reader.read(raw, 0)] == ["long", "short"]
        assert [place for _, place in reader.problems] == ["long"]

    def test_does_not_tell_a_name_without_end(self) -> None:
        reader = SheetReader("crumb", None)

        assert list(reader.read([entry("x" * 500)], 0)) == []
        place = reader.problems[0][1]
        assert place is not None
        assert place == f"entry {'x' * 114}"

    @pytest.mark.parametrize(
        ("entries", "repeats"),
        [
            ([entry("a"), entry("b")], False),
            ([entry("a"), entry("a")], True),
            ([entry("a"), entry(" a")], True),
            ([entry("1"), {"id": 1}], True),
            ([7, entry("a")], False),
            ([], False),
        ],
    )
    def test_sees_that_ids_may_come_twice(self, entries: list[Any], repeats: bool) -> None:
        assert SheetReader("crumb", None).repeats(entries) is repeats
