"""The inverted index of a set of passages: BM25 over weighted terms."""

import math
from collections import Counter, defaultdict
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

    The whole share of a term in a document's score is computed when the index is built, so that a
    search only adds up. Not changed once it is built.
    """

    def __init__(self, documents: Sequence[Mapping[str, float]]) -> None:
        self.size = len(documents)
        lengths = [sum(frequencies.values()) for frequencies in documents]
        mean = sum(lengths) / self.size if self.size else 1.0
        counts = Counter(token for frequencies in documents for token in frequencies)
        self._idf = {token: self._rarity(count) for token, count in counts.items()}
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, frequencies in enumerate(documents):
            norm = K1 * (1 - B + B * lengths[place] / mean)
            for token, frequency in frequencies.items():
                share = self._idf[token] * frequency * (K1 + 1) / (frequency + norm)
                self._postings[token].append((place, share))
        self._unknown = self._rarity(0)

    def __contains__(self, token: str) -> bool:
        return token in self._idf

    def idf(self, token: str) -> float:
        """How much a term tells; an unknown one tells most."""
        return self._idf.get(token, self._unknown)

    def mass(self, term: Term) -> float:
        """How much of a question a term is. Even what stands everywhere is a part of it."""
        return term.mass * max(self.idf(term.token), _LEAST_SHARE * self._unknown)

    def search(self, terms: Iterable[Term]) -> dict[int, Hit]:
        """The documents that hold any of the terms."""
        hits: dict[int, Hit] = defaultdict(Hit)
        for term in terms:
            postings = self._postings.get(term.token)
            if postings is None:
                continue
            mass = self.mass(term)
            if term.is_faint:
                mass *= _FAINT_EVIDENCE
            for place, share in postings:
                hit = hits[place]
                hit.score += term.weight * share
                hit.covered += mass
                hit.tokens.append(term.token)
        return hits

    def _rarity(self, count: int) -> float:
        return math.log(1 + (self.size - count + 0.5) / (count + 0.5))
