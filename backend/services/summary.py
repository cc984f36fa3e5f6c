"""A conversation in short: what a summary is made of when no model makes it, and how long it is."""

from collections.abc import Sequence
from typing import Final

from backend.core.tokens import estimate_tokens
from backend.services.title import cut, make_title

SUMMARY_TOKENS: Final = 200
_FIRST_TOKENS: Final = 80
"""What its first line keeps when there are others, so that the first topic is never forgotten."""

_BULLET: Final = "- "


def bound_summary(text: str) -> str:
    """The text within the bound."""
    return _bound(text.strip(), SUMMARY_TOKENS)


def fold_titles(summary: str, questions: Sequence[str]) -> str:
    """Add the titles of further questions to a summary.

    When it grows too long it loses lines from its second on: the first topic and the latest stay.
    """
    titles = [_BULLET + make_title(question) for question in questions]
    lines = list(dict.fromkeys([*filter(str.strip, summary.split("\n")), *titles]))
    if _tokens(lines) > SUMMARY_TOKENS:
        lines[0] = _bound(lines[0], _FIRST_TOKENS)
    while _tokens(lines) > SUMMARY_TOKENS:
        del lines[1]
    return "\n".join(lines)


def _tokens(lines: Sequence[str]) -> int:
    return estimate_tokens("\n".join(lines))


def _bound(text: str, tokens: int) -> str:
    while estimate_tokens(text) > tokens:
        text = cut(text, len(text) * 9 // 10)
    return text
