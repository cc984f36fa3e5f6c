"""Pure functions that several layers share."""

import re
import unicodedata
from typing import Final

_INVISIBLE_CATEGORIES: Final = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Mn", "Me", "Cn", "Co"})
_INVISIBLE_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Hangul fillers and the empty Braille pattern: letters and symbols that show nothing."""


def check_text(text: str) -> str:
    """Return `text` trimmed.

    Raises:
        ValueError: it holds a NUL, which PostgreSQL cannot store, or half a surrogate pair, which
            cannot be encoded at all.
    """
    if "\x00" in text:
        raise ValueError("must not hold a NUL character")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise ValueError("must not hold half of a surrogate pair")
    return text.strip()


def is_blank(text: str) -> bool:
    """True when nothing of `text` would be visible, zero-width characters included."""
    return all(
        unicodedata.category(char) in _INVISIBLE_CATEGORIES or char in _INVISIBLE_LETTERS
        for char in text
    )


_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_uuid(text: str) -> bool:
    """True for a UUID in its usual lower-case form."""
    return _UUID.fullmatch(text) is not None
