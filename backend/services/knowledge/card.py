"""What each passage is found by, worked out once for as long as the passage stays the same."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Query, Term, TermKind
from backend.services.knowledge.text import fold

_CONCEPT_WEIGHT: Final = 2.5
_SUMMARY_WEIGHT: Final = 0.3
GRAM_PRESENCE: Final = 0.35
"""N-grams overlap each other: three of them make about one word."""


@dataclass(frozen=True, slots=True)
class _Weights:
    """What a term counts by where it stands."""

    title: float
    body: float
    alias: float


_CORE_WEIGHTS: Final = _Weights(title=1.5, body=1.0, alias=1.0)
ENTRY_WEIGHTS: Final = _Weights(title=2.0, body=0.6, alias=2.0)
"""Entries are sentences that touch on much else; their aliases are what people ask."""


@dataclass(frozen=True, slots=True)
class Card:
    """A passage as it is found: how often each term stands in it, what its aliases come down to,
    the concepts that an entry's title names, and the words in it that others are repaired to."""

    passage: Passage
    frequencies: Mapping[str, float]
    keys: tuple[frozenset[str], ...]
    focus: frozenset[str]
    words: tuple[str, ...]


def write_cards(
    analyser: Analyser, passages: Iterable[Passage], known: Mapping[str, Card]
) -> list[Card]:
    """The cards of passages; those of unchanged ones are taken from `known`, by passage id."""
    cards = []
    for passage in passages:
        card = known.get(passage.id)
        if card is None or card.passage != passage:
            card = _write_card(analyser, passage)
        cards.append(card)
    return cards


def count_words(cards: Iterable[Card]) -> Counter[str]:
    """How often each word stands in the passages."""
    counts: Counter[str] = Counter()
    for card in cards:
        counts.update(card.words)
    return counts


def _write_card(analyser: Analyser, passage: Passage) -> Card:
    title = fold(". ".join(dict.fromkeys((*passage.breadcrumb, passage.title))))
    body = fold(passage.body)
    aliases = [analyser.read_query(alias) for alias in passage.aliases]
    frequencies = _frequencies(analyser, passage, (title, body), aliases)
    words = analyser.words_of_folded(f"{title} {body} {fold(' '.join(passage.aliases))}")
    keys = tuple(alias.key for alias in aliases)
    return Card(passage, frequencies, keys, _focus(analyser, passage), tuple(words))


def _frequencies(
    analyser: Analyser, passage: Passage, folded: tuple[str, str], aliases: Sequence[Query]
) -> dict[str, float]:
    """How often each term stands in a passage, its title and its aliases counting more."""
    frequencies: dict[str, float] = defaultdict(float)
    weights = _CORE_WEIGHTS if passage.core else ENTRY_WEIGHTS
    body_weight = _SUMMARY_WEIGHT if _is_summary(passage) else weights.body
    for text, weight in zip(folded, (weights.title, body_weight), strict=True):
        _count(frequencies, analyser.terms_of_folded(text), weight)
    known = {term.token: term for alias in aliases for term in alias.terms}
    if passage.tags:
        known |= {term.token: term for term in analyser.terms_of_passage(". ".join(passage.tags))}
    _count(frequencies, known.values(), weights.alias)
    for concept in _given_concepts(passage):
        # A list of named things is the answer for the kind of thing, before any one of them.
        frequencies[f"@{concept}"] += _CONCEPT_WEIGHT * (2 if _is_summary(passage) else 1)
    return dict(frequencies)


def _count(frequencies: dict[str, float], terms: Iterable[Term], weight: float) -> None:
    for term in terms:
        faint = term.kind is TermKind.GRAM
        frequencies[term.token] += weight * GRAM_PRESENCE if faint else weight


def _given_concepts(passage: Passage) -> tuple[str, ...]:
    listing = ("listing",) if any(fact.counted for fact in passage.facts) else ()
    return (*passage.concepts, *listing)


def _focus(analyser: Analyser, passage: Passage) -> frozenset[str]:
    """What an entry's title speaks of; the owner's breadcrumbs speak of all above them."""
    if passage.core:
        return frozenset()
    terms = analyser.terms_of_passage(passage.title)
    return frozenset(term.token for term in terms if term.kind is TermKind.CONCEPT)


def _is_summary(passage: Passage) -> bool:
    """Whether the passage only lists the names of others, which are found by themselves."""
    return isinstance(passage.raw, list) and any(isinstance(item, dict) for item in passage.raw)
