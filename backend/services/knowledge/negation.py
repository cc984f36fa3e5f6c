"""What a question says it is not about: "the master's, but not the MBA"."""

from collections.abc import Iterable
from typing import Final

from backend.services.knowledge.lexicon import Lexicon, Match
from backend.services.knowledge.query import ENTITY_GROUPS

_BEFORE: Final = "negation"
_AFTER: Final = "negation_after"
"""Concepts of words that stand before or after what is not meant."""

_BETWEEN: Final = frozenset({"the", "a", "an", "any", "for", "in", "at"})
"""Words that may come between. Others may not: whoever is not sure about the MBA asks about it."""


def leave_out_negated(
    matches: Iterable[Match], lexicon: Lexicon
) -> tuple[list[Match], frozenset[str]]:
    """The rest of a question, and the concepts that it is not about.

    Only what others can stand in for is left out: whoever is not Thai is somebody else, but who
    has no visa asks about visas.
    """
    kept: list[Match] = []
    negated: set[str] = set()
    before = False
    for match in matches:
        if _AFTER in match.concepts:
            if kept and _is_entity(kept[-1], lexicon):
                negated.update(kept.pop().concepts)
        elif before and _is_entity(match, lexicon):
            negated.update(match.concepts)
        else:
            before = _BEFORE in match.concepts or (before and match.text in _BETWEEN)
            kept.append(match)
            continue
        before = False
    asked = {name for match in kept for name in match.concepts}
    return kept, frozenset(negated - asked)


def _is_entity(match: Match, lexicon: Lexicon) -> bool:
    groups = {lexicon.concept(name).group for name in match.concepts}
    return bool(groups) and groups <= ENTITY_GROUPS
