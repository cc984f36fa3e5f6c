"""Searching a volume: the same scores as those of `Index` and `Shelf`, added up by numpy."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.services.knowledge.bound import BoundPassages
from backend.services.knowledge.hashing import hash_of, hash_of_key
from backend.services.knowledge.index import LEAST_SHARE, MAX_HITS, Hit, evidence, rarity
from backend.services.knowledge.large_index import best_places
from backend.services.knowledge.memo import Memo
from backend.services.knowledge.query import CONCEPT_SIGN, Term
from backend.services.knowledge.shelf import ASKED_BOOST, KEPT_DAYS, focus_factor
from backend.services.knowledge.spelling import halves, is_one_slip
from backend.services.knowledge.text import stem
from backend.services.knowledge.volume import Volume

_KEPT_TOKENS: Final = 16_384
_KEPT_ENTRIES: Final = 4_096
_UNKNOWN: Final = -1
_WORD_WEIGHT: Final = 0.2


class VolumeIndex:
    """The inverted index of a volume."""

    def __init__(self, volume: Volume) -> None:
        self.size = volume.size
        self._arrays = volume.arrays
        self._ranks = Memo[str, int](_KEPT_TOKENS)
        self._unknown = rarity(self.size, 0)

    def __contains__(self, token: str) -> bool:
        return self.rank(token) != _UNKNOWN

    def rank(self, token: str) -> int:
        """The place of a term among all; -1 for an unknown one."""
        known = self._ranks.get(token)
        return self._ranks.keep(token, self._look_up(token)) if known is None else known

    def idf(self, token: str) -> float:
        """How much a term tells; an unknown one tells most."""
        rank = self.rank(token)
        return self._unknown if rank == _UNKNOWN else float(self._arrays["idf"][rank])

    def mass(self, term: Term) -> float:
        """How much of a question a term is."""
        return term.mass * max(self.idf(term.token), LEAST_SHARE * self._unknown)

    def search(
        self,
        terms: Iterable[Term],
        within: range | None = None,
        most: int = MAX_HITS,
        without: Sequence[int] = (),
    ) -> dict[int, Hit]:
        """The best of the entries that hold any of the terms, in their order."""
        found = [(term, *self._postings(term)) for term in terms if term.token in self]
        if not found or within == range(0):
            return {}
        scores = np.zeros(self.size, dtype=np.float32)
        for term, places, shares in found:
            np.add.at(scores, places, shares * np.float32(term.weight))
        scores[np.asarray(without, dtype=np.int64)] = 0.0
        best = best_places(scores, most).astype(np.int32)
        covered = np.zeros(len(best))
        tokens: list[list[str]] = [[] for _ in best]
        for term, places, _ in found:
            near = np.minimum(np.searchsorted(places, best), len(places) - 1)
            held = np.flatnonzero(places[near] == best)
            covered[held] += evidence(term, self.mass(term))
            for number in held.tolist() if term.weight > 0 else ():
                tokens[number].append(term.token)
        rows = zip(best.tolist(), scores[best].tolist(), covered.tolist(), tokens, strict=True)
        return {place: Hit(score, share, held) for place, score, share, held in rows}

    def _postings(self, term: Term) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        rank = self.rank(term.token)
        ends = self._arrays["ends"]
        span = slice(int(ends[rank - 1]) if rank else 0, int(ends[rank]))
        return self._arrays["places"][span], self._arrays["shares"][span]

    def _look_up(self, token: str) -> int:
        tokens, key = self._arrays["tokens"], np.uint64(hash_of(token))
        rank = int(np.searchsorted(tokens, key))
        return rank if rank < len(tokens) and tokens[rank] == key else _UNKNOWN


class VolumeShelf:
    """The entries of a volume, and what each of them counts."""

    def __init__(self, passages: BoundPassages) -> None:
        self.passages = passages
        self.index = VolumeIndex(passages.volume)
        self.words = VolumeWords(passages.volume, self.index)
        self.ranges = {passages.volume.category: range(passages.volume.size)}
        self._volume = passages.volume
        self._arrays = passages.volume.arrays
        self._expired = Memo[date, Sequence[int]](KEPT_DAYS)
        self._kept = Memo[int, tuple[float, list[int], float]](_KEPT_ENTRIES)

    def asked(self, key: frozenset[str]) -> frozenset[int]:
        """The places of the entries with an alias that asks the same as a question of that key."""
        return frozenset(self._volume.look_up("asked", hash_of_key(key)) if key else ())

    def expired(self, today: date) -> Sequence[int]:
        """The places of the entries that say themselves that they no longer hold."""
        known = self._expired.get(today)
        if known is None:
            until = self._arrays["valid_until"]
            places = np.flatnonzero((until > 0) & (until < today.toordinal()))
            known = self._expired.keep(today, array("q", places.tolist()))
        return known

    def weigh(self, place: int, hit: Hit, asked: bool) -> float:
        """What makes an entry count more or less than the terms it shares say."""
        worth, ranks, mass = self._kept.get(place) or self._kept.keep(place, self._count(place))
        weight = worth * (ASKED_BOOST if asked else 1.0)
        if not ranks:
            return weight * focus_factor(None)
        shared = sum(
            self.index.idf(token)
            for token in hit.tokens
            if token[0] == CONCEPT_SIGN and self.index.rank(token) in ranks
        )
        return weight * focus_factor(shared / mass)

    def _count(self, place: int) -> tuple[float, list[int], float]:
        """The worth of an entry, the concepts in its title, and how much they tell together."""
        arrays = self._arrays
        ends = arrays["focus_ends"]
        ranks = arrays["focus"][ends.item(place - 1) if place else 0 : ends.item(place)].tolist()
        return arrays["worth"].item(place), ranks, arrays["focus_mass"].item(place)


class VolumeWords:
    """The most frequent words of a volume, for repairs: what `WordIndex` is to few words."""

    def __init__(self, volume: Volume, index: VolumeIndex) -> None:
        self._volume = volume
        self._index = index

    def __contains__(self, word: str) -> bool:
        return stem(word) in self._index or self.weight(word) > 0

    def weight(self, word: str) -> float:
        """How likely a word is meant."""
        return _WORD_WEIGHT if self._volume.look_up("word", hash_of(word)) else 0.0

    def neighbours(self, word: str) -> Iterator[str]:
        """The words one slip away."""
        near = {
            place
            for size in (-1, 0, 1)
            for half in halves(word, len(word) + size)
            for place in self._volume.look_up("near", hash_of("\0".join(map(str, half))))
        }
        known = (self._volume.piece("word", place).decode() for place in near)
        return (found for found in known if is_one_slip(word, found))
