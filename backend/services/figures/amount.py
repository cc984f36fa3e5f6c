"""The numbers of a text with their scales: "112K", "1 lakh 12 thousand"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from backend.services.figures.figure import Value
from backend.services.figures.units import scale_after, stands_alone
from backend.services.figures.values import readings_of

_NUMBER: Final = re.compile(
    r"[0-9](?:[0-9]{0,2}(?: [0-9]{3}){1,6}(?![0-9]|[.,'][0-9])|[0-9]*(?:[.,'][0-9]+)*)"
)
_JOINT: Final = re.compile(r" ?(?:and |และ)?")


@dataclass(slots=True)
class Number:
    """A number on its way: its readings, each of values that must all be supported.

    `also` is what it may be as an end of a range: "5" of "5-8K" and "9" of "3728-9".
    """

    start: int
    end: int
    raw: str
    readings: list[tuple[Value, ...]]
    scale: int = 1
    also: list[int] = field(default_factory=list)
    currency: str | None = None
    wide: tuple[int, int] | None = None
    percent: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is digits and nothing else."""
        return self.raw.isdigit() and self.scale == 1


def find_numbers(text: str) -> list[Number]:
    """All numbers in order, those that add up as one."""
    return list(_join_scales(text, list(_find(text))))


def _find(text: str) -> Iterator[Number]:
    for found in _NUMBER.finditer(text):
        end = found.end()
        scale = 1
        if not stands_alone(text, end):
            scale, end = scale_after(text, end)
        yield Number(found.start(), end, found[0], readings_of(found[0], scale), scale)


def _join_scales(text: str, numbers: list[Number]) -> Iterator[Number]:
    """Add up "1 lakh 12 thousand"; a last part without a scale may belong to it or not."""
    place = 0
    while place < len(numbers):
        number = numbers[place]
        place += 1
        last = number.scale
        while last > 1 and place < len(numbers):
            following = numbers[place]
            if not _JOINT.fullmatch(text, number.end, following.start):
                break
            apart = text[number.end - 1].isascii() and following.start > number.end
            if not _adds(number, following, last, apart=apart):
                break
            last = following.scale
            place += 1
        yield number


def _adds(number: Number, following: Number, scale: int, *, apart: bool) -> bool:
    """Take a following part in, if it fits below `scale`; `apart`: it may be another number."""
    value, more = number.readings[0][0], following.readings[0][0]
    if not isinstance(value, int) or not isinstance(more, int) or more >= scale:
        return False
    together = (value + more,)
    if following.scale > 1:
        number.readings = [together]
    elif apart:
        number.readings = [together, *((*one, more) for one in number.readings)]
    else:
        number.readings = [together]
        if len(following.raw) == 1 and following.start == number.end:  # "2万3" is 23,000
            number.readings.append((value + more * scale // 10,))
    number.end = following.end
    return True
