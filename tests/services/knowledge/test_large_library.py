"""A library that holds a large file: what is bound is found like what is read."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from backend.core.errors import CategoryNotFound, FactNotFound
from backend.services.knowledge.binder import bind
from backend.services.knowledge.bindery import Bindery
from backend.services.knowledge.library import Library
from backend.services.knowledge.retrieval import Retriever
from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import TODAY

LARGE: Final = 2_000
SMALL: Final[dict[str, Any]] = {"gates": [{"name": "North gate", "opens": 8}, {"name": "Lift"}]}


def entry(name: str, text: str, **values: Any) -> dict[str, Any]:
    return {"id": name, "title": f"Notice {name}", "text": text, **values}


def many(*entries: Any) -> dict[str, Any]:
    """A file that counts as large in these tests."""
    return {"entries": [*entries, *(entry(f"r{n}", f"Room {n} is dry.") for n in range(40))]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "facts").mkdir()
    return tmp_path / "facts"


def open_folder(folder: Path, **files: Any) -> KnowledgeService:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), "utf-8")
    bindery = Bindery(folder.parent / "cache", least_bytes=LARGE, run=bind)
    return KnowledgeService(folder, token_budget=400, today=lambda: TODAY, bindery=bindery)


def found(library: Library, message: str, budget: int = 400) -> list[str]:
    context = Retriever(library).find(message, (), budget=budget, today=TODAY)
    return [match.passage.fact_id for match in context.matches]


class TestLookingUp:
    def test_is_in_large_files_as_in_others(self, folder: Path) -> None:
        side = {
            "sources": {"news": {"title": "All news"}},
            "overruled": {"fee": "au_own#/gates/0", "bus": "au_own#/gone"},
        }
        news = many(entry("fee", "It is 5."), entry("bus", "At 8.", valid_until="2020"), 7)
        library = open_folder(folder, au_own=SMALL, news=news, legacy=side).library

        assert list(library.volumes) == ["news"]
        assert library.fact("news", "fee").overruled_by == "au_own#/gates/0"
        assert library.fact("news", "bus").overruled_by is None
        assert library.category("news").title == "All news"
        assert [library.holds(one) for one in ("news#fee", "news#none", "none#fee")] == [
            True,
            False,
            False,
        ]
        assert library.shelf_of(library.fact("news", "fee")) is library.volumes["news"]
        assert library.size == len(list(library.all_passages())) == 42 + len(library.passages)
        assert [passage.fact_id for passage in library.all_passages()][-42:-40] == ["fee", "bus"]
        assert library.count_expired(TODAY) == 1
        assert [(one.file, one.place) for one in library.problems] == [("news.json", "entry 2")]
        with pytest.raises(FactNotFound):
            library.fact("news", "none")
        with pytest.raises(CategoryNotFound):
            library.fact("none", "fee")


class TestFinding:
    def test_is_of_all_files_with_their_places_among_all(self, folder: Path) -> None:
        news = many(entry("zebra", "The zebra stands at the north gate."))
        library = open_folder(folder, au_own=SMALL, news=news).library
        matches = Retriever(library).find("zebra gate", (), budget=400, today=TODAY).matches

        places = {passage.id: place for place, passage in enumerate(library.all_passages())}
        assert {one.passage.id: one.place for one in matches} == {
            one.passage.id: places[one.passage.id] for one in matches
        }
        assert matches[0].passage.fact_id == "zebra"
        assert {"gates", "gates.0"} < {one.passage.fact_id for one in matches}
        scores = [one.score for one in matches]
        assert scores == sorted(scores, reverse=True)

    @pytest.mark.parametrize("budget", [200, 1_500])
    def test_is_of_no_more_than_the_budget_holds(self, folder: Path, budget: int) -> None:
        news = many(*(entry(f"z{n}", f"Zebra {n} {'stands there and ' * 8}") for n in range(100)))
        library = open_folder(folder, au_own=SMALL, news=news).library

        context = Retriever(library).find("zebra", (), budget=budget, today=TODAY)

        assert len(context.matches) == max(8, budget // 24)
        assert budget - 60 < context.token_count <= budget
        assert not context.complete

    def test_is_in_one_category_at_a_time(self, folder: Path) -> None:
        news = many(entry("zebra", "Zebra gate."))
        retriever = Retriever(open_folder(folder, au_own=SMALL, news=news).library)

        for category, ids in (
            ("news", ["zebra"]),
            ("au_own", ["gates", "gates.0", "gates.1"]),
            ("x", []),
        ):
            hits = retriever.search("zebra gate", limit=9, category=category, today=TODAY)
            assert sorted(hit.passage.fact_id for hit in hits) == ids

    @pytest.mark.parametrize("least", [LARGE, 10**9], ids=["bound", "read"])
    def test_of_what_holds_is_not_hindered_by_all_that_no_longer_does(
        self, folder: Path, least: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backend.services.knowledge.large_index.LARGE", 100)
        old = [entry(f"o{n}", "Zebra zebra.", valid_until="2020") for n in range(200)]
        monkeypatch.setitem(globals(), "LARGE", least)
        news = many(*old, entry("new", "The zebra is here.", valid_until="2026-11-22"))
        library = open_folder(folder, news=news).library
        assert bool(library.volumes) is (least < 10**9)

        assert found(library, "zebra") == ["new"]
        hits = Retriever(library).search("zebra", limit=1, category="news", today=TODAY)
        assert [hit.passage.fact_id for hit in hits] == ["new"]
