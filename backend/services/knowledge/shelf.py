"""Passages that are ranked together, and what each of them counts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from backend.services.knowledge.card import Card
from backend.services.knowledge.index import Hit, Index
from backend.services.knowledge.large_index import build_index
from backend.services.knowledge.passage import Passage

_CORE_BOOST: Final = 1.1
_ASKED_BOOST: Final = 1.4
_DOUBT_FACTOR: Final = 0.85
_FOCUS_SHARE: Final = 0.4


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


def shelve(cards: Sequence[Card]) -> Shelf:
    """Index passages, in this order."""
    asked: dict[frozenset[str], set[int]] = defaultdict(set)
    for place, card in enumerate(cards):
        for key in card.keys:
            asked[key].add(place)
    asked.pop(frozenset(), None)
    index = build_index([card.frequencies for card in cards])
    return Shelf(
        passages=tuple(card.passage for card in cards),
        index=index,
        worth=tuple(_worth(card.passage) for card in cards),
        focus=tuple(_focus(index, card) for card in cards),
        asked={key: frozenset(places) for key, places in asked.items()},
    )


def _worth(passage: Passage) -> float:
    doubt = _DOUBT_FACTOR if passage.doubtful else 1.0
    return passage.priority * doubt * (_CORE_BOOST if passage.core else 1.0)


def _focus(index: Index, card: Card) -> Focus | None:
    if card.passage.core:
        return None
    return Focus(card.focus, sum(map(index.idf, card.focus)))
