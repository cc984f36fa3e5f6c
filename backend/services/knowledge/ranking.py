"""The passages of shelves by how well they match a question."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import Final, NamedTuple

from backend.services.knowledge.context import Scored
from backend.services.knowledge.index import Hit
from backend.services.knowledge.query import Query, Term, TermKind
from backend.services.knowledge.shelf import Ranked, Shelf

_FAINT_SCORE: Final = 0.05
"""Share of the best score below which a passage shares no more than a common word."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A shelf, and the place of its first passage among all."""

    shelf: Ranked
    first: int

    @property
    def is_small(self) -> bool:
        """Whether its passages are all there, so that taking more of them costs nothing."""
        return isinstance(self.shelf, Shelf)


class _Found(NamedTuple):
    """A place on a shelf that matches, and its score: raw, or with what the passage counts."""

    score: float
    place: int
    hit: Hit
    look: "_Look"


class _Look:
    """A question that is asked of one shelf."""

    def __init__(self, stand: Stand, query: Query, today: date) -> None:
        self.stand = stand
        self.query = query
        self.today = today

    def find(self, most: int, within: range | None) -> Iterator[_Found]:
        """The best places by the terms alone, in their order."""
        index = self.stand.shelf.index
        terms = self.query.terms
        scale = sum(max(0.0, term.weight) * index.idf(term.token) for term in terms) or 1.0
        hits = index.search(terms, within, most)
        least = max((hit.score for hit in hits.values()), default=0.0) * _FAINT_SCORE
        for place, hit in hits.items():
            if (
                hit.score >= least
                and hit.score > 0
                and not self.stand.shelf.is_expired(place, self.today)
            ):
                yield _Found(hit.score / scale, place, hit, self)

    def weigh(self, found: _Found) -> _Found:
        """The place with what its passage counts by itself."""
        asked = found.place in self._asked
        weight = self.stand.shelf.weigh(found.place, found.hit, asked)
        return _Found(found.score * weight, found.place, found.hit, self)

    def score(self, found: _Found) -> Scored:
        """The passage at the place; of a large file it has to be made."""
        return Scored(
            passage=self.stand.shelf.passages[found.place],
            score=found.score,
            coverage=found.hit.covered / self._mass,
            kinship=min(1.0, found.hit.covered / self._known_mass),
            place=self.stand.first + found.place,
            terms=tuple(found.hit.tokens),
        )

    @cached_property
    def _asked(self) -> frozenset[int]:
        return self.stand.shelf.asked(self.query.key)

    @cached_property
    def _mass(self) -> float:
        """How much the question says."""
        return sum(map(self.stand.shelf.index.mass, self.query.terms)) or 1.0

    @cached_property
    def _known_mass(self) -> float:
        """How much the question says, concepts of ours that no passage holds hardly counted."""
        index = self.stand.shelf.index
        mass = sum(
            index.mass(term) * (1.0 if term.token in index else _absence(term))
            for term in self.query.terms
        )
        return mass or 1.0


def rank(
    stands: Sequence[Stand], query: Query, today: date, *, most: int, within: range | None = None
) -> list[Scored]:
    """The passages of the shelves that match, best first, equals in stable order; those at the
    places `within` only, if given.

    Of large files no more than `most` together: each has to be made.
    """
    looks = [_Look(stand, query, today) for stand in stands]
    # Twice as many: what a passage counts by itself may change the order.
    found = list(chain.from_iterable(look.find(2 * most, within) for look in looks))
    if len(stands) > 1:
        found = sorted(found, key=lambda one: -one.score)[: 2 * most]
    weighed = sorted(
        (one.look.weigh(one) for one in found),
        key=lambda one: (-one.score, one.look.stand.first + one.place),
    )
    kept = weighed if all(stand.is_small for stand in stands) else weighed[:most]
    return [one.look.score(one) for one in kept]


def merge(ranked: Iterable[Sequence[Scored]]) -> list[Scored]:
    """The passages of several shelves, best first."""
    return sorted(chain.from_iterable(ranked), key=lambda found: -found.score)


def _absence(term: Term) -> float:
    return 0.3 if term.kind is TermKind.CONCEPT else 1.0
