"""Plain numbers, amounts, percentages, years, ranges and codes."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Final

from backend.services.figures.amount import Number, find_numbers
from backend.services.figures.contacts import to_phone
from backend.services.figures.dates import BUDDHIST_ERA, common_year, is_buddhist
from backend.services.figures.figure import Atom, Figure, Reading, Value
from backend.services.figures.units import (
    currency_after,
    currency_before,
    era_around,
    find_before,
    is_day,
    percent_after,
    percent_before,
    scale_before,
    stands_alone,
)
from backend.services.figures.values import LONGEST_NUMBER, readings_of

_RANGE: Final = re.compile(
    r"[*_]{0,2} ?(?:-|~|to|and|through|ถึง|จนถึง|และ|至|到|和|မှ|နှင့်) ?[*_]{0,2}"
)
_GAP: Final = frozenset(" .-")
_LABEL: Final = re.compile(r"([A-Za-z]{1,12})[ .-]{1,2}$")


def read_numbers(text: str, figures: list[Figure], *, proving: bool) -> None:
    """Read all that is left with a digit in it; codes must be masked already."""
    numbers = find_numbers(text)
    _mark(text, numbers)
    _link_ranges(text, numbers)
    figures.extend(_figure(text, number, proving=proving) for number in numbers)


def _mark(text: str, numbers: list[Number]) -> None:
    """Find the currencies and percent signs."""
    since = 0
    for number in numbers:
        if stands_alone(text, number.end) or not _mark_after(text, number):
            _mark_before(text, number, since)
        since = number.wide[1] if number.wide else number.end


def _mark_after(text: str, number: Number) -> bool:
    percent = percent_after(text, number.end)
    if percent is not None:
        number.percent, number.wide = True, (number.start, percent)
        return True
    currency = currency_after(text, number.end)
    if currency is not None:
        number.currency, number.wide = currency[0], (number.start, currency[1])
    return currency is not None


def _mark_before(text: str, number: Number, since: int) -> None:
    percent = percent_before(text, number.start)
    if percent is not None:
        number.percent, number.wide = True, (percent, number.end)
        return
    currency = currency_before(text, number.start, since)
    if currency is not None:
        number.currency, number.wide = currency[0], (currency[1], number.end)


def _link_ranges(text: str, numbers: list[Number]) -> None:
    """Let the ends of a range share scale, currency, percent and cut-off digits."""
    for left, right in pairwise(numbers):
        gap_start = left.wide[1] if left.wide else left.end
        gap_end = right.wide[0] if right.wide else right.start
        if not _RANGE.fullmatch(text, gap_start, gap_end):
            continue
        low = left.readings[0][0]
        if left.is_plain and isinstance(low, int):
            scale = 1_000 if right.scale == 1 and re.search(r"[,.]000$", right.raw) else right.scale
            if scale > 1 and low < 1_000:
                left.also.append(low * scale)
        elif left.scale == 1 and right.scale > 1:
            left.readings += readings_of(left.raw, right.scale)
        if left.is_plain and right.is_plain and len(right.raw) < len(left.raw) <= LONGEST_NUMBER:
            right.also.append(int(left.raw[: -len(right.raw)] + right.raw))
        left.currency = left.currency or (right.currency if not left.percent else None)
        right.currency = right.currency or (left.currency if not right.percent else None)
        left.percent = left.percent or (right.percent and left.currency is None)


def _figure(text: str, number: Number, *, proving: bool) -> Figure:
    era = _era(text, number)
    bare = [tuple[Atom, ...](("number", value) for value in one) for one in number.readings]
    needs = [_marked(number, one) for one in number.readings]
    if era is not None:
        needs = bare = [(("year", int(number.raw) - (BUDDHIST_ERA if is_buddhist(era) else 0)),)]
    elif number.wide is None:
        needs += list(_others(text, number))
    gives = tuple(_gives(text, number, era)) if proving else ()
    claimed = number.wide is not None or number.scale > 1 or number.raw != "1"
    return Figure(
        number.start,
        number.end,
        tuple(needs) if claimed else (),
        gives,
        number.wide,
        tuple(bare),
    )


def _gives(text: str, number: Number, era: str | None) -> Iterator[Atom]:
    """All that a number proves."""
    for value in (*chain.from_iterable(number.readings), *number.also):
        yield from _proofs(number, value)
    yield from _years(number, era)
    for code in _codes(text, number):
        yield from code


def _codes(text: str, number: Number) -> Iterator[Reading]:
    """The code that a number is with the word before it, "SM 115", "sm. 115"."""
    if text[number.start - 1 : number.start] not in _GAP:
        return
    label = find_before(_LABEL, text, number.start)
    if label is not None:
        yield (("code", f"{label[1].lower()}{number.readings[0][0]}"),)


def _marked(number: Number, values: tuple[Value, ...]) -> Reading:
    """A reading with its unit on the last value: "2, 3 and 500 baht" are not all money."""
    *others, last = values
    atom: Atom = ("number", last)
    if number.wide is not None and number.percent:
        atom = ("percent", last)
    elif number.wide is not None and number.currency is not None:
        atom = ("money", last, number.currency)
    return (*(("number", value) for value in others), atom)


def _proofs(number: Number, value: Value) -> Iterator[Atom]:
    """An amount without a currency counts as the country's own."""
    yield ("number", value)
    if number.percent:
        yield ("percent", value)
    else:
        yield ("money", value, number.currency or "THB")


def _others(text: str, number: Number) -> Iterator[Reading]:
    """What else a number without a unit may be."""
    yield from ((("number", value),) for value in number.also)
    raw = number.raw
    yield from _codes(text, number)
    if number.is_plain:
        yield from _other_than_number(text, number)
    else:
        hour, _, minute = raw.partition(".")
        if len(minute) == 2 and len(hour) < 3:
            yield (("time", int(hour) * 60 + int(minute)),)
    if not text.isascii() and (scale := scale_before(text, number.start)) > 1:
        likeliest = readings_of(raw, scale * number.scale)[0]
        yield tuple[Atom, ...](("number", value) for value in likeliest)


def _other_than_number(text: str, number: Number) -> Iterator[Reading]:
    """A year of either era, a code that begins with zero, a phone number, a day."""
    raw = number.raw
    if len(raw) == 4:
        year = int(raw)
        yield (("year", common_year(year)),)
        yield (("code", raw),)
    elif 8 <= len(raw) <= 15:
        yield (("phone", to_phone(raw)),)
    elif len(raw) < 3 and is_day(text, number.start, number.end):
        yield (("day", int(raw)),)


def _era(text: str, number: Number) -> str | None:
    if number.is_plain and len(number.raw) == 4:
        return era_around(text, number.start, number.end)
    return None


def _years(number: Number, era: str | None) -> Iterator[Atom]:
    """The year that a plain number of four digits may be."""
    if not number.is_plain or len(number.raw) != 4 or number.wide is not None:
        return
    year = int(number.raw)
    buddhist = is_buddhist(era) if era else 2_400 <= year < 2_700
    if buddhist:
        yield ("year", year - BUDDHIST_ERA)
    elif 1_000 <= year < 2_200:
        yield ("year", year)
