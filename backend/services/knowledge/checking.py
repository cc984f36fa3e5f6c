"""What `knowledge check` tells beyond files that cannot be read: dates, conflicts, ambiguities."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backend.services.knowledge.folder import LEXICON_FILE, SIDE_FILE, FileProblem
from backend.services.knowledge.library import Library
from backend.services.knowledge.passage import Passage


class Level(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about the files. Errors keep a part of them from being used."""

    level: Level
    problem: FileProblem

    def __str__(self) -> str:
        return f"{self.level.value}: {self.problem}"


def check_library(library: Library, today: date) -> Iterator[Finding]:
    """Everything worth telling about a library, errors first."""
    for problem in library.problems:
        yield Finding(Level.ERROR, problem)
    for passage in library.all_passages():
        if passage.is_expired(today):
            message = f"held until {passage.valid_until}: no longer used"
            yield Finding(Level.WARNING, FileProblem(_file(passage), message, passage.fact_id))
    yield from _conflicts(library)
    yield from _sidefile_findings(library)
    for alias, names in sorted(library.lexicon.shared_aliases().items()):
        message = f"{alias!r} names {' and '.join(names)}"
        yield Finding(Level.NOTE, FileProblem(LEXICON_FILE, message))


def _conflicts(library: Library) -> Iterator[Finding]:
    """Entries that the owner's files overrule, and ids that stand in two files."""
    files: dict[str, list[Passage]] = defaultdict(list)
    for passage in library.all_passages():
        if passage.core:
            continue
        files[passage.fact_id].append(passage)
        if passage.overruled_by in library.by_id:
            message = f"contradicts {passage.overruled_by}, which stands"
            note = f"{message} ({passage.note})" if passage.note else message
            yield Finding(Level.WARNING, FileProblem(_file(passage), note, passage.fact_id))
    for fact_id, passages in files.items():
        for other in passages[1:]:
            same = other.raw.get("facts") == passages[0].raw.get("facts")
            words = "stands in" if same else "says otherwise in"
            message = f"the same id {words} {_file(passages[0])}"
            yield Finding(Level.WARNING, FileProblem(_file(other), message, fact_id))


def _sidefile_findings(library: Library) -> Iterator[Finding]:
    categories = {category.name for category in library.categories}
    for path, known in library.sidefile.paths.items():
        if path.partition("#")[0] in categories and not library.holds(path):
            yield Finding(Level.WARNING, FileProblem(SIDE_FILE, "there is no such place", path))
        concepts = known.get("concepts")
        for name in concepts if isinstance(concepts, list) else ():
            if name not in library.lexicon.concepts:
                message = f"there is no concept {name!r}"
                yield Finding(Level.WARNING, FileProblem(SIDE_FILE, message, path))


def _file(passage: Passage) -> str:
    return f"{passage.category}.json"
