"""Concepts with their names in four languages, found in any text by the longest match."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from backend.services.knowledge.concept import (
    EVERYDAY,
    OUTSIDE,
    STOP,
    Concept,
    read_aliases,
    read_concept,
)
from backend.services.knowledge.cutter import Cutter
from backend.services.knowledge.memo import Memo
from backend.services.knowledge.text import (
    BURMESE,
    CHINESE,
    DIGITS,
    GAP,
    LATIN,
    THAI,
    Run,
    fold_lines,
    script_of,
    split_phrases,
    split_runs,
    stem,
)

_SPACELESS: Final = frozenset({THAI, BURMESE, CHINESE})
_WORDS: Final = re.compile(r"[a-z]+|[0-9]+(?:[.,][0-9]+)*")

_KEPT_WORDS: Final = 32_768
_WORDLIKE: Final = frozenset({LATIN, DIGITS})


class Match(NamedTuple):
    """A stretch of a text: concepts named there, or what no concept names (`concepts` empty)."""

    text: str
    kind: str
    concepts: tuple[str, ...] = ()


@dataclass(slots=True)
class Lexicon:
    """All concepts, ready to be found in folded text. Not changed once it is built.

    `words` are the Latin words of what belongs here, `everyday_words` those that are merely known,
    `foreign_words` those of other subjects, to which no misspelt word is repaired. `openings` are
    the first two words of each phrase, as written and as stems.
    """

    concepts: dict[str, Concept] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    everyday_words: set[str] = field(default_factory=set)
    foreign_words: set[str] = field(default_factory=set)
    openings: frozenset[str] = frozenset()
    _phrases: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _stems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _strings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _stop_words: frozenset[str] = frozenset()
    _stop_stems: frozenset[str] = frozenset()
    _cutter: Cutter = field(default_factory=Cutter)
    _seconds: frozenset[str] = frozenset()
    _spans: dict[str, int] = field(default_factory=dict)
    _stem_spans: dict[str, int] = field(default_factory=dict)
    _pairs: Memo[str, bool] = field(default_factory=lambda: Memo(_KEPT_WORDS))
    _words: Memo[str, tuple[Match, int, bool]] = field(default_factory=lambda: Memo(_KEPT_WORDS))

    @classmethod
    def build(cls, *documents: Mapping[str, Any]) -> "Lexicon":
        """Build from the documents of lexicon files; an earlier file's aliases keep their meaning.

        A concept is a list of aliases, or an object with one list a language and its `group`,
        `weak` and `broader`. What has another shape is left out: `lexicon_problems` names it.
        """
        lexicon = cls()
        for document in documents:
            lexicon._add(document)
        lexicon._index()
        return lexicon

    def find(self, folded: str) -> Iterator[Match]:
        """Cut a folded text into named concepts and the rest, from left to right."""
        if folded.isascii():
            for words in split_phrases(folded):
                yield from self._find_phrases(words)
            return
        pending: list[str] = []
        for run in split_runs(folded):
            if run.kind in _WORDLIKE:
                pending.append(run.text)
                continue
            yield from self._find_phrases(pending)
            pending = []
            if run.kind in _SPACELESS:
                yield from self._find_strings(run)
            elif run.kind != GAP:
                yield Match(run.text, run.kind)
        yield from self._find_phrases(pending)

    def concept(self, name: str) -> Concept:
        """The concept of that name; an unknown name is a plain topic."""
        return self.concepts.get(name) or Concept(name)

    def figures(self) -> frozenset[str]:
        """The figures that stand in any alias; all others are themselves alone."""
        words = (word for alias in self._phrases for word in alias.split())
        return frozenset(word for word in words if not word.isalpha())

    def strings(self) -> Iterable[str]:
        """All folded aliases of scripts without spaces."""
        return self._strings

    def meaning(self, alias: str) -> tuple[str, ...]:
        """The concepts that a folded alias of a script without spaces names."""
        return self._strings.get(alias, ())

    def is_stop_word(self, word: str) -> bool:
        """Whether a folded word alone has no subject."""
        if word in self._phrases:
            return word in self._stop_words
        return _stem_word(word) in self._stop_stems

    def shared_aliases(self) -> dict[str, tuple[str, ...]]:
        """The aliases, folded, that name several concepts."""
        aliases = {**self._phrases, **self._strings}
        return {alias: names for alias, names in aliases.items() if len(names) > 1}

    def _add(self, document: Mapping[str, Any]) -> None:
        for name, value in document.items():
            self.concepts.setdefault(name, read_concept(name, value))
        named = [(name, alias) for name, value in document.items() for alias in read_aliases(value)]
        folded = fold_lines(alias for _, alias in named)
        phrases: dict[str, set[str]] = defaultdict(set)
        strings: dict[str, set[str]] = defaultdict(set)
        for (name, _), alias in zip(named, folded, strict=True):
            if script_of(alias) in _SPACELESS:
                strings[alias].add(name)
            elif alias.isascii():
                phrases[" ".join(_WORDS.findall(alias))].add(name)
        phrases.pop("", None)
        self._merge(self._strings, strings)
        self._merge(self._stems, self._stem_phrases(phrases))
        self._merge(self._phrases, phrases)

    def _stem_phrases(self, phrases: dict[str, set[str]]) -> dict[str, set[str]]:
        """The stems by which phrases are found, but for those that only get a plural as well.

        Notes the words of all phrases on the way.
        """
        stems: dict[str, set[str]] = defaultdict(set)
        for phrase, names in list(phrases.items()):
            words = phrase.split()
            group = self.concepts[self._meant(names)[0]].group
            if group not in OUTSIDE:
                stems[" ".join(map(_stem_word, words))] |= names
            elif not phrase.endswith("s"):  # the stem of a name may be that of a word of ours
                phrases.setdefault(f"{phrase}s", names)
            outside = dict.fromkeys(OUTSIDE, self.foreign_words)
            known = {EVERYDAY: self.everyday_words, **outside}
            known.get(group, self.words).update(filter(str.isalpha, words))
        return stems

    def _merge(self, table: dict[str, tuple[str, ...]], found: Mapping[str, set[str]]) -> None:
        """Take in what no earlier file has said."""
        for alias, names in found.items():
            table.setdefault(alias, self._meant(names))

    def _meant(self, names: set[str]) -> tuple[str, ...]:
        """What an alias of several concepts means: what names a concept is no empty word."""
        for empty in (EVERYDAY, STOP) if len(names) > 1 else ():
            told = {name for name in names if self.concepts[name].group != empty}
            names = told or names
        return tuple(sorted(names))

    def _index(self) -> None:
        self.openings = _openings((*self._phrases, *self._stems))
        self._seconds = frozenset(pair.partition(" ")[2] for pair in self.openings)
        self._spans = _spans(self._phrases)
        self._stem_spans = _spans(self._stems)
        self._stop_words = self._only_stop(self._phrases)
        self._stop_stems = self._only_stop(self._stems)
        self._cutter = Cutter.build(self._strings, self._only_stop(self._strings))

    def _only_stop(self, table: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
        stops = {name for name, concept in self.concepts.items() if concept.group == STOP}
        return frozenset(alias for alias, names in table.items() if stops.issuperset(names))

    def _find_phrases(self, words: list[str]) -> list[Match]:
        place = 0
        found = []
        known = [self._words.get(word) or self.read_word(word) for word in words]
        follows = [continues for _, _, continues in known[1:]] + [False]
        while place < len(words):
            match, longest, _ = known[place]
            if longest > 1 and follows[place]:
                match = self.phrase_at(words, place, longest) or match
                place += match.text.count(" ")
            place += 1
            found.append(match)
        return found

    def phrase_at(self, words: list[str], place: int, longest: int) -> Match | None:
        """The longest phrase at a place, of no more than `longest` words."""
        if not self.opens_phrase(*words[place : place + 2]):
            return None
        return self.longest_phrase(words[place : place + longest])

    def opens_phrase(self, *words: str) -> bool:
        """Whether a phrase begins with these two words, or with their stems."""
        pair = " ".join(words)
        opens = self._pairs.get(pair)
        if opens is None:
            found = pair in self.openings or " ".join(map(_stem_word, words)) in self.openings
            opens = self._pairs.keep(pair, found)
        return opens

    def longest_phrase(self, words: list[str]) -> Match | None:
        """The longest phrase of two words or more that these begin with; as written before its
        stems ("graduation" is another thing than "graduate")."""
        stems = list(map(_stem_word, words))
        for size in range(len(words), 1, -1):
            text = " ".join(words[:size])
            names = self._phrases.get(text) or self._stems.get(" ".join(stems[:size]))
            if names:
                return Match(text, LATIN, names)
        return None

    def read_word(self, word: str) -> tuple[Match, int, bool]:
        """A word by itself, how many words the longest phrase that begins with it has, and whether
        any phrase has it, or its stem, for its second."""
        stem = _stem_word(word)
        names = self._phrases.get(word) or self._stems.get(stem, ())
        longest = max(self._spans.get(word, 1), self._stem_spans.get(stem, 1))
        kind = LATIN if names or word.isalpha() else DIGITS
        continues = word in self._seconds or stem in self._seconds
        return self._words.keep(word, (Match(word, kind, names), longest, continues))

    def _find_strings(self, run: Run) -> Iterator[Match]:
        start = place = 0
        for size in self._cutter.cut(run.text):
            if size > 0:
                if start < place:
                    yield Match(run.text[start:place], run.kind)
                alias = run.text[place : place + size]
                yield Match(alias, run.kind, self._strings[alias])
                start = place + size
            place += abs(size)
        if start < place:
            yield Match(run.text[start:], run.kind)


def _spans(phrases: Iterable[str]) -> dict[str, int]:
    """How many words the longest phrase has that begins with a word, where it is more than one."""
    spans: dict[str, int] = {}
    for phrase in phrases:
        first, space, rest = phrase.partition(" ")
        if space:
            spans[first] = max(spans.get(first, 1), rest.count(" ") + 2)
    return spans


def _openings(phrases: Iterable[str]) -> frozenset[str]:
    """The first two words of every phrase of more than one."""
    words = (phrase.split(" ", 2)[:2] for phrase in phrases if " " in phrase)
    return frozenset(map(" ".join, words))


def _stem_word(word: str) -> str:
    return stem(word) if word.isalpha() else word
