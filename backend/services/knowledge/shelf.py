"""Passages that are ranked together: what each is found by, and what each counts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.index import Hit, Index
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Query, TermKind

_CONCEPT_WEIGHT: Final = 2.5
_SUMMARY_WEIGHT: Final = 0.3
_CORE_BOOST: Final = 1.1
_ASKED_BOOST: Final = 1.4
_DOUBT_FACTOR: Final = 0.85
_FOCUS_SHARE: Final = 0.4


@dataclass(frozen=True, slots=True)
class _Weights:
    """What a term counts by where it stands."""

    title: float
    body: float
    alias: float


_CORE_WEIGHTS: Final = _Weights(title=1.5, body=1.0, alias=1.0)
_ENTRY_WEIGHTS: Final = _Weights(title=2.0, body=0.6, alias=2.0)
"""Entries are sentences that touch on much else; their aliases are what people ask."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The concepts in an entry's title, and how much they tell together."""

    tokens: frozenset[str]
    mass: float


@dataclass(frozen=True, slots=True)
class Shelf:
    """Passages in stable order with their index.

    `worth` is what each counts by itself; `focus` what the title of each entry speaks of; `asked`
    holds the places of the passages that have an alias which asks the same as a question of that
    key.
    """

    passages: tuple[Passage, ...]
    index: Index
    worth: tuple[float, ...]
    focus: tuple[Focus | None, ...]
    asked: Mapping[frozenset[str], frozenset[int]]

    def weigh(self, place: int, hit: Hit, asked: bool) -> float:
        """What makes a passage count more or less than the terms it shares say."""
        weight = self.worth[place] * (_ASKED_BOOST if asked else 1.0)
        focus = self.focus[place]
        if focus is None:
            return weight
        if not focus.tokens:
            return weight * (1 - _FOCUS_SHARE / 2)
        # What a title speaks of besides is another subject than the question's.
        shared = sum(self.index.idf(token) for token in focus.tokens.intersection(hit.tokens))
        return weight * (1 - _FOCUS_SHARE * (1 - shared / focus.mass))


def shelve(analyser: Analyser, passages: Sequence[Passage]) -> Shelf:
    """Index passages, in this order."""
    documents = []
    asked: dict[frozenset[str], set[int]] = defaultdict(set)
    for place, passage in enumerate(passages):
        aliases = [analyser.read_query(alias) for alias in passage.aliases]
        for alias in aliases:
            asked[alias.key].add(place)
        documents.append(_frequencies(analyser, passage, aliases))
    asked.pop(frozenset(), None)
    index = Index(documents)
    return Shelf(
        passages=tuple(passages),
        index=index,
        worth=tuple(map(_worth, passages)),
        focus=tuple(_focus(analyser, index, passage) for passage in passages),
        asked={key: frozenset(places) for key, places in asked.items()},
    )


def _frequencies(
    analyser: Analyser, passage: Passage, aliases: Sequence[Query]
) -> dict[str, float]:
    """How often each term stands in a passage, its title and its aliases counting more."""
    frequencies: dict[str, float] = defaultdict(float)
    weights = _CORE_WEIGHTS if passage.core else _ENTRY_WEIGHTS
    title = ". ".join(dict.fromkeys((*passage.breadcrumb, passage.title)))
    body_weight = _SUMMARY_WEIGHT if _is_summary(passage) else weights.body
    for text, weight in ((title, weights.title), (passage.body, body_weight)):
        for term in analyser.terms_of_passage(text):
            frequencies[term.token] += weight * _presence(term.kind)
    known = {term.token: term for alias in aliases for term in alias.terms}
    known |= {term.token: term for term in analyser.terms_of_passage(". ".join(passage.tags))}
    for term in known.values():
        frequencies[term.token] += weights.alias * _presence(term.kind)
    for concept in _given_concepts(passage):
        # A list of named things is the answer for the kind of thing, before any one of them.
        frequencies[f"@{concept}"] += _CONCEPT_WEIGHT * (2 if _is_summary(passage) else 1)
    return dict(frequencies)


def _given_concepts(passage: Passage) -> tuple[str, ...]:
    listing = ("listing",) if any(fact.counted for fact in passage.facts) else ()
    return (*passage.concepts, *listing)


def _worth(passage: Passage) -> float:
    doubt = _DOUBT_FACTOR if passage.doubtful else 1.0
    return passage.priority * doubt * (_CORE_BOOST if passage.core else 1.0)


def _focus(analyser: Analyser, index: Index, passage: Passage) -> Focus | None:
    """What an entry's title speaks of; the owner's breadcrumbs speak of all above them."""
    if passage.core:
        return None
    terms = analyser.terms_of_passage(passage.title)
    tokens = frozenset(term.token for term in terms if term.kind is TermKind.CONCEPT)
    return Focus(tokens, sum(map(index.idf, tokens)))


def _is_summary(passage: Passage) -> bool:
    """Whether the passage only lists the names of others, which are found by themselves."""
    return isinstance(passage.raw, list) and any(isinstance(item, dict) for item in passage.raw)


def _presence(kind: TermKind) -> float:
    """N-grams overlap each other: three of them make about one word."""
    return 0.35 if kind is TermKind.GRAM else 1.0
