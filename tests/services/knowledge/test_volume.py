"""Large files of entries: bound they are found like those that are read one by one."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from backend.services.knowledge.binder import bind
from backend.services.knowledge.bound import BoundPassages
from backend.services.knowledge.evaluation import read_questions
from backend.services.knowledge.folder import SHIPPED_DIRECTORY
from backend.services.knowledge.job import Job, Status
from backend.services.knowledge.library import Library
from backend.services.knowledge.query import Term, TermKind
from backend.services.knowledge.volume import Volume
from backend.services.knowledge.volume_file import BrokenVolume, open_contents
from backend.services.knowledge.volume_shelf import VolumeShelf
from tests.bench.knowledge import generate_entries
from tests.services.knowledge.conftest import TODAY

QUESTIONS = [
    question.question
    for name in ("questions_official", "questions_held_out")
    for question in read_questions(Path(__file__).parent / f"{name}.jsonl")
]
ODD: list[dict[str, Any]] = [
    {"id": "a", "title": "Notice", "text": "Opens.", "aliases": ["WWW?", "a.b.c", "ค่าเทอม เท่าไหร่"]},
    {
        "id": "b",
        "title": "notice",
        "text": "Hmmm, e.g. Ph.D. students' 12,000.50 THB: yes!",
        "priority": 3,
    },
    {
        "id": "c",
        "title": "ทุนการศึกษา",
        "text": "ทุน 50% for MBA",
        "tags": ["Ph.D.", "ทุน"],
        "lang": "th",
    },
    {
        "id": "d",
        "title": "Old",
        "text": "Library fee 5.",
        "valid_until": "2020",
        "confidence": "low",
    },
    {"id": "e", "title": "Facts", "facts": {"fee_thb": 12000, "more": {"days": [1, 2]}}},
    {"id": "f", "title": "Long", "text": "word " * 400, "aliases": ["学费多少钱", "ကျောင်းလခ"]},
]
NAMED_AS_ITS_FILE = {"id": "n", "title": "au notices", "text": "It says its name once."}

Bind = Callable[..., Volume]


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    """All sorts: the official ones in four languages, generated ones, and odd ones."""
    files = sorted(SHIPPED_DIRECTORY.glob("au_*.json"))
    read = [json.loads(path.read_text("utf-8")) for path in files]
    official = [entry for document in read for entry in document.get("entries", ())]
    assert len(official) > 100
    return [*official, *generate_entries(300), *ODD, NAMED_AS_ITS_FILE]


@pytest.fixture
def bind_file(tmp_path: Path) -> Bind:
    """Binds a file with the shipped lexicon."""

    def run(name: str, entries: list[Any], last: Volume | None = None) -> Volume:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"entries": entries}), "utf-8")
        job = make_job(path)
        outcome = bind(replace(job, last=str(last.path) if last else None))
        assert outcome.status is Status.BOUND
        return Volume.open(Path(job.target), job.key)

    return run


def make_job(path: Path) -> Job:
    digest = sha256(path.read_bytes()).hexdigest()
    lexicon = (SHIPPED_DIRECTORY / "lexicon.json").read_text("utf-8")
    target = path.with_name(f"{path.stem}-{digest[:16]}.volume")
    return Job(str(path), digest, f"key {digest}", str(target), (lexicon,))


class TestVolume:
    def test_is_searched_like_passages_that_are_read(
        self, bind_file: Bind, entries: list[dict[str, Any]], tmp_path: Path
    ) -> None:
        volume = bind_file("au_notices", entries)
        library = Library.open(tmp_path)
        plain, bound = library.others, VolumeShelf(BoundPassages(volume, lambda found: found))

        assert tuple(bound.passages) == plain.passages
        for question in (*QUESTIONS[::4], "the au notices"):
            query = library.analyser.read_query(question)
            expected, found = plain.index.search(query.terms), bound.index.search(query.terms)
            assert bound.asked(query.key) == plain.asked(query.key), question
            assert len(found) == min(64, len(expected))
            for place, hit in found.items():
                assert hit.score == pytest.approx(expected[place].score, rel=1e-4)
                assert hit.covered == pytest.approx(expected[place].covered, rel=1e-4)
                assert hit.tokens == expected[place].tokens
                assert bound.weigh(place, hit, asked=False) == pytest.approx(
                    plain.weigh(place, hit, asked=False), rel=1e-4
                )
            for term in query.terms:
                assert bound.index.idf(term.token) == pytest.approx(plain.index.idf(term.token))

    def test_may_be_empty(self, bind_file: Bind) -> None:
        volume = bind_file("none", [{"id": "x"}])
        shelf = VolumeShelf(BoundPassages(volume, lambda found: found))

        assert [place for _, place in volume.problems] == ["entry x"]
        assert list(shelf.passages) == []
        assert shelf.index.search([Term("x", TermKind.WORD)]) == {}

    def test_keeps_the_last_good_version_of_an_entry(self, bind_file: Bind) -> None:
        entry = {"id": "x", "title": "Gate", "text": "Opens at nine."}
        first = bind_file("gates", [entry, {**entry, "id": "y"}])

        second = bind_file("gates", [{**entry, "colour": "red"}, {**entry, "id": "z"}], first)

        assert [second.passage(place).fact_id for place in range(second.size)] == ["x", "z"]
        assert second.find("y") is None
        assert "colour: Extra inputs" in second.problems[0][0]

    def test_tells_what_is_wrong_with_entries(self, bind_file: Bind) -> None:
        volume = bind_file(
            "many", [*ODD, {**ODD[0], "id": "a "}, 7, {"id": "g", "text": "No title"}]
        )

        assert volume.size == len(ODD)
        assert [place for _, place in volume.problems] == ["f", "entry a ", "entry 7", "entry g"]
        shelf = VolumeShelf(BoundPassages(volume, lambda found: found))
        assert list(shelf.expired(TODAY)) == [3]
        assert list(shelf.expired(date(2019, 1, 1))) == []

    def test_says_what_a_file_is_instead(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        for content, status in (("{", Status.BROKEN), ('{"a": 1}', Status.NESTED)):
            path.write_text(content)
            assert bind(make_job(path)).status is status
        job = make_job(path)
        path.write_text('{"entries": []}')
        assert bind(job).status is Status.CHANGED
        path.unlink()
        assert bind(job).status is Status.CHANGED

    def test_is_read_by_two_processes_as_by_one(
        self, bind_file: Bind, monkeypatch: pytest.MonkeyPatch, entries: list[dict[str, Any]]
    ) -> None:
        alone = bind_file("one", entries)
        monkeypatch.setattr("backend.services.knowledge.binder._SHARED_FROM", 2)

        shared = bind_file("one", [*entries, {**ODD[0], "id": "more"}])
        again = bind_file("one", entries, shared)

        assert again.size == alone.size == shared.size - 1
        assert all((again.arrays[name] == alone.arrays[name]).all() for name in alone.arrays)


class TestVolumeFile:
    @pytest.mark.parametrize("harm", ["cut", "flipped", "header", "foreign", "empty", "link"])
    def test_is_not_opened_when_it_is_not_as_it_was_written(
        self, bind_file: Bind, tmp_path: Path, harm: str
    ) -> None:
        path = bind_file("a", ODD).path
        assert path is not None
        content = path.read_bytes()
        changed = bytearray(content)
        changed[{"flipped": -100, "header": 200}.get(harm, -1)] ^= 1
        path.unlink()
        if harm == "link":
            (tmp_path / "elsewhere").write_bytes(content)
            path.symlink_to(tmp_path / "elsewhere")
        else:
            path.write_bytes(
                {"cut": content[:-64], "foreign": b"\x80\x04." * 100, "empty": b""}.get(
                    harm, bytes(changed)
                )
            )

        with pytest.raises((BrokenVolume, OSError)):
            open_contents(path)
