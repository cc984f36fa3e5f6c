"""Texts as weighted terms: concepts, word stems, figures and character n-grams."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from backend.services.knowledge.lexicon import FOREIGN, STOP, Lexicon, Match
from backend.services.knowledge.spelling import NearStrings, Speller
from backend.services.knowledge.text import BURMESE, CHINESE, DIGITS, LATIN, THAI, fold, grams, stem

MAX_QUERY_LENGTH: Final = 600
"""Characters of a question that are looked at: what is asked stands at its start or its end."""

_WORDS: Final = re.compile(r"[a-z]+")
_GRAM_SIZES: Final = {THAI: (3,), BURMESE: (3,), CHINESE: (1, 2)}
_SPACELESS: Final = frozenset(_GRAM_SIZES)
_CONCEPT_WEIGHT: Final = 2.0
_BROADER_WEIGHT: Final = 0.5
_WEAK_WEIGHT: Final = 0.35
_GRAM_WEIGHT: Final = 0.3
_REPAIRED_WEIGHT: Final = 0.9
_CHARS_PER_WORD: Final = {THAI: 4.0, BURMESE: 5.0, CHINESE: 2.0}
_MIN_RESIDUE: Final = {THAI: 2, BURMESE: 3, CHINESE: 1}


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


@dataclass(frozen=True, slots=True)
class Query:
    """A question as terms, with the concepts it names and what of it is plainly foreign."""

    terms: tuple[Term, ...]
    concepts: tuple[str, ...] = ()
    foreign: int = 0


class Analyser:
    """Turns texts into terms, the same way for questions and for passages."""

    def __init__(
        self, lexicon: Lexicon, speller: Speller | None = None, near: NearStrings | None = None
    ) -> None:
        self.lexicon = lexicon
        self.speller = speller
        self.near = near

    def terms_of_passage(self, text: str) -> Iterator[Term]:
        """The terms of a text of the knowledge."""
        for match in self.lexicon.find(fold(text)):
            if match.concepts:
                yield from self._concept_terms(match)
            yield from self._plain_terms(match)

    def words_of(self, text: str) -> Iterator[str]:
        """The folded Latin words of a text: what misspelt words are repaired to."""
        return (match.text for match in self.lexicon.find(fold(text)) if match.kind == LATIN)

    def read_query(self, message: str) -> Query:
        """A question as terms, its spelling repaired."""
        terms: list[Term] = []
        concepts: list[str] = []
        foreign = 0
        for match in self._matches(message):
            groups = {self.lexicon.names(name).group for name in match.concepts}
            if FOREIGN in groups:
                foreign += 1
                continue
            terms.extend(self._query_terms(match, groups))
            concepts.extend(name for name in match.concepts if groups != {STOP})
        merged = tuple(merge(terms).values())
        return Query(merged, tuple(dict.fromkeys(concepts)), foreign)

    def _query_terms(self, match: Match, groups: set[str]) -> Iterator[Term]:
        if STOP in groups:
            return
        if match.concepts:
            yield from self._concept_terms(match)
            if match.kind == LATIN:
                # Its words find what the concept's passages say literally; they weigh nothing more.
                yield from (replace(term, mass=0.0) for term in self._plain_terms(match))
            return
        yield from self._plain_terms(match)

    def _matches(self, message: str) -> Iterator[Match]:
        folded = fold(_shorten(message))
        for match in self.lexicon.find(self._repair_words(folded)):
            if match.concepts or match.kind not in _SPACELESS:
                yield match
            else:
                yield from self._repair_string(match)

    def _repair_words(self, folded: str) -> str:
        """The folded question, its unknown Latin words repaired before phrases are looked for."""
        speller = self.speller
        if speller is None:
            return folded
        return _WORDS.sub(lambda found: speller.repair(found[0]) or found[0], folded)

    def _repair_string(self, match: Match) -> Iterator[Match]:
        found = self.near.find(match.text) if self.near is not None else None
        if found is None:
            yield match
            return
        start, end, alias = found
        if start:
            yield Match(match.text[:start], match.kind)
        yield Match(alias, match.kind, self.lexicon.meaning(alias))
        if end < len(match.text):
            yield Match(match.text[end:], match.kind)

    def _concept_terms(self, match: Match) -> Iterator[Term]:
        for name in match.concepts:
            concept = self.lexicon.names(name)
            if concept.group == STOP:
                continue
            weight = _CONCEPT_WEIGHT * (_WEAK_WEIGHT if concept.weak else 1.0)
            mass = (0.3 if concept.weak else 1.0) / len(match.concepts)
            yield Term(f"@{name}", TermKind.CONCEPT, weight, mass)
            for broader in concept.broader:
                yield Term(f"@{broader}", TermKind.CONCEPT, weight * _BROADER_WEIGHT)

    def _plain_terms(self, match: Match) -> Iterator[Term]:
        if match.kind == DIGITS:
            yield Term(match.text.replace(",", "").rstrip("."), TermKind.FIGURE, 1.0, 1.0)
        elif match.kind in _SPACELESS:
            yield from _gram_terms(match)
        elif not self._is_stop(match):
            for word in match.text.split():
                yield Term(stem(word), TermKind.WORD, 1.0, 1.0)

    def _is_stop(self, match: Match) -> bool:
        groups = {self.lexicon.names(name).group for name in match.concepts}
        return groups == {STOP}


def _gram_terms(match: Match) -> Iterator[Term]:
    if len(match.text) < _MIN_RESIDUE[match.kind]:
        return
    found = list(dict.fromkeys(grams(match.text, _GRAM_SIZES[match.kind])))
    mass = len(match.text) / _CHARS_PER_WORD[match.kind] / len(found)
    for gram in found:
        yield Term(gram, TermKind.GRAM, _GRAM_WEIGHT, mass)


def _shorten(message: str) -> str:
    if len(message) <= MAX_QUERY_LENGTH:
        return message
    half = MAX_QUERY_LENGTH // 2
    return f"{message[:half]} {message[-half:]}"


def merge(terms: Sequence[Term]) -> dict[str, Term]:
    """One term a token, with the greatest weight and mass it has."""
    merged: dict[str, Term] = {}
    for term in terms:
        known = merged.get(term.token)
        if known is None or term.weight > known.weight:
            merged[term.token] = term
    return merged
