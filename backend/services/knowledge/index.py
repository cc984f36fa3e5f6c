"""The inverted index of a set of passages: BM25 over weighted terms."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from backend.services.knowledge.query import Term

K1: Final = 1.2
B: Final = 0.5
"""Of BM25; measured on the owner's facts."""

_FAINT_EVIDENCE: Final = 0.4
"""Three letters or a small figure in common often mean nothing: they cover a part of a question."""

_LEAST_SHARE: Final = 0.3


@dataclass(slots=True)
class Hit:
    """What a search found out about one document."""

    score: float = 0.0
    covered: float = 0.0
    tokens: list[str] = field(default_factory=list)


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
        self._unknown = self._rarity(0)

    def __contains__(self, token: str) -> bool:
        return token in self._places

    def idf(self, token: str) -> float:
        """How much a term tells; an unknown one tells most."""
        return self._rarity(len(self._places[token])) if token in self._places else self._unknown

    def mass(self, term: Term) -> float:
        """How much of a question a term is. Even what stands everywhere is a part of it."""
        return term.mass * max(self.idf(term.token), _LEAST_SHARE * self._unknown)

    def search(self, terms: Iterable[Term]) -> dict[int, Hit]:
        """The documents that hold any of the terms."""
        hits: dict[int, Hit] = defaultdict(Hit)
        for term in terms:
            if term.token not in self._places:
                continue
            mass = self.mass(term)
            if term.is_faint:
                mass *= _FAINT_EVIDENCE
            for place, share in self._shares(term.token):
                hit = hits[place]
                hit.score += term.weight * share
                hit.covered += mass
                hit.tokens.append(term.token)
        return hits

    def _shares(self, token: str) -> list[tuple[int, float]]:
        """The places of the documents that hold a term, each with the term's share in its score."""
        shares = self._postings.get(token)
        if shares is None:
            weight = self.idf(token) * (K1 + 1)
            shares = self._postings[token] = [
                (place, weight * frequency / (frequency + self._norms[place]))
                for place in self._places[token]
                for frequency in (self._documents[place][token],)
            ]
        return shares

    def _rarity(self, count: int) -> float:
        return math.log(1 + (self.size - count + 0.5) / (count + 0.5))
