"""Repair of the misspelt words of a question, each in sight of the words beside it."""

import re
from collections.abc import Sequence
from typing import Final

from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.spelling import Speller

_WORDS: Final = re.compile(r"[a-z]+")


def repair_words(folded: str, speller: Speller, lexicon: Lexicon) -> tuple[str, list[str], int]:
    """The folded question with the likeliest words for unknown ones, the less likely ones, and
    how many were unknown.

    Of the words one slip away, the one that makes a phrase of the lexicon with a neighbour is
    meant: "how ld" asks how old, though "ltd" is as near.
    """
    words = _WORDS.findall(folded)
    choices = [speller.repair(word) or (word,) for word in words]
    meant: list[str] = []
    doubts: list[str] = []
    for place, (word, likely) in enumerate(zip(words, choices, strict=True)):
        beside = (meant[-1:], choices[place + 1] if place + 1 < len(choices) else ())
        near = dict.fromkeys((*likely, *speller.near(word)))
        best = next((one for one in near if _fits(one, *beside, lexicon)), likely[0])
        meant.append(best)
        doubts.extend(one for one in likely if one not in (meant[-1], word))
    repaired = iter(meant)
    text = _WORDS.sub(lambda _: next(repaired), folded)
    return text, doubts, sum(word not in speller for word in words)


def _fits(word: str, before: Sequence[str], after: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether a word makes a phrase with one that stands beside it."""
    return any(lexicon.opens_phrase(one, word) for one in before) or any(
        lexicon.opens_phrase(word, one) for one in after
    )
