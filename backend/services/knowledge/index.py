"""The inverted index of a set of passages: BM25 over weighted terms."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from backend.services.knowledge.query import Term

K1: Final = 1.2
B: Final = 0.5
"""Of BM25; measured on the owner's facts."""

MAX_HITS: Final = 64
"""Documents that a search of many returns, unless told."""

_FAINT_EVIDENCE: Final = 0.4
"""Three letters or a small figure in common often mean nothing: they cover a part of a question."""

LEAST_SHARE: Final = 0.3
"""Of what an unknown term tells: even what stands everywhere is a part of a question."""


@dataclass(slots=True)
class Hit:
    """What a search found out about one document."""

    score: float = 0.0
    covered: float = 0.0
    tokens: list[str] = field(default_factory=list)

    def add(self, token: str, weight: float, share: float, told: float) -> None:
        """Count a term that the document holds, and covers `told` of the question by."""
        self.score += weight * share
        self.covered += told
        if weight > 0:
            self.tokens.append(token)


class Searchable(Protocol):
    """What finds documents and tells how much a term says of them."""

    size: int

    def __contains__(self, token: str) -> bool:
        """Whether any document holds the term."""

    def idf(self, token: str) -> float:
        """How much a term tells; an unknown one tells most."""

    def mass(self, term: Term) -> float:
        """How much of a question a term is."""

    def search(
        self,
        terms: Iterable[Term],
        within: range | None = None,
        most: int = MAX_HITS,
        without: Sequence[int] = (),
    ) -> dict[int, Hit]:
        """The documents that hold any of the terms; of many the best, `most` at the most, and none
        `without` which they are to be found."""


class Index:
    """Scores documents, given by their place in the order they were added in.

    The share of a term in the scores is computed when the term is first searched for: most terms
    never are. Not changed otherwise once it is built.
    """

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        self.size = len(documents)
        self._documents = documents
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, frequencies in enumerate(documents):
            for token in frequencies:
                self._places[token].append(place)
        lengths = [sum(frequencies.values()) for frequencies in documents]
        mean = sum(lengths) / self.size if self.size else 1.0
        self._norms = [K1 * (1 - B + B * length / mean) for length in lengths]
        self._postings: dict[str, list[tuple[int, float]]] = {}
        self._idf: dict[str, float] = {}
        self._unknown = rarity(self.size, 0)

    def __contains__(self, token: str) -> bool:
        return token in self._places

    def idf(self, token: str) -> float:
        """How much a term tells; an unknown one tells most."""
        known = self._idf.get(token)
        if known is None:
            if token not in self._places:
                return self._unknown
            known = self._idf[token] = rarity(self.size, len(self._places[token]))
        return known

    def mass(self, term: Term) -> float:
        """How much of a question a term is."""
        return term.mass * max(self.idf(term.token), LEAST_SHARE * self._unknown)

    def search(
        self,
        terms: Iterable[Term],
        within: range | None = None,
        most: int = MAX_HITS,  # noqa: ARG002 - they are all there anyway
        without: Sequence[int] = (),
    ) -> dict[int, Hit]:
        """The documents that hold any of the terms; only those of some places, if given."""
        hits: dict[int, Hit] = defaultdict(Hit)
        for term in terms:
            token, weight = term.token, term.weight
            if token not in self._places:
                continue
            told = evidence(term, self.mass(term))
            for place, share in self._shares(token):
                hits[place].add(token, weight, share, told)
        for place in without:
            hits.pop(place, None)
        if within is not None:
            return {place: hit for place, hit in hits.items() if place in within}
        return hits

    def _shares(self, token: str) -> list[tuple[int, float]]:
        """The places of the documents that hold a term, each with the term's share in its score."""
        shares = self._postings.get(token)
        if shares is None:
            shares = self._postings[token] = [
                (place, self._share(token, place, self._documents[place][token]))
                for place in self._places[token]
            ]
        return shares

    def _share(self, token: str, place: int, frequency: float) -> float:
        return self.idf(token) * frequency * (K1 + 1) / (frequency + self._norms[place])


def evidence(term: Term, mass: float) -> float:
    """How much of a question a document covers that holds a term of that mass."""
    return mass * _FAINT_EVIDENCE if term.is_faint else mass


def rarity(size: int, count: int) -> float:
    """How much a term tells that `count` of `size` documents hold."""
    return math.log(1 + (size - count + 0.5) / (count + 0.5))
