"""Which of the passages that match a message answer it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.context import KnowledgeContext, Scored
from backend.services.knowledge.evidence import Judge
from backend.services.knowledge.passage import Passage

MAX_PASSAGES: Final = 5
_RELATIVE_SCORE: Final = 0.65
"""Passages that score less than this share of the best do not answer the question."""

_EQUAL_SCORE: Final = 0.85
_RELATIVE_COVERAGE: Final = 0.75
_MIN_COVERAGE: Final = 0.5
_LEAST_SCORE: Final = 0.4
_MANY: Final = 3
"""Members of a list that are told by the list itself."""

_MAX_JUDGED: Final = 12
"""Passages that are looked at for an answer; what answers stands among the first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The passages that answer a message; `partial` when they do not answer all that it asks."""

    passages: tuple[Passage, ...] = ()
    partial: bool = False


def choose_passages(context: KnowledgeContext) -> list[Passage]:
    """The passages that answer a message, best first."""
    return list(choose(context).passages)


def choose(context: KnowledgeContext) -> Choice:
    """The passages that answer a message, and whether they answer all of it.

    Kept with the context: before a stream's first word, for an answer of the facts and for the
    notes of gaps the same is asked. Two threads at once work out the same.
    """
    if not context.made_choice:
        context.made_choice.append(_choose_for_all(context))
    return context.made_choice[0]


def _choose_for_all(context: KnowledgeContext) -> Choice:
    """The choice for the whole message and each of its questions.

    Nothing answers two questions at once, or a letter that tells a life before it asks: the
    questions of such a message are answered one by one.
    """
    if context.off_topic or context.edition is None:
        return Choice()
    library = context.edition.library
    whole, *each = (
        _choose(library.analyser, one, library.lists) for one in (context, *context.clauses)
    )
    if whole and not (len(each) > 1 and all(each)):
        return Choice(tuple(whole))
    # The best for each question first: five for one would leave no room for the other.
    ranks = zip_longest(*each)
    told = tuple(dict.fromkeys(found for rank in ranks for found in rank if found is not None))
    return Choice(told[:MAX_PASSAGES], partial=not all(each))


def _choose(
    analyser: Analyser, context: KnowledgeContext, lists: Sequence[Passage]
) -> list[Passage]:
    """The passages near the best of those which each hold what is asked."""
    if context.off_topic:
        return []
    judge = Judge(analyser, context.query)
    matches: list[Scored] = [
        found for found in context.matches if found.passage.overruled_by is None
    ][:_MAX_JUDGED]
    if not judge.wants:
        matches = [found for found in matches if found.coverage >= _MIN_COVERAGE]
    least = matches[0].score * _LEAST_SCORE if matches else 0.0
    matches = judge.sift(
        [found for found in matches if found.score >= least and judge.accepts(found.passage)]
    )
    if not matches:
        return []
    best = matches[0]
    enough = [found for found in matches if _is_near(found, best)]
    enough = list(dict.fromkeys([*enough, *judge.compared(matches)]))
    if judge.spans_levels:
        beside = [found for found in matches if _stands_beside(found, best)]
        enough = list(dict.fromkeys([*enough, *beside]))
    enough = [found for found in enough if judge.is_taught_at_level(found.passage, lists)]
    enough = _without_repeats(enough, matches)[:MAX_PASSAGES]
    return [
        found.passage for found in sorted(enough, key=lambda found: _telling_order(found, best))
    ]


def _without_repeats(found: Sequence[Scored], matches: Sequence[Scored]) -> list[Scored]:
    """Either a list or its members: the one says what the others do.

    The list stands for many members, whatever matches better; else the better match is told.
    """
    members: dict[str, list[Scored]] = defaultdict(list)
    for one in found:
        if one.passage.parent is not None:
            members[one.passage.parent].append(one)
    lists = {
        one.passage.id: one for one in matches if one.passage.is_list and one.passage.id in members
    }
    left_out: set[str] = set()
    for parent, whole in lists.items():
        of_it = members[parent]
        if len(of_it) >= _MANY or (whole in found and whole.score >= of_it[0].score):
            found = [whole if one is of_it[0] else one for one in found if one is not whole]
            left_out.update(one.passage.id for one in of_it)
        else:
            left_out.add(parent)
    return [one for one in found if one.passage.id not in left_out]


def _is_near(found: Scored, best: Scored) -> bool:
    # Of the owner's files one answers: a fee is none of what "international students" asks for.
    apart = best.passage.core and found.passage.core
    least = _EQUAL_SCORE if apart and not _stands_beside(found, best) else _RELATIVE_SCORE
    return (
        found.score >= best.score * least and found.coverage >= best.coverage * _RELATIVE_COVERAGE
    )


def _stands_beside(found: Scored, best: Scored) -> bool:
    return found.passage.core and found.passage.category == best.passage.category


def _telling_order(found: Scored, best: Scored) -> tuple[bool, float]:
    """Equals of the owner's files in their order: bachelor's fees before master's."""
    equal = found.passage.core and found.score >= best.score * _EQUAL_SCORE
    return (not equal, found.place if equal else -found.score)
