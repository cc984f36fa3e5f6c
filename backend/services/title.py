"""What a conversation is called: the beginning of its first question."""

import unicodedata
from typing import Final

TITLE_LENGTH: Final = 60
"""Characters of a title that is made; what people write themselves may be longer."""

_ELLIPSIS: Final = "…"
_JOINER: Final = "\u200d"


def make_title(question: str) -> str:
    """The question in one line, cut at a word and never inside a character."""
    title = " ".join(question[: 8 * TITLE_LENGTH].split())
    if len(title) <= TITLE_LENGTH:
        return title
    return cut(title, TITLE_LENGTH)


def cut(text: str, length: int) -> str:
    """The beginning of a longer text: cut at a word and never inside a character."""
    blank = text.rfind(" ", length // 2, length)
    end = blank if blank > 0 else _character_start(text, length - 1)
    return text[:end] + _ELLIPSIS


def _character_start(text: str, end: int) -> int:
    """The last place up to `end` where no vowel, tone or emoji is torn from what it belongs to."""
    while end > 1 and (_leans(text[end]) or text[end - 1] == _JOINER):
        end -= 1
    return end


def _leans(char: str) -> bool:
    """Whether a character only shows together with the one before it."""
    return char == _JOINER or unicodedata.category(char).startswith("M")
