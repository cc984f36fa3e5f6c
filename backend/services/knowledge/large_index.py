"""The index of many passages: the same scores, added up by numpy, for the best documents alone."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from backend.services.knowledge.index import MAX_HITS, Hit, Index, evidence
from backend.services.knowledge.query import Term

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LARGE: Final = 3_000
"""Documents from which on numpy is faster, and worth the 20 MB that importing it costs."""

_STRONG: Final = (0.7, 0.5, 0.35, 0.2)
"""Shares of the best score: few documents have more, among whom the best are found sooner."""

_FREQUENT: Final = 500
"""Documents that a term stands in for its shares to be computed when the index is built, where
computing them would hold up the first question."""


def build_index(documents: Sequence[Mapping[str, float]]) -> Index:
    """The index that suits the number of documents."""
    return LargeIndex(documents) if len(documents) > LARGE else Index(documents)


class LargeIndex(Index):
    """Finds no more documents than it is asked for, those of the highest scores."""

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        super().__init__(documents)
        self._arrays: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
        for token, places in self._places.items():
            if len(places) >= _FREQUENT:
                self._weigh(token)

    def search(
        self,
        terms: Iterable[Term],
        within: range | None = None,
        most: int = MAX_HITS,
        without: Sequence[int] = (),
    ) -> dict[int, Hit]:
        """The best of the documents that hold any of the terms, in their order."""
        import numpy as np  # noqa: PLC0415 - the service does without as long as it can

        found = [term for term in terms if term.token in self]
        scores = np.zeros(self.size, dtype=np.float32)
        for term in found:
            places, shares = self._arrays.get(term.token) or self._weigh(term.token)
            np.add.at(scores, places, shares * np.float32(term.weight))
        scores[np.asarray(without, dtype=np.int64)] = 0.0
        first = 0 if within is None else within.start
        chosen = scores if within is None else scores[within.start : within.stop]
        best = (best_places(chosen, max(most, MAX_HITS)) + first).tolist()
        weighed = [(term, evidence(term, self.mass(term))) for term in found]
        return {place: self._hit(place, weighed) for place in best}

    def _hit(self, place: int, terms: Sequence[tuple[Term, float]]) -> Hit:
        hit = Hit()
        for term, told in terms:
            frequency = self._documents[place].get(term.token)
            if frequency is not None:
                share = self._share(term.token, place, frequency)
                hit.add(term.token, term.weight, share, told)
        return hit

    def _weigh(self, token: str) -> "tuple[NDArray[np.int32], NDArray[np.float32]]":
        import numpy as np  # noqa: PLC0415

        places = self._places[token]
        frequencies = np.array([self._documents[place][token] for place in places])
        norms = self._norm_array[places]
        # Without the factor that all terms have in common: only which is the best depends on it.
        shares = self.idf(token) * frequencies / (frequencies + norms)
        known = np.array(places, dtype=np.int32), shares.astype(np.float32)
        self._arrays[token] = known
        return known

    @cached_property
    def _norm_array(self) -> "NDArray[np.float64]":
        import numpy as np  # noqa: PLC0415

        return np.array(self._norms)


def best_places(scores: "NDArray[np.float32]", most: int) -> "NDArray[np.intp]":
    """The places of the highest scores above 0, in their order; of equals the first."""
    import numpy as np  # noqa: PLC0415

    top = scores.max(initial=0.0)
    for share in _STRONG:
        strong = np.flatnonzero(scores > top * share)
        if len(strong) >= most:
            break
    else:
        strong = np.flatnonzero(scores > 0)
    if len(strong) <= most:
        return strong
    chosen = scores[strong]
    least = np.partition(chosen, -most)[-most]
    above = np.flatnonzero(chosen > least)
    equal = np.flatnonzero(chosen == least)[: most - len(above)]
    best: NDArray[np.intp] = strong[np.sort(np.concatenate([above, equal]))]
    return best
