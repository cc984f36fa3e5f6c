"""Lines of text cut into units: words, figures, phrases that name a concept, stretches of a script.

What `Lexicon.find` does for one text, for many at once. Units are numbered as they come up.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.services.knowledge.columns import NONE, Column, Ints
from backend.services.knowledge.lexicon import Lexicon, Match
from backend.services.knowledge.text import DIGITS, fold, fold_stretched, unstretch
from backend.services.knowledge.tokens import END, GAP, TokenReader

_WORDS: Final = re.compile("[a-z]+")
_GAPS: Final = "\n;"
"""What the numbers `END` and `GAP` stand for."""


@dataclass(frozen=True, slots=True)
class Text:
    """Units in their places, and the line that each stands in."""

    units: Ints
    lines: Ints


class _Words(dict[str, int]):
    """The number of each word and gap, given when it is first met, and what is known of it."""

    def __init__(self, reader: "UnitReader", lexicon: Lexicon) -> None:
        super().__init__()
        self.spans, self.units, self.follows = Column(), Column(), Column()
        self.texts: list[str] = []
        self._reader, self._lexicon = reader, lexicon
        self._figures = lexicon.figures()
        for gap in _GAPS:
            self._add(gap, span=0, unit=NONE, follows=False)

    def __missing__(self, word: str) -> int:
        if not word.isalpha() and word not in self._figures:
            # Most of what is new in a large file.
            return self._add(
                word, span=1, unit=self._reader.add(Match(word, DIGITS)), follows=False
            )
        short = unstretch(word) if word.isalpha() else word
        if short != word:
            number = self[word] = self[short]
            return number
        match, longest, continues = self._lexicon.read_word(word)
        return self._add(
            word,
            span=longest,
            unit=self._reader.number(match),
            follows=continues,
        )

    def _add(self, word: str, *, span: int, unit: int, follows: bool) -> int:
        number = self[word] = len(self.texts)
        self.texts.append(word)
        self.spans.append(span)
        self.units.append(unit)
        self.follows.append(follows)
        return number


class UnitReader:
    """Cuts lines into units with one lexicon; `matches` says what each unit is."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.matches: list[Match] = []
        self._lexicon = lexicon
        self._numbers: dict[Match, int] = {}
        self._words = _Words(self, lexicon)
        self._tokens = TokenReader(self._words.__getitem__)
        self._begins: dict[tuple[int, int], bool] = {}
        self._phrases: dict[tuple[int, ...], Match | None] = {}
        self._counts = np.zeros(0, dtype=np.int64)
        self._other_words: Counter[str] = Counter()

    def number(self, match: Match) -> int:
        """The number of a unit."""
        number = self._numbers.get(match)
        if number is None:
            number = self._numbers[match] = self.add(match)
        return number

    def add(self, match: Match) -> int:
        """Number a unit that has none."""
        self.matches.append(match)
        return len(self.matches) - 1

    def read(self, lines: Sequence[str], counted: NDArray[np.bool_]) -> Text:
        """The units of the lines in their order; the words of `counted` lines are counted."""
        plain = np.fromiter(map(str.isascii, lines), dtype=bool, count=len(lines))
        if plain.all():
            return self._read_plain(lines, counted)
        chosen = np.flatnonzero(plain)
        text = self._read_plain([lines[place] for place in chosen.tolist()], counted[plain])
        units, places = [], []
        for place in np.flatnonzero(~plain).tolist():
            folded = fold(lines[place])
            found = [self.number(match) for match in self._lexicon.find(folded)]
            units += found
            places += [place] * len(found)
            if counted[place]:
                self._other_words.update(_WORDS.findall(folded))
        all_lines = np.concatenate([chosen[text.lines], np.array(places, dtype=np.int64)])
        order = np.argsort(all_lines, kind="stable")
        all_units = np.concatenate([text.units, np.array(units, dtype=np.int64)])
        return Text(all_units[order], all_lines[order])

    def count_words(self) -> Counter[str]:
        """How often each Latin word was read in lines that count."""
        counts = self._other_words.copy()
        for word, count in zip(self._words.texts, self._counts.tolist(), strict=False):
            if count and word.isalpha():
                counts[word] += count
        return counts

    def _read_plain(self, lines: Sequence[str], counted: NDArray[np.bool_]) -> Text:
        """Lines of ASCII, as one text: folding and cutting stop at the end of a line."""
        numbers = self._tokens.read(fold_stretched("\n".join([*lines, ""])))
        ends = numbers == END
        line_of = np.cumsum(ends) - ends
        if len(numbers):
            told = np.bincount(numbers[counted[line_of]], minlength=len(self._words))
            told[: len(self._counts)] += self._counts
            self._counts = told
        units = self._words.units.take(numbers)
        self._find_phrases(numbers, units)
        kept = units != NONE
        return Text(units[kept], line_of[kept])

    def _find_phrases(self, numbers: Ints, units: Ints) -> None:
        """Put the unit of each phrase in the place of its first word, none in its others."""
        spans = self._words.spans.take(numbers)
        follows = self._words.follows.take(numbers) > 0
        end = 0
        places = np.flatnonzero((spans[:-1] > 1) & follows[1:])
        pairs = zip(numbers[places].tolist(), numbers[places + 1].tolist(), strict=True)
        for place, pair in zip(places.tolist(), pairs, strict=True):
            if place < end or not self._begins_phrase(pair):
                continue
            match = self._phrase(tuple(numbers[place : place + int(spans[place])].tolist()))
            if match is not None:
                end = place + match.text.count(" ") + 1
                units[place] = self.number(match)
                units[place + 1 : end] = NONE

    def _begins_phrase(self, pair: tuple[int, int]) -> bool:
        begins = self._begins.get(pair)
        if begins is None:
            words = map(self._words.texts.__getitem__, pair)
            begins = self._begins[pair] = self._lexicon.opens_phrase(*words)
        return begins

    def _phrase(self, numbers: tuple[int, ...]) -> Match | None:
        """The longest phrase that begins with the first of these words."""
        if numbers not in self._phrases:
            words = [self._words.texts[number] for number in takewhile(GAP.__lt__, numbers)]
            self._phrases[numbers] = self._lexicon.longest_phrase(words)
        return self._phrases[numbers]
