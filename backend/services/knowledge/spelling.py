"""Repair of misspelt words against the words that the knowledge and the lexicon know."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, Protocol

from backend.services.knowledge.memo import Memo
from backend.services.knowledge.text import stem

MIN_LENGTH: Final = 3
"""Characters: shorter words have a neighbour for every slip."""

_KEPT_REPAIRS: Final = 8_192
MAX_CANDIDATES: Final = 3

_LEAST_LENGTHS: Final = (("\u2e80", 4), ("\u1000", 8), ("\u0e00", 5))
"""From which character on: Chinese, Burmese (two syllables), Thai without tone marks."""

_LONGEST_STRING: Final = 14


class KnownWords(Protocol):
    """Words that misspelt ones are repaired to."""

    def __contains__(self, word: str) -> bool:
        """Whether a word needs no repair."""

    def weight(self, word: str) -> float:
        """How likely a word is meant; 0 for an unknown one."""

    def neighbours(self, word: str) -> Iterable[str]:
        """The words one slip away."""


class WordIndex:
    """Known words by their halves: one slip leaves one of the two as it was.

    Two keys a word are built in a quarter of the time that SymSpell's forms without one letter
    take, and leave a few dozen words to compare. `weights`
    says how likely each word is meant; `unrepaired` words are known, but never what was meant.
    """

    def __init__(self, weights: Mapping[str, float], *, unrepaired: Iterable[str] = ()) -> None:
        self.weights = dict(weights)
        self._known = frozenset((*self.weights, *unrepaired))
        self._stems = frozenset(stem(word) for word, weight in self.weights.items() if weight)
        self._near: dict[tuple[int, str, str], list[str]] = defaultdict(list)
        for word in self.weights:
            if len(word) >= MIN_LENGTH:
                for half in halves(word, len(word)):
                    self._near[half].append(word)

    def __contains__(self, word: str) -> bool:
        return word in self._known or stem(word) in self._stems

    def weight(self, word: str) -> float:
        """How likely a word is meant; 0 for an unknown one."""
        return self.weights.get(word, 0.0)

    def neighbours(self, word: str) -> Iterator[str]:
        """The words one slip away."""
        keys = (half for size in (-1, 0, 1) for half in halves(word, len(word) + size))
        near = {near for half in keys for near in self._near.get(half, ())}
        return (known for known in near if is_one_slip(word, known))


class Speller:
    """Finds the known word one slip away: a letter wrong, missing, too many or two swapped."""

    def __init__(self, *indexes: KnownWords) -> None:
        self._indexes = indexes
        self._repairs = Memo[str, tuple[str, ...]](_KEPT_REPAIRS)
        self._near = Memo[str, tuple[str, ...]](_KEPT_REPAIRS)

    def __contains__(self, word: str) -> bool:
        return any(word in index for index in self._indexes)

    def repair(self, word: str) -> tuple[str, ...]:
        """The likeliest known words for an unknown one, best first; none when nothing is near.

        One of two letters comes before them: it may be a short form.
        """
        found = self._repairs.get(word)
        return self._repairs.keep(word, self._find(word)) if found is None else found

    def near(self, word: str) -> tuple[str, ...]:
        """All known words one slip away from an unknown one, in the order of letters."""
        return () if len(word) < MIN_LENGTH - 1 or word in self else self._neighbours(word)

    def _neighbours(self, word: str) -> tuple[str, ...]:
        found = self._near.get(word)
        if found is None:
            every = {near for index in self._indexes for near in index.neighbours(word)}
            found = self._near.keep(word, tuple(sorted(every)))
        return found

    def _find(self, word: str) -> tuple[str, ...]:
        if len(word) < MIN_LENGTH - 1 or word in self:
            return ()
        found = sorted(set(self._candidates(word)), key=lambda near: self._rank(word, near))
        if found and len(word) < MIN_LENGTH:
            # Two letters are as often a short form that nobody knows: "fe", but "vr" as well.
            return (word, *reversed(found[-MAX_CANDIDATES:]))
        if found:
            return tuple(reversed(found[-MAX_CANDIDATES:]))
        return self._join_apart(word)

    def _candidates(self, word: str) -> Iterator[str]:
        if word.endswith("s") and len(word) > MIN_LENGTH + 1:
            yield from self._candidates(word[:-1])
        for near in self._neighbours(word):
            if len(near) > MIN_LENGTH or near[0] == word[0] or _has_all_of(near, word):
                yield near

    def _rank(self, word: str, found: str) -> tuple[float, float, str]:
        likeness = 1.0 * (found[0] == word[0]) + 1.0 * (sorted(found) == sorted(word))
        likeness += 0.25 * (found[-1] == word[-1])
        weight = max(index.weight(found) for index in self._indexes)
        return (likeness + weight, len(found), found)

    def _join_apart(self, word: str) -> tuple[str, ...]:
        """Two known words written as one ("computerscience")."""
        for place in range(len(word) - 3, 2, -1):
            head, tail = word[:place], word[place:]
            if head in self and tail in self:
                return (f"{head} {tail}",)
        return ()


class NearStrings:
    """Finds the known string nearest to a stretch of a script that has no spaces."""

    def __init__(self, strings: Iterable[str]) -> None:
        self._strings = tuple(strings)

    @cached_property
    def _near(self) -> dict[str, list[str]]:
        """The strings by what is left of them without one character; most starts need none."""
        near: dict[str, list[str]] = defaultdict(list)
        for known in self._strings:
            if _least_length(known) <= len(known) <= _LONGEST_STRING:
                for form in _with_one_deleted(known):
                    near[form].append(known)
        return near

    def find(self, text: str) -> tuple[int, int, str] | None:
        """The longest stretch one slip away from a known string: start, end and that string."""
        top = min(_LONGEST_STRING + 1, len(text))
        for size in range(top, _least_length(text) - 2, -1):
            for start in range(len(text) - size + 1):
                found = self._look_up(text[start : start + size])
                if found is not None:
                    return start, start + size, found
        return None

    def _look_up(self, piece: str) -> str | None:
        for form in _with_one_deleted(piece):
            for known in self._near.get(form, ()):
                if is_one_slip(piece, known):
                    return known
        return None


def _has_all_of(near: str, word: str) -> bool:
    """Whether a short word is the other one in another order, or has its first letter wrong or not
    at all."""
    return sorted(near) == sorted(word) or near[1:] in (word, word[1:])


def _least_length(text: str) -> int:
    """Characters that a string needs so that its neighbours are slips and not other words."""
    return next((least for first, least in _LEAST_LENGTHS if text[:1] >= first), 4)


def is_one_slip(first: str, second: str) -> bool:
    """Whether one wrong, missing, additional or two swapped neighbouring letters part the words."""
    if abs(len(first) - len(second)) > 1:
        return False
    start = 0
    shorter = min(len(first), len(second))
    while start < shorter and first[start] == second[start]:
        start += 1
    one, other = first[start:], second[start:]
    if len(one) != len(other):
        return one[1:] == other or one == other[1:]
    swapped = len(one) > 1 and one[0] == other[1] and one[1] == other[0] and one[2:] == other[2:]
    return one[1:] == other[1:] or swapped


def halves(word: str, size: int) -> tuple[tuple[int, str, str], tuple[int, str, str]]:
    """What a known word of `size` letters has in common with `word` on either side of a slip."""
    half = (size - 1) // 2
    return (size, word[:half], ""), (size, "", word[len(word) - half :])


def _with_one_deleted(word: str) -> set[str]:
    return {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}


def word_weights(groups: Iterable[tuple[Iterable[str], float]]) -> dict[str, float]:
    """One table of words from several sources, each word with the best weight it has in any."""
    weights: dict[str, float] = {}
    for words, weight in groups:
        for word in words:
            weights[word] = max(weight, weights.get(word, 0.0))
    return weights
