"""How often terms stand in texts of the knowledge: each word is worked out once, then looked up."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.lexicon import Match
from backend.services.knowledge.query import CONCEPT_SIGN, Term, TermKind
from backend.services.knowledge.text import cut_plain, figure, unstretch

GRAM_PRESENCE: Final = 0.35
"""N-grams overlap each other: three of them make about one word."""

_MAX_WORDS: Final = 32_768

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word with the tokens of its terms, how many words the longest phrase has that begins with
    it, and whether it is the second of any phrase."""

    text: str
    tokens: Tokens
    longest: int
    follows: bool


class TermCounter(dict[str, _Word]):
    """Counts the terms that `Analyser.terms_of_passage` finds, of plain texts in a third of the
    time: it looks up each word that it met before.

    Its texts are folded, except for letters that are written again and again.
    """

    def __init__(self, analyser: Analyser) -> None:
        super().__init__()
        self._analyser = analyser
        self._lexicon = analyser.lexicon
        self._figures = analyser.lexicon.figures()

    def __missing__(self, word: str) -> _Word:
        if len(self) >= _MAX_WORDS:
            self.clear()
        known = self[word] = self._read(unstretch(word) if word.isalpha() else word)
        return known

    def _read(self, word: str) -> _Word:
        if not word.isalpha() and word not in self._figures:
            tokens = (figure(word),) if word[0].isdigit() else ()
            return _Word(word, tokens, 1, follows=False)
        match, longest, continues = self._lexicon.read_word(word)
        return _Word(word, self._tokens(match), longest, continues)

    def count(self, frequencies: dict[str, float], text: str, weight: float) -> list[str]:
        """Add the terms of a text to `frequencies`; returns its Latin words."""
        if not text.isascii():
            folded = unstretch(text)
            count_terms(frequencies, self._analyser.terms_of_folded(folded), weight)
            return self._analyser.words_of_folded(folded)
        found = [self[word] for word in cut_plain(text)]
        frequency = frequencies.get
        for token in chain.from_iterable(self._tokens_of(found)):
            frequencies[token] = frequency(token, 0.0) + weight
        return [word.text for word in found if word.text.isalpha()]

    def concepts(self, text: str) -> frozenset[str]:
        """The tokens of the concepts that a text names."""
        frequencies: dict[str, float] = {}
        self.count(frequencies, text, 1.0)
        return frozenset([token for token in frequencies if token.startswith(CONCEPT_SIGN)])

    def _tokens_of(self, words: list[_Word]) -> list[Tokens]:
        """The tokens of each word's terms, those of a phrase in the place of its first word."""
        tokens = [word.tokens for word in words]
        end = 0
        for place, (word, following) in enumerate(pairwise(words)):
            if word.longest > 1 and following.follows and place >= end:
                texts = [word.text for word in words[place : place + word.longest]]
                match = self._lexicon.phrase_at(texts, 0, word.longest)
                if match is not None:
                    end = place + match.text.count(" ") + 1
                    tokens[place:end] = [self._tokens(match), *[()] * (end - place - 1)]
        return tokens

    def _tokens(self, match: Match) -> Tokens:
        return tuple([term.token for term in self._analyser.terms_of_match(match)])


def count_terms(frequencies: dict[str, float], terms: Iterable[Term], weight: float) -> None:
    """Add terms to `frequencies`."""
    for term in terms:
        faint = term.kind is TermKind.GRAM
        added = weight * GRAM_PRESENCE if faint else weight
        frequencies[term.token] = frequencies.get(term.token, 0.0) + added
