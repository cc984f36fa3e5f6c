"""Whether a question is about another university: "tuition at Mahidol", not "I am from Mahidol"."""

from collections.abc import Collection
from typing import Final

from backend.services.knowledge.concept import ELSEWHERE
from backend.services.knowledge.lexicon import Lexicon, Match

_IN_PASSING: Final = frozenset(
    {"in_passing", "assumption", "abac", "transfer", "credit_transfer", "exchange"}
)
"""Concepts beside which another university is where somebody comes from, or what ours is compared
with: its name takes nothing from the question then."""


def is_about_another(matches: Collection[Match], lexicon: Lexicon) -> bool:
    """Whether the question names another university, and nothing that says it is about ours."""
    named = {name for match in matches for name in match.concepts}
    others = any(lexicon.concept(name).group == ELSEWHERE for name in named)
    return others and not named & _IN_PASSING
