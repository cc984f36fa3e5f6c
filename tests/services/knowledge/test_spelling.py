"""Tests of `backend/services/knowledge/spelling.py`: what one slip is, over all short words."""

from itertools import product
from typing import Final

import pytest

from backend.services.knowledge.spelling import halves, is_one_slip

WORDS: Final = ["".join(letters) for size in range(6) for letters in product("ab", repeat=size)]


def slips(word: str) -> set[str]:
    """Every word of these letters that one slip makes of `word`, and the word itself."""
    places = range(len(word) + 1)
    wrong = {word[:i] + letter + word[i + 1 :] for i in places for letter in "ab"}
    missing = {word[:i] + word[i + 1 :] for i in places}
    added = {word[:i] + letter + word[i:] for i in places for letter in "ab"}
    swapped = {word[:i] + word[i : i + 2][::-1] + word[i + 2 :] for i in places}
    return wrong | missing | added | swapped


@pytest.mark.parametrize("word", WORDS)
def test_a_slip_is_one_wrong_missing_additional_or_swapped_letter(word: str) -> None:
    near = slips(word)

    for other in WORDS:
        assert is_one_slip(word, other) == (other in near), other


@pytest.mark.parametrize("known", [word for word in WORDS if len(word) > 2])
def test_words_a_slip_apart_have_one_half_in_common(known: str) -> None:
    for word in slips(known):
        common = set(halves(word, len(known))) & set(halves(known, len(known)))
        assert common, word
