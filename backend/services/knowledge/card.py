"""What each passage is found by, worked out once for as long as the passage stays the same."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from backend.services.knowledge.analysis import Analyser, as_read
from backend.services.knowledge.counting import TermCounter, count_terms
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Term
from backend.services.knowledge.text import fold_apart, unstretch

_CONCEPT_WEIGHT: Final = 2.5
_SUMMARY_WEIGHT: Final = 0.3
_TOGETHER: Final = 64
"""Passages that are folded together: requests wait as long as that takes."""


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
class Asked:
    """What a passage's aliases and tags say: their terms, what each alias comes down to, and the
    words in aliases."""

    terms: tuple[Term, ...]
    keys: tuple[frozenset[str], ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A passage as it is found: how often each term stands in it, what it is asked by, the
    concepts that an entry's title names, and the words in it that others are repaired to."""

    passage: Passage
    frequencies: Mapping[str, float]
    asked: Asked
    focus: frozenset[str]
    words: tuple[str, ...]


class CardWriter:
    """Writes the cards of passages with one lexicon, whose words it looks up once."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._analyser = Analyser(lexicon)
        self._counter = TermCounter(self._analyser)

    def write(self, passages: Sequence[Passage], last: Mapping[str, Card]) -> list[Card]:
        """The cards of passages; what has not changed is taken from the `last` ones, by id."""
        known = [last.get(passage.id) for passage in passages]
        kept = list(map(_kept, known, passages))
        new = [place for place, card in enumerate(kept) if card is None]
        for first in range(0, len(new), _TOGETHER):
            chosen = new[first : first + _TOGETHER]
            folded = fold_apart(
                text for place in chosen for text in _texts(passages[place], known[place])
            )
            for place in chosen:
                kept[place] = self._write(passages[place], folded, known[place])
        return [card for card in kept if card is not None]

    def _write(self, passage: Passage, folded: Mapping[str, str], last: Card | None) -> Card:
        asked = self._asked(passage, folded, last)
        frequencies: dict[str, float] = {}
        weights = _CORE_WEIGHTS if passage.core else ENTRY_WEIGHTS
        summary = _is_summary(passage)
        body_weight = _SUMMARY_WEIGHT if summary else weights.body
        count = self._counter.count
        words = count(frequencies, folded[_headline(passage)], weights.title)
        words += count(frequencies, folded[passage.body], body_weight)
        count_terms(frequencies, asked.terms, weights.alias)
        for concept in _given_concepts(passage):
            # A list of named things is the answer for the kind of thing, before any one of them.
            given = _CONCEPT_WEIGHT * (2 if summary else 1)
            frequencies[f"@{concept}"] = frequencies.get(f"@{concept}", 0.0) + given
        focus = self._focus(passage, folded, last)
        return Card(passage, frequencies, asked, focus, (*words, *asked.words))

    def _asked(self, passage: Passage, folded: Mapping[str, str], last: Card | None) -> Asked:
        if last is not None and _asks_the_same(last.passage, passage):
            return last.asked
        lines = [unstretch(folded[as_read(alias)]) for alias in passage.aliases]
        aliases = list(map(self._analyser.read_folded, lines))
        terms = {term.token: term for alias in aliases for term in alias.terms}
        if passage.tags:
            told = self._analyser.terms_of_folded(unstretch(folded[". ".join(passage.tags)]))
            terms |= {term.token: term for term in told}
        words = self._analyser.words_of_folded(unstretch(folded[" ".join(passage.aliases)]))
        return Asked(tuple(terms.values()), tuple([alias.key for alias in aliases]), tuple(words))

    def _focus(
        self, passage: Passage, folded: Mapping[str, str], last: Card | None
    ) -> frozenset[str]:
        """What an entry's title speaks of; the owner's breadcrumbs speak of all above them."""
        if passage.core:
            return frozenset()
        if last is not None and _is_titled_the_same(last.passage, passage):
            return last.focus
        return self._counter.concepts(folded[passage.title])


def count_words(cards: Iterable[Card]) -> Counter[str]:
    """How often each word stands in the passages."""
    return Counter(chain.from_iterable(card.words for card in cards))


def _kept(card: Card | None, passage: Passage) -> Card | None:
    return card if card is not None and card.passage == passage else None


def _asks_the_same(last: Passage, passage: Passage) -> bool:
    return last.aliases == passage.aliases and last.tags == passage.tags


def _is_titled_the_same(last: Passage, passage: Passage) -> bool:
    return last.title == passage.title and last.core == passage.core


def _headline(passage: Passage) -> str:
    return ". ".join(dict.fromkeys((*passage.breadcrumb, passage.title)))


def _texts(passage: Passage, last: Card | None) -> Iterator[str]:
    """What is read of a passage, `last` known."""
    yield from (_headline(passage), passage.body)
    if last is None or not _is_titled_the_same(last.passage, passage):
        yield passage.title
    if last is None or not _asks_the_same(last.passage, passage):
        yield from (". ".join(passage.tags), " ".join(passage.aliases))
        yield from map(as_read, passage.aliases)


def _given_concepts(passage: Passage) -> tuple[str, ...]:
    listing = ("listing",) if any(fact.counted for fact in passage.facts) else ()
    return (*passage.concepts, *listing)


def _is_summary(passage: Passage) -> bool:
    """Whether the passage only lists the names of others, which are found by themselves."""
    return isinstance(passage.raw, list) and any(isinstance(item, dict) for item in passage.raw)
