"""What a figure is once it is read: what it claims, and what it proves where it is a fact."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from re import Match, Pattern

Value = int | str
"""A number: whole ones as `int`, others as the shortest decimal text ("2.5"), which is faster
to hash and compare than a `Decimal`."""

Atom = tuple[str | int | None, ...]
"""One thing that can be claimed and proved, its kind first: ("number", 112000),
("money", 112000, "THB"), ("percent", 60), ("year", 1990), ("date", 2026, 11, 2) with None for
what is not said, ("month", 6), ("day", 2), ("time", 480) in minutes, ("phone", "27191919"),
("email", ...), ("link", ...) and ("code", "sm115")."""

Reading = tuple[Atom, ...]

MASK = "\x00"
"""Stands for each character that is read already. No pattern matches it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure in a text, at `start` to `end`.

    It is supported when all atoms of any of its `needs` are; without needs it claims nothing.
    `gives` is what it proves when it stands in a fact. `unit_span` and `bare` say where it stands
    together with its currency or percent sign, and what it would claim without.
    """

    start: int
    end: int
    needs: tuple[Reading, ...]
    gives: tuple[Atom, ...]
    unit_span: tuple[int, int] | None = None
    bare: tuple[Reading, ...] = ()


def to_value(number: Decimal) -> Value:
    """The canonical form of a number."""
    if number == number.to_integral_value():
        return int(number)
    return str(number.normalize())


def extract(
    pattern: Pattern[str],
    text: str,
    figures: list[Figure],
    read: Callable[[Match[str]], Figure | None],
    *,
    not_after: str = "",
) -> str:
    """Read all that `pattern` finds into `figures`, and mask what gave a figure.

    What follows a character of `not_after` is a part of something else. As a lookbehind at the
    start of the pattern this would keep the search from skipping ahead.
    """

    def take(found: Match[str]) -> str:
        start = found.start()
        if start and text[start - 1] in not_after:
            return found[0]
        figure = read(found)
        if figure is None:
            return found[0]
        figures.append(figure)
        first, last = figure.start - start, figure.end - start
        return found[0][:first] + MASK * (last - first) + found[0][last:]

    return pattern.sub(take, text)
