"""Concepts, and the file that defines them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

STOP: Final = "stop"
FOREIGN: Final = "foreign"
ELSEWHERE: Final = "elsewhere"
OUTSIDE: Final = frozenset({FOREIGN, ELSEWHERE})
EVERYDAY: Final = "everyday"
NAME: Final = "name"
"""Groups of their own: words without a subject, plainly foreign subjects and the names of other
universities, both outside of what is known here, words that are merely known, so that they are not
taken for misspelt ones, and the university's own names, which are said in every second question."""

LANGUAGES: Final = ("en", "th", "zh", "my")


@dataclass(frozen=True, slots=True)
class Concept:
    """One idea and what it is for: `group` says which other concepts it replaces in a follow-up.

    `weak` concepts ("university", "year") say little about what is asked. `generic` ones ("price",
    "where") are asked about anything, `common` ones ("music", "insurance") have a life outside a
    university as well: neither shows that a question is about this one. A `broader` concept is
    meant too, but less.
    """

    name: str
    group: str = "topic"
    weak: bool = False
    generic: bool = False
    common: bool = False
    broader: tuple[str, ...] = ()

    @property
    def anchors(self) -> bool:
        """Whether naming the concept shows that a question is about a university."""
        return not (self.generic or self.common)


def lexicon_problems(document: Any) -> Iterator[str]:
    """What is wrong with the document of a lexicon file, one line each."""
    if not isinstance(document, dict):
        yield "must be an object of concepts"
        return
    for name, value in document.items():
        if isinstance(value, dict):
            yield from _concept_problems(name, value, document)
        elif not _is_word_list(value):
            yield f"{name}: must be a list of words, or an object with one a language"


def _concept_problems(
    name: str, value: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[str]:
    for language in (*LANGUAGES, "broader"):
        if not _is_word_list(value.get(language, [])):
            yield f"{name}.{language}: must be a list of words"
    broader = value.get("broader")
    for other in broader if isinstance(broader, list) else ():
        if other not in document:
            yield f"{name}.broader: there is no concept {other!r}"


def read_concept(name: str, value: Any) -> Concept:
    """The concept that a member of a lexicon file defines, aliases apart."""
    if not isinstance(value, dict):
        return Concept(name)
    group, broader = value.get("group"), value.get("broader")
    return Concept(
        name=name,
        group=group if isinstance(group, str) else "topic",
        weak=value.get("weak") is True,
        generic=value.get("generic") is True,
        common=value.get("common") is True,
        broader=tuple(broader) if isinstance(broader, list) and _is_word_list(broader) else (),
    )


def read_aliases(value: Any) -> Iterator[str]:
    """The aliases that a member of a lexicon file lists, in whatever languages."""
    lists = [value.get(language) for language in LANGUAGES] if isinstance(value, dict) else [value]
    for words in lists:
        if isinstance(words, list):
            yield from (word for word in words if isinstance(word, str))


def _is_word_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) for word in value)
