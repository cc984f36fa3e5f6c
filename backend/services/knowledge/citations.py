"""Which of the given passages an answer really draws on."""

import re
from typing import Final

from backend.services.knowledge.analysis import TermKind
from backend.services.knowledge.context import KnowledgeContext
from backend.services.knowledge.library import Library
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.text import fold

MAX_CITATIONS: Final = 5
_RELATIVE_SCORE: Final = 0.35
_FIGURE_WEIGHT: Final = 3.0
_NAME_WEIGHT: Final = 2.0
_MIN_SCORE: Final = 3.0

_FIGURES: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_SPLIT_PHONES: Final = re.compile(r"(?<=\d)[ \-](?=\d)")
_NAMES: Final = re.compile(r"\b[A-Z][\w.'&-]+(?:[ ](?:of|and|the|de|&)?[ ]?[A-Z][\w.'&-]+)+")


def cite(library: Library, answer: str, context: KnowledgeContext) -> tuple[Passage, ...]:
    """The passages whose figures, names and words stand in the answer, best first."""
    said = _Evidence(library, answer)
    scored = [(said.support(passage), passage) for passage in context.passages]
    best = max((score for score, _ in scored), default=0.0)
    if best < _MIN_SCORE:
        return ()
    enough = max(_MIN_SCORE, best * _RELATIVE_SCORE)
    cited = sorted((pair for pair in scored if pair[0] >= enough), key=lambda pair: -pair[0])
    return tuple(passage for _, passage in cited[:MAX_CITATIONS])


class _Evidence:
    """What an answer says that can be found again in passages."""

    def __init__(self, library: Library, answer: str) -> None:
        self._library = library
        self._figures = _figures(answer)
        self._folded = " ".join(fold(answer).split())
        terms = library.analyser.terms_of_passage(answer)
        self._tokens = {term.token for term in terms if term.kind is not TermKind.GRAM}

    def support(self, passage: Passage) -> float:
        """How much of what only this passage says stands in the answer."""
        figures = len(_figures(passage.body) & self._figures) * _FIGURE_WEIGHT
        names = sum(
            _NAME_WEIGHT
            for name in dict.fromkeys(_NAMES.findall(passage.body))
            if " ".join(fold(name).split()) in self._folded
        )
        return figures + names + self._shared_words(passage)

    def _shared_words(self, passage: Passage) -> float:
        """The share of the passage's telling words, in points like those of a name."""
        shelf = self._library.core if passage.core else self._library.others
        terms = self._library.analyser.terms_of_passage(passage.text)
        weights = {
            term.token: shelf.index.idf(term.token)
            for term in terms
            if term.kind is not TermKind.GRAM
        }
        total = sum(weights.values())
        shared = sum(weight for token, weight in weights.items() if token in self._tokens)
        return 4.0 * shared / total if total else 0.0


def _figures(text: str) -> set[str]:
    """The figures of at least two digits, without separators; phone numbers as a whole as well."""
    folded = fold(text)
    plain = {found.replace(",", "") for found in _FIGURES.findall(folded)}
    joined = {found for found in _FIGURES.findall(_SPLIT_PHONES.sub("", folded)) if len(found) > 7}
    return {figure for figure in plain | joined if len(figure) > 1}
