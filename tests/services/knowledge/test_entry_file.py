"""Tests of `backend/services/knowledge/entry_file.py`: what an edit leaves in the folder."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import AUGuruError
from backend.core.knowledge_errors import KnowledgeNotWritten, KnowledgeReadOnly, NotEditable
from backend.schemas.knowledge import KnowledgeEntry
from backend.services.knowledge.entry_file import EntryFile, discard_leftovers, translate
from backend.services.knowledge.plain_file import MAX_FILE_BYTES

GATE: dict[str, Any] = {"id": "gate", "title": "Gate", "text": "Opens at nine."}
LIFT: dict[str, Any] = {"id": "lift", "title": "Lift", "text": "Goes up.", "tags": ["up"]}
UNUSED: list[Any] = [7, {"id": 5}, {"id": "door"}, {"title": "None"}]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "au_gates.json"
    path.write_text(json.dumps({"about": "gates", "entries": [*UNUSED, GATE, LIFT]}), "utf-8")
    return path


def entry(**changes: Any) -> KnowledgeEntry:
    return KnowledgeEntry.model_validate({**GATE, **changes})


def written(path: Path) -> list[Any]:
    entries: list[Any] = json.loads(path.read_text("utf-8"))["entries"]
    return entries


class TestReading:
    def test_finds_what_is_in_use(self, path: Path) -> None:
        file = EntryFile(path)

        assert file.exists
        assert file.get("gate") == entry()
        assert file.get("lift") == KnowledgeEntry.model_validate(LIFT)
        assert [file.get(name) for name in ("door", "none", "")] == [None] * 3

    @pytest.mark.parametrize(
        ("entry_id", "holds"), [("gate", True), ("door", True), ("5", False), ("none", False)]
    )
    def test_an_id_is_held_by_entries_that_cannot_be_used_as_well(
        self, path: Path, entry_id: str, holds: bool
    ) -> None:
        assert EntryFile(path).holds(entry_id) is holds

    def test_an_id_is_held_whatever_spaces_are_around_it(self, path: Path) -> None:
        path.write_text(json.dumps({"entries": [{**GATE, "id": " gate "}]}), "utf-8")

        assert EntryFile(path).holds("gate")
        assert EntryFile(path).get("gate") == entry()

    def test_the_first_that_can_be_used_is_the_one(self, path: Path) -> None:
        again = {**GATE, "text": "Opens at ten."}
        path.write_text(json.dumps({"entries": [{"id": "gate"}, GATE, again]}), "utf-8")

        assert EntryFile(path).get("gate") == entry()

    def test_a_file_that_is_not_there_is_a_new_one(self, tmp_path: Path) -> None:
        file = EntryFile(tmp_path / "new.json")
        file.put(entry())

        assert not file.exists
        file.draft().publish()
        assert written(tmp_path / "new.json") == [GATE]

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            ("{", "is broken"),
            ('{"gate": 1}', "only be changed in their file"),
            ('{"entries": {}}', "only be changed in their file"),
        ],
    )
    def test_a_file_without_entries_is_left_to_its_owner(
        self, path: Path, content: str, told: str
    ) -> None:
        path.write_text(content, "utf-8")

        with pytest.raises(NotEditable, match=told):
            EntryFile(path)

    @pytest.mark.parametrize("kind", ["link", "folder", "pipe", "too large"])
    def test_what_is_no_plain_file_is_not_read(self, path: Path, kind: str) -> None:
        content = path.read_bytes()
        path.unlink()
        if kind == "link":
            path.with_name("other").write_bytes(content)
            path.symlink_to(path.with_name("other"))
        elif kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        else:
            path.touch()
            os.truncate(path, MAX_FILE_BYTES + 1)

        with pytest.raises(NotEditable, match="cannot be read"):
            EntryFile(path)


class TestWriting:
    def test_changes_one_entry_and_leaves_the_rest_as_it_is(self, path: Path) -> None:
        file = EntryFile(path)
        changed = entry(text="Opens at ten.", lang="en", aliases=["portal"])

        file.put(changed)
        file.draft().publish()

        raw = {**GATE, "text": "Opens at ten.", "aliases": ["portal"]}
        assert written(path) == [*UNUSED, raw, LIFT]
        assert json.loads(path.read_text("utf-8"))["about"] == "gates"

    def test_adds_a_new_one_at_the_end(self, path: Path) -> None:
        file = EntryFile(path)

        file.put(entry(id="hall", title="โถง"))
        file.draft().publish()

        assert written(path) == [*UNUSED, GATE, LIFT, {**GATE, "id": "hall", "title": "โถง"}]
        text = path.read_text("utf-8")
        assert "โถง" in text
        assert text.startswith('{\n  "about": "gates",\n  "entries": [\n    7,\n')
        assert text.endswith("}\n")

    @pytest.mark.parametrize(
        ("entry_id", "left"),
        [("gate", [*UNUSED, LIFT]), ("lift", [*UNUSED, GATE]), ("door", [*UNUSED, GATE, LIFT])],
    )
    def test_takes_out_what_is_in_use(self, path: Path, entry_id: str, left: list[Any]) -> None:
        file = EntryFile(path)

        file.remove(entry_id)
        file.draft().publish()

        assert written(path) == left

    def test_a_draft_is_beside_the_file_until_it_is_published(self, path: Path) -> None:
        before = path.read_bytes()
        file = EntryFile(path)
        file.remove("gate")

        draft = file.draft()

        assert path.read_bytes() == before
        assert draft.temporary.parent == path.parent
        assert written(draft.temporary) == [*UNUSED, LIFT]
        draft.discard()
        draft.discard()
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o600])
    def test_keeps_the_mode_and_the_owner(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        if os.geteuid() == 0:
            os.chown(path, 1234, 2345)
        before = path.stat()

        EntryFile(path).draft().publish()

        after = path.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (
            before.st_mode,
            before.st_uid,
            before.st_gid,
        )

    def test_a_new_file_has_the_mode_of_any_other(self, tmp_path: Path) -> None:
        plain = tmp_path / "plain"
        plain.touch()
        file = EntryFile(tmp_path / "new.json")

        file.draft().publish()

        assert (tmp_path / "new.json").stat().st_mode == plain.stat().st_mode

    @pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
    def test_is_refused_when_the_file_could_not_be_read_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int, fits: bool
    ) -> None:
        file = EntryFile(tmp_path / "new.json")
        file.put(entry())
        draft = file.draft()
        size = draft.temporary.stat().st_size
        draft.discard()
        monkeypatch.setattr("backend.services.knowledge.entry_file.MAX_FILE_BYTES", size - more)

        if fits:
            file.draft().discard()
        else:
            with pytest.raises(KnowledgeNotWritten, match="is full"):
                file.draft()

        assert list(tmp_path.iterdir()) == []

    def test_into_a_folder_that_is_gone_is_told(self, tmp_path: Path) -> None:
        folder = tmp_path / "facts"
        folder.mkdir()
        file = EntryFile(folder / "new.json")
        draft = file.draft()
        draft.discard()
        folder.rmdir()

        with pytest.raises(KnowledgeNotWritten):
            file.draft()
        with pytest.raises(KnowledgeNotWritten):
            draft.publish()
        draft.discard()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EROFS, KnowledgeReadOnly),
        (errno.EACCES, KnowledgeReadOnly),
        (errno.EPERM, KnowledgeReadOnly),
        (errno.ENOSPC, KnowledgeNotWritten),
        (errno.EIO, KnowledgeNotWritten),
        (None, KnowledgeNotWritten),
    ],
)
def test_tells_a_folder_that_is_read_only_from_a_disk_that_fails(
    number: int | None, kind: type[AUGuruError]
) -> None:
    assert type(translate(OSError(number, "no"))) is kind


def test_takes_away_the_drafts_of_the_dead_alone(tmp_path: Path) -> None:
    kept = ["a.json", ".a.json", ".hidden.tmp", "a.json.tmp"]
    for name in (*kept, ".a.json.0af1.tmp", ".b.json.77.tmp"):
        (tmp_path / name).touch()
    (tmp_path / ".c.json.88.tmp").mkdir()

    discard_leftovers(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, ".c.json.88.tmp"])
