from typing import Any

import pytest

from backend.services.knowledge.legacy import dotted, pointer, read_nested
from backend.services.knowledge.passage import Passage, Source


def read(document: Any) -> dict[str, Passage]:
    return {found.fact_id: found for found in read_nested("cat", document, Source("cat.json"))}


def texts(document: Any) -> list[str]:
    return [found.text for found in read(document).values()]


class TestObjects:
    def test_are_one_passage_with_their_breadcrumb(self) -> None:
        found = read({"a_b": {"c": {"name": "X", "phone": "+66 2"}}})

        assert found["a_b.c"].text == "a b > c: X; phone +66 2"
        assert found["a_b.c"].id == "cat#/a_b/c"
        assert found["a_b.c"].title == "X"

    def test_tell_their_small_groups_with_them(self) -> None:
        fees = {"range": {"min": 112000, "max": 350000}, "more": {"entry_fee": 23500, "card": 50}}

        assert texts({"fees_thb": {"thai": fees}}) == [
            "fees thb > thai: range 112,000-350,000 THB; more: entry fee 23,500 THB, card 50 THB"
        ]

    @pytest.mark.parametrize("nothing", [[], {}, None, "", " "])
    def test_are_told_as_if_what_holds_nothing_were_not_there(self, nothing: object) -> None:
        fees = {"year": 112000, "more": {"entry_fee": 23500, "card": 50}}

        assert texts({"fees_thb": {**fees, "remarks": nothing}}) == texts({"fees_thb": fees})

    def test_leave_larger_groups_to_passages_of_their_own(self) -> None:
        groups = {name: {f"k{n}": n for n in range(6)} for name in ("first", "second")}

        assert set(read(groups)) == {"first", "second"}

    def test_keep_short_lists_beside_their_names(self) -> None:
        assert texts({"name": "School of Law", "programs": ["Law", "Tax"]}) == [
            "School of Law; programs Law, Tax"
        ]

    def test_that_hold_nothing_make_no_passage(self) -> None:
        assert texts({"a": {}, "b": [], "c": None, "d": "", "e": " \n", "f": {"g": None}}) == []


class TestLists:
    def test_of_named_objects_are_counted_and_read_one_by_one(self) -> None:
        found = read({"schools": [{"name": "Arts"}, {"name": "Law"}]})

        assert found["schools"].text == "schools: 2 in all: Arts, Law"
        assert found["schools.1"].text == "schools: Law"

    def test_of_names_are_one_counted_passage(self) -> None:
        assert texts({"master": ["School of Law", "School of Biotechnology"]}) == [
            "master: 2 in all: School of Law, School of Biotechnology"
        ]

    def test_of_sentences_are_read_one_by_one(self) -> None:
        notes = ["Teaching conducted in English is a hallmark", "Opened without any students"]

        assert set(read({"notes": notes})) == {"notes.0", "notes.1"}

    def test_of_everything_are_read_whatever_they_hold(self) -> None:
        found = read([1, "two", [3, [4.5]], {"five": True}, None])

        assert {fact_id: passage.body for fact_id, passage in found.items()} == {
            "0": "1",
            "1": "two",
            "2.0": "3",
            "2.1": "4.5",
            "3": "five yes",
        }

    def test_may_hold_the_same_name_twice(self) -> None:
        found = read([{"name": "A", "n": 1}, {"name": "A", "n": 2}])

        assert [found["0"].text, found["1"].text] == ["A; n 1", "A; n 2"]


class TestOddFiles:
    @pytest.mark.parametrize("document", [7, "word", True, 1.5])
    def test_a_scalar_is_a_file_too(self, document: object) -> None:
        assert list(read(document)) == ["~"]

    @pytest.mark.parametrize("document", [None, [], {}, "", [[]], [{}]])
    def test_nothing_is_no_passage(self, document: object) -> None:
        assert read(document) == {}

    def test_nesting_without_end_is_cut(self) -> None:
        document: Any = {"end": 1}
        for _ in range(500):
            document = {"k": document}

        assert read(document) == {}

    def test_a_huge_text_is_cut_at_a_word(self) -> None:
        (text,) = texts({"text": "word " * 10_000})

        assert len(text) <= 1_200
        assert text.endswith("word…")

    def test_control_characters_are_taken_out(self) -> None:
        assert texts({"name": "a\x00b\nc\u2028d"}) == ["a b c d"]


class TestFigures:
    @pytest.mark.parametrize(
        ("document", "text"),
        [
            ({"total_students": 100000}, "total students 100,000"),
            ({"registration_year": 1938}, "registration year 1938"),
            ({"founded_in": 1705, "since": 1901}, "founded in 1705; since 1901"),
            ({"price_usd": 1500}, "price 1,500 USD"),
            ({"duration_months": "18-24"}, "duration 18-24 months"),
            ({"rate_percent": 80}, "rate 80%"),
            ({"room": 12345}, "room 12345"),
            ({"price_thb": 99.5}, "price 99.5 THB"),
            ({"big": 1e400 if False else 1e300}, "big 1e+300"),
            ({"min": 1, "max": "two"}, "min 1; max two"),
        ],
    )
    def test_are_written_as_people_read_them(self, document: object, text: str) -> None:
        assert texts(document) == [text]


class TestAddresses:
    def test_pointers_escape_as_rfc_6901_says(self) -> None:
        assert pointer(("a/b", "c~d", 0)) == "/a~1b/c~0d/0"

    @pytest.mark.parametrize(
        ("path", "address"),
        [
            (("a_b", 0, "c-d"), "a_b.0.c-d"),
            ((), "~"),
            (("a/b",), "a~2fb"),
            (("a.b",), "a~2eb"),
            (("~",), "~7e"),
            (("",), "~~"),
            (("ก",), "~e0~b8~81"),
        ],
    )
    def test_in_urls_need_no_escaping(self, path: tuple[str | int, ...], address: str) -> None:
        assert dotted(path) == address
