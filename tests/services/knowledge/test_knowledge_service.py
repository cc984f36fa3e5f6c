import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Never

import pytest
from structlog.testing import capture_logs

from backend.core.errors import CategoryNotFound, FactNotFound
from backend.core.language import Language
from backend.services.knowledge.edition import Edition
from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import MakeService


def fail(*_arguments: object) -> Never:
    raise MemoryError


class TestLookUp:
    def test_finds_every_fact_under_its_address(self, shipped: KnowledgeService) -> None:
        for category in shipped.get_categories():
            assert shipped.get_category(category.name) is category
            for passage in category.passages:
                assert shipped.get_fact(category.name, passage.fact_id) is passage

    def test_what_is_not_there_is_told(self, shipped: KnowledgeService) -> None:
        with pytest.raises(CategoryNotFound):
            shipped.get_category("none")
        with pytest.raises(CategoryNotFound):
            shipped.get_fact("none", "x")
        with pytest.raises(FactNotFound):
            shipped.get_fact("au_tuitions", "none")


class TestStatus:
    def test_counts(self, shipped: KnowledgeService) -> None:
        status = shipped.status()

        assert status.ok
        assert status.categories == 14
        assert status.facts > 180
        assert status.expired == 3
        assert status.problems == ()

    @pytest.mark.parametrize(
        ("ends", "expired", "is_ok"),
        [
            ([], 0, False),
            (["2026-11-22"], 0, True),
            (["2026-11-21"], 1, False),
            (["2026-11-21", "2026-11-20"], 2, False),
            (["2026-11-21", "2026-11-23"], 1, True),
            (["2026-11-21", "2026-11-20", "2027-01"], 2, True),
        ],
    )
    def test_is_of_use_while_any_fact_holds(
        self, make_service: MakeService, ends: list[str], expired: int, is_ok: bool
    ) -> None:
        entries = [
            {"id": f"e{n}", "title": "Bus", "text": "It leaves.", "valid_until": end}
            for n, end in enumerate(ends)
        ]

        status = make_service(a={"entries": entries}).status()

        assert (status.ok, status.facts, status.expired) == (is_ok, len(ends), expired)


class TestBudget:
    def test_is_the_service_s_own_unless_another_is_given(self, make_service: MakeService) -> None:
        texts = [f"The bus number {n} leaves Hua Mak at {n}:00." for n in range(9)]
        entries = [{"id": f"e{n}", "title": "Bus", "text": text} for n, text in enumerate(texts)]
        service = make_service(60, a={"entries": entries})

        own = service.get_context("bus")
        none, much = [service.get_context("bus", token_budget=budget) for budget in (0, 999)]

        assert len(none.passages) < len(own.passages) < len(much.passages) == 9


class TestEditions:
    def test_an_answer_to_facts_of_no_edition_rests_on_the_present_one(
        self, shipped: KnowledgeService
    ) -> None:
        context = shipped.get_context("How much is the MBA?")
        bare = replace(context, edition=None)

        answer = shipped.compose_answer("How much is the MBA?", bare, Language.ENGLISH)
        told = shipped.compose_answer("How much is the MBA?", context, Language.ENGLISH).text

        assert "+66 2 719 1919" in answer.text
        assert shipped.cite(told, bare) == shipped.cite(told, context) != ()

    def test_what_could_not_be_made_is_made_with_the_next_look(
        self, make_service: MakeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whichever of the versions is the greater: they are told apart, not put in order."""
        service = make_service(a={"entries": []})
        for number in range(9):
            bus = {"id": "bus", "title": "Bus", "text": f"The bus leaves at {number}:30."}
            (tmp_path / "a.json").write_text(json.dumps({"entries": [bus]}))
            with monkeypatch.context() as patch:
                patch.setattr(Edition, "following", fail)
                with pytest.raises(MemoryError):
                    service.reload()

            assert service.reload()
            assert f"{number}:30" in service.get_context("bus").text
            assert not service.reload()

    def test_what_is_wrong_with_a_file_is_logged_once(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        told: list[list[str]] = []
        with capture_logs() as lines:
            service = make_service(a={"entries": []}, b="{")
            told.append([line["file"] for line in lines if "file" in line])
            (tmp_path / "c.json").write_text("{")
            service.reload()
            told.append([line["file"] for line in lines if "file" in line])

        assert told == [["b.json"], ["b.json", "c.json"]]


class TestCheck:
    def test_names_what_staff_should_know(self, shipped: KnowledgeService) -> None:
        findings = [str(finding) for finding in shipped.check()]

        assert any("exchange.inbound.deadlines: held until 2026-08-15" in line for line in findings)
        assert any("insurance.health: contradicts au_tuitions#" in line for line in findings)
        assert not any(line.startswith("error") for line in findings)

    def test_names_errors_first_and_ids_that_stand_twice(self, make_service: MakeService) -> None:
        one = {"id": "x", "title": "X", "text": "One.", "facts": {"a": 1}}
        service = make_service(
            a={"entries": [one]}, b={"entries": [{**one, "facts": {"a": 2}}]}, c="{", au_contacts={}
        )

        findings = [str(finding) for finding in service.check()]

        assert findings[0].startswith("error: c.json")
        assert "warning: b.json: x: the same id says otherwise in a.json" in findings
        assert any(
            "legacy.json: au_contacts#/campuses: there is no such place" in f for f in findings
        )

    def test_names_the_aliases_of_more_than_one_concept_alone(
        self, make_service: MakeService
    ) -> None:
        lexicon = {"wheels": ["bukar", "zimbo"], "boat": ["bukar", "quondam"]}
        service = make_service(a={"gate": {"opens": 9}}, lexicon=lexicon)

        findings = "\n".join(str(finding) for finding in service.check())

        assert "'bukar' names boat and wheels" in findings
        assert "'zimbo'" not in findings
        assert "'quondam'" not in findings

    def test_names_concepts_of_the_side_file_that_there_are_none_of(
        self, make_service: MakeService
    ) -> None:
        known = {"concepts": ["tuition", "zeppelin"]}
        service = make_service(a={"gate": {"opens": 9}}, legacy={"paths": {"a#/gate": known}})

        findings = [str(finding) for finding in service.check()]

        assert "warning: legacy.json: a#/gate: there is no concept 'zeppelin'" in findings
        assert not any("'tuition'" in finding for finding in findings)


class TestWords:
    @pytest.mark.parametrize(
        ("asked", "found"), [("dormitory", ["a", "b"]), ("Is there a hostel?", ["b", "a"])]
    )
    def test_that_a_passage_says_itself_count_more_than_what_means_the_same(
        self, make_service: MakeService, asked: str, found: list[str]
    ) -> None:
        entries = [
            {"id": "a", "title": "Note", "text": "The dormitory is open on weekdays."},
            {"id": "b", "title": "Note", "text": "The hostel is open on weekdays."},
        ]

        context = make_service(notes={"entries": entries}).get_context(asked)

        assert [match.passage.fact_id for match in context.matches] == found

    @pytest.mark.parametrize("word", ["Общежитие", "기숙사", "かな", "סטודנט"])
    def test_of_any_script_are_found_as_they_are_written(
        self, make_service: MakeService, word: str
    ) -> None:
        entries = [
            {"id": "a", "title": "Note", "text": f"{word}: 8:00."},
            {"id": "b", "title": "Note", "text": "Открыто: 9:00."},
        ]

        context = make_service(notes={"entries": entries}).get_context(f"{word}?")

        assert [match.passage.fact_id for match in context.matches] == ["a"]


class TestThreads:
    def test_many_can_ask_at_once(self, shipped: KnowledgeService) -> None:
        questions = ["MBA fee", "ค่าเทอม", "学费", "ကျောင်းလခ", "adress of Hua Mk campus"] * 40
        expected = [shipped.get_context(question).text for question in questions]

        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda question: shipped.get_context(question).text, questions))

        assert found == expected
