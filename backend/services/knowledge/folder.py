"""The files of the knowledge: what is new in them, and the last good version of each."""

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from backend.services.knowledge.json_file import UnreadableFile, parse_json

LEXICON_FILE: Final = "lexicon.json"
SIDE_FILE: Final = "legacy.json"
SHIPPED_DIRECTORY: Final = Path(__file__).resolve().parents[3] / "data"
"""The repository's own folder: its lexicon and side file serve every folder of facts."""

MAX_FILE_BYTES: Final = 64 * 1024 * 1024

_RACY_SECONDS: Final = 3.0
"""A file changed so short a time ago may change again without a trace in its time stamps, which
are as coarse as two seconds on some file systems: it is read again and compared by its content."""

Stamp = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class FileProblem:
    """Something wrong with a file; `place` is line and column, or the entry, as far as known."""

    file: str
    message: str
    place: str | None = None

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.place, self.message) if part)


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as it was seen last: `content` is its last good version, None when it had none.

    `seen` is the hash of what was read last, good or not; `stamp` says when that need not be read
    again, None for at once.
    """

    path: Path
    content: bytes | None = None
    digest: str = ""
    seen: str = ""
    stamp: Stamp | None = None
    problem: FileProblem | None = None


class Folder:
    """A folder of facts with the shipped lexicon and side file; for one thread at a time.

    Files are told apart by their content, and looked into only when their time stamps differ:
    asking for those works on every file system, where notifications miss changes made on another
    machine, and sees writing in place and by rename alike.
    """

    def __init__(self, directory: Path, *, shipped: Path = SHIPPED_DIRECTORY) -> None:
        self._directory = directory
        self._shipped = shipped
        self._files: dict[Path, KnownFile] = {}
        self._documents: dict[Path, Any] = {}
        self._problem: FileProblem | None = None

    def look(self) -> bool:
        """Read what has changed; returns whether anything has, be it only what is wrong."""
        before = self._state()
        listed = set(self._list())
        for path in sorted(listed | self._files.keys()):
            known = self._files.get(path)
            self._files[path] = self._read(path, known or KnownFile(path))
            if path not in listed and self._files[path].content is None:
                del self._files[path]
        return self._state() != before

    @property
    def version(self) -> str:
        """A hash of the names and the good contents of all files."""
        names = (
            f"{path.parent == self._directory}\0{path.name}\0{known.digest}"
            for path, known in sorted(self._files.items())
        )
        return sha256("\n".join(names).encode(errors="surrogateescape")).hexdigest()[:32]

    @property
    def problems(self) -> list[FileProblem]:
        """What is wrong with whole files, and with the folder."""
        found = (self._files[path].problem for path in sorted(self._files))
        return [problem for problem in (self._problem, *found) if problem is not None]

    def categories(self) -> Iterator[KnownFile]:
        """The files of facts that have a good version, in the order of their names."""
        for path, known in sorted(self._files.items()):
            own = path.parent == self._directory
            if own and path.name not in {LEXICON_FILE, SIDE_FILE} and known.content is not None:
                yield known

    def lexicons(self) -> tuple[bytes, ...]:
        """The shipped lexicon, then the folder's own: the first one's aliases keep their meaning,
        which is what ranking was measured with."""
        return tuple(self._contents(LEXICON_FILE, self._shipped, self._directory))

    def sidefile(self) -> bytes | None:
        """The folder's own side file, else the shipped one."""
        return next(iter(self._contents(SIDE_FILE, self._directory, self._shipped)), None)

    def document(self, known: KnownFile) -> Any:
        """The document in the good version of a file."""
        document = self._documents.pop(known.path, None)
        return parse_json(known.content or b"null") if document is None else document

    def _contents(self, name: str, *folders: Path) -> Iterator[bytes]:
        for folder in dict.fromkeys(path.resolve() for path in folders):
            known = self._files.get(self._place(folder) / name)
            if known is not None and known.content is not None:
                yield known.content

    def _place(self, resolved: Path) -> Path:
        """The folder by the name under which its files are listed."""
        return self._directory if resolved == self._directory.resolve() else self._shipped

    def _list(self) -> Iterator[Path]:
        try:
            yield from [path for path in self._directory.iterdir() if path.suffix == ".json"]
            self._problem = None
        except OSError as exc:
            message = f"the folder cannot be read ({exc.strerror or exc})"
            self._problem = FileProblem(str(self._directory), message)
        if self._shipped.resolve() != self._directory.resolve():
            for name in (LEXICON_FILE, SIDE_FILE):
                if (self._shipped / name).exists():
                    yield self._shipped / name

    def _read(self, path: Path, known: KnownFile) -> KnownFile:
        try:
            stamp = _stamp(path)
            if stamp == known.stamp:
                return known
            content = _read_bytes(path)
            # What was written to while it was read is read again next time.
            settled = stamp == _stamp(path) and _is_old(stamp)
        except UnreadableFile as exc:
            return self._broken(replace(known, stamp=None, seen=""), exc)
        except OSError as exc:
            error = UnreadableFile(f"cannot be read ({exc.strerror or exc})")
            return self._broken(replace(known, stamp=None, seen=""), error)
        return self._take(replace(known, stamp=stamp if settled else None), content)

    def _take(self, known: KnownFile, content: bytes) -> KnownFile:
        digest = sha256(content).hexdigest()
        if digest == known.seen:
            return known
        known = replace(known, seen=digest)
        if digest == known.digest:
            return replace(known, problem=None)
        try:
            document = parse_json(content)
        except UnreadableFile as exc:
            return self._broken(known, exc)
        if known.path.name in {LEXICON_FILE, SIDE_FILE} and not isinstance(document, dict):
            return self._broken(known, UnreadableFile("must be an object"))
        self._documents[known.path] = document
        return replace(known, content=content, digest=digest, problem=None)

    def _broken(self, known: KnownFile, error: UnreadableFile) -> KnownFile:
        message = error.message
        if known.content is not None:
            message += "; its last good version is in use"
        return replace(known, problem=FileProblem(known.path.name, message, error.place))

    def _state(self) -> tuple[object, ...]:
        return self.version, tuple(self.problems)


def _stamp(path: Path) -> Stamp:
    """What tells a changed file; of a link, what it leads to."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _is_old(stamp: Stamp) -> bool:
    """Whether whoever changes the file now leaves another time stamp."""
    return time.time() - max(stamp[3:]) / 1e9 > _RACY_SECONDS


def _read_bytes(path: Path) -> bytes:
    """The content of a plain file in its folder.

    Raises:
        UnreadableFile: it is too large, no plain file, or a link that leads out of the folder.
        OSError: it cannot be read.
    """
    if not path.resolve().is_relative_to(path.parent.resolve()):
        raise UnreadableFile("is a link that leads out of the folder")
    # Without O_NONBLOCK, opening a pipe would wait for someone to write to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableFile("is not a plain file")
        if found.st_size > MAX_FILE_BYTES:
            raise UnreadableFile(f"is larger than {MAX_FILE_BYTES // 1024**2} MB")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_FILE_BYTES)
    finally:
        os.close(descriptor)
