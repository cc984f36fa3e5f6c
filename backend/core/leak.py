"""Whether an answer gives away the prompt: its rules, or the codes of its blocks.

Texts are compared by their letters alone, so that case, spaces and punctuation do not matter;
also backwards, turned by 13, in base64, in hexadecimal and in percent signs. A translation or a
summary is not found. Who the assistant is (`IDENTITY`) is no secret.
"""

import base64
import codecs
import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from backend.core.prompt import CODE_LENGTH, INSTRUCTIONS

RUN: Final = 40
"""Letters of the rules in a row that give them away: seven or eight words."""

_WINDOW: Final = 16
_STEP: Final = RUN - _WINDOW + 1
"""Every run of `RUN` letters holds a whole window at a multiple of this."""

_BASE64: Final = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{40,}")
_HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2}[\s,:]{0,2}(?:0x|\\x)?){40,}")
_WORD_CHARS: Final = string.ascii_letters + string.digits + "+/_-=%"
_HEX_CHARS: Final = string.hexdigits + "x\\,: \t\n"

# What is looked for in another writing: fewer characters hold nothing that would be found.
_LEAST_HEX: Final = 2 * RUN
_LEAST_PERCENTS: Final = RUN // 2
_LEAST_WORD: Final = RUN // 2

# What is shown before anything is doubted: letters of a rule and of a code, encoded characters.
_LEAST_RULE: Final = 8
_LEAST_CODE: Final = 3
_LEAST_ENCODED: Final = 24
_CONTEXT: Final = 128
"""Characters shown last: a leak can begin in them."""

_MOST_HELD: Final = 4_096
"""Characters: what keeps on without a space for so long is looked at and let go."""

_FOREIGN: Final = "\0"
_BETWEEN: Final = b"\xff"
_LOOK_ALIKE: Final = str.maketrans(
    "аеорсухіјѕԁһкмтвнԛԝɡαοενιτρκυ01345789lı", "aeopcyxijsdhkmtbhqwgaoevitpkuoieastbgii"
)
# What an ordinary text of four languages holds besides letters, and what dresses Latin letters up.
_MARKS: Final = re.compile(
    "[\u00a0-\u00bf\u2000-\u206f\u2190-\u2bff\u3000-\u3020\ufe0f\ufe30-\ufe6f\uff00-\uff0f\uff1a-\uff20"
    "\uff3b-\uff40\uff5b-\uff65\U0001f300-\U0001faff]+"
)
_DRESSED: Final = re.compile(
    "[\u00c0-\u052f\u1d00-\u1fff\u2070-\u209f\u2100-\u218f\u2460-\u24ff\ua720-\ua7ff\ufb00-\ufb06"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff\U0001f100-\U0001f2ff]"
)
_DROPPED: Final = bytes(code for code in range(128) if not chr(code).isalnum())
_PLAIN: Final = bytes(
    ord(chr(code).lower().translate(_LOOK_ALIKE)) if code < 128 else 0 for code in range(256)
)


class Leak(StrEnum):
    """What an answer gave away, and how."""

    RULES = "rules"
    CODE = "code"
    ENCODED = "encoded"


class _Letters(dict[int, str]):
    """What each character is among letters; worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKD", chr(code)).casefold().translate(_LOOK_ALIKE)
        letters = "".join(char for char in plain if char.isalnum())
        self[code] = letters if letters.isascii() else _FOREIGN
        return self[code]


_LETTERS: Final = _Letters()


def letters_of(text: str) -> bytes:
    """The Latin letters of a text, small; digits as the letters they are drawn for.

    A letter of another script that looks like none of ours becomes zeros: it ends a run.
    """
    if not text.isascii():
        if _DRESSED.search(text) is not None:
            return text.translate(_LETTERS).encode("ascii")
        text = _MARKS.sub("", text)
    return text.encode("utf-8", "replace").translate(_PLAIN, _DROPPED)


def spellings(texts: Iterable[str]) -> Iterator[bytes]:
    """The letters of each text as they can be written: also backwards, turned, unnumbered."""
    for text in texts:
        # With the rules' numbers and without, as a list of points has none.
        for written in dict.fromkeys((text, re.sub(r"^\d+\.", "", text, flags=re.MULTILINE))):
            for turned in (written, codecs.encode(written, "rot13")):
                letters = letters_of(turned)
                yield from (letters, letters[::-1])


_SECRETS: Final = _BETWEEN.join(spellings(INSTRUCTIONS))
_WINDOWS: Final = frozenset(
    window
    for at in range(len(_SECRETS) - _WINDOW + 1)
    if _BETWEEN not in (window := _SECRETS[at : at + _WINDOW])
)


class LeakWatch:
    """Watches an answer that comes in pieces for the rules and these codes.

    No more than a word of what may become a leak is given out before it turns out to be none; an
    ordinary answer passes without delay.
    """

    def __init__(self, codes: Iterable[str] = ()) -> None:
        plain = [letters_of(code) for code in codes]
        self._codes = [*plain, *(code[::-1] for code in plain)]
        self._all_codes = _BETWEEN.join(self._codes)
        self._shown = ""
        self._held = ""
        self.leak: Leak | None = None

    def feed(self, piece: str) -> str:
        """Give what can be shown by now; nothing more once `leak` is set."""
        before = len(self._shown)
        text = self._shown + self._held + piece
        letters = letters_of(text)
        self.leak = self.leak or self._find(text, letters)
        if self.leak is not None:
            self._held = ""
            return ""
        cut = max(before, self._suspicion(text, letters))
        if len(text) - cut > _MOST_HELD:
            cut = len(text)
        self._shown, self._held = text[max(0, cut - _CONTEXT) : cut], text[cut:]
        return text[before:cut]

    def finish(self) -> str:
        """Give what was kept back."""
        rest, self._held = self._held, ""
        return rest

    def _find(self, text: str, letters: bytes) -> Leak | None:
        if self._holds_code(letters):
            return Leak.CODE
        if _holds_rules(letters):
            return Leak.RULES
        for decoded in _decoded(text):
            inner = letters_of(decoded)
            if _holds_rules(inner) or self._holds_code(inner):
                return Leak.ENCODED
        return None

    def _holds_code(self, letters: bytes) -> bool:
        return any(map(letters.__contains__, self._codes))

    def _suspicion(self, text: str, letters: bytes) -> int:
        """Where the end begins that may be the beginning of a leak."""
        if not self._shown and letters in _SECRETS:
            return 0  # as long as nothing is shown another answer can take the place of this one
        doubted = max(
            _known_end(letters, _SECRETS, most=RUN, least=_LEAST_RULE),
            _known_end(letters, self._all_codes, most=CODE_LENGTH, least=_LEAST_CODE),
        )
        place = len(text)
        while doubted > 0:  # a character can be several letters
            place -= 1
            doubted -= len(letters_of(text[place]))
        # Encoded text cannot be read from its middle.
        for chars in (_WORD_CHARS, _HEX_CHARS):
            start = len(text.rstrip(chars))
            if len(text) - start >= _LEAST_ENCODED:
                place = min(place, start)
        return place


def _known_end(letters: bytes, known: bytes, *, most: int, least: int) -> int:
    """How many letters at the end stand so in what is known; 0 for fewer than `least`."""
    if len(letters) < least or letters[-least:] not in known:
        return 0
    low, high = least, min(most, len(letters))
    while low < high:  # when an end is known, every shorter one is
        middle = (low + high + 1) // 2
        if letters[-middle:] in known:
            low = middle
        else:
            high = middle - 1
    return low


def _holds_rules(letters: bytes) -> bool:
    for at in range(0, len(letters) - _WINDOW + 1, _STEP):
        window = letters[at : at + _WINDOW]
        if window in _WINDOWS and _is_run(letters, at):
            return True
    return False


def _is_run(letters: bytes, at: int) -> bool:
    """Whether the window there is part of a run that is long enough."""
    around = letters[max(0, at - RUN + _WINDOW) : at + RUN]
    return any(around[start : start + RUN] in _SECRETS for start in range(len(around) - RUN + 1))


def _decoded(text: str) -> Iterator[str]:
    """What stands in a text in another writing."""
    if _has_long_word(text) and _has_run(text, _WORD_CHARS, RUN):
        for found in _BASE64.finditer(text):
            word = found[0].replace("-", "+").replace("_", "/")
            # Whole as if nothing but zeros were missing: at most a letter too much at its end.
            yield base64.b64decode(word + "A" * (-len(word) % 4)).decode("latin-1")
        if text.count("%") > _LEAST_PERCENTS:
            yield unquote(text)
    if _has_run(text, _HEX_CHARS, _LEAST_HEX):
        for found in _HEX.finditer(text):
            digits = re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", found[0])
            yield bytes.fromhex(digits).decode("latin-1")


def _has_run(text: str, chars: str, length: int) -> bool:
    """Whether so many of these characters in a row are possible: half of them surely stand so."""
    half = length // 2
    for at in range(0, len(text) - half + 1, half):  # noqa: SIM110 - for each piece of a stream
        if not text[at : at + half].strip(chars):
            return True
    return False


def _has_long_word(text: str) -> bool:
    """Whether anything goes on without a space for long; few words of ours do."""
    return max(map(len, text.split()), default=0) >= _LEAST_WORD
