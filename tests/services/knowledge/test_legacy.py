from typing import Any

import pytest

from backend.services.knowledge.legacy import dotted, is_too_deep, pointer, read_nested
from backend.services.knowledge.passage import Fact, Passage, Source, Span


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

    @pytest.mark.parametrize(
        ("beside", "together"),
        [
            ({}, True),
            ({f"p{n}": n for n in range(7)}, True),
            ({f"p{n}": n for n in range(8)}, False),
            ({"names": ["Law", "Tax"]}, True),
            ({"members": [{"n": 1}]}, False),
            ({"other": {"c": 1}}, True),
            ({"other": {"name": "Card", "c": 1}}, False),
            ({"other": {"c": None}}, False),
            ({"other": {"c": {"d": 1}}}, False),
            ({"range": {"min": 1, "max": 2}}, True),
            ({"range": {"min": 1, "max": True}}, True),
            ({"range": {"min": 1, "most": [2]}}, False),
        ],
    )
    def test_tell_groups_with_them_that_are_small_flat_nameless_and_alone(
        self, beside: dict[str, Any], together: bool
    ) -> None:
        found = read({"x": {"plain": 1, "group": {"a": 1, "b": 2}, **beside}})

        assert ("x.group" not in found) is together
        assert ("group: a 1, b 2" in found["x"].body) is together

    def test_tell_what_they_hold_in_the_order_of_the_file(self) -> None:
        document = {"b": {"z": {"name": "Z", "n": 1}, "y": [{"n": 2}]}, "a": {"x": 3}}

        assert list(read(document)) == ["b.z", "b.y.0", "a"]

    def test_say_what_each_fact_is(self) -> None:
        more = {"min": 1, "max": 2.5}
        (found,) = read({"fees_thb": {"year": 5, "more": more, "card": {"days": 3}}}).values()

        assert found.facts == (
            Fact(("year",), 5, "THB"),
            Fact(("more",), Span(1, 2.5), "THB"),
            Fact(("card", "days"), 3, "THB"),
        )
        assert found.raw == {"year": 5, "more": more, "card": {"days": 3}}
        assert found.breadcrumb == ("fees thb",)

    @pytest.mark.parametrize(
        ("document", "fact_id", "title"),
        [
            ({"some_key": {"n": 1}, "of": [{"n": 2}, {}]}, "some_key", "some key"),
            ({"n": 1}, "~", "cat"),
            ({"of": [{"n": 1}]}, "of.0", "of"),
            ([{"question": "Why?", "heading": "H", "n": 1}], "0", "H"),
            ([{"title": "T", "name": " "}], "0", "T"),
            ([{"label": "L\n", "name": 7}], "0", "L"),
        ],
    )
    def test_are_called_by_their_name_or_else_their_key(
        self, document: Any, fact_id: str, title: str
    ) -> None:
        assert read(document)[fact_id].title == title

    def test_know_what_they_stand_in(self) -> None:
        found = read([{"name": "A", "parts": [{"name": "B"}, {"name": "C"}]}, 5])

        assert {one.id: one.parent for one in found.values()} == {
            "cat#/0": "cat#",
            "cat#/0/parts": "cat#/0",
            "cat#/0/parts/0": "cat#/0/parts",
            "cat#/0/parts/1": "cat#/0/parts",
            "cat#/1": "cat#",
        }
        assert read({"n": 1})["~"].parent is None

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

    @pytest.mark.parametrize(
        ("members", "apart"),
        [
            (["Open on weekdays", "Law"], False),
            (["Opens every weekday", "Law"], True),
            (["Opens every weekday", "Law", "Tax"], False),
            (["Opens every weekday", 1, 2, 3], True),
            (["Teaching Conducted Here"], False),
            (["teaching Conducted here"], False),
            (["x" * 81], True),
            (["X" * 80], False),
            ([1, 2], False),
            (["Law", ["Tax"]], True),
            (["Law", {}], True),
            ([" ", None], True),
        ],
    )
    def test_are_sentences_when_half_of_the_texts_are(
        self, members: list[Any], apart: bool
    ) -> None:
        assert ("notes" not in read({"notes": members})) is apart
        assert ("notes" not in read({"name": "X", "notes": members})) is True
        told = read({"name": "X", "notes": members})["~"].body
        assert ("; notes " in told) is not apart

    def test_of_one_member_are_not_counted(self) -> None:
        assert texts({"a": ["Law"], "b": [{"name": "Tax"}], "c": [{"name": "X"}, {"n": 1}]}) == [
            "a: Law",
            "b: Tax",
            "c: X",
            "c: n 1",
        ]
        assert texts({"a": ["Law", None, 5]}) == ["a: 2 in all: Law, 5"]

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

    @pytest.mark.parametrize("kind", ["objects", "named", "lists"])
    def test_what_is_not_read_for_its_depth_is_told(self, kind: str) -> None:
        read_until = []
        for levels in range(50, 75):
            document: Any = {"objects": {"end": 1}, "named": {"name": "N"}, "lists": [1]}[kind]
            for _ in range(levels):
                document = [document] if kind == "lists" else {"k": document}
            if read(document):
                read_until.append(levels)
            else:
                assert is_too_deep(document)
            assert levels > 62 or not is_too_deep(document)

        assert read_until[0] == 50
        assert 62 < read_until[-1] < 70

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
