"""Changing a file of entries: as a whole or not at all."""

import errno
import json
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from backend.core.errors import AUGuruError
from backend.core.knowledge_errors import KnowledgeNotWritten, KnowledgeReadOnly, NotEditable
from backend.schemas.knowledge import KnowledgeEntry
from backend.services.knowledge.entries import has_entries, read_entry
from backend.services.knowledge.json_file import UnreadableFile, parse_json
from backend.services.knowledge.plain_file import MAX_FILE_BYTES

_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


class EntryFile:
    """What stands in a file of entries at this moment; a new one when there is no such file.

    Whatever else is in the file stays as it is, entries that cannot be used included.
    """

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            NotEditable: it holds no entries, cannot be read or is only a link to another one.
        """
        self.path = path
        self.state: os.stat_result | None = None
        self._document: dict[str, Any] = {"entries": []}
        content = self._read()
        if content is None:
            return
        try:
            document = parse_json(content)
        except UnreadableFile as exc:
            raise NotEditable("The file of this category is broken.") from exc
        if not has_entries(document):
            raise NotEditable
        self._document = document

    @property
    def exists(self) -> bool:
        """Whether the file was there."""
        return self.state is not None

    def holds(self, entry_id: str) -> bool:
        """Whether any entry has that id, one that cannot be used included."""
        return any(_id_of(raw) == entry_id for raw in self._entries)

    def get(self, entry_id: str) -> KnowledgeEntry | None:
        """The entry of that id that is in use."""
        place = self._find(entry_id)
        return None if place is None else KnowledgeEntry.model_validate(self._entries[place])

    def put(self, entry: KnowledgeEntry) -> None:
        """Replace the entry of the same id, or add it at the end."""
        place = self._find(entry.id)
        raw = write_entry(entry)
        if place is None:
            self._entries.append(raw)
        else:
            self._entries[place] = raw

    def remove(self, entry_id: str) -> None:
        """Take out the entry of that id."""
        place = self._find(entry_id)
        if place is not None:
            del self._entries[place]

    def draft(self) -> "Draft":
        """Write the changed file beside the present one, down to the disk.

        Raises:
            KnowledgeReadOnly: the folder may not be written to.
            KnowledgeNotWritten: the disk is full, or failed.
        """
        content = (json.dumps(self._document, ensure_ascii=False, indent=2) + "\n").encode()
        if len(content) > MAX_FILE_BYTES:
            raise KnowledgeNotWritten("The file of this category is full. Nothing was changed.")
        draft = Draft(self.path.with_name(f".{self.path.name}.{token_hex(6)}.tmp"), self.path)
        try:
            _write(draft.temporary, content, self.state)
        except OSError as exc:
            draft.discard()
            raise translate(exc) from exc
        return draft

    @property
    def _entries(self) -> list[Any]:
        entries: list[Any] = self._document["entries"]
        return entries

    def _find(self, entry_id: str) -> int | None:
        for place, raw in enumerate(self._entries):
            if _id_of(raw) == entry_id and isinstance(read_entry(raw), KnowledgeEntry):
                return place
        return None

    def _read(self) -> bytes | None:
        try:
            # Not blocking: somebody may have put a pipe there.
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise NotEditable("The file of this category cannot be read.") from exc
        try:
            # Before it is made a file object, which a folder cannot be.
            self.state = os.fstat(descriptor)
            if not stat.S_ISREG(self.state.st_mode) or self.state.st_size > MAX_FILE_BYTES:
                raise NotEditable("The file of this category cannot be read.")
            with open(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Draft:
    """A changed file that is written beside the present one and not yet in its place."""

    temporary: Path
    target: Path

    def publish(self) -> None:
        """Put the draft in its place, at once and to stay.

        Raises:
            KnowledgeReadOnly: the folder may not be written to.
            KnowledgeNotWritten: the disk failed.
        """
        try:
            self.temporary.replace(self.target)
            folder = os.open(self.target.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as exc:
            raise translate(exc) from exc

    def discard(self) -> None:
        """Take the draft away, if it is still there."""
        with suppress(OSError):
            self.temporary.unlink()


def write_entry(entry: KnowledgeEntry) -> dict[str, Any]:
    """The entry as it stands in a file, without what is left at its default."""
    return entry.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def discard_leftovers(directory: Path) -> None:
    """Take away the drafts of processes that died while they wrote; under the lock only."""
    for draft in directory.glob(".*.json.*.tmp"):
        with suppress(OSError):
            draft.unlink()


def translate(exc: OSError) -> AUGuruError:
    """What staff is told when the folder cannot be written to."""
    return KnowledgeReadOnly() if exc.errno in _READ_ONLY else KnowledgeNotWritten()


def _write(path: Path, content: bytes, like: os.stat_result | None) -> None:
    """Write a new file with the mode and, where allowed, the owner of another one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        if like is not None:
            with suppress(PermissionError):
                os.fchown(descriptor, like.st_uid, like.st_gid)
            os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _id_of(raw: Any) -> str | None:
    found = raw.get("id") if isinstance(raw, dict) else None
    return found.strip() if isinstance(found, str) else None
