"""The entries of a large file, checked one by one and brought down to what a volume keeps."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from backend.schemas.knowledge import KnowledgeEntry
from backend.services.knowledge.entries import body_of, last_day, read_entry
from backend.services.knowledge.passage import Confidence
from backend.services.knowledge.rendering import clean, is_cut
from backend.services.knowledge.shelf import worth_of
from backend.services.knowledge.volume import Volume
from backend.services.knowledge.volume_writer import Sheet

_LOW: Final[str] = Confidence.LOW
_CHECKED_AT_ONCE: Final = 200
_ENTRIES: Final = TypeAdapter(list[KnowledgeEntry])
_to_json: Final = TypeAdapter(KnowledgeEntry).serializer.to_json

Problem = tuple[str, str | None]
"""What is wrong, and with which entry."""


class SheetReader:
    """Reads entries, and notes what is wrong with them.

    `crumb` is the name of the file for people; `last` the volume of its version before.
    """

    def __init__(self, crumb: str, last: Volume | None) -> None:
        self.crumb = crumb
        self.problems: list[Problem] = []
        self._last = last
        self._seen: set[str] = set()

    def repeats(self, entries: Sequence[Any]) -> bool:
        """Whether two entries may have the same id."""
        ids = [str(raw.get("id")).strip() if isinstance(raw, dict) else "" for raw in entries]
        return len(set(ids)) < len(ids)

    def read(self, entries: Sequence[Any], first: int) -> Iterator[Sheet]:
        """The entries in their order, as they were for those that are broken now; the first of them
        is the file's entry number `first`."""
        for number, (raw, checked) in enumerate(
            zip(entries, _checked(entries), strict=True), first
        ):
            name = raw.get("id") if isinstance(raw, dict) else None
            entry = checked or self._entry(raw, name, number)
            if entry is None:
                continue
            if entry.id in self._seen:
                self.problems.append(("this id came before in the file", f"entry {name}"))
                continue
            self._seen.add(entry.id)
            sheet = _sheet(entry)
            if is_cut(sheet.body):
                self.problems.append(("text is cut: split it into several", entry.id))
            yield sheet

    def _entry(self, raw: Any, name: Any, number: int) -> KnowledgeEntry | None:
        entry = read_entry(raw)
        if not isinstance(entry, str):
            return entry
        self.problems.append((entry, f"entry {name or number}"[:120]))
        if self._last is None or not isinstance(name, str):
            return None
        passage = self._last.find(name)
        return None if passage is None else KnowledgeEntry.model_validate(passage.raw)


def _checked(entries: Sequence[Any]) -> Iterator[KnowledgeEntry | None]:
    """The entries, checked many at once in half the time; none of those beside a broken one."""
    for first in range(0, len(entries), _CHECKED_AT_ONCE):
        chosen = entries[first : first + _CHECKED_AT_ONCE]
        try:
            yield from _ENTRIES.validate_python(chosen)
        except (ValidationError, RecursionError):
            yield from repeat(None, len(chosen))


def _sheet(entry: KnowledgeEntry) -> Sheet:
    until = last_day(entry.valid_until) if entry.valid_until else None
    return Sheet(
        fact_id=entry.id,
        title=clean(entry.title),
        body=body_of(entry),
        aliases=tuple(map(clean, entry.aliases)),
        tags=entry.tags,
        valid_until=until.toordinal() if until else 0,
        worth=worth_of(entry.priority, doubtful=entry.confidence == _LOW),
        content=_to_json(entry, exclude_none=True, exclude_defaults=True),
    )
