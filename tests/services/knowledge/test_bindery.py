"""Large files under a running service: what is searched while they are bound, and what is kept."""

import json
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from backend.core.errors import FactNotFound
from backend.services.knowledge import bindery as module
from backend.services.knowledge.binder import bind
from backend.services.knowledge.bindery import Bindery, BindingFailed
from backend.services.knowledge.job import Job, Outcome
from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import TODAY

LARGE = 1_000
QUESTION = "When does the north gate open?"


def entries(text: str, count: int = 40) -> dict[str, Any]:
    """A file that counts as large in these tests."""
    others = [
        {"id": f"e{n}", "title": f"Room {n}", "text": f"Room {n} is dry."} for n in range(count)
    ]
    return {"entries": [{"id": "gate", "title": "North gate", "text": text}, *others]}


class Folder:
    """A folder of facts with a service over it, whose large files are bound in this process."""

    def __init__(self, path: Path) -> None:
        self.facts, self.cache = path / "facts", path / "cache"
        self.facts.mkdir()
        self.runs: list[Job] = []
        self.held = Event()
        self.held.set()
        self.fail = ""

    def write(self, content: Any, name: str = "gates") -> None:
        text = content if isinstance(content, str) else json.dumps(content)
        (self.facts / f"{name}.json").write_text(text, "utf-8")

    def run(self, job: Job) -> Outcome:
        self.runs.append(job)
        assert self.held.wait(10)
        if self.fail:
            raise BindingFailed(self.fail)
        return bind(job)

    def open(self, run: Callable[[Job], Outcome] | None = None) -> KnowledgeService:
        bindery = Bindery(self.cache, least_bytes=LARGE, run=run or self.run)
        return KnowledgeService(self.facts, token_budget=60, today=lambda: TODAY, bindery=bindery)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.write(entries("Opens at nine."))
    folder.write({"library": {"phone": "111 2222"}}, "phones")
    return folder


def ask(service: KnowledgeService) -> str:
    return service.get_context(QUESTION).text


def problems(service: KnowledgeService) -> list[str]:
    return [str(problem) for problem in service.status().problems]


def until(service: KnowledgeService, holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < give_up
        service.reload(wait=False)
        time.sleep(0.005)


class TestLargeFiles:
    def test_are_found_looked_up_and_counted_like_others(self, folder: Folder) -> None:
        service = folder.open()

        assert "Opens at nine." in ask(service)
        assert service.get_fact("gates", "gate").title == "North gate"
        assert [p.fact_id for p in service.get_category("gates").passages[1:3]] == ["e0", "e1"]
        assert service.status().facts == 42
        assert service.check()
        with pytest.raises(FactNotFound):
            service.get_fact("gates", "nowhere")

    @pytest.mark.parametrize(("days", "is_used"), [(-1, False), (0, True), (1, True)])
    def test_hold_until_the_last_day_of_what_is_written(
        self, folder: Folder, days: int, is_used: bool
    ) -> None:
        dated = entries("Opens at nine.")
        last = TODAY + timedelta(days=days)
        dated["entries"][0]["valid_until"] = last.isoformat()
        folder.write(dated)

        service = folder.open()

        assert ("Opens at nine." in ask(service)) == is_used
        assert service.status().expired == (0 if is_used else 1)

    def test_a_side_file_is_told_of_what_they_do_not_hold(self, folder: Folder) -> None:
        folder.write({"paths": {"gates#e1": {}, "gates#e99": {}}}, "legacy")

        findings = [str(finding) for finding in folder.open().check()]

        assert "warning: legacy.json: gates#e99: there is no such place" in findings
        assert not any("gates#e1:" in finding for finding in findings)

    def test_misspelt_words_are_repaired_to_theirs(self, folder: Folder) -> None:
        folder.write(entries("The vikpando opens at nine."))

        assert "vikpando" in folder.open().get_context("when is the vikpamdo open").text

    def test_a_search_in_a_category_finds_what_others_outweigh(self, folder: Folder) -> None:
        folder.write(entries("Rooms are dry."), "rooms")
        service = folder.open()

        found = service.search("dry room", limit=50, category="rooms")

        assert {hit.passage.category for hit in found} == {"rooms"}
        assert len(found) > 30
        assert service.search("dry room 7", limit=50, category="phones") == ()

    def test_may_be_many_that_are_large_together(self, folder: Folder) -> None:
        for number in range(4):
            folder.write(entries(f"Gate {number} opens at nine.", count=10), f"gates_{number}")

        service = folder.open()

        # 600 bytes each: the second is more than this process takes beside the first.
        assert set(service.library.volumes) == {"gates", "gates_1", "gates_2", "gates_3"}
        assert service.status().facts == 42 + 4 * 11
        text = service.get_context(QUESTION, token_budget=400).text
        assert all(f"Gate {number} opens at nine." in text for number in range(4))

    @pytest.mark.parametrize("place", range(3))
    def test_the_best_of_all_is_found_whichever_of_them_holds_it(
        self, folder: Folder, place: int
    ) -> None:
        for number in range(3):
            best = "The vikpando opens at nine." if number == place else "It is shut."
            folder.write(entries(best, count=100), f"gates_{number}")

        service = folder.open()

        found = service.get_context("Which room has a dry vikpando?", token_budget=400)
        assert found.matches[0].passage.category == f"gates_{place}"
        assert "vikpando" in found.text

    def test_are_not_told_by_the_lexicon_beside_them(self, folder: Folder) -> None:
        folder.write({f"concept{n}": [f"alias {n}"] for n in range(40)}, "lexicon")
        folder.write(entries("Rooms are dry.", count=10), "rooms")

        service = folder.open()

        # The lexicon is read first here; where the shipped one lies must not decide either.
        assert set(service.library.volumes) == {"gates"}

    def test_are_bound_once_for_all_starts_and_workers(self, folder: Folder) -> None:
        folder.open()
        again = folder.open()

        assert len(folder.runs) == 1
        assert "Opens at nine." in ask(again)
        files = [path for path in folder.cache.iterdir() if path.suffix]
        assert [path.stat().st_mode & 0o077 for path in (folder.cache, *files)] == [0, 0]

    def test_a_damaged_index_is_made_again(self, folder: Folder) -> None:
        folder.open()
        volume = next(folder.cache.glob("*.volume"))
        volume.write_bytes(volume.read_bytes()[:-1])

        assert "Opens at nine." in ask(folder.open())
        assert len(folder.runs) == 2

    def test_no_index_is_taken_from_where_others_may_write(self, folder: Folder) -> None:
        folder.cache.mkdir()
        folder.cache.chmod(0o777)

        assert "Opens at nine." in ask(folder.open())
        assert list(folder.cache.iterdir()) == []

    def test_old_indexes_are_deleted(self, folder: Folder) -> None:
        service = folder.open()
        for hour in ("ten", "eleven", "noon"):
            folder.write(entries(f"Opens at {hour}."))
            assert service.reload()

        assert len(list(folder.cache.glob("*.volume"))) == 2
        assert "Opens at noon." in ask(service)

    def test_a_new_lexicon_makes_a_new_index(self, folder: Folder) -> None:
        service = folder.open()
        folder.write({"portal": ["north gate", "bukar"]}, "lexicon")

        assert service.reload()
        assert "Opens at nine." in service.get_context("bukar").text
        assert len(folder.runs) == 2

    def test_the_rest_of_the_knowledge_changes_while_one_is_bound(self, folder: Folder) -> None:
        service = folder.open()
        folder.held.clear()
        folder.write(entries("Opens at ten."))
        assert not service.reload(wait=False)
        folder.write({"library": {"phone": "333 4444"}}, "phones")

        assert service.reload(wait=False)
        assert "Opens at nine." in ask(service)
        assert "333 4444" in service.get_context("phone of the library").text
        assert problems(service) == []

        folder.held.set()
        until(service, lambda: "Opens at ten." in ask(service))
        assert len(folder.runs) == 2

    def test_a_change_on_top_of_a_change_is_bound_next(self, folder: Folder) -> None:
        service = folder.open()
        folder.held.clear()
        for hour in ("ten", "eleven"):
            folder.write(entries(f"Opens at {hour}."))
            service.reload(wait=False)
        folder.held.set()

        until(service, lambda: "Opens at eleven." in ask(service))

    def test_keep_their_last_good_version_when_they_break(self, folder: Folder) -> None:
        service = folder.open()
        folder.write(json.dumps(entries("Opens at ten."))[:-2])

        assert service.reload()
        assert "Opens at nine." in ask(service)
        assert "its last good version is in use" in problems(service)[0]
        assert "line 1, column" in problems(service)[0]
        assert not service.reload()

        folder.write(entries("Opens at noon."))
        assert service.reload()
        assert problems(service) == []
        assert "Opens at noon." in ask(service)

    def test_may_vanish_shrink_and_grow(self, folder: Folder) -> None:
        service = folder.open()
        (folder.facts / "gates.json").unlink()
        assert service.reload()
        assert "Opens at nine." in ask(service)

        folder.write({"entries": entries("Opens at one.")["entries"][:1]})
        assert service.reload()
        assert "Opens at one." in ask(service)
        assert service.status().facts == 2

        folder.write(entries("Opens at two."))
        assert service.reload()
        assert "Opens at two." in ask(service)
        assert service.status().facts == 42

    def test_that_only_look_like_entries_are_read_as_they_are(self, folder: Folder) -> None:
        nested = {"gate": {"entries": ["north", "south"]}, "notes": "x" * LARGE}
        folder.write(nested, "nested")

        service = folder.open()

        assert service.get_category("nested").form == "nested"
        assert problems(service) == []


class TestBinder:
    @pytest.mark.slow
    def test_that_is_killed_is_told_and_the_last_version_stays(
        self, folder: Folder, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        service = folder.open(module.run_binder)
        folder.write(entries("Opens at ten."))
        suicide = f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})"
        with monkeypatch.context() as patch:
            patch.setattr(module, "BINDER", (sys.executable, "-c", suicide))
            assert service.reload()

        assert "Opens at nine." in ask(service)
        assert "could not be indexed (killed by signal 9); its last" in problems(service)[0]

        assert service.reload()
        assert "Opens at ten." in ask(service)
        assert problems(service) == []

    def test_that_fails_is_not_started_again_at_every_look(self, folder: Folder) -> None:
        service = folder.open()
        folder.fail = "MemoryError"
        folder.write(entries("Opens at ten."))
        assert service.reload()
        for _ in range(3):
            assert not service.reload(wait=False)

        assert len(folder.runs) == 2
        assert "could not be indexed (MemoryError)" in problems(service)[0]

    def test_that_fails_at_the_start_leaves_the_other_files(self, folder: Folder) -> None:
        folder.fail = "OSError"
        service = folder.open()

        assert "111 2222" in service.get_context("phone of the library").text
        assert "gates.json: could not be indexed (OSError)" in problems(service)
