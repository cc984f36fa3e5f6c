import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend.services.knowledge.entries import last_day
from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import TODAY, MakeService

GOOD = {"campuses": [{"name": "Hua Mak Campus", "phone": "+66 2 719 1919"}]}


def entry(**values: Any) -> dict[str, Any]:
    return {"id": "a.b", "title": "Title", "text": "Text.", **values}


def problems(service: KnowledgeService) -> list[str]:
    return [str(problem) for problem in service.status().problems]


class TestBrokenFiles:
    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ('{"a": 1,\n "b": }', "bad.json: line 2, column 7: Expecting value"),
            ("", "bad.json: line 1, column 1: Expecting value"),
            (b"\xff\xfe{}", "bad.json: byte 0: is not UTF-8"),
            ('{"a": NaN}', "bad.json: holds NaN, which is not JSON"),
            ('{"a": -Infinity}', "bad.json: holds -Infinity, which is not JSON"),
            ('{"a": "\\ud800"}', "bad.json: holds half of a surrogate pair"),
            ("[" * 100_000, "bad.json: is nested too deeply"),
            (f'{{"a": {"9" * 5_000}}}', "bad.json: holds a number of too many digits"),
            ('{"a": [-1e999]}', "bad.json: holds a number beyond all bounds"),
            ("null", "bad.json: holds one value instead of facts"),
            ('"tuition"', "bad.json: holds one value instead of facts"),
        ],
    )
    def test_are_told_and_the_rest_is_used(
        self, make_service: MakeService, content: str | bytes, told: str
    ) -> None:
        service = make_service(good=GOOD, bad=content)

        assert [problem.startswith(told) for problem in problems(service)] == [True]
        assert service.status().ok
        assert [category.name for category in service.get_categories()] == ["good"]

    def test_a_folder_that_is_not_there_is_told(self, tmp_path: Path) -> None:
        service = KnowledgeService(tmp_path / "none", token_budget=1_500)

        assert not service.status().ok
        assert "cannot be read" in problems(service)[0]
        assert service.get_context("tuition").text == ""

    def test_a_folder_in_place_of_a_file_is_told(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        (tmp_path / "folder.json").mkdir()

        assert problems(make_service(good=GOOD)) == ["folder.json: is not a plain file"]

    def test_a_link_to_nowhere_is_told(self, make_service: MakeService, tmp_path: Path) -> None:
        (tmp_path / "link.json").symlink_to(tmp_path / "gone")

        assert "link.json: cannot be read" in problems(make_service(good=GOOD))[0]

    @pytest.mark.parametrize("name", ["search", "reload", "gaps", "preview", "not a name", "ก"])
    def test_a_name_that_no_route_can_ask_for_is_told(
        self, make_service: MakeService, name: str
    ) -> None:
        service = make_service(good=GOOD, **{name: GOOD})

        assert "cannot be a category" in problems(service)[0]
        assert len(service.get_categories()) == 1

    def test_parts_that_lie_too_deep_are_told(self, make_service: MakeService) -> None:
        document: Any = 1
        for _ in range(200):
            document = [document, "x"]

        assert "deeper than 64 levels" in problems(make_service(deep=document))[0]

    def test_a_text_that_is_cut_is_told(self, make_service: MakeService) -> None:
        service = make_service(long={"a": {"text": "word " * 1_000}})

        assert problems(service) == ["long.json: ~: text is cut: split it into several"]


class TestOwnersFiles:
    def test_that_open_with_the_same_words_tell_them_once(self, make_service: MakeService) -> None:
        name = {"university": "AU"}
        service = make_service(
            a={**name, "halls": [{"name": "Old hall", "opens": 8}]},
            b={**name, "gates": [{"name": "Old gate", "opens": 7}]},
            c={**name, "motto": "Labor", "lifts": [{"name": "Old lift", "opens": 6}]},
        )

        assert [passage.text for passage in service.library.passages] == [
            "university AU",
            "halls: Old hall; opens 8",
            "gates: Old gate; opens 7",
            "university AU; motto Labor",
            "lifts: Old lift; opens 6",
        ]


class TestEntries:
    def test_become_passages_with_all_that_is_known(self, make_service: MakeService) -> None:
        raw = entry(
            aliases=["ask"],
            source="https://au.edu/page",
            source_title="A page",
            as_of="2024-11",
            confidence="low",
            note="Old.",
            valid_until="2027",
        )

        (passage,) = make_service(new={"entries": [raw]}).get_category("new").passages

        assert passage.id == "new#a.b"
        assert passage.text == "Title: Text."
        assert passage.source.url == "https://au.edu/page"
        assert passage.source.date == "2024-11"
        assert passage.valid_until == date(2027, 12, 31)
        assert passage.doubtful
        assert not passage.core

    @pytest.mark.parametrize(
        ("raw", "told"),
        [
            (entry(id="bad id"), "entry bad id: id: String should match"),
            (entry(title=""), "entry a.b: title: String should have at least 1"),
            (entry(text=""), "entry a.b: Value error, needs a text or facts"),
            (entry(as_of="last year"), "entry a.b: as_of: String should match"),
            (entry(confidence="sure"), "entry a.b: confidence: Input should be"),
            (entry(colour="red"), "entry a.b: colour: Extra inputs"),
            ("words", "entry 1: is not an object"),
            (entry(id="good"), "entry good: this id came before in the file"),
        ],
    )
    def test_that_are_wrong_are_told_and_the_others_used(
        self, make_service: MakeService, raw: Any, told: str
    ) -> None:
        service = make_service(new={"entries": [entry(id="good"), raw]})

        assert [told in problem for problem in problems(service)] == [True]
        assert len(service.get_category("new").passages) == 1

    def test_facts_stand_in_for_a_text(self, make_service: MakeService) -> None:
        facts = {"fee_thb": 1500, "days": ["Monday", 2], "more": {"open": True, "none": None}}

        (passage,) = (
            make_service(e={"entries": [entry(text="", facts=facts)]}).get_category("e").passages
        )

        assert passage.body == "fee 1,500 THB; days Monday, 2; more: open yes"

    @pytest.mark.parametrize(
        ("written", "day"),
        [
            ("2026", date(2026, 12, 31)),
            ("2026-02", date(2026, 2, 28)),
            ("2026-11-22", TODAY),
            ("2026-02-30", None),
        ],
    )
    def test_hold_until_the_last_day_of_what_is_written(
        self, written: str, day: date | None
    ) -> None:
        assert last_day(written) == day


class TestExpiry:
    @pytest.mark.parametrize("budget", [1_500, 60])  # all is sent, or what was asked for
    def test_a_fact_past_its_date_is_not_used(self, make_service: MakeService, budget: int) -> None:
        yesterday = entry(id="old", text="The gate opens at nine.", valid_until="2026-11-21")
        today = entry(id="new", text="The gate opens at eight.", valid_until="2026-11-22")
        others = [entry(id=f"r{n}", title=f"Room {n}", text=f"{n} is dry.") for n in range(9)]
        service = make_service(budget, e={"entries": [yesterday, today, *others]})

        context = service.get_context("when does the gate open")

        used = [passage.fact_id for passage in context.passages]
        assert used[0] == "new"
        assert "old" not in used
        assert service.status().expired == 1
        assert service.get_fact("e", "old").text


class TestLexiconAndSideFile:
    def test_another_folder_leans_on_the_shipped_ones(self, make_service: MakeService) -> None:
        service = make_service(60, x={"phone_book": {"gate": {"phone": "123 456"}, "b": {"c": 1}}})

        assert "123 456" in service.get_context("เบอร์โทรศัพท์").text

    def test_a_folder_can_add_to_them(self, make_service: MakeService) -> None:
        facts = [{"text": "Moves on two wheels"}, {"text": "Something else entirely"}]
        service = make_service(30, x=facts, lexicon={"bicycle": ["two wheels", "จักรยานยนต์ไฟฟ้า"]})

        context = service.get_context("จักรยานยนต์ไฟฟ้า")

        assert context.passages[0].fact_id == "0"

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("lexicon", "{"),
            ("lexicon", []),
            ("lexicon", {"a": 5}),
            ("lexicon", {"a": {"en": "word", "broader": ["none"]}}),
            ("legacy", "{"),
            ("legacy", []),
            ("legacy", {"labels": {"a": {"en": "A"}}, "paths": 5, "unknown": {}}),
            ("legacy", {"overruled": {"a": 5}, "sources": {"a": "b"}}),
        ],
    )
    def test_broken_ones_are_told_and_do_no_harm(
        self, make_service: MakeService, name: str, content: Any
    ) -> None:
        service = make_service(good=GOOD, **{name: content})

        assert problems(service)
        assert all(problem.startswith(f"{name}.json") for problem in problems(service))
        assert "719 1919" in service.get_context("phone of Hua Mak").text

    def test_the_shipped_ones_are_sound(self, shipped: KnowledgeService) -> None:
        assert problems(shipped) == []


class TestShippedFiles:
    def test_the_official_entries_stand_as_they_are(self, shipped: KnowledgeService) -> None:
        entries = [
            passage
            for category in shipped.get_categories()
            if category.form == "entries"
            for passage in category.passages
        ]

        assert len(entries) == 150
        assert all(passage.source.url for passage in entries)

    def test_the_same_top_line_is_told_once(self, owners: KnowledgeService) -> None:
        tops = [
            passage.id
            for category in owners.get_categories()
            for passage in category.passages
            if not passage.breadcrumb
        ]

        assert tops == ["au_contacts#"]

    def test_are_json_that_stays_as_it_is_when_read(self) -> None:
        folder = Path(__file__).parents[3] / "data"

        assert all(json.loads(path.read_text("utf-8")) for path in folder.glob("*.json"))
