"""The owner's nested JSON read as it is: each object a passage, each list a counted summary.

Nothing is expected of a file but that it is JSON: the keys are the breadcrumb, and what an object
holds directly, with the small groups inside it, is one passage.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from backend.services.knowledge.passage import Fact, FactValue, Passage, Scalar, Source, Span
from backend.services.knowledge.rendering import clean, unit_of, words_of, write_facts

MAX_DEPTH: Final = 64
"""Levels of nesting that are read; no breadcrumb deeper than that means anything."""

ROOT_FACT_ID: Final = "~"
"""The address of what stands at the top of a file itself."""

_NAME_KEYS: Final = ("name", "title", "label", "heading", "question")
_MAX_INLINE_FACTS: Final = 10
_SENTENCE_LENGTH: Final = 80

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a file, with the keys above it and what a reader sees as its breadcrumb."""

    value: Any
    path: Path = ()
    crumbs: tuple[str, ...] = ()
    unit: str | None = None

    def child(self, key: str | int, value: Any, crumb: str | None = None) -> "Node":
        """The node one level down; a list's member repeats no crumb."""
        unit = unit_of(key, self.unit) if isinstance(key, str) else self.unit
        words = crumb if crumb is not None else words_of(key) if isinstance(key, str) else ""
        return Node(value, (*self.path, key), (*self.crumbs, words) if words else self.crumbs, unit)


def read_nested(category: str, document: Any, source: Source) -> Iterator[Passage]:
    """All passages of a nested file, in the file's order."""
    pending = [Node(document)]
    while pending:
        node = pending.pop()
        facts, children = _open(node)
        if facts:
            yield _passage(category, node, facts, source)
        if len(node.path) < MAX_DEPTH:
            pending.extend(reversed(children))


def is_too_deep(document: Any) -> bool:
    """Whether a part of a file lies below `MAX_DEPTH` and is not read."""
    level = [document]
    for _ in range(MAX_DEPTH + 1):
        level = [child for node in level for child in _members(node)]
        if not level:
            return False
    return True


def pointer(path: Path) -> str:
    """The path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path)


def dotted(path: Path) -> str:
    """The path as dotted words that need no escaping in a URL; other characters become "~hex"."""
    return ".".join(_escape(str(key)) for key in path) or ROOT_FACT_ID


def _escape(key: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_\-]+", key):
        return key
    escaped = (
        char if re.match(r"[A-Za-z0-9_\-]", char) else "".join(f"~{b:02x}" for b in char.encode())
        for char in key
    )
    return "".join(escaped) or "~~"


def _open(node: Node) -> tuple[list[Fact], list[Node]]:
    """What belongs to the node's own passage, and what is read as passages of its own."""
    if isinstance(node.value, dict):
        return _open_object(node, node.value)
    if isinstance(node.value, list):
        return _open_list(node, node.value)
    value = _scalar(node.value)
    return ([] if value is None else [Fact((), value, node.unit)]), []


def _open_object(node: Node, value: dict[str, Any]) -> tuple[list[Fact], list[Node]]:
    children = {key: node.child(key, child) for key, child in value.items()}
    plain = {key: leaf for key, child in value.items() if (leaf := _leaf(child)) is not None}
    told: dict[str, FactValue] = {**plain, **(_word_lists(value) if plain else {})}
    below = {key for key, child in value.items() if isinstance(child, dict | list) and child}
    below -= told.keys()
    groups = {key for key in below if isinstance(value[key], dict)}
    inline = groups if _fits_inline(value, groups, below - groups) else set()
    facts: list[Fact] = []
    for key in value:
        if key in told:
            facts.append(Fact((key,), told[key], children[key].unit))
        elif key in inline:
            facts.extend(_group_facts(children[key], key))
    return facts, [children[key] for key in value if key in below - inline]


def _fits_inline(value: dict[str, Any], groups: set[str], others: set[str]) -> bool:
    """Whether the groups in an object are told with it: all flat, small, nameless and alone."""
    if others or not groups or any(_name(value[key]) for key in groups):
        return False
    members = [child for key in groups for child in value[key].values()]
    flat = all(_scalar(child) is not None for child in members)
    return flat and len(members) + len(value) - len(groups) <= _MAX_INLINE_FACTS


def _group_facts(group: Node, key: str) -> Iterator[Fact]:
    for name, child in group.value.items():
        yield Fact((key, name), child, group.child(name, child).unit)


def _open_list(node: Node, value: list[Any]) -> tuple[list[Fact], list[Node]]:
    members = [node.child(place, child, crumb="") for place, child in enumerate(value)]
    scalars = _scalars(value)
    if scalars is not None and not _are_sentences(scalars):
        return [Fact((), scalars, node.unit, counted=len(scalars) > 1)], []
    names = tuple(name for child in value if (name := _name(child)) is not None)
    summary = [Fact((), names, counted=True)] if len(names) > 1 else []
    return summary, members


def _passage(category: str, node: Node, facts: list[Fact], source: Source) -> Passage:
    path = pointer(node.path)
    title = _name(node.value) or (node.crumbs[-1] if node.crumbs else words_of(category))
    return Passage(
        id=f"{category}#{path}",
        category=category,
        fact_id=dotted(node.path),
        title=title,
        body=write_facts(facts),
        source=source,
        raw=node.value,
        breadcrumb=node.crumbs,
        facts=tuple(facts),
        parent=f"{category}#{pointer(node.path[:-1])}" if node.path else None,
    )


def _leaf(value: Any) -> Scalar | Span | None:
    """A value that is one fact: a scalar, or an object of `min` and `max` alone."""
    if isinstance(value, dict) and set(value) == {"min", "max"}:
        low, high = value["min"], value["max"]
        if _is_number(low) and _is_number(high):
            return Span(low, high)
        return None
    return _scalar(value)


def _scalar(value: Any) -> Scalar | None:
    if isinstance(value, str):
        return value if clean(value) else None
    return value if isinstance(value, bool | int | float) else None


def _scalars(value: list[Any]) -> tuple[Scalar, ...] | None:
    """The members of a list of nothing but scalars; None for every other list."""
    found = tuple(leaf for child in value if (leaf := _scalar(child)) is not None)
    mixed = any(isinstance(child, dict | list) for child in value)
    return None if mixed or not found else found


def _word_lists(value: dict[str, Any]) -> dict[str, tuple[Scalar, ...]]:
    """The lists of names in an object, which are told with it."""
    lists = ((key, _scalars(child)) for key, child in value.items() if isinstance(child, list))
    return {key: names for key, names in lists if names is not None and not _are_sentences(names)}


def _are_sentences(values: tuple[Scalar, ...]) -> bool:
    """Whether a list's members are statements of their own rather than names."""
    texts = [value for value in values if isinstance(value, str)]
    return bool(texts) and sum(map(_is_sentence, texts)) * 2 >= len(texts)


def _is_sentence(text: str) -> bool:
    lower = [word for word in text.split() if len(word) > 4 and word.islower()]
    return len(text) > _SENTENCE_LENGTH or len(lower) > 1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _name(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    names = (value.get(key) for key in _NAME_KEYS)
    return next((clean(name) for name in names if isinstance(name, str) and clean(name)), None)


def _members(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
