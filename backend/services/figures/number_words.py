"""Numbers written as words: what an answer claims with them, what a fact proves."""

import re
from collections.abc import Callable, Iterator

from backend.services.figures.figure import Atom, Figure, extract
from backend.services.figures.signs import Signs
from backend.services.figures.units import currency_after
from backend.services.figures.vocabulary import (
    BURMESE_COUNTED,
    BURMESE_DIGITS,
    BURMESE_NUMBER,
    BURMESE_SCALES,
    CHINESE_COUNTED,
    CHINESE_DIGITS,
    CHINESE_NUMBER,
    CHINESE_SCALES,
    ENGLISH_COUNTED,
    ENGLISH_NUMBER,
    LATIN_WORDS,
    LETTERS,
    ORDINAL,
    ORDINALS,
    ROMAN,
    ROMAN_NUMERAL,
    SCALES,
    SMALL,
    TENS,
    THAI_COUNTED,
    THAI_DIGITS,
    THAI_NUMBER,
    THAI_SCALES,
    WORTH_CLAIMING,
)


def read_words(text: str, figures: list[Figure], signs: Signs) -> str:
    """Read and mask numbers in words."""
    if not signs.words.isdisjoint(LATIN_WORDS):
        text = extract(ENGLISH_NUMBER, text, figures, _english)
    if signs.chinese:
        text = extract(CHINESE_NUMBER, text, figures, _place(_chinese_value, CHINESE_COUNTED))
    if signs.thai:
        text = extract(THAI_NUMBER, text, figures, _place(_thai_value, THAI_COUNTED))
    if signs.burmese:
        text = extract(BURMESE_NUMBER, text, figures, _place(_burmese_value, BURMESE_COUNTED))
    return text


def ranks_named(text: str) -> Iterator[int]:
    """The ranks and Roman numerals of a fact: "third", "English I-IV"."""
    for found in ORDINAL.finditer(text):
        yield ORDINALS[found[0].lower()]
    for found in ROMAN_NUMERAL.finditer(text):
        yield ROMAN[found[0]]


def _figure(text: str, start: int, end: int, value: int, *, claimed: bool) -> Figure:
    number: Atom = ("number", value)
    money: Atom = ("money", value, "THB")
    if not claimed or value < 2:
        return Figure(start, end, (), (number, money))
    currency = currency_after(text, end)
    claim: Atom = ("money", value, currency[0]) if currency else number
    return Figure(start, end, ((claim,),), (number, claim if currency else money))


def _english(found: re.Match[str]) -> Figure | None:
    """Add up English words. The pattern also finds words that only look alike ("tour eleven")."""
    words = list(LETTERS.finditer(found[0]))
    known = [word[0].lower() in LATIN_WORDS for word in words]
    if True not in known or (found.start() and found.string[found.start() - 1].isalnum()):
        return None
    words = words[known.index(True) :]
    total = current = 0
    for word in words:
        name = word[0].lower()
        if name in SCALES and name != "hundred":
            total, current = total + max(1, current) * SCALES[name], 0
        elif name == "hundred":
            current = max(1, current) * 100
        else:
            current += SMALL.get(name, 0) + TENS.get(name, 0)
    value = total + current
    start, end = found.start() + words[0].start(), found.start() + words[-1].end()
    counted = ENGLISH_COUNTED.match(found.string, end) is not None
    return _figure(found.string, start, end, value, claimed=counted or value >= 100)


def _place(
    value_of: Callable[[str], int | None], counted: re.Pattern[str]
) -> Callable[[re.Match[str]], Figure | None]:
    def read(found: re.Match[str]) -> Figure | None:
        value = value_of(found[0])
        if value is None:
            return None
        follows = counted.match(found.string, found.end()) is not None
        return _figure(
            found.string,
            found.start(),
            found.end(),
            value,
            claimed=follows or value >= WORTH_CLAIMING,
        )

    return read


def _chinese_value(written: str) -> int | None:
    digits = [CHINESE_DIGITS[char] for char in written if char in CHINESE_DIGITS]
    if len(digits) == len(written):
        if len(written) == 1:
            return digits[0]
        return int("".join(map(str, digits))) if len(written) == 4 else None
    if written[0] not in CHINESE_DIGITS and written[0] != "十":
        return None
    value = _sum_places([CHINESE_SCALES.get(c) or -CHINESE_DIGITS[c] for c in written])
    if value is not None and written[-1] in CHINESE_DIGITS:  # "三千六" is 3,600
        value += digits[-1] * (CHINESE_SCALES.get(written[-2], 10) // 10 - 1)
    return value


def _thai_value(written: str) -> int | None:
    return _sum_places(list(_tokens(written, THAI_DIGITS, THAI_SCALES)))


def _burmese_value(written: str) -> int | None:
    return _sum_places(list(_tokens(written, BURMESE_DIGITS, BURMESE_SCALES)))


def _tokens(written: str, digits: dict[str, int], scales: dict[str, int]) -> Iterator[int]:
    """Scales as they are, digits as their negatives."""
    for found in re.finditer("|".join((*scales, *digits)), written):
        yield scales.get(found[0]) or -digits[found[0]]


def _sum_places(tokens: list[int]) -> int | None:
    """Add up digits (negative) and scales; None for a row of digits, which is no number.

    A scale multiplies all smaller ones before it: ten and lakh are a million, lakh and ten are not.
    """
    terms: list[int] = []
    digit: int | None = None
    for token in tokens:
        if token <= 0:
            if digit:
                return None
            digit = -token
            continue
        factor = digit or 0
        while terms and terms[-1] < token:
            factor += terms.pop()
        terms.append((factor or 1) * token)
        digit = None
    return sum(terms) + (digit or 0)
