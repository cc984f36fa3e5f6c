"""Long texts are cut like short ones."""

import random
import re

import pytest

from backend.services.knowledge.tokens import END, GAP, TokenReader

PIECES = ["fee", "the", "mba", "1", "12,000.50", "b2b", ".", ",", "..", ";", "?!", "-", "_"]
TOKENS = re.compile(r"[a-z]+|[0-9]+(?:[.,][0-9]+)*|\n|[;:!?|]+|[.,](?=\s|$)")


def read(text: str) -> list[str]:
    """The tokens as they are numbered."""
    names = ["\n", ";"]

    def number_of(word: str) -> int:
        if word not in names:
            names.append(word)
        return names.index(word)

    return [names[number] for number in TokenReader(number_of).read(text).tolist()]


def cut_by_pattern(text: str) -> list[str]:
    """What stands in the text by the pattern, one gap as good as another."""
    found = TOKENS.findall(text)
    return [token if token[0].isalnum() or token == "\n" else ";" for token in found]


class TestTokenReader:
    @pytest.mark.parametrize("seed", range(20))
    def test_cuts_as_the_pattern_does(self, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311  # texts, not secrets
        text = "".join(
            chance.choice(PIECES) + chance.choice(["", " ", " ", "\n", "\t"]) for _ in range(400)
        )

        assert merged(read(f"{text}\n")) == merged(cut_by_pattern(f"{text}\n"))

    def test_numbers_the_ends_of_lines_and_the_gaps(self) -> None:
        reader = TokenReader({"a": 7, "b": 8, "1.5": 9}.__getitem__)

        assert reader.read("\na; b. 1.5\n\n").tolist() == [END, 7, GAP, 8, GAP, 9, END, END]
        assert reader.read("").tolist() == []

    def test_reads_lines_longer_than_a_block(self) -> None:
        words = ["word", "fee", "x1"] * 120_000
        text = " ".join(words) + "\nend\n"

        assert read(text) == [*re.findall(r"[a-z]+|\d+", " ".join(words)), "\n", "end", "\n"]


def merged(tokens: list[str]) -> list[str]:
    """Gaps that follow each other are one."""
    return [
        token
        for place, token in enumerate(tokens)
        if token != ";" or place == 0 or tokens[place - 1] != ";"
    ]
