"""Tests of `backend/services/knowledge/entries.py`."""

from datetime import date
from typing import Any

import pytest

from backend.schemas.knowledge import KnowledgeEntry
from backend.services.knowledge.entries import (
    body_of,
    has_entries,
    last_day,
    read_entry,
    to_passage,
)
from backend.services.knowledge.passage import Confidence, Passage, Source

GATE: dict[str, Any] = {"id": "gate", "title": "Gate", "text": "Opens at nine."}


def entry(**changes: Any) -> KnowledgeEntry:
    return KnowledgeEntry.model_validate({**GATE, **changes})


def passage(**changes: Any) -> Passage:
    return to_passage(entry(**changes), category="au_gates", file="au_gates.json")


@pytest.mark.parametrize(
    ("document", "holds"),
    [
        ({"entries": []}, True),
        ({"entries": [GATE], "about": 1}, True),
        ({"entries": {}}, False),
        ({"gate": []}, False),
        ([], False),
        ("entries", False),
    ],
)
def test_a_file_of_entries_has_a_list_of_them(document: Any, holds: bool) -> None:
    assert has_entries(document) is holds


class TestReadEntry:
    def test_is_the_entry_when_nothing_is_wrong(self) -> None:
        assert read_entry(GATE) == entry()

    @pytest.mark.parametrize(
        ("raw", "told"),
        [
            (7, "is not an object"),
            ([GATE], "is not an object"),
            ({**GATE, "id": "a b"}, "id: String should match pattern"),
            ({**GATE, "aliases": ["a", ""]}, "aliases.1: String should have at least 1 character"),
            ({**GATE, "text": ""}, "Value error, needs a text or facts"),
            ({"title": ""}, "id: Field required"),
        ],
    )
    def test_is_the_first_thing_that_is_wrong(self, raw: Any, told: str) -> None:
        found = read_entry(raw)

        assert isinstance(found, str)
        assert found.startswith(told)
        assert "\n" not in found

    def test_tells_of_what_is_nested_beyond_reading(self) -> None:
        facts: Any = 1
        for _ in range(2_000):
            facts = [facts]

        assert isinstance(read_entry({**GATE, "facts": {"a": facts}}), str)


class TestToPassage:
    def test_takes_what_is_given(self) -> None:
        found = passage(aliases=["a\nb"], tags=["x"], lang="th", confidence="low", priority=2.0)

        assert (found.id, found.category, found.fact_id) == ("au_gates#gate", "au_gates", "gate")
        assert (found.title, found.text) == ("Gate", "Gate: Opens at nine.")
        assert found.breadcrumb == ("au gates", "Gate")
        assert (found.aliases, found.tags, found.concepts) == (("a b",), ("x",), ())
        assert (found.language, found.confidence) == ("th", Confidence.LOW)
        assert (found.core, found.priority) == (False, 2.0)
        assert found.raw == {**GATE, "aliases": ["a\nb"], "tags": ["x"], "lang": "th"} | {
            "confidence": "low",
            "priority": 2.0,
        }

    def test_leaves_at_its_default_what_is_not(self) -> None:
        found = passage()

        assert (found.note, found.valid_until, found.confidence) == (None, None, Confidence.HIGH)
        assert found.raw == GATE

    @pytest.mark.parametrize(
        ("changes", "source"),
        [
            ({}, Source("au gates", None, "au_gates.json")),
            ({"source": "https://au.edu/x"}, Source("https://au.edu/x", "https://au.edu/x")),
            ({"source": "http://au.edu"}, Source("http://au.edu", "http://au.edu")),
            ({"source": "A leaflet"}, Source("A leaflet", None, "au_gates.json")),
            ({"source": "ftp://au.edu"}, Source("ftp://au.edu", None, "au_gates.json")),
            (
                {"source": "https://au.edu", "source_title": "A\npage", "as_of": "2024"},
                Source("A page", "https://au.edu", None, "2024"),
            ),
            ({"source_title": "A page"}, Source("A page", None, "au_gates.json")),
        ],
    )
    def test_names_a_page_or_the_file(self, changes: dict[str, Any], source: Source) -> None:
        assert passage(**changes).source == source

    @pytest.mark.parametrize(("note", "told"), [("Old\npage", "Old page"), ("", None)])
    def test_keeps_a_note_in_one_line(self, note: str, told: str | None) -> None:
        assert passage(note=note).note == told

    @pytest.mark.parametrize(
        ("written", "day"), [("2026", date(2026, 12, 31)), (None, None), ("2026-02-30", None)]
    )
    def test_holds_until_the_last_day(self, written: str | None, day: date | None) -> None:
        assert passage(valid_until=written).valid_until == day


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024", date(2024, 12, 31)),
        ("2024-01", date(2024, 1, 31)),
        ("2024-02", date(2024, 2, 29)),
        ("2026-02", date(2026, 2, 28)),
        ("2026-12", date(2026, 12, 31)),
        ("2026-12-01", date(2026, 12, 1)),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-02-29", None),
        ("0000", None),
    ],
)
def test_the_last_day_of_a_year_a_month_or_a_day(written: str, day: date | None) -> None:
    assert last_day(written) == day


@pytest.mark.parametrize(
    ("facts", "body"),
    [
        ({"fee_thb": 12000}, "fee 12,000 THB"),
        ({"a": 1, "b": "two", "c": True}, "a 1; b two; c yes"),
        ({"a": None, "b": 1}, "b 1"),
        ({"a": [1, "two", 3.5]}, "a 1, two, 3.5"),
        ({"a": [None, {"b": 1}, 2]}, "a 2"),
        ({"a": [], "b": [None], "c": {}, "d": 1}, "d 1"),
        ({"a": {"b": {"c": 1}, "d": 2}, "e": 3}, "a b: c 1; a: d 2; e 3"),
        ({"fees": {"late_thb": 500}}, "fees: late 500 THB"),
    ],
)
def test_facts_stand_in_for_a_text(facts: dict[str, Any], body: str) -> None:
    assert body_of(entry(text="", facts=facts)) == body
    assert body_of(entry(facts=facts)) == "Opens at nine."
