"""The terms of many entries at once: what `card` works out one by one, counted by numpy.

A word is read once however often it stands in the entries; in each place it costs no more than
looking up its number. Words that may begin a phrase of several are looked at in their place.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from backend.services.knowledge.analysis import Analyser, as_read
from backend.services.knowledge.card import ENTRY_WEIGHTS
from backend.services.knowledge.columns import NONE, Column, Ints, Lists, distinct, pack
from backend.services.knowledge.counting import GRAM_PRESENCE
from backend.services.knowledge.hashing import hash_of
from backend.services.knowledge.lexicon import Match
from backend.services.knowledge.query import KEY_MASS, Term, TermKind
from backend.services.knowledge.text import DIGITS, figure
from backend.services.knowledge.units import Text, UnitReader

WEIGHT_UNIT: Final = 0.01
"""Of the counts: all weights are whole multiples of it."""

_CRUMB, _TITLE, _BODY, _ALIAS, _TAGS = range(5)
_PARTS: Final = round(1 / WEIGHT_UNIT)


class Readable(Protocol):
    """What of an entry it is found by; no line of it has an end inside."""

    @property
    def title(self) -> str:
        """Its name."""

    @property
    def body(self) -> str:
        """What it says."""

    @property
    def aliases(self) -> Sequence[str]:
        """What people ask for when they want it."""

    @property
    def tags(self) -> Sequence[str]:
        """Words that belong to it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was found in some entries, by their place in the batch.

    `counts` holds token, entry and weight of each term, packed; `titled` the entries and tokens of
    the concepts in titles; `asked` the hashes of what aliases come down to, and their entries.
    """

    counts: NDArray[np.uint64]
    titled: tuple[Ints, Ints]
    asked: tuple[NDArray[np.uint64], Ints]


class BatchAnalyser:
    """Turns entries into counted terms, a batch at a time; the numbers of tokens are kept."""

    def __init__(self, analyser: Analyser) -> None:
        self.tokens: dict[str, int] = {}
        self._analyser = analyser
        self._reader = UnitReader(analyser.lexicon)
        self._hashes = Column("Q")
        self._terms = Lists("q", "q", "b")
        self._asked = Lists("q", "q", "d", "d", "b")
        self._asked_of: array[int] = array("q")

    def read(self, entries: Sequence[Readable], crumb: str) -> Batch:
        """The terms of entries; `crumb` is the name of their file for people."""
        lines, kinds, places = _lines_of(entries, crumb)
        text = self._reader.read(lines, kinds != _TAGS)
        self._add_units()
        return self._count(text, kinds[text.lines], places[text.lines])

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """The hash of each token, by its number."""
        return self._hashes.values()

    def count_words(self) -> Counter[str]:
        """How often each Latin word stands in what was read, tags apart."""
        return self._reader.count_words()

    def _add_units(self) -> None:
        """Work out the terms of the units that are new."""
        new = self._reader.matches[len(self._terms) :]
        self._terms.extend(list(map(self._rows, new)))
        self._asked_of.extend(repeat(NONE, len(new)))

    def _rows(self, match: Match) -> Sequence[tuple[int, int, bool]]:
        if match.kind == DIGITS and not match.concepts:
            # Most of what is new in a large file are figures.
            return ((self._number(figure(match.text)), _PARTS, False),)
        return tuple(map(self._row, self._analyser.terms_of_match(match)))

    def _number(self, token: str) -> int:
        number = self.tokens.get(token)
        if number is None:
            number = self.tokens[token] = len(self.tokens)
            self._hashes.append(hash_of(token))
        return number

    def _row(self, term: Term) -> tuple[int, int, bool]:
        token = self._number(term.token)
        presence = GRAM_PRESENCE if term.kind is TermKind.GRAM else 1.0
        return token, round(presence * _PARTS), term.kind is TermKind.CONCEPT

    def _lists_asked(self, units: Ints) -> Ints:
        """The number of the list of what each unit asks for; most units ask nothing anywhere."""
        new = [unit for unit in distinct(units).tolist() if self._asked_of[unit] == NONE]
        for number, unit in enumerate(new, len(self._asked)):
            self._asked_of[unit] = number
        self._asked.extend([self._asked_rows(self._reader.matches[unit]) for unit in new])
        taken: Ints = np.asarray(self._asked_of)[units]
        return taken

    def _asked_rows(self, match: Match) -> list[tuple[float, ...]]:
        part = self._analyser.part_of_match(match)
        return [
            (*self._row(term)[:2], term.weight, term.mass, term.kind is TermKind.GRAM)
            for term in (part.terms if part else ())
        ]

    def _count(self, text: Text, kinds: Ints, entries: Ints) -> Batch:
        written = np.flatnonzero(kinds <= _BODY)
        places, (tokens, parts, concepts) = self._terms.expand(text.units[written])
        places = written[places]
        by_kind = np.array([ENTRY_WEIGHTS.title, ENTRY_WEIGHTS.title, ENTRY_WEIGHTS.body])
        weights = np.rint(by_kind[kinds[places]] * parts).astype(np.int64)
        named = np.flatnonzero((concepts > 0) & (kinds[places] == _TITLE))
        titled = _distinct(entries[places[named]], tokens[named])
        aliases, asked = self._read_aliases(text, kinds, entries)
        tags = self._read_tags(text, kinds, entries)
        once = distinct(np.concatenate([aliases, tags]))
        found = np.sort(np.concatenate([_by_entry(entries[places], tokens, weights), once]))
        keys = found >> 16
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        sums = np.add.reduceat(found & 0xFFFF, first) if len(first) else first
        counts = pack(keys[first] & 0xFFFFFF, keys[first] >> 24, sums)
        return Batch(counts, titled, asked)

    def _read_tags(self, text: Text, kinds: Ints, entries: Ints) -> Ints:
        tagged = np.flatnonzero(kinds == _TAGS)
        places, (tokens, parts, _) = self._terms.expand(text.units[tagged])
        weights = np.rint(parts * ENTRY_WEIGHTS.alias).astype(np.int64)
        return _by_entry(entries[tagged[places]], tokens, weights)

    def _read_aliases(
        self, text: Text, kinds: Ints, entries: Ints
    ) -> tuple[Ints, tuple[NDArray[np.uint64], Ints]]:
        """What aliases say, once an entry however often they say it; and what each comes down
        to: `Query.key` for all of them at once."""
        given = np.flatnonzero(kinds == _ALIAS)
        asked = self._lists_asked(text.units[given])
        places, (tokens, parts, weights, masses, grams) = self._asked.expand(asked)
        places = given[places]
        counted = np.rint(parts * ENTRY_WEIGHTS.alias).astype(np.int64)
        said = _by_entry(entries[places], tokens, counted)
        lines = text.lines[places]
        # Of each token in a line the heaviest.
        order = np.lexsort((-weights, tokens, lines))
        same = (np.diff(lines[order], prepend=-1) == 0) & (np.diff(tokens[order], prepend=-1) == 0)
        order = order[~same]
        lines, masses, is_gram = lines[order], masses[order], grams[order] > 0
        first = np.flatnonzero(np.diff(lines, prepend=-1))
        if not len(first):
            return said, (np.zeros(0, dtype=np.uint64), first)
        unknown = np.add.reduceat(np.where(is_gram, masses, 0.0), first)
        counts = (masses >= KEY_MASS) & ~is_gram
        hashes = np.where(counts, self.hashes[tokens[order]], np.uint64(0))
        keys = np.add.reduceat(hashes, first)
        told = (unknown < KEY_MASS) & (np.add.reduceat(counts.astype(np.int64), first) > 0)
        asking = entries[places[order[first]]]
        return said, (keys[told], asking[told])


def _by_entry(entries: Ints, tokens: Ints, weights: Ints) -> Ints:
    """Entry, token and weight in one number each."""
    return (entries << 40) | (tokens << 16) | weights


def _distinct(entries: Ints, tokens: Ints) -> tuple[Ints, Ints]:
    """Each pair once, in order."""
    pairs = distinct((entries << 24) | tokens)
    return pairs >> 24, pairs & 0xFFFFFF


def _lines_of(entries: Sequence[Readable], crumb: str) -> tuple[list[str], Ints, Ints]:
    """The texts of entries, what each of them is, and the place of its entry."""
    crumbed = [place for place, entry in enumerate(entries) if entry.title != crumb]
    asked = [(as_read(alias), place) for place, e in enumerate(entries) for alias in e.aliases]
    tagged = [(". ".join(entry.tags), place) for place, entry in enumerate(entries) if entry.tags]
    everywhere = range(len(entries))
    told: tuple[tuple[int, Sequence[str], Sequence[int]], ...] = (
        (_CRUMB, [crumb] * len(crumbed), crumbed),
        (_TITLE, [entry.title for entry in entries], everywhere),
        (_BODY, [entry.body for entry in entries], everywhere),
        (_ALIAS, [alias for alias, _ in asked], [place for _, place in asked]),
        (_TAGS, [tags for tags, _ in tagged], [place for _, place in tagged]),
    )
    kinds = np.repeat([kind for kind, _, _ in told], [len(lines) for _, lines, _ in told])
    places = np.concatenate([np.array(places, dtype=np.int64) for _, _, places in told])
    return [line for _, lines, _ in told for line in lines], kinds, places
