"""What an answer may say, and what it says beyond that."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from backend.services.figures.characters import (
    count_list_lines,
    hide_citations,
    hide_numbering,
    plain,
    visible,
)
from backend.services.figures.figure import Atom, Figure, Reading
from backend.services.figures.reading import read_figures, read_proofs
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.rendering import write_value

_LARGEST_COUNT: Final = 50
"""Counts of listed things up to here are supported by the list itself."""


class Evidence:
    """The passages that an answer was given, and what the asker has said.

    A figure that the asker brought may be repeated ("50,000 baht is not enough"): it is not the
    assistant's invention. What they said is only read when the passages do not suffice.
    """

    def __init__(self, passages: Iterable[Passage], asked: Sequence[str] = ()) -> None:
        self.passages = tuple(passages)
        self._asked: Sequence[str] = asked
        self._proofs: set[Atom] = set().union(*map(_proofs_of, self.passages))
        self._proofs.update(_counts(self.passages))

    def supports(self, needs: tuple[Reading, ...]) -> bool:
        """Whether any of the readings stands in the evidence."""
        if not needs or self._holds(needs):
            return True
        if not self._asked:
            return False
        self._proofs.update(*map(read_proofs, self._asked))
        self._asked = ()
        return self._holds(needs)

    def _holds(self, needs: tuple[Reading, ...]) -> bool:
        return any(self._proofs.issuperset(reading) for reading in needs)


def find_unsupported(answer: str, evidence: Evidence) -> list[str]:
    """The figures of an answer that stand nowhere in the evidence, as written, each once.

    A currency or percent sign is part of what is given only when it is what has no support.
    """
    answer = visible(answer)
    text = hide_citations(hide_numbering(plain(answer)), len(evidence.passages))
    unsupported = [figure for figure in read_figures(text) if not evidence.supports(figure.needs)]
    if unsupported:
        listed = count_list_lines(text)
        unsupported = [figure for figure in unsupported if not _counts_list(figure, listed)]
    return list(dict.fromkeys(_written(answer, figure, evidence) for figure in unsupported))


def _written(answer: str, figure: Figure, evidence: Evidence) -> str:
    start, end = figure.start, figure.end
    if figure.unit_span is not None and evidence.supports(figure.bare):
        start, end = figure.unit_span
    return answer[start:end].strip()


def _counts_list(figure: Figure, listed: int) -> bool:
    """Whether a figure only says how many items the answer itself lists."""
    return 1 < listed <= _LARGEST_COUNT and (("number", listed),) in figure.needs


# Passages never change and are given again and again; reading one costs more than checking an
# answer against forty.
@lru_cache(maxsize=4_096)
def _proofs_of(passage: Passage) -> frozenset[Atom]:
    facts = (f"{' '.join(fact.keys)} {write_value(fact)}" for fact in passage.facts)
    source = passage.source
    # The body once more, from the start of a line: what numbers it there is hidden in answers.
    lines = (passage.text, passage.body, passage.title, *facts, source.title)
    lengths = {len(fact.value) for fact in passage.facts if isinstance(fact.value, tuple)}
    dated = read_proofs("\n".join(text for text in (source.url, source.date) if text))
    return read_proofs("\n".join(lines)) | dated | {("number", length) for length in lengths}


def _counts(passages: Sequence[Passage]) -> Iterable[Atom]:
    """How many passages of one group were given: the number of those that may be listed."""
    groups = Counter(passage.parent for passage in passages if passage.parent is not None)
    return (("number", count) for count in groups.values())
