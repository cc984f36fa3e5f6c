"""Figures that are only names: rooms, courses, house numbers."""

import re
from typing import Final

from backend.services.figures.figure import Atom, Figure, Reading, extract
from backend.services.figures.values import LONGEST_NUMBER, readings_of

_PLACE: Final = re.compile(r"(?<![0-9.,/])[1-9][0-9]{2,}/[0-9]{1,2}(?![0-9/])")
_CODE: Final = re.compile(
    r"(?<![A-Za-z0-9])(?P<letters>[A-Za-z]{1,12})(?P<digits>[0-9]+(?:[.,][0-9]+)*)[A-Za-z]{0,12}"
    r"(?![0-9])"
)
_MONEY_LETTERS: Final = frozenset(
    {
        *("thb", "baht", "b", "usd", "us", "dollar", "dollars", "hkd", "sgd", "eur", "euro"),
        *("euros", "gbp", "jpy", "yen", "mmk", "kyat", "kyats", "cny", "rmb", "yuan", "inr"),
        *("rupee", "rupees"),
    }
)


def read_codes(text: str, figures: list[Figure]) -> str:
    """Read and mask codes."""
    text = extract(_PLACE, text, figures, _place)
    return extract(_CODE, text, figures, _code)


def _place(found: re.Match[str]) -> Figure:
    """A house number, "592/3": only ever as a whole."""
    atom: Atom = ("code", found[0])
    return Figure(found.start(), found.end(), ((atom,),), (atom,))


def _code(found: re.Match[str]) -> Figure | None:
    """A code with its letters, "SM115"; a longer word may just lack its space ("Grade12")."""
    letters = found["letters"].lower()
    if letters in _MONEY_LETTERS or len(found["digits"]) > LONGEST_NUMBER:
        return None
    value = readings_of(found["digits"], 1)[0][0]
    atom: Atom = ("code", f"{letters}{value}")
    needs: list[Reading] = [(atom,)]
    if len(letters) > 2:
        needs.append((("number", value),))
    return Figure(found.start(), found.end(), tuple(needs), (atom,))
