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

    def test_reads_many_lines_as_each_alone(self) -> None:
        chance = random.Random(3)  # noqa: S311  # texts, not secrets
        lines = [
            "".join(chance.choices(["fee ", "b2b", "1.5", ". ", "\t"], k=9)) for _ in range(99)
        ]
        text = "\n".join(lines) + "\n"

        assert merged(read(text * 300)) == merged(cut_by_pattern(text)) * 300

    def test_asks_for_the_number_of_a_word_once(self) -> None:
        names = ["\n", ";"]

        def number_of(word: str) -> int:
            names.append(word)
            return len(names) - 1

        reader = TokenReader(number_of)
        found = [*reader.read("fee mba; fee 1.5\nmba fee\n"), *reader.read("mba x\n")]

        assert " ".join(names[number] for number in found) == (
            "fee mba ; fee 1.5 \n mba fee \n mba x \n"
        )
        assert sorted(names[2:]) == ["1.5", "fee", "mba", "x"]

    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("a.b", ["a", "b"]),
            ("1.b", ["1", "b"]),
            ("a.1", ["a", "1"]),
            ("1.2", ["1.2"]),
            ("1.,2", ["1", "2"]),
            ("1. 2", ["1", ";", "2"]),
            ("1.", ["1", ";"]),
            (".1", ["1"]),
            (".", [";"]),
            ("a\t.\tb", ["a", ";", "b"]),
            ("1,234,567.50", ["1,234,567.50"]),
            ("a-b_c", ["a", "b", "c"]),
            ("a|b!c", ["a", ";", "b", ";", "c"]),
            ("a1", ["a", "1"]),
            ("aZ{`a", ["a", "a"]),
            ("ab ba aab aba baa", ["ab", "ba", "aab", "aba", "baa"]),
            ("12 21 1.2 2.1", ["12", "21", "1.2", "2.1"]),
            ("", []),
        ],
    )
    def test_takes_a_point_for_what_it_is_where_it_stands(
        self, text: str, tokens: list[str]
    ) -> None:
        assert read(f"{text}\n") == [*tokens, "\n"]


def merged(tokens: list[str]) -> list[str]:
    """Gaps that follow each other are one."""
    return [
        token
        for place, token in enumerate(tokens)
        if token != ";" or place == 0 or tokens[place - 1] != ";"
    ]
