"""The files of the knowledge: what is new in them, and the last good version of each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from operator import is_
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from backend.services.knowledge.bindery import Bindery, Large, NotEntries
from backend.services.knowledge.json_file import UnreadableFile, parse_json
from backend.services.knowledge.plain_file import Stamp, is_settled, read_bytes, stamp_of

if TYPE_CHECKING:
    from backend.services.knowledge.volume import Volume

LEXICON_FILE: Final = "lexicon.json"
SIDE_FILE: Final = "legacy.json"
_SPECIAL_FILES: Final = frozenset({LEXICON_FILE, SIDE_FILE})
SHIPPED_DIRECTORY: Final = Path(__file__).resolve().parents[3] / "data"
"""The repository's own folder: its lexicon and side file serve every folder of facts."""


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

    `seen` is the hash of what was read last, good or not; a large file has a
    `volume` instead of a content; `stamp` says when that need not be read
    again, None for at once.
    """

    path: Path
    content: bytes | None = None
    digest: str = ""
    seen: str = ""
    volume: "Volume | None" = None
    stamp: Stamp | None = None
    problem: FileProblem | None = None
    large: Large | None = None

    @property
    def is_good(self) -> bool:
        """Whether there is a version to use."""
        return self.content is not None or self.volume is not None

    @property
    def version(self) -> str:
        """What tells the version in use from others."""
        return self.digest if self.volume is None else self.volume.key


class Folder:
    """A folder of facts with the shipped lexicon and side file; for one thread at a time.

    Files are told apart by their content, and looked into only when their time stamps differ:
    asking for those works on every file system, where notifications miss changes made on another
    machine, and sees writing in place and by rename alike.
    """

    def __init__(
        self,
        directory: Path,
        *,
        shipped: Path = SHIPPED_DIRECTORY,
        bindery: Bindery | None = None,
    ) -> None:
        self._directory = directory
        self._shipped = shipped
        self._files: dict[Path, KnownFile] = {}
        self._bindery = bindery or Bindery()
        self._nested: set[str] = set()
        self._documents: dict[Path, Any] = {}
        self._problem: FileProblem | None = None
        self._versioned: tuple[tuple[KnownFile, ...], str] = ((), self._hash())

    def look(self, *, wait: bool = True) -> bool:
        """Read what has changed; returns whether anything has, be it only what is wrong.

        A large file that has changed takes seconds: unless they are waited for, its last version
        stays until a later look finds the new one.
        """
        before = self._state()
        listed = set(self._list())
        for path in sorted(listed | self._files.keys()):
            known = self._files.get(path)
            self._files[path] = self._read(path, known or KnownFile(path))
            if path not in listed and not self._files[path].is_good:
                del self._files[path]
        for path, known in self._files.items():
            if known.large is not None:
                self._files[path] = self._bind(known, wait=wait)
        return self._state() != before

    @property
    def version(self) -> str:
        """A hash of the names and the good contents of all files.

        It is asked for with every look, and made anew when one of the files is another.
        """
        files = tuple(self._files.values())
        if len(files) != len(self._versioned[0]) or not all(map(is_, files, self._versioned[0])):
            self._versioned = files, self._hash()
        return self._versioned[1]

    def _hash(self) -> str:
        names = (
            f"{path.parent == self._directory}\0{path.name}\0{known.version}"
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
            if path.name not in _SPECIAL_FILES and known.is_good:
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
        return parse_json(known.content or b"{}") if document is None else document

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
            # By its name: whoever asks for the readiness is not told where things lie here.
            self._problem = FileProblem(self._directory.name, message)
        if self._shipped.resolve() != self._directory.resolve():
            for name in (LEXICON_FILE, SIDE_FILE):
                if (self._shipped / name).exists():
                    yield self._shipped / name

    def _read(self, path: Path, known: KnownFile) -> KnownFile:
        try:
            stamp = stamp_of(path)
            if stamp == known.stamp:
                return known
            content = read_bytes(path)
            # What was written to while it was read is read again next time.
            settled = stamp == stamp_of(path) and is_settled(stamp)
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
        if self._is_large(known, content, digest):
            return replace(known, large=Large(known.path, digest), problem=None)
        return self._parse(known, content)

    def _is_large(self, known: KnownFile, content: bytes, digest: str) -> bool:
        special = known.path.name in _SPECIAL_FILES or digest in self._nested
        return not special and self._bindery.takes(content, self._bytes_beside(known))

    def _bytes_beside(self, known: KnownFile) -> int:
        """The bytes of the other files of facts that are worked through in this process.

        Not the lexicon's: whether that is read before a file depends on where the two folders lie.
        """
        return sum(
            len(other.content)
            for other in self._files.values()
            if other.content is not None
            and other.path != known.path
            and other.path.name not in _SPECIAL_FILES
        )

    def _parse(self, known: KnownFile, content: bytes) -> KnownFile:
        try:
            document = parse_json(content)
        except UnreadableFile as exc:
            return self._broken(known, exc)
        if known.path.name in _SPECIAL_FILES and not isinstance(document, dict):
            return self._broken(known, UnreadableFile("must be an object"))
        self._documents[known.path] = document
        digest = known.seen
        return replace(known, content=content, digest=digest, large=None, volume=None, problem=None)

    def _bind(self, known: KnownFile, *, wait: bool) -> KnownFile:
        """The file with the volume of what was read last, as soon as there is one."""
        if known.large is None or known.large.digest != known.seen:
            return known
        try:
            volume = self._bindery.bind(known.large, self.lexicons(), wait=wait)
        except NotEntries:
            self._nested.add(known.seen)
            return self._read(known.path, replace(known, large=None, seen="", stamp=None))
        except UnreadableFile as exc:
            return self._broken(known, exc)
        if volume is None:
            return known
        return replace(known, content=None, digest=known.seen, volume=volume, problem=None)

    def _broken(self, known: KnownFile, error: UnreadableFile) -> KnownFile:
        message = error.message
        if known.is_good:
            message += "; its last good version is in use"
        return replace(known, problem=FileProblem(known.path.name, message, error.place))

    def _state(self) -> tuple[object, ...]:
        return self.version, tuple(self.problems)
