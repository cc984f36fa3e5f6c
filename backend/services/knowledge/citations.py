"""Which of the given passages an answer really draws on."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final

from backend.services.knowledge.context import KnowledgeContext
from backend.services.knowledge.library import Library
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import TermKind
from backend.services.knowledge.text import fold

MAX_CITATIONS: Final = 5
_RELATIVE_SCORE: Final = 0.35
_FIGURE_WEIGHT: Final = 3.0
_NAME_WEIGHT: Final = 3.0
_COMMON_NAME_WEIGHT: Final = 0.5
_RARE_NAME: Final = 3
"""Passages: a name that more of the given ones hold does not tell which of them was read."""

_WORDS_WEIGHT: Final = 4.0
_MIN_SCORE: Final = 3.0

_FIGURES: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SPLIT_PHONES: Final = re.compile(r"(?<=\d)[ \-](?=\d)")
_NAMES: Final = re.compile(r"\b[A-Z][\w.'&-]+(?:[ ](?:of|and|the|de|&)?[ ]?[A-Z][\w.'&-]+)+")


class Citer:
    """Finds the passages that answers draw on; built once for a library.

    What a passage can be known by is worked out the first time it is given to a question: for
    the whole knowledge at once it would delay the start, for each answer anew it would cost more
    than the rest of a turn.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._marks: dict[str, _Marks] = {}

    def cite(self, answer: str, context: KnowledgeContext) -> tuple[Passage, ...]:
        """The passages whose figures, names and words stand in the answer, best first."""
        folded = fold(answer)
        figures = _figures(folded)
        terms = self._library.analyser.terms_of_folded(folded)
        folded = " ".join(folded.split())
        tokens = {term.token for term in terms if term.kind is not TermKind.GRAM}
        given = [(self._marks_of(passage), passage) for passage in context.passages]
        counts = Counter(chain.from_iterable(marks.names for marks, _ in given))
        names = {
            name: _NAME_WEIGHT if count <= _RARE_NAME else _COMMON_NAME_WEIGHT
            for name, count in counts.items()
            if name in folded
        }
        scored = [(marks.support(figures, names, tokens), passage) for marks, passage in given]
        best = max((score for score, _ in scored), default=0.0)
        enough = max(_MIN_SCORE, best * _RELATIVE_SCORE)
        cited = sorted((pair for pair in scored if pair[0] >= enough), key=lambda pair: -pair[0])
        return tuple(passage for _, passage in cited[:MAX_CITATIONS])

    def _marks_of(self, passage: Passage) -> "_Marks":
        marks = self._marks.get(passage.id)
        if marks is None:
            marks = self._marks[passage.id] = _Marks.of(passage, self._library)
        return marks


@dataclass(frozen=True, slots=True)
class _Marks:
    """What tells that an answer comes from one passage: figures, names, and words by weight."""

    figures: frozenset[str]
    names: tuple[str, ...]
    weights: dict[str, float]
    total: float

    @classmethod
    def of(cls, passage: Passage, library: Library) -> "_Marks":
        """Work out the marks of a passage."""
        index = library.shelf_of(passage).index
        weights = {
            term.token: index.idf(term.token)
            for term in library.analyser.terms_of_passage(passage.text)
            if term.kind is not TermKind.GRAM
        }
        names = dict.fromkeys(_NAMES.findall(passage.body))
        return cls(
            frozenset(_figures(fold(passage.body))),
            tuple(" ".join(fold(name).split()) for name in names),
            weights,
            sum(weights.values()),
        )

    def support(self, figures: set[str], names: Mapping[str, float], tokens: set[str]) -> float:
        """How much of what this passage says stands in the answer."""
        score = len(self.figures & figures) * _FIGURE_WEIGHT
        if names:
            score += sum([names.get(name, 0.0) for name in self.names])
        if not self.total:
            return score
        shared = sum(map(self.weights.__getitem__, self.weights.keys() & tokens))
        return score + _WORDS_WEIGHT * shared / self.total


def _figures(folded: str) -> set[str]:
    """The figures of at least two digits, without separators; phone numbers as a whole as well."""
    plain = {found.replace(",", "") for found in _FIGURES.findall(folded)}
    joined = {found for found in _FIGURES.findall(_SPLIT_PHONES.sub("", folded)) if len(found) > 7}
    return {figure for figure in plain | joined if len(figure) > 1}
