"""Text with every figure in plain digits, each character still in its place.

Places must not move, since a figure is reported as it was written.
"""

import re
from typing import Final

from backend.services.figures.figure import MASK

_ZEROS: Final = (
    *(0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66),
    *(0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x19D0, 0xA8D0, 0xA9D0),
    *(0xA9F0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6),
)
_PLAIN: Final = {
    **{zero + value: str(value) for zero in _ZEROS for value in range(10)},
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000\t\r"), " "),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'"),
    **dict.fromkeys(map(ord, "\u301c\u223c"), "~"),
    0xFE0F: MASK,
    0xFFE5: "¥",
}
_INVISIBLE: Final = re.compile("[\x00\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

# The Burmese letter wa is typed for the digit zero; before a vowel sign or a closed syllable it
# is the letter.
_WA: Final = re.compile(
    "(?<=[0-9])[,.\u101d]*\u101d(?![\u102b-\u103e]|[\u1000-\u1021][\u1039\u103a])"
)

_LINE_START: Final = r"^[ >*_#•·◦▪|-]*"
_NUMBERING: Final = re.compile(
    rf"{_LINE_START}\(?[1-9][0-9]?(?:[.)、။၊](?![0-9])|:(?=[\s*_]))|[0-9]\x00?\u20e3", re.MULTILINE
)
_STEPS: Final = re.compile(
    r"\b(?:step|option)[ #]*[0-9]{1,2}(?![0-9.,])"
    r"|(?:ขั้นตอนที่|ขั้นที่|ข้อที่|ข้อ|ตัวเลือกที่|步骤|步驟|选项|選項|အဆင့်)\s?[0-9]{1,2}(?![0-9.,])"
    r"|第[0-9]{1,2}步|\b21st[ -]century|ศตวรรษที่ ?21|21 ?世[纪紀]|၂၁ ?ရာစု",
    re.IGNORECASE,
)
_STEP_WORDS: Final = re.compile("[Ss](?:tep|TEP)|[Oo](?:ption|PTION)|21st")
_INLINE: Final = re.compile(r"(?<![0-9A-Za-z.,+])\(?([0-9]{1,2})\)(?![ -]?[0-9])")
_LIST_LINE: Final = re.compile(
    r"^ *(?:[>*_#]*\(?[0-9]{1,2}[.)、။](?![0-9])|[•·◦▪●*-] |[•·◦▪●])", re.MULTILINE
)
_CITATION: Final = re.compile(
    r"[\[【]([0-9]{1,3}(?: ?[,、-] ?[0-9]{1,3})*)(?: [^\]】\n]{0,60})?[\]】]"
)


def visible(text: str) -> str:
    """The text without characters that nobody sees."""
    return _INVISIBLE.sub("", text)


def plain(text: str) -> str:
    """Write all digits, dashes, spaces and full-width characters the one way."""
    if text.isascii():
        return text.replace("\t", " ").replace("\r", " ")
    text = text.translate(_PLAIN)
    if "\u101d" in text:
        text = _WA.sub(lambda found: found[0].replace("\u101d", "0"), text)
    return text


def hide_numbering(text: str) -> str:
    """Mask what only counts lines and steps: "1.", "(2)", "Step 3"."""
    text = _NUMBERING.sub(_mask, text)
    if not text.isascii() or _STEP_WORDS.search(text):
        text = _STEPS.sub(_mask, text)
    if ")" not in text:
        return text
    inline = [int(found[1]) for found in _INLINE.finditer(text)]
    if len(inline) > 1 and inline == list(range(1, len(inline) + 1)):
        text = _INLINE.sub(_mask, text)
    return text


def hide_citations(text: str, passages: int) -> str:
    """Mask references to the numbered facts of the prompt, such as "[3]"."""

    if "[" not in text and "【" not in text:
        return text

    def hide(found: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"[0-9]+", found[1])]
        return _mask(found) if all(0 < number <= passages for number in numbers) else found[0]

    return _CITATION.sub(hide, text)


def count_list_lines(text: str) -> int:
    """How many items an answer's own list has."""
    return len(_LIST_LINE.findall(text))


def _mask(found: re.Match[str]) -> str:
    return MASK * len(found[0])
