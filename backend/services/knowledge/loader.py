"""From files to passages: what can be read is used, what is wrong is told."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from backend.services.knowledge.bound import BoundPassages
from backend.services.knowledge.entries import has_entries, read_entry, to_passage
from backend.services.knowledge.folder import (
    LEXICON_FILE,
    SIDE_FILE,
    FileProblem,
    Folder,
    KnownFile,
)
from backend.services.knowledge.json_file import parse_json
from backend.services.knowledge.legacy import MAX_DEPTH, is_too_deep, read_nested
from backend.services.knowledge.passage import Fact, FactValue, Passage
from backend.services.knowledge.rendering import is_cut, words_of
from backend.services.knowledge.sidefile import SideFile, sidefile_problems
from backend.services.knowledge.vocabulary import Vocabulary, build_vocabulary

RESERVED_NAMES: Final = frozenset({"search", "reload", "gaps", "preview"})
"""Routes under `/knowledge/` of their own: a category of that name could never be asked for."""

_CATEGORY: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]*")

Form = Literal["nested", "entries"]
Told = frozenset[tuple[tuple[str, ...], FactValue]]


@dataclass(frozen=True, slots=True)
class Category:
    """One file of the knowledge with its passages in the file's order."""

    name: str
    title: str
    file: str
    form: Form
    passages: Sequence[Passage]


@dataclass(frozen=True, slots=True)
class Part:
    """What one file has become, and what that depends on; no category when nothing could be."""

    key: tuple[str, SideFile, Told]
    category: Category | None
    problems: tuple[FileProblem, ...]


@dataclass(slots=True)
class Material:
    """Everything that was read from a folder; `told` is what stands at the top of its files."""

    version: str = ""
    categories: list[Category] = field(default_factory=list)
    vocabulary: Vocabulary = field(default_factory=lambda: build_vocabulary(()))
    sidefile: SideFile = field(default_factory=SideFile)
    problems: list[FileProblem] = field(default_factory=list)
    parts: dict[str, Part] = field(default_factory=dict)
    told: Told = frozenset()


def read_folder(folder: Folder, last: Material | None = None) -> Material:
    """Make passages of the good versions of a folder's files; what `last` has of them is kept."""
    material = Material(version=folder.version, problems=folder.problems)
    material.vocabulary = build_vocabulary(folder.lexicons())
    found = material.vocabulary.problems
    material.problems.extend(FileProblem(LEXICON_FILE, message) for message in found)
    content = folder.sidefile()
    if content is not None:
        document = parse_json(content)
        material.sidefile = SideFile.read(document)
        found = tuple(sidefile_problems(document))
        material.problems.extend(FileProblem(SIDE_FILE, message) for message in found)
    known = {} if last is None else last.parts
    for file in folder.categories():
        _add_part(material, folder, file, known.get(file.path.name))
    return material


def _add_part(material: Material, folder: Folder, file: KnownFile, known: Part | None) -> None:
    key = _key_of(file, material)
    part = known
    if part is None or part.key != key:
        part = _bound_part(material, file) or _read_part(material, folder, file, known)
    material.parts[file.path.name] = part
    material.problems.extend(part.problems)
    if part.category is not None:
        material.categories.append(part.category)
        material.told |= {(fact.keys, fact.value) for fact in _top(part.category)}


def _key_of(file: KnownFile, material: Material) -> tuple[str, SideFile, Told]:
    return file.version, material.sidefile, material.told


def _read_part(material: Material, folder: Folder, file: KnownFile, known: Part | None) -> Part:
    last = () if known is None or known.category is None else known.category.passages
    reader = _Reader(file.path, material, last if isinstance(last, tuple) else ())
    category = reader.read(folder.document(file))
    return Part(_key_of(file, material), category, tuple(reader.problems))


def _bound_part(material: Material, file: KnownFile) -> Part | None:
    """A large file, whose entries were read when its volume was made."""
    if file.volume is None:
        return None
    reader = _Reader(file.path, material, ())
    passages = BoundPassages(file.volume, material.sidefile.complete_entry)
    category = reader.category("entries", passages)
    for message, place in file.volume.problems:
        reader.tell(message, place)
    return Part(_key_of(file, material), category, tuple(reader.problems))


class _Reader:
    """Reads one file; `last` are the passages of its version before."""

    def __init__(self, path: Path, material: Material, last: Sequence[Passage]) -> None:
        self.problems: list[FileProblem] = []
        self._path = path
        self._sidefile = material.sidefile
        self._told = material.told
        self._last = {passage.fact_id: passage for passage in last}

    def read(self, document: Any) -> Category | None:
        """The category that the file makes, if its name is fit for one."""
        is_entries = has_entries(document)
        found = self._entries(document["entries"]) if is_entries else self._nested(document)
        passages = tuple(found)
        for passage in passages:
            if is_cut(passage.body):
                self.tell("text is cut: split it into several", passage.fact_id)
        return self.category("entries" if is_entries else "nested", passages)

    def category(self, form: Form, passages: Sequence[Passage]) -> Category | None:
        """The category of these passages, if the file's name is fit for one."""
        name = self._path.stem
        if not _CATEGORY.fullmatch(name) or name in RESERVED_NAMES:
            self.tell("has a name that cannot be a category: use other letters, digits, - and _")
            return None
        title = self._sidefile.title(name) or words_of(name)
        return Category(name, title, self._path.name, form, passages)

    def tell(self, message: str, place: str | None = None) -> None:
        """Note something wrong with the file."""
        self.problems.append(FileProblem(self._path.name, message, place))

    def _entries(self, entries: list[Any]) -> Iterator[Passage]:
        seen: set[str] = set()
        for number, raw in enumerate(entries):
            entry = read_entry(raw)
            name = raw.get("id") if isinstance(raw, dict) else None
            if isinstance(entry, str):
                self.tell(entry, f"entry {name or number}"[:120])
                passage = self._last.get(name) if isinstance(name, str) else None
            else:
                passage = to_passage(entry, category=self._path.stem, file=self._path.name)
            if passage is None:
                continue
            if passage.fact_id in seen:
                self.tell("this id came before in the file", f"entry {name}")
                continue
            seen.add(passage.fact_id)
            yield self._sidefile.complete_entry(passage)

    def _nested(self, document: Any) -> Iterator[Passage]:
        if is_too_deep(document):
            self.tell(f"what lies deeper than {MAX_DEPTH} levels is not read")
        source = self._sidefile.source(self._path.stem, self._path.name)
        for passage in read_nested(self._path.stem, document, source):
            # Each of the owner's files opens with the university's name: once is enough.
            top = ((fact.keys, fact.value) for fact in passage.facts)
            if passage.breadcrumb or any(told not in self._told for told in top):
                yield self._sidefile.complete(passage)


def _top(category: Category) -> Iterator[Fact]:
    for passage in category.passages if category.form == "nested" else ():
        if not passage.breadcrumb:
            yield from passage.facts
