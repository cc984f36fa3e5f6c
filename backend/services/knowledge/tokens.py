"""Words, figures and gaps between phrases of long ASCII texts, cut by numpy.

What `text.split_phrases` does to short ones: here a token costs a tenth of a call. Tokens are told
apart by hashes, so that only those that are new are ever made into a `str`.
"""

import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.services.knowledge.columns import Ints

END: Final = 0
"""The number of the end of a line."""

GAP: Final = 1
"""The number of what parts phrases within a line."""

_OTHER, _LETTER, _DIGIT, _GAP, _END, _POINT = range(6)
_BLOCK: Final = 1 << 19
"""Characters that are looked at together: more would not stay in the processor's cache."""

_FACTOR: Final = 0x9E3779B97F4A7C15
_SLOT_BITS: Final = 18

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Where each token of a text stands, of what class it is, and the hash of it."""

    starts: Ints
    ends: Ints
    classes: NDArray[np.uint8]
    hashes: Hashes


class TokenReader:
    """Cuts texts into the numbers of their tokens; `number_of` gives each word and figure its own,
    above `GAP`."""

    def __init__(self, number_of: Callable[[str], int]) -> None:
        self._number_of = number_of
        self._known: Hashes = np.zeros(1 << _SLOT_BITS, dtype=np.uint64)
        self._numbers: Ints = np.zeros(1 << _SLOT_BITS, dtype=np.int64)

    def read(self, text: str) -> Ints:
        """The tokens of a folded ASCII text whose lines all end."""
        blocks = [self._read_block(block) for block in _blocks(text.encode("ascii"))]
        return np.concatenate([np.zeros(0, dtype=np.int64), *blocks])

    def _read_block(self, block: bytes) -> Ints:
        tokens = _cut(block)
        slots = (tokens.hashes >> np.uint64(64 - _SLOT_BITS)).astype(np.int64)
        numbers = self._numbers[slots]
        gaps = tokens.classes >= _GAP
        numbers[gaps] = np.where(tokens.classes[gaps] == _END, END, GAP)
        new = np.flatnonzero((self._known[slots] != tokens.hashes) & ~gaps)
        distinct, first, places = np.unique(
            tokens.hashes[new], return_index=True, return_inverse=True
        )
        starts, ends = tokens.starts[new[first]].tolist(), tokens.ends[new[first]].tolist()
        words = [block[start:end].decode() for start, end in zip(starts, ends, strict=True)]
        found = np.fromiter(map(self._number_of, words), dtype=np.int64, count=len(words))
        self._known[slots[new[first]]] = distinct
        self._numbers[slots[new[first]]] = found
        numbers[new] = found[places]
        return numbers


def _blocks(text: bytes) -> Iterator[bytes]:
    """The text in pieces of whole lines."""
    start = 0
    while start < len(text):
        end = text.rfind(b"\n", start, start + _BLOCK) + 1 or text.find(b"\n", start) + 1
        yield text[start : end or len(text)]
        start = end or len(text)


def _cut(block: bytes) -> _Tokens:
    classes = _classes(block)
    edges = np.ones(len(block) + 1, dtype=bool)
    edges[1:-1] = (classes[1:] != classes[:-1]) | (classes[1:] == _END)
    places = np.flatnonzero(edges)
    starts, ends = places[:-1], places[1:]
    kept = classes[starts] != _OTHER
    starts, ends = starts[kept], ends[kept]
    return _Tokens(starts, ends, classes[starts], _hashes(block, starts, ends))


def _classes(block: bytes) -> NDArray[np.uint8]:
    """The class of each character: a point within a figure is a part of it, one before a space
    parts phrases."""
    classes = np.frombuffer(block.translate(_CLASSES), dtype=np.uint8).copy()
    points = np.flatnonzero(classes == _POINT)
    before, after = classes[np.maximum(points - 1, 0)], np.append(classes, _END)[points + 1]
    letters = np.frombuffer(block + b"\n", dtype=np.uint8)
    within = (before == _DIGIT) & (after == _DIGIT)
    classes[points] = np.where(within, _DIGIT, np.where(_SPACES[letters[points + 1]], _GAP, _OTHER))
    return classes


def _hashes(block: bytes, starts: Ints, ends: Ints) -> Hashes:
    """The value of each token as a polynomial, modulo 2 ** 64."""
    powers, inverses = _powers(max(_BLOCK, 1 << len(block).bit_length()))
    sums = np.zeros(len(block) + 1, dtype=np.uint64)
    np.cumsum(np.frombuffer(block, dtype=np.uint8) * powers[: len(block)], out=sums[1:])
    hashes: Hashes = (sums[ends] - sums[starts]) * inverses[starts]
    return hashes


@lru_cache(maxsize=1)
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """The powers of the factor from the first on, and of its inverse."""
    first, inverse = np.uint64(_FACTOR), np.uint64(pow(_FACTOR, -1, 1 << 64))
    inverses = np.full(size, inverse)
    inverses[0] = 1
    powers = np.cumprod(np.full(size, first), dtype=np.uint64)
    return powers, np.cumprod(inverses, dtype=np.uint64)


def _table(*members: tuple[str, int]) -> Any:
    classes = bytearray(256)
    for characters, number in members:
        for character in characters:
            classes[ord(character)] = number
    return bytes(classes)


_CLASSES: Final = _table(
    (string.ascii_lowercase, _LETTER),
    (string.digits, _DIGIT),
    (";:!?|", _GAP),
    ("\n", _END),
    (".,", _POINT),
)
_SPACES: Final = np.array([chr(code).isspace() for code in range(256)])
