"""Text as it is compared: folded, cut by script, stemmed.

People drop Thai tone marks, write Burmese with the digit zero for the letter wa, mix full-width,
Thai and Burmese digits, and put spaces anywhere. All of that is folded away here, in the questions
and in the knowledge alike.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from string import ascii_lowercase
from threading import Lock
from typing import Final, NamedTuple

import snowballstemmer

from backend.services.knowledge.chinese import SIMPLIFIED

LATIN: Final = "latin"
DIGITS: Final = "digits"
THAI: Final = "th"
BURMESE: Final = "my"
CHINESE: Final = "zh"
OTHER: Final = "other"
GAP: Final = "gap"

_THAI = "\u0e00-\u0e7f"
_BURMESE = "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"
_CHINESE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"

_RUNS: Final = re.compile(
    rf"(?P<latin>[a-z]+)|(?P<digits>[0-9]+(?:[.,][0-9]+)*)|(?P<th>[{_THAI}]+)"
    rf"|(?P<my>[{_BURMESE}]+)|(?P<zh>[{_CHINESE}]+)|(?P<other>[^\W\d_]+)"
    r"|(?P<gap>[;:!?|•\n。！？；：၊။]|[.,](?=\s|$))"
)

# Marks that carry no difference worth keeping: Latin accents, Thai tones, the thanthakhat and the
# repetition mark, zero-width characters.
_DROPPED: Final = re.compile(
    "[\u0300-\u036f\u0e47-\u0e4c\u0e46\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_SPACED: Final = tuple(
    re.compile(rf"(?<=[{script}])[ \t\u3000.\-–/·]+(?=[{script}])")
    for script in (_THAI, _BURMESE, _CHINESE)
)
_APOSTROPHES: Final = re.compile("[\u2019\u2018\u02bc`\u00b4]")
_POSSESSIVE: Final = re.compile(r"(?<=[a-z])'(?:s|re|m|d|ll|ve)?\b")
_INITIALS: Final = re.compile(r"\b(?:[a-z]\.){2,}(?:[a-z]\b)?|\b[a-z]\.[a-z]\b")
_DOT_AND_LETTER: Final = re.compile(r"\.[a-z]")
_PHD_HINT: Final = re.compile("ph[. -]{0,2}d")
_PHD: Final = re.compile(r"\bph\.?[ -]?d\b\.?")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")

_TRIPLES: Final = tuple(letter * 3 for letter in ascii_lowercase)

# The letter wa and the digit zero, the letter ra and the digit seven look alike and are typed for
# one another.
_WA_FOR_ZERO: Final = re.compile(
    "(?<![\u1040-\u1049])\u1040(?=[\u1000-\u1021\u102b-\u103e])|(?<=[\u1000-\u1021\u102b-\u103e])\u1040"
)
_RA_FOR_SEVEN: Final = re.compile(
    "\u1047(?=[\u102b-\u103e])|(?<=[\u1000-\u1021\u102b-\u103e])\u1047"
)
_ACCENTED: Final = re.compile("[\u00c0-\u024f]")
_ZHA: Final = re.compile("\u1005\u103b")

MARKS: Final = frozenset(
    chr(code)
    for span in ((0x0E30, 0x0E3B), (0x0E45, 0x0E4F), (0x102B, 0x103F), (0x1056, 0x1060))
    for code in range(*span)
)
"""Vowels and signs of Thai and Burmese that never begin a word."""

LEADING_VOWELS: Final = frozenset(map(chr, range(0x0E40, 0x0E45)))
"""Thai vowels that are written before their consonant: none ends a word."""

_FORMS: Final = {
    **SIMPLIFIED,
    **{
        ord(char): str(value)
        for start in (0x0E50, 0x1040, 0x1090)
        for value, char in enumerate(map(chr, range(start, start + 10)))
    },
    0x102B: "\u102c",
    0x1026: "\u1025\u102e",
}
_ASCII_WORDS: Final = re.compile("[a-z]+|[0-9]+(?:[.,][0-9]+)*")
_ASCII_GAPS: Final = re.compile(r"[;:!?|\n]|[.,](?=\s|$)")
_ASCII_TOKENS: Final = re.compile(f"{_ASCII_WORDS.pattern}|{_ASCII_GAPS.pattern}")
_stemmer = snowballstemmer.stemmer("english")
_stemmer_lock = Lock()


class Run(NamedTuple):
    """A stretch of one script in a folded text."""

    kind: str
    text: str


def fold(text: str) -> str:
    """Bring `text` into the form in which it is compared."""
    folded = fold_stretched(text)
    if folded.isascii() and not any(map(folded.__contains__, _TRIPLES)):
        return folded
    return unstretch(folded)


def unstretch(text: str) -> str:
    """A folded text with no letter more than twice in a row: "helloooo"."""
    return _STRETCHED.sub(r"\1\1", text)


def fold_stretched(text: str) -> str:
    """What `fold` does, but for letters that are written again and again."""
    if text.isascii():
        folded = text.lower().replace("`", "'")
    else:
        folded = _APOSTROPHES.sub("'", unicodedata.normalize("NFKC", text).casefold())
        folded = _fold_scripts(folded)
    # A look for the character costs a hundredth of a look for the pattern.
    if _PHD_HINT.search(folded):
        folded = _PHD.sub("phd", folded)
    if _DOT_AND_LETTER.search(folded):
        folded = _INITIALS.sub(lambda found: found[0].replace(".", ""), folded)
    if "'" in folded:
        folded = _POSSESSIVE.sub("", folded)
    return folded


def _fold_scripts(text: str) -> str:
    folded = _RA_FOR_SEVEN.sub("\u101b", _WA_FOR_ZERO.sub("\u101d", text))
    folded = _ZHA.sub("\u1008", folded.translate(_FORMS)).replace("\u0e40\u0e40", "\u0e41")
    if _ACCENTED.search(folded):
        folded = unicodedata.normalize("NFKD", folded)
    folded = _DROPPED.sub("", folded)
    for spaced in _SPACED:
        folded = spaced.sub("", folded)
    return folded


def fold_lines(texts: Iterable[str]) -> list[str]:
    """Fold many short texts at once, which costs a tenth of folding each."""
    lines = [text.replace("\n", " ") for text in texts]
    return fold("\n".join(lines)).split("\n") if lines else []


def fold_apart(texts: Iterable[str]) -> dict[str, str]:
    """What `fold_stretched` makes of each of many texts; plain ones are folded together."""
    plain: list[str] = []
    folded = {}
    for text in texts:
        if text.isascii() and "\n" not in text:
            plain.append(text)
        else:
            folded[text] = fold_stretched(text)
    if plain:
        lines = fold_stretched("\n".join(plain)).split("\n")
        folded.update(zip(plain, lines, strict=True))
    return folded


def script_of(folded: str) -> str | None:
    """The script that a whole folded text is written in without a break; None for mixed ones."""
    run = _RUNS.match(folded)
    return run.lastgroup if run is not None and run.end() == len(folded) else None


def split_runs(folded: str) -> Iterator[Run]:
    """Cut a folded text into words, figures, stretches of a script and gaps between phrases."""
    for found in _RUNS.finditer(folded):
        yield Run(found.lastgroup or OTHER, found[0])


def split_phrases(ascii_text: str) -> Iterator[list[str]]:
    """Cut a folded ASCII text into the words and figures of each phrase, in a third of the time
    that `split_runs` takes."""
    return map(_ASCII_WORDS.findall, _ASCII_GAPS.split(ascii_text))


def cut_plain(ascii_text: str) -> list[str]:
    """The words and figures of a folded ASCII text, and the gaps between its phrases."""
    return _ASCII_TOKENS.findall(ascii_text)


def figure(text: str) -> str:
    """A figure however it is separated."""
    return text.replace(",", "").rstrip(".")


@lru_cache(maxsize=32_768)
def stem(word: str) -> str:
    """The English stem of a folded word."""
    with _stemmer_lock:  # the stemmer keeps the word it works on in itself
        return str(_stemmer.stemWord(word))


def grams(text: str, sizes: tuple[int, ...]) -> Iterator[str]:
    """The character n-grams of `text`; a text shorter than a size counts as one gram of it."""
    for size in sizes:
        if len(text) <= size:
            yield text
            continue
        for start in range(len(text) - size + 1):
            yield text[start : start + size]
