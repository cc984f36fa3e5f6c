"""Passages that are ranked together, and what each of them counts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

from backend.services.knowledge.card import Card
from backend.services.knowledge.index import Hit, Index, Searchable
from backend.services.knowledge.large_index import build_index
from backend.services.knowledge.memo import Memo
from backend.services.knowledge.passage import Passage

_CORE_BOOST: Final = 1.1
ASKED_BOOST: Final = 1.4
_DOUBT_FACTOR: Final = 0.85
_FOCUS_SHARE: Final = 0.4

KEPT_DAYS: Final = 2
"""Days for which is known what no longer holds: conversations go on while one becomes the next."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The concepts in an entry's title, and how much they tell together."""

    tokens: frozenset[str]
    mass: float


@dataclass(frozen=True, slots=True)
class Shelf:
    """Passages in stable order with their index.

    `worth` is what each counts by itself; `focus` what the title of each entry speaks of; `askers`
    holds the places of the passages that have an alias which asks the same as a question of that
    key; `ranges` the places of each category's passages; `dated` those of the few that say until
    when they hold, `past` those that no longer do on a day.
    """

    passages: tuple[Passage, ...]
    index: Index
    worth: tuple[float, ...]
    focus: tuple[Focus | None, ...]
    askers: Mapping[frozenset[str], frozenset[int]]
    ranges: Mapping[str, range]
    dated: frozenset[int]
    past: Memo[date, Sequence[int]] = field(default_factory=lambda: Memo(KEPT_DAYS), compare=False)

    def weigh(self, place: int, hit: Hit, asked: bool) -> float:
        """What makes a passage count more or less than the terms it shares say."""
        weight = self.worth[place] * (ASKED_BOOST if asked else 1.0)
        focus = self.focus[place]
        if focus is None:
            return weight
        if not focus.tokens:
            return weight * focus_factor(None)
        shared = sum(map(self.index.idf, focus.tokens.intersection(hit.tokens)))
        return weight * focus_factor(shared / focus.mass)

    def asked(self, key: frozenset[str]) -> frozenset[int]:
        """The places of the passages with an alias that asks the same as a question of that key."""
        return self.askers.get(key, frozenset())

    def expired(self, today: date) -> Sequence[int]:
        """The places of the passages that say themselves that they no longer hold."""
        known = self.past.get(today)
        if known is None:
            found = (place for place in self.dated if self.passages[place].is_expired(today))
            known = self.past.keep(today, tuple(found))
        return known


class Ranked(Protocol):
    """What passages are ranked with that stand on a shelf together."""

    @property
    def passages(self) -> Sequence[Passage]:
        """The passages by their places."""

    @property
    def index(self) -> Searchable:
        """What finds them."""

    @property
    def ranges(self) -> Mapping[str, range]:
        """The places of each category's passages."""

    def asked(self, key: frozenset[str]) -> frozenset[int]:
        """The places of the passages with an alias that asks the same as a question of that key."""

    def weigh(self, place: int, hit: Hit, asked: bool) -> float:
        """What makes a passage count more or less than the terms it shares say."""

    def expired(self, today: date) -> Sequence[int]:
        """The places of the passages that say themselves that they no longer hold."""


def focus_factor(share: float | None) -> float:
    """What an entry counts by the share of its title that the question speaks of; None for a title
    without concepts. What a title speaks of besides is another subject than the question's."""
    return 1 - _FOCUS_SHARE * (0.5 if share is None else 1 - share)


def shelve(cards: Sequence[Card]) -> Shelf:
    """Index passages, in this order."""
    asked: dict[frozenset[str], set[int]] = defaultdict(set)
    for place, card in enumerate(cards):
        for key in card.asked.keys:
            asked[key].add(place)
    asked.pop(frozenset(), None)
    index = build_index([card.frequencies for card in cards])
    return Shelf(
        passages=tuple(card.passage for card in cards),
        index=index,
        worth=tuple(_worth(card.passage) for card in cards),
        focus=tuple(_focus(index, card) for card in cards),
        askers={key: frozenset(places) for key, places in asked.items()},
        ranges=_ranges(cards),
        dated=frozenset(
            place for place, card in enumerate(cards) if card.passage.valid_until is not None
        ),
    )


def _ranges(cards: Sequence[Card]) -> dict[str, range]:
    """The places of each category's passages, which stand together."""
    ranges: dict[str, range] = {}
    for place, card in enumerate(cards):
        first = ranges.get(card.passage.category, range(place, place)).start
        ranges[card.passage.category] = range(first, place + 1)
    return ranges


def worth_of(priority: float, *, doubtful: bool, core: bool = False) -> float:
    """What a passage counts by itself."""
    return priority * (_DOUBT_FACTOR if doubtful else 1.0) * (_CORE_BOOST if core else 1.0)


def _worth(passage: Passage) -> float:
    return worth_of(passage.priority, doubtful=passage.doubtful, core=passage.core)


def _focus(index: Index, card: Card) -> Focus | None:
    if card.passage.core:
        return None
    return Focus(card.focus, sum(map(index.idf, card.focus)))
