"""Reading the knowledge's folder: what can be read is used, what is wrong is told."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from backend.services.knowledge.entries import has_entries, read_entry, to_passage
from backend.services.knowledge.json_file import UnreadableFile, parse_json, read_bytes
from backend.services.knowledge.legacy import MAX_DEPTH, is_too_deep, read_nested
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.rendering import MAX_TEXT_LENGTH, words_of
from backend.services.knowledge.sidefile import SideFile, sidefile_problems
from backend.services.knowledge.vocabulary import Vocabulary, build_vocabulary

LEXICON_FILE: Final = "lexicon.json"
SIDE_FILE: Final = "legacy.json"
RESERVED_NAMES: Final = frozenset({"search", "reload", "gaps", "preview"})
"""Routes under `/knowledge/` of their own: a category of that name could never be asked for."""

_CATEGORY: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]*")
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
class Category:
    """One file of the knowledge with its passages in the file's order."""

    name: str
    title: str
    file: str
    form: Literal["nested", "entries"]
    passages: tuple[Passage, ...]


@dataclass(slots=True)
class Material:
    """Everything that was read from a folder."""

    categories: list[Category] = field(default_factory=list)
    vocabulary: Vocabulary = field(default_factory=lambda: build_vocabulary(()))
    sidefile: SideFile = field(default_factory=SideFile)
    problems: list[FileProblem] = field(default_factory=list)


def read_directory(directory: Path, *, shipped: Path = SHIPPED_DIRECTORY) -> Material:
    """Read a folder of facts, with the shipped lexicon and side file under its own ones."""
    material = Material()
    try:
        paths = sorted(path for path in directory.iterdir() if path.suffix == ".json")
    except OSError as exc:
        message = f"the folder cannot be read ({exc.strerror or exc})"
        material.problems.append(FileProblem(str(directory), message))
        paths = []
    _read_vocabulary(material, directory, shipped)
    _read_sidefile(material, directory, shipped)
    for path in paths:
        if path.name not in {LEXICON_FILE, SIDE_FILE}:
            _read_category(material, path)
    return material


def _read_vocabulary(material: Material, directory: Path, shipped: Path) -> None:
    """The shipped lexicon first: its aliases keep the meaning that ranking was measured with."""
    contents = []
    for folder in dict.fromkeys([shipped.resolve(), directory.resolve()]):
        content = _read_optional(material, folder / LEXICON_FILE)
        if content is not None and _parse(material, LEXICON_FILE, content) is not None:
            contents.append(content)
    material.vocabulary = build_vocabulary(tuple(contents))
    problems = material.vocabulary.problems
    material.problems.extend(FileProblem(LEXICON_FILE, message) for message in problems)


def _read_sidefile(material: Material, directory: Path, shipped: Path) -> None:
    for folder in (directory, shipped):
        content = _read_optional(material, folder / SIDE_FILE)
        document = None if content is None else _parse(material, SIDE_FILE, content)
        if document is not None:
            problems = list(sidefile_problems(document))
            material.problems.extend(FileProblem(SIDE_FILE, message) for message in problems)
            material.sidefile = SideFile.read(document)
            return


def _read_optional(material: Material, path: Path) -> bytes | None:
    if not path.exists():
        return None
    try:
        return read_bytes(path)
    except UnreadableFile as exc:
        material.problems.append(FileProblem(path.name, exc.message, exc.place))
        return None


def _parse(material: Material, name: str, content: bytes) -> Any:
    """The document in a file; None, with the problem told, when it is broken."""
    try:
        return parse_json(content)
    except UnreadableFile as exc:
        material.problems.append(FileProblem(name, exc.message, exc.place))
        return None


def _read_category(material: Material, path: Path) -> None:
    if not _CATEGORY.fullmatch(path.stem) or path.stem in RESERVED_NAMES:
        message = "has a name that cannot be a category: use other letters, digits, - and _"
        material.problems.append(FileProblem(path.name, message))
        return
    try:
        document = parse_json(read_bytes(path))
    except UnreadableFile as exc:
        material.problems.append(FileProblem(path.name, exc.message, exc.place))
        return
    if has_entries(document):
        passages = tuple(_read_entries(material, path, document["entries"]))
    else:
        passages = tuple(_read_nested(material, path, document))
    material.problems.extend(
        FileProblem(path.name, "text is cut: split it into several", passage.fact_id)
        for passage in passages
        if len(passage.body) >= MAX_TEXT_LENGTH - 40 and passage.body.endswith("…")
    )
    form: Literal["nested", "entries"] = "entries" if has_entries(document) else "nested"
    title = material.sidefile.title(path.stem) or words_of(path.stem)
    material.categories.append(Category(path.stem, title, path.name, form, passages))


def _read_entries(material: Material, path: Path, entries: list[Any]) -> Iterator[Passage]:
    seen: set[str] = set()
    for number, raw in enumerate(entries):
        entry = read_entry(raw)
        if isinstance(entry, str):
            name = raw.get("id") if isinstance(raw, dict) else None
            place = f"entry {name or number}"[:120]
            material.problems.append(FileProblem(path.name, entry, place))
        elif entry.id in seen:
            message = "this id came before in the file"
            material.problems.append(FileProblem(path.name, message, f"entry {entry.id}"))
        else:
            seen.add(entry.id)
            passage = to_passage(entry, category=path.stem, file=path.name)
            yield material.sidefile.complete_entry(passage)


def _read_nested(material: Material, path: Path, document: Any) -> Iterator[Passage]:
    if is_too_deep(document):
        message = f"what lies deeper than {MAX_DEPTH} levels is not read"
        material.problems.append(FileProblem(path.name, message))
    source = material.sidefile.source(path.stem, path.name)
    told = {(fact.keys, fact.value) for found in material.categories for fact in _top(found)}
    for passage in read_nested(path.stem, document, source):
        # Each of the owner's files opens with the university's name: once is enough.
        if passage.breadcrumb or any((f.keys, f.value) not in told for f in passage.facts):
            yield material.sidefile.complete(passage)


def _top(category: Category) -> Iterator[Any]:
    for passage in category.passages:
        if not passage.breadcrumb:
            yield from passage.facts
