"""Text that is written without spaces, cut into the names in it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from backend.services.knowledge.text import LEADING_VOWELS, MARKS

_PIECE: Final = 0.3
_EMPTY: Final = 0.001
_BROKEN: Final = 1.5


@dataclass(frozen=True, slots=True)
class Cutter:
    """Knows `names`, of which `empty` ones say nothing, and how long those are that begin alike."""

    names: frozenset[str] = frozenset()
    empty: frozenset[str] = frozenset()
    sizes: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def build(cls, names: Iterable[str], empty: Iterable[str]) -> "Cutter":
        """Knows these names from now on."""
        names = frozenset(names)
        sizes: dict[str, set[int]] = defaultdict(set)
        for name in names:
            sizes[name[0]].add(len(name))
        longest_first = {start: sorted(found, reverse=True) for start, found in sizes.items()}
        return cls(names, frozenset(empty), longest_first)

    def cut(self, text: str) -> list[int]:
        """The sizes of the pieces of `text`, negative for what nothing names.

        The cut that leaves the fewest characters over wins, then the one with the fewest pieces:
        taking the longest name from the left reads "แล้วละครับ" as a soap opera ("ละคร"). Of equal
        ones the shortest stop words win: "ไหม ค่าเทอม" asks for the fee, "ไหมค่า เทอม" for the term.
        No name begins behind a vowel that is written first: "เกิน", to exceed, is not "กิน", to eat.
        """
        costs = [0.0] * (len(text) + 1)
        sizes = [-1] * len(text)
        for place in range(len(text) - 1, -1, -1):
            costs[place] = costs[place + 1] + (_BROKEN if text[place] in MARKS else 1.0)
            inside = text[place - 1 : place] in LEADING_VOWELS
            for size in () if inside else self.sizes.get(text[place], ()):
                if place + size > len(text) or costs[place + size] + _PIECE >= costs[place]:
                    continue
                piece = text[place : place + size]
                cost = costs[place + size] + _PIECE + _EMPTY * size * (piece in self.empty)
                if piece in self.names and cost < costs[place]:
                    costs[place], sizes[place] = cost, size
        pieces, place = [], 0
        while place < len(text):
            pieces.append(sizes[place])
            place += abs(sizes[place])
        return pieces
