"""Tests of `backend/services/knowledge/folder.py`: what is known of the files of a folder."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.services.knowledge.binder import bind
from backend.services.knowledge.bindery import Bindery
from backend.services.knowledge.folder import FileProblem, Folder
from backend.services.knowledge.plain_file import stamp_of

GATES = {"gate": {"opens": 8}}


class Shelves:
    """A folder of facts beside the one that is shipped."""

    def __init__(self, path: Path) -> None:
        self.facts, self.shipped = path / "facts", path / "shipped"
        self.facts.mkdir()
        self.shipped.mkdir()

    def write(self, name: str, content: Any, *, shipped: bool = False) -> Path:
        path = (self.shipped if shipped else self.facts) / f"{name}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    def open(self, **changes: Any) -> Folder:
        folder = Folder(self.facts, **{"shipped": self.shipped, **changes})
        folder.look()
        return folder


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    return Shelves(tmp_path)


def names(folder: Folder) -> list[str]:
    return [known.path.name for known in folder.categories()]


def problems(folder: Folder) -> list[str]:
    return [str(problem) for problem in folder.problems]


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (FileProblem("a.json", "is broken"), "a.json: is broken"),
        (FileProblem("a.json", "is broken", "line 1"), "a.json: line 1: is broken"),
        (FileProblem("a.json", "is broken", ""), "a.json: is broken"),
    ],
)
def test_a_problem_says_where_it_is(problem: FileProblem, told: str) -> None:
    assert str(problem) == told


class TestFiles:
    def test_of_facts_are_told_in_the_order_of_their_names(self, shelves: Shelves) -> None:
        for name in ("b", "c", "a", "lexicon", "legacy"):
            shelves.write(name, GATES)
        shelves.write("broken", "{")
        (shelves.facts / "notes.txt").write_text("{}")
        for name in ("d", "lexicon"):
            shelves.write(name, GATES, shipped=True)

        folder = shelves.open()

        assert names(folder) == ["a.json", "b.json", "c.json"]
        assert [folder.document(known) for known in folder.categories()] == [GATES] * 3
        assert [folder.document(known) for known in folder.categories()] == [GATES] * 3
        assert problems(folder) == [
            "broken.json: line 1, column 2: Expecting property name enclosed in double quotes"
        ]

    def test_that_change_are_another_version(self, shelves: Shelves) -> None:
        path = shelves.write("a", GATES)
        folder = shelves.open()
        seen = [folder.version]

        changes: list[tuple[Path, str]] = [
            (path, '{"gate": 2}'),
            (shelves.facts / "b.json", '{"gate": 2}'),
            (shelves.facts / "lexicon.json", "{}"),
            (shelves.shipped / "legacy.json", "{}"),
        ]
        for changed, content in changes:
            changed.write_text(content)
            assert folder.look()
            assert not folder.look()
            seen.append(folder.version)
        path.rename(path.with_name("z.json"))
        assert folder.look()
        seen.append(folder.version)

        assert len(set(seen)) == len(changes) + 2
        assert all(len(version) == 32 for version in seen)

    def test_of_the_same_names_and_contents_are_the_same_version(self, tmp_path: Path) -> None:
        versions = []
        for place in ("one", "two"):
            (tmp_path / place).mkdir()
            shelves = Shelves(tmp_path / place)
            shelves.write("a", GATES)
            shelves.write("lexicon", {}, shipped=place == "one")
            versions.append(shelves.open().version)
            shelves.write("lexicon", {})
            shelves.write("lexicon", {}, shipped=True)
            versions.append(shelves.open().version)

        assert versions[1] == versions[3]
        assert len(set(versions)) == 3

    def test_that_may_change_without_a_trace_are_read_again(
        self, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = shelves.write("a", GATES)
        folder = shelves.open()

        assert next(folder.categories()).stamp is None

        monkeypatch.setattr("backend.services.knowledge.plain_file._RACY_SECONDS", -60.0)
        assert not folder.look()
        assert next(folder.categories()).stamp == stamp_of(path)


class TestWhatIsWrong:
    def test_with_the_folder_is_told_by_its_name(self, tmp_path: Path, shelves: Shelves) -> None:
        folder = shelves.open()
        assert problems(folder) == []
        shelves.facts.rename(tmp_path / "away")

        assert folder.look()
        told = "the folder cannot be read (No such file or directory)"
        assert folder.problems == [FileProblem("facts", told)]
        assert not folder.look()

        (tmp_path / "away").rename(shelves.facts)
        assert folder.look()
        assert problems(folder) == []

    @pytest.mark.parametrize(
        ("harm", "told"),
        [
            ("remove", "a.json: cannot be read (No such file or directory)"),
            ("break", "a.json: line 1, column 1: Expecting value"),
            ("bury", "a.json: is not a plain file"),
        ],
    )
    def test_with_a_file_is_told_until_its_last_content_is_back(
        self, shelves: Shelves, harm: str, told: str
    ) -> None:
        path = shelves.write("a", GATES)
        folder = shelves.open()
        version = folder.version
        if harm == "break":
            path.write_text("")
        else:
            path.unlink()
        if harm == "bury":
            path.mkdir()

        assert folder.look()
        assert problems(folder) == [f"{told}; its last good version is in use"]
        assert folder.version == version
        assert [folder.document(known) for known in folder.categories()] == [GATES]
        assert not folder.look()

        if harm == "bury":
            path.rmdir()
        shelves.write("a", GATES)
        assert folder.look()
        assert problems(folder) == []
        assert folder.version == version

    @pytest.mark.parametrize("name", ["lexicon", "legacy"])
    def test_a_file_of_names_must_be_an_object(self, shelves: Shelves, name: str) -> None:
        shelves.write(name, [])
        shelves.write("a", [])

        folder = shelves.open()

        assert problems(folder) == [f"{name}.json: must be an object"]
        assert names(folder) == ["a.json"]

    def test_with_several_files_is_told_in_the_order_of_their_names(self, shelves: Shelves) -> None:
        for name in "bca":
            shelves.write(name, "")

        files = [problem.file for problem in shelves.open().problems]
        assert files == ["a.json", "b.json", "c.json"]


class TestNames:
    @pytest.mark.parametrize(
        ("own", "shipped", "lexicons", "sidefile"),
        [
            (True, True, [b'{"s": 1}', b'{"o": 1}'], b'{"o": 1}'),
            (False, True, [b'{"s": 1}'], b'{"s": 1}'),
            (True, False, [b'{"o": 1}'], b'{"o": 1}'),
            (False, False, [], None),
        ],
    )
    def test_are_the_shipped_ones_and_the_folders_own(
        self,
        shelves: Shelves,
        own: bool,
        shipped: bool,
        lexicons: list[bytes],
        sidefile: bytes | None,
    ) -> None:
        for name in ("lexicon", "legacy"):
            if own:
                shelves.write(name, {"o": 1})
            if shipped:
                shelves.write(name, {"s": 1}, shipped=True)

        folder = shelves.open()

        assert list(folder.lexicons()) == lexicons
        assert folder.sidefile() == sidefile

    @pytest.mark.parametrize("way", ["facts", "shipped/../facts"])
    def test_of_the_shipped_folder_itself_are_read_once(
        self, tmp_path: Path, shelves: Shelves, way: str
    ) -> None:
        shelves.write("lexicon", {"o": 1})
        shelves.write("legacy", {"o": 2})

        for directory, shipped in (
            (shelves.facts, tmp_path / way),
            (tmp_path / way, shelves.facts),
        ):
            folder = Folder(directory, shipped=shipped)
            folder.look()

            assert folder.lexicons() == (b'{"o": 1}',)
            assert folder.sidefile() == b'{"o": 2}'


class TestLargeFiles:
    def entries(self, count: int) -> dict[str, Any]:
        return {"entries": [{"id": f"e{n}", "title": "x", "text": "y"} for n in range(count)]}

    @pytest.fixture
    def bindery(self, tmp_path: Path) -> Bindery:
        return Bindery(tmp_path / "cache", least_bytes=1_000, run=bind)

    def test_are_bound_with_the_lexicon_and_others_read(
        self, shelves: Shelves, bindery: Bindery
    ) -> None:
        shelves.write("large", self.entries(30))
        shelves.write("small", self.entries(3))

        folder = shelves.open(bindery=bindery)

        found = {known.path.stem: known for known in folder.categories()}
        assert found["large"].volume is not None
        assert found["large"].content is None
        assert found["large"].version == found["large"].volume.key
        assert found["small"].volume is None
        assert folder.document(found["small"]) == self.entries(3)
        assert problems(folder) == []

    def test_are_told_from_what_only_looks_like_entries(
        self, shelves: Shelves, bindery: Bindery
    ) -> None:
        nested = {"gate": {"entries": [1, 2]}, "more": "x" * 1_000}
        shelves.write("nested", nested)
        shelves.write("lexicon", {"gate": self.entries(50)})

        folder = shelves.open(bindery=bindery)

        (known,) = folder.categories()
        assert known.volume is None
        assert folder.document(known) == nested
        assert problems(folder) == []
        assert not folder.look()

    def test_that_shrink_are_read_again(self, shelves: Shelves, bindery: Bindery) -> None:
        shelves.write("large", self.entries(30))
        folder = shelves.open(bindery=bindery)

        shelves.write("large", self.entries(3))
        assert folder.look()
        (known,) = folder.categories()
        assert (known.volume, known.large) == (None, None)
        assert folder.document(known) == self.entries(3)

        shelves.write("large", self.entries(30))
        assert folder.look()
        (known,) = folder.categories()
        assert known.content is None
        assert known.volume is not None
        assert known.volume.size == 30
