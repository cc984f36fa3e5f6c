"""The index of many passages: the same scores, added up by numpy, for the best documents alone."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from backend.services.knowledge.index import K1, Hit, Index
from backend.services.knowledge.query import Term

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGE: Final = 3_000
"""Documents from which on numpy is faster, and worth the 20 MB that importing it costs."""

MAX_HITS: Final = 64
_STRONG: Final = 0.3
_FREQUENT: Final = 500
"""Documents that a term stands in for its shares to be computed when the index is built, where
computing them would hold up the first question."""


def build_index(documents: Sequence[Mapping[str, float]]) -> Index:
    """The index that suits the number of documents."""
    return LargeIndex(documents) if len(documents) > LARGE else Index(documents)


class LargeIndex(Index):
    """Finds no more than the `MAX_HITS` documents of the highest scores."""

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        super().__init__(documents)
        self._arrays: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
        for token, places in self._places.items():
            if len(places) >= _FREQUENT:
                self._weigh(token)

    def search(self, terms: Iterable[Term]) -> dict[int, Hit]:
        """The best of the documents that hold any of the terms, in their order."""
        import numpy as np  # noqa: PLC0415 - the service does without as long as it can

        found = [term for term in terms if term.token in self]
        scores = np.zeros(self.size, dtype=np.float32)
        for term in found:
            places, shares = self._arrays.get(term.token) or self._weigh(term.token)
            scores[places] += shares * np.float32(term.weight)
        best = self._best(scores)
        weighed = [(term, self.mass(term)) for term in found]
        return {place: self._hit(place, weighed) for place in best}

    def _best(self, scores: "NDArray[np.float32]") -> list[int]:
        import numpy as np  # noqa: PLC0415

        strong = scores[scores > scores.max() * _STRONG]
        among = strong if len(strong) >= MAX_HITS else scores
        least = np.partition(among, -MAX_HITS)[-MAX_HITS]
        # Of the many that may share the last place's score, those that come first.
        above = np.flatnonzero(scores > least)
        room = MAX_HITS - len(above) if least > 0 else 0
        equal = np.flatnonzero(scores == least)[:room]
        best: list[int] = np.sort(np.concatenate([above, equal])).tolist()
        return best

    def _hit(self, place: int, terms: Sequence[tuple[Term, float]]) -> Hit:
        hit = Hit()
        for term, mass in terms:
            frequency = self._documents[place].get(term.token)
            if frequency is not None:
                hit.add(term, self._share(term.token, place, frequency), mass)
        return hit

    def _weigh(self, token: str) -> "tuple[NDArray[np.int32], NDArray[np.float32]]":
        import numpy as np  # noqa: PLC0415

        places = self._places[token]
        frequencies = np.array([self._documents[place][token] for place in places])
        norms = self._norm_array[places]
        shares = self.idf(token) * (K1 + 1) * frequencies / (frequencies + norms)
        known = np.array(places, dtype=np.int32), shares.astype(np.float32)
        self._arrays[token] = known
        return known

    @cached_property
    def _norm_array(self) -> "NDArray[np.float64]":
        import numpy as np  # noqa: PLC0415

        return np.array(self._norms)
