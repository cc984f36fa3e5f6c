"""Files of the form `{"entries": [...]}`: new facts, each with its source, date and confidence."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import ValidationError

from backend.schemas.knowledge import KnowledgeEntry
from backend.services.knowledge.passage import Confidence, Fact, Passage, Source
from backend.services.knowledge.rendering import clean, cut, unit_of, words_of, write_facts


def has_entries(document: Any) -> bool:
    """Whether a file is a file of entries rather than a nested one."""
    return isinstance(document, dict) and isinstance(document.get("entries"), list)


def read_entry(raw: Any) -> KnowledgeEntry | str:
    """The checked entry, or what is wrong with it in one line."""
    if not isinstance(raw, dict):
        return "is not an object"
    try:
        return KnowledgeEntry.model_validate(raw)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return f"{where}: {first['msg']}" if where else first["msg"]
    except RecursionError:
        return "is nested too deeply"


def to_passage(entry: KnowledgeEntry, *, category: str, file: str) -> Passage:
    """The passage that an entry makes."""
    return Passage(
        id=f"{category}#{entry.id}",
        category=category,
        fact_id=entry.id,
        title=clean(entry.title),
        body=body_of(entry),
        source=Source(
            title=clean(entry.source_title or entry.source or words_of(category)),
            url=entry.source if _is_url(entry.source) else None,
            file=None if _is_url(entry.source) else file,
            date=entry.as_of,
        ),
        raw=entry.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
        breadcrumb=(words_of(category), clean(entry.title)),
        aliases=tuple(map(clean, entry.aliases)),
        tags=entry.tags,
        core=False,
        language=entry.lang,
        confidence=Confidence(entry.confidence),
        note=clean(entry.note) if entry.note else None,
        priority=entry.priority,
        valid_until=last_day(entry.valid_until) if entry.valid_until else None,
    )


def body_of(entry: KnowledgeEntry) -> str:
    """What an entry says: its text, else its facts."""
    return cut(clean(entry.text)) or write_facts(list(_facts(entry.facts)))


def last_day(written: str) -> date | None:
    """The last day of a year, a month or a day as written; None when there is no such day."""
    parts = [int(part) for part in written.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    try:
        return date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])
    except ValueError:
        return None


def _facts(facts: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[Fact]:
    for key, value in facts.items():
        keys, unit = (*above, key), unit_of(key, None)
        if isinstance(value, dict):
            yield from _facts(value, keys)
        elif isinstance(value, list):
            members = tuple(member for member in value if isinstance(member, str | int | float))
            if members:
                yield Fact(keys, members, unit)
        elif value is not None:
            yield Fact(keys, value, unit)


def _is_url(source: str | None) -> bool:
    return source is not None and source.startswith(("https://", "http://"))
