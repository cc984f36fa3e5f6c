"""A question as weighted terms, and what a follow-up takes over from the question before it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final

INHERITED_WEIGHT: Final = 0.6
"""What a follow-up takes over counts less than what it says itself."""

KEY_MASS: Final = 0.5
"""Words: what says less does not tell one question from another."""

CONCEPT_SIGN: Final = "@"
"""The first character of a concept's token, which no word has."""

_EXCLUDED_WEIGHT: Final = -2.0
_INHERITED_MASS: Final = 0.3
ENTITY_GROUPS: Final = frozenset({"level", "residence", "campus", "subject", "name"})
"""Of what something is asked: one stands in for another of its group."""

_PAIRED_GROUPS: Final = frozenset({"campus", "level"})
_DECIDING_GROUPS: Final = frozenset({"level", "campus", "name"})
_TOPIC: Final = "topic"


class TermKind(StrEnum):
    """What a term is made of."""

    CONCEPT = "concept"
    WORD = "word"
    FIGURE = "figure"
    GRAM = "gram"


@dataclass(frozen=True, slots=True)
class Term:
    """One term of a text; `mass` is its share of what the text says, in words."""

    token: str
    kind: TermKind
    weight: float = 1.0
    mass: float = 0.0

    @property
    def is_faint(self) -> bool:
        """Whether having the term in common says little: n-grams, and figures short of a year."""
        short = self.kind is TermKind.FIGURE and len(self.token) < 4
        return short or self.kind is TermKind.GRAM

    def lighter(self, mass: float, weight: float = 1.0) -> "Term":
        """The term with a part of its mass and weight."""
        return Term(self.token, self.kind, self.weight * weight, self.mass * mass)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a question: its terms, the concepts it names and the groups they are in.

    `anchored` tells that the concept belongs to a university, where others ("price", "where")
    are asked about anything: those are an `aspect` of something else. `kept` parts come from the
    question before.
    """

    terms: tuple[Term, ...]
    concepts: tuple[str, ...] = ()
    groups: frozenset[str] = frozenset()
    anchored: bool = False
    aspect: bool = False
    kept: bool = False

    def inherited(self) -> "Part":
        """The part as a later question takes it over."""
        terms = tuple(term.lighter(_INHERITED_MASS, INHERITED_WEIGHT) for term in self.terms)
        return replace(self, terms=terms, kept=True)


@dataclass(frozen=True)
class Query:
    """A question in parts; `foreign` counts what in it is plainly about something else, `unknown`
    the words that had to be repaired or could not be; `excluded` are the concepts that it says it
    is not about; `elsewhere` tells that it is about another university."""

    parts: tuple[Part, ...] = ()
    foreign: int = 0
    unknown: int = 0
    excluded: frozenset[str] = frozenset()
    elsewhere: bool = False

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """One term a token, with the greatest weight it has, less than nothing for what is
        excluded."""
        merged = {
            token: Term(token, TermKind.CONCEPT, _EXCLUDED_WEIGHT)
            for token in (f"{CONCEPT_SIGN}{name}" for name in sorted(self.excluded))
        }
        for part in self.parts:
            for term in part.terms:
                known = merged.get(term.token)
                if known is None or term.weight > known.weight:
                    merged[term.token] = term
        return tuple(merged.values())

    @cached_property
    def concepts(self) -> tuple[str, ...]:
        """The concepts named, each once."""
        return tuple(dict.fromkeys(name for part in self.parts for name in part.concepts))

    @property
    def said(self) -> frozenset[str]:
        """What is asked: the concepts that the question names itself, and those of the one before
        only when it names of what else the same is asked."""
        own = [part for part in self.parts if not part.kept]
        named = frozenset(name for part in own for name in part.concepts)
        topic = any(_TOPIC in part.groups for part in own)
        return named if topic or not named else frozenset(self.concepts)

    @cached_property
    def key(self) -> frozenset[str]:
        """What the question comes down to: two questions of one key ask the same.

        Empty when a part of it is not understood.
        """
        unknown = sum(term.mass for term in self.terms if term.kind is TermKind.GRAM)
        if unknown >= KEY_MASS:
            return frozenset()
        return frozenset(
            term.token
            for term in self.terms
            if term.mass >= KEY_MASS and term.kind is not TermKind.GRAM
        )

    @property
    def anchored(self) -> bool:
        """Whether something in the question belongs to a university."""
        return any(part.anchored for part in self.parts)

    @property
    def follows(self) -> bool:
        """Whether the question takes something over from the one before it."""
        return any(part.kept for part in self.parts)

    @property
    def bare(self) -> bool:
        """Whether the question names nothing that it asks of: "do you have LINE?" is asked of
        whoever answers."""
        return bool(self.parts) and all(part.aspect for part in self.parts)

    @property
    def decided(self) -> bool:
        """Whether the question names what only a question about a university does.

        "We live in Yangon, what is a bachelor's degree?" is about the degree.
        """
        return any(part.anchored and part.groups & _DECIDING_GROUPS for part in self.parts)

    def names_topic(self) -> bool:
        """Whether the question says what is asked."""
        return any(_TOPIC in part.groups for part in self.parts)

    def names_entity(self) -> bool:
        """Whether the question says of what."""
        return any(part.groups & ENTITY_GROUPS for part in self.parts)

    def without_named(self, earlier: "Query") -> "Query":
        """This question, which is about another campus or degree than the one before it."""
        named = {
            name
            for part in earlier.parts
            if part.groups and part.groups <= _PAIRED_GROUPS
            for name in part.concepts
        }
        return replace(self, excluded=self.excluded | named.difference(self.concepts))

    def following(self, earlier: "Query") -> "Query":
        """This question with what it leaves unsaid taken from the one before it.

        A concept replaces those of its group: "and for masters?" keeps the price that was asked
        for and changes the level. What is asked ("the price?") replaces what was asked, not what
        it was asked of.
        """
        said = frozenset(
            (group, part.aspect) for part in self.parts for group in part.groups if part.groups
        )
        kept = tuple(
            part for part in _kept(earlier, said) if not self.excluded.intersection(part.concepts)
        )
        excluded = self.excluded | earlier.excluded.difference(self.concepts)
        return replace(self, parts=(*self.parts, *kept), excluded=excluded)


def _kept(earlier: Query, said: frozenset[tuple[str, bool]]) -> Iterator[Part]:
    """The earlier parts that none said now replaces; a new subject replaces an aspect as well."""
    for part in earlier.parts:
        replaced = (
            (group, aspect) in said for group in part.groups for aspect in {part.aspect, False}
        )
        if not any(replaced):
            yield part.inherited()
