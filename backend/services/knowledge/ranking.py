"""The passages of shelves by how well they match a question."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Final

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


_Found = tuple[float, int, Hit, "_Look"]
"""A place on a shelf that matches, after its raw score: plain tuples, since a hundred are made for
each question."""


class _Look:
    """A question that is asked of one shelf."""

    def __init__(self, stand: Stand, query: Query, today: date) -> None:
        self.shelf = stand.shelf
        self.first = stand.first
        self.query = query
        self.today = today

    def find(self, most: int, within: range | None) -> Iterator[_Found]:
        """The best places by the terms alone, in their order."""
        index = self.shelf.index
        terms = self.query.terms
        scale = sum([max(0.0, term.weight) * index.idf(term.token) for term in terms]) or 1.0
        hits = index.search(terms, within, most, self.shelf.expired(self.today))
        least = max([hit.score for hit in hits.values()], default=0.0) * _FAINT_SCORE
        for place, hit in hits.items():
            score = hit.score
            if score >= least and score > 0:
                yield score / scale, place, hit, self

    def weigh(self, place: int, hit: Hit) -> float:
        """What the passage at a place counts by itself."""
        return self.shelf.weigh(place, hit, place in self._asked)

    def score(self, score: float, place: int, hit: Hit) -> Scored:
        """The passage at the place; of a large file it has to be made."""
        covered = hit.covered
        return Scored(
            self.shelf.passages[place],
            score,
            covered / self._mass,
            min(1.0, covered / self._known_mass),
            self.first + place,
            tuple(hit.tokens),
        )

    @cached_property
    def _asked(self) -> frozenset[int]:
        return self.shelf.asked(self.query.key)

    @cached_property
    def _mass(self) -> float:
        """How much the question says."""
        return sum(self._masses) or 1.0

    @cached_property
    def _masses(self) -> list[float]:
        return list(map(self.shelf.index.mass, self.query.terms))

    @cached_property
    def _known_mass(self) -> float:
        """How much the question says, concepts of ours that no passage holds hardly counted."""
        index = self.shelf.index
        mass = sum(
            [
                mass if term.token in index else mass * _absence(term)
                for term, mass in zip(self.query.terms, self._masses, strict=True)
            ]
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
        found = sorted(found, key=itemgetter(0), reverse=True)[: 2 * most]
    weighed = sorted(
        [
            (-score * look.weigh(place, hit), look.first + place, hit, look)
            for score, place, hit, look in found
        ]
    )
    kept = weighed if all(stand.is_small for stand in stands) else weighed[:most]
    return [look.score(-order, place - look.first, hit) for order, place, hit, look in kept]


def merge(ranked: Iterable[Sequence[Scored]]) -> list[Scored]:
    """The passages of several shelves, best first."""
    return sorted(chain.from_iterable(ranked), key=attrgetter("score"), reverse=True)


def _absence(term: Term) -> float:
    return 0.3 if term.kind is TermKind.CONCEPT else 1.0
