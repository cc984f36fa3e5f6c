"""Texts as weighted terms: concepts, word stems, figures and character n-grams."""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from backend.services.knowledge.concept import (
    ELSEWHERE,
    EVERYDAY,
    FOREIGN,
    NAME,
    OUTSIDE,
    STOP,
    Concept,
)
from backend.services.knowledge.elsewhere import is_about_another
from backend.services.knowledge.lexicon import Lexicon, Match
from backend.services.knowledge.memo import Memo
from backend.services.knowledge.negation import leave_out_negated
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Part, Query, Term, TermKind
from backend.services.knowledge.repair import repair_words
from backend.services.knowledge.spelling import NearStrings, Speller
from backend.services.knowledge.text import (
    BURMESE,
    CHINESE,
    DIGITS,
    LATIN,
    THAI,
    figure,
    fold,
    grams,
    stem,
)

MAX_QUERY_LENGTH: Final = 600
"""Characters of a question that are looked at: what is asked stands at its start or its end."""

_WORDS: Final = re.compile(r"[a-z]+")
_GRAM_SIZES: Final = {THAI: (3,), BURMESE: (3,), CHINESE: (1, 2)}
_SPACELESS: Final = frozenset(_GRAM_SIZES)
_CONCEPT_WEIGHT: Final = 2.0
_BROADER_WEIGHT: Final = 0.5
_WEAK_WEIGHT: Final = 0.35
_NAME_WEIGHT: Final = 0.2
_GRAM_WEIGHT: Final = 0.3
_GRAM_MASS: Final = 0.7
_EVERYDAY_MASS: Final = 0.6
_DOUBT_WEIGHT: Final = 0.5
_SMALL_FIGURE_MASS: Final = 0.5
_TELLING_FIGURE: Final = 4
"""Characters: a year, or an amount."""

_CHARS_PER_WORD: Final = {THAI: 4.0, BURMESE: 5.0, CHINESE: 2.0}
_MIN_RESIDUE: Final = {THAI: 2, BURMESE: 3, CHINESE: 1}
_KEPT_MATCHES: Final = 16_384
_KEPT_QUERIES: Final = 256
_KEPT_PASSAGES: Final = 512
_OTHERS: Final = Part((Term("elsewhere", TermKind.WORD, mass=1.0),))
"""Another university in passing: a word of the question that no fact speaks of."""

_ACRONYMS: Final = re.compile(r"(?<![A-Za-z])(IT|LINE)(?![A-Za-z]| account| id)")
_MIXED_ACRONYMS: Final = re.compile(r"(?<![a-z])(it|line)(?![a-z]| account| id)", re.IGNORECASE)
_MEANINGS: Final = {"IT": "ict", "LINE": "line account"}
"""Names that are plain words unless they stand in capitals or in a text of another script."""

_MAX_REPAIRS: Final = 6
_MAX_REPAIRED: Final = 24
"""Characters of an unknown stretch that are compared with known strings: the cost is its square."""


class Said(NamedTuple):
    """What a passage says in its heading, in what names it, and in all of it."""

    heading: frozenset[str]
    named: frozenset[str]
    spoken: frozenset[str]


class Analyser:
    """Turns texts into terms, the same way for questions and for passages."""

    def __init__(
        self, lexicon: Lexicon, speller: Speller | None = None, near: NearStrings | None = None
    ) -> None:
        self.lexicon = lexicon
        self.speller = speller
        self.near = near
        self._terms = Memo[Match, tuple[Term, ...]](_KEPT_MATCHES)
        self._parts = Memo[Match, Part](_KEPT_MATCHES)
        self._queries = Memo[str, Query](_KEPT_QUERIES)
        self._said = Memo[Passage, Said](_KEPT_PASSAGES)

    def terms_of_passage(self, text: str) -> list[Term]:
        """The terms of a text of the knowledge."""
        return self.terms_of_folded(fold(text))

    def read_passage(self, passage: Passage) -> Said:
        """What a passage says: the same few are judged for most questions."""
        return self._said.get(passage) or self._said.keep(passage, self._read_passage(passage))

    def _read_passage(self, passage: Passage) -> Said:
        heading = self._tokens_of((*passage.breadcrumb[1:], passage.title))
        named = heading | self._tokens_of(passage.aliases) | {f"@{one}" for one in passage.concepts}
        text = passage.text if passage.core else passage.body
        return Said(heading, named, named | self._tokens_of((text,)))

    def _tokens_of(self, texts: Iterable[str]) -> frozenset[str]:
        return frozenset(term.token for term in self.terms_of_passage(". ".join(texts)))

    def terms_of_match(self, match: Match) -> tuple[Term, ...]:
        """The terms of a stretch of a text of the knowledge."""
        return self._terms.get(match) or self._terms.keep(match, self._read_terms(match))

    def part_of_match(self, match: Match) -> Part | None:
        """What a stretch of a question is, if it is a part of it."""
        part = self._parts.get(match) or self._parts.keep(match, self._read_part(match))
        return None if part.groups & (OUTSIDE | {STOP}) else part

    def terms_of_folded(self, folded: str) -> list[Term]:
        """The terms of a text that is folded already."""
        found: list[Term] = []
        for match in self.lexicon.find(folded):
            terms = self._terms.get(match)
            if terms is None:
                terms = self._terms.keep(match, self._read_terms(match))
            found.extend(terms)
        return found

    def words_of_folded(self, folded: str) -> list[str]:
        """The Latin words of a folded text: what misspelt words are repaired to."""
        return _WORDS.findall(folded)

    def read_query(self, message: str) -> Query:
        """A question as terms, its spelling repaired.

        The last ones are kept: each turn of a conversation reads its questions again.
        """
        query = self._queries.get(message)
        if query is None:
            query = self._queries.keep(message, self._read_new_query(message))
        return query

    def _read_new_query(self, message: str) -> Query:
        return self.read_folded(fold(as_read(message)))

    def read_folded(self, folded: str) -> Query:
        """A question that is cut and folded already."""
        doubts, repaired = list[str](), 0
        if self.speller is not None:
            folded, doubts, repaired = repair_words(folded, self.speller, self.lexicon)
        parts: list[Part] = []
        foreign = 0
        matches, excluded = leave_out_negated(self._matches(folded), self.lexicon)
        for match in matches:
            part = self._parts.get(match) or self._parts.keep(match, self._read_part(match))
            if FOREIGN in part.groups:
                foreign += 1
            elif ELSEWHERE in part.groups:
                parts.append(_OTHERS)
            elif STOP not in part.groups:
                parts.append(part)
        parts.extend(self._doubtful_part(word) for word in doubts)
        elsewhere = is_about_another(matches, self.lexicon)
        return Query(tuple(parts), foreign, repaired, excluded, elsewhere)

    def _doubtful_part(self, word: str) -> Part:
        """What else a misspelt word may have meant: worth a look, but no part of the question."""
        terms = (term.lighter(0.0, _DOUBT_WEIGHT) for term in self.terms_of_passage(word))
        return Part(tuple(terms))

    def _read_terms(self, match: Match) -> tuple[Term, ...]:
        return (*self._concept_terms(match), *self._plain_terms(match))

    def _read_part(self, match: Match) -> Part:
        groups = frozenset(self.lexicon.concept(name).group for name in match.concepts)
        concepts = tuple(name for name in match.concepts if groups != {EVERYDAY})
        if not concepts:
            mass = _EVERYDAY_MASS if match.concepts else 1.0
            return Part(tuple(term.lighter(mass) for term in self._plain_terms(match)))
        terms = list(self._concept_terms(match))
        if match.kind == LATIN:
            # The words find what passages say literally; the concept already stands for them.
            weight = max(_lightness(self.lexicon.concept(name)) for name in concepts)
            terms.extend(term.lighter(0.0, weight) for term in self._plain_terms(match))
        anchored = all(self.lexicon.concept(name).anchors for name in concepts)
        aspect = all(self.lexicon.concept(name).generic for name in concepts)
        return Part(tuple(terms), concepts, groups, anchored, aspect)

    def _matches(self, folded: str) -> Iterator[Match]:
        repaired = 0
        for match in self.lexicon.find(folded):
            if match.concepts or match.kind not in _SPACELESS or repaired == _MAX_REPAIRS:
                yield match
            else:
                repaired += 1
                yield from self._repair_string(match)

    def _repair_string(self, match: Match) -> Iterator[Match]:
        if self.near is None or len(match.text) > _MAX_REPAIRED:
            yield match
            return
        found = self.near.find(match.text)
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
            concept = self.lexicon.concept(name)
            if concept.group in {STOP, EVERYDAY, *OUTSIDE}:
                continue
            weight = _CONCEPT_WEIGHT * _lightness(concept)
            mass = _mass(concept) / len(match.concepts)
            yield Term(f"@{name}", TermKind.CONCEPT, weight, mass)
            for broader in concept.broader:
                yield Term(f"@{broader}", TermKind.CONCEPT, weight * _BROADER_WEIGHT)

    def _plain_terms(self, match: Match) -> Iterator[Term]:
        if match.kind == DIGITS:
            token = figure(match.text)
            # "Three A levels, grade 4 in five": a small figure is seldom what a question is about.
            mass = 1.0 if len(token) >= _TELLING_FIGURE else _SMALL_FIGURE_MASS
            yield Term(token, TermKind.FIGURE, 1.0, mass)
        elif match.kind in _SPACELESS:
            yield from _gram_terms(match)
        else:
            for word in match.text.split():
                if not self.lexicon.is_stop_word(word):
                    yield Term(stem(word), TermKind.WORD, 1.0, 1.0)


def _gram_terms(match: Match) -> Iterator[Term]:
    if len(match.text) < _MIN_RESIDUE[match.kind]:
        return
    found = list(dict.fromkeys(grams(match.text, _GRAM_SIZES[match.kind])))
    mass = _GRAM_MASS * len(match.text) / _CHARS_PER_WORD[match.kind] / len(found)
    for gram in found:
        yield Term(gram, TermKind.GRAM, _GRAM_WEIGHT, mass)


def _lightness(concept: Concept) -> float:
    if concept.group == NAME:
        return _NAME_WEIGHT
    return _WEAK_WEIGHT if concept.weak else 1.0


def _mass(concept: Concept) -> float:
    """How much of a question a concept is: "where" and "how much" are asked about anything."""
    if concept.group == NAME:
        return 0.03
    if concept.weak:
        return 0.3
    return 0.6 if concept.generic else 1.0


def _name_acronyms(message: str) -> str:
    """The message with names written out that would be read as plain words."""
    mixed = not message.isascii()
    if not mixed and (message.isupper() or not ("IT" in message or "LINE" in message)):
        return message
    pattern = _MIXED_ACRONYMS if mixed else _ACRONYMS
    return pattern.sub(lambda found: _MEANINGS[found[0].upper()], message)


def as_read(message: str) -> str:
    """What is looked at of a question: the start and the end of a long one, names written out."""
    return _name_acronyms(_shorten(message))


def _shorten(message: str) -> str:
    if len(message) <= MAX_QUERY_LENGTH:
        return message
    half = MAX_QUERY_LENGTH // 2
    return f"{message[:half]} {message[-half:]}"
