"""The side file: what the owner's nested files do not say of themselves.

`sources` gives each category (or a place in one) its title, page and date, `paths` gives places
more names that people use for them, `labels` and `units` give keys their names in four languages,
and `overruled` names entries that contradict a place in the owner's files, which stands.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from backend.services.knowledge.concept import LANGUAGES
from backend.services.knowledge.passage import Passage, Source

_PARTS: Final = ("sources", "paths", "labels", "units", "overruled")


@dataclass(frozen=True, slots=True)
class SideFile:
    """The side file, each part checked for its shape when it is read."""

    sources: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    paths: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    units: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    overruled: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Any) -> "SideFile":
        """Read what is well-formed; `sidefile_problems` names the rest."""
        if not isinstance(document, dict):
            return cls()
        parts = {name: document.get(name) for name in _PARTS}
        return cls(
            sources=_objects(parts["sources"]),
            paths=_objects(parts["paths"]),
            labels=_objects(parts["labels"]),
            units=_objects(parts["units"]),
            overruled={
                key: value
                for key, value in (parts["overruled"] or {}).items()
                if isinstance(value, str)
            }
            if isinstance(parts["overruled"], dict)
            else {},
        )

    def title(self, category: str) -> str | None:
        """The name of a category for people."""
        return _text(self.sources.get(category, {}), "title")

    def source(self, category: str, file: str) -> Source:
        """Where a category's facts come from: its file, unless a page is named."""
        known = self.sources.get(category, {})
        return Source(
            title=_text(known, "title") or file,
            url=_text(known, "url"),
            file=file,
            date=_text(known, "date"),
        )

    def complete(self, passage: Passage) -> Passage:
        """The passage with what the side file adds for its place."""
        known = self.paths.get(passage.id)
        if known is None:
            return passage
        return replace(
            passage,
            source=replace(passage.source, date=_text(known, "date") or passage.source.date),
            aliases=(*passage.aliases, *_texts(known, "aliases")),
            concepts=(*passage.concepts, *_texts(known, "concepts")),
        )

    def complete_entry(self, passage: Passage) -> Passage:
        """The entry's passage, marked when the owner's files say otherwise."""
        ruling = self.overruled.get(passage.fact_id)
        return passage if ruling is None else replace(passage, overruled_by=ruling)

    def label(self, key: str, language: str) -> str | None:
        """The name of a key in a language."""
        return _text(self.labels.get(key, {}), language)

    def unit(self, unit: str, language: str) -> str | None:
        """The name of a unit in a language."""
        return _text(self.units.get(unit, {}), language)


def sidefile_problems(document: Any) -> Iterator[str]:
    """What is wrong with the document of a side file, one line each."""
    if not isinstance(document, dict):
        yield "must be an object"
        return
    for name in document:
        if name not in _PARTS:
            yield f"{name}: there is no such part"
    for name in _PARTS:
        part = document.get(name, {})
        if not isinstance(part, dict):
            yield f"{name}: must be an object"
            continue
        wanted = str if name == "overruled" else dict
        yield from (
            f"{name}.{key}: must be {'a text' if wanted is str else 'an object'}"
            for key, value in part.items()
            if not isinstance(value, wanted)
        )
    yield from _label_problems(document.get("labels"))


def _label_problems(labels: Any) -> Iterator[str]:
    for key, names in _objects(labels).items():
        missing = [language for language in LANGUAGES if not _text(names, language)]
        if missing:
            yield f"labels.{key}: no name in {', '.join(missing)}"


def _objects(part: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(part, dict):
        return {}
    return {key: value for key, value in part.items() if isinstance(value, dict)}


def _text(known: Mapping[str, Any], name: str) -> str | None:
    value = known.get(name)
    return value if isinstance(value, str) and value else None


def _texts(known: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = known.get(name)
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()
