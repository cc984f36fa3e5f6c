"""Many lines are cut into units like each by itself."""

import json

import numpy as np
import pytest

from backend.services.knowledge.folder import LEXICON_FILE, SHIPPED_DIRECTORY
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.text import fold
from backend.services.knowledge.units import UnitReader
from tests.bench.knowledge import generate_entries

DOCUMENT = json.loads((SHIPPED_DIRECTORY / LEXICON_FILE).read_text("utf-8"))
PHRASES = Lexicon.build({"fee": ["fee"], "entry": ["entry fee"], "ab": ["a b"], "abc": ["a b c"]})
FIGURES = ["24", "7", "1885", "2.5", "2", "90", "2568", "12,000.50", "12000", "1234567"]


class TestUnitReader:
    def test_cuts_as_the_lexicon_does(self) -> None:
        lexicon = Lexicon.build(DOCUMENT, {"gate": ["gate 42", "42"]})
        lines = [
            *(f"the {alias} of 7 {alias}" for alias in list(lexicon.strings())[::20]),
            *(f"{alias} {figure}." for alias in _plain_aliases() for figure in FIGURES[:3]),
            *(f"gate 42; the {figure} hours, pm {figure}, 42 {figure}" for figure in FIGURES),
            *(entry["text"] for entry in generate_entries(50)),
        ]

        reader = UnitReader(lexicon)
        text = reader.read(lines, np.ones(len(lines), dtype=bool))

        found = [reader.matches[unit] for unit in text.units.tolist()]
        for number, line in enumerate(lines):
            expected = list(lexicon.find(fold(line)))
            assert [found[place] for place in np.flatnonzero(text.lines == number)] == expected

    @pytest.mark.parametrize(
        ("lines", "found"),
        [
            (["entry fee"], [("entry fee", 0)]),
            (["entry", "fee"], [("entry", 0), ("fee", 1)]),
            (["entry; fee"], [("entry", 0), ("fee", 0)]),
            (["entry fees entry fee"], [("entry fees", 0), ("entry fee", 0)]),
            (["entry entry fee"], [("entry", 0), ("entry fee", 0)]),
            (["a b c d"], [("a b c", 0), ("d", 0)]),
            (["a b", "c"], [("a b", 0), ("c", 1)]),
            (["a b; c"], [("a b", 0), ("c", 0)]),
            (["a b a b c"], [("a b", 0), ("a b c", 0)]),
            (["a b b"], [("a b", 0), ("b", 0)]),
            (["b c 7", "é a b"], [("b", 0), ("c", 0), ("7", 0), ("e", 1), ("a b", 1)]),
            (["ค่า", "", "x", "ค่า fee"], [("คา", 0), ("x", 2), ("คา", 3), ("fee", 3)]),
            (["feeee hmmm"], [("fee", 0), ("hmm", 0)]),
            (["", ""], []),
            ([], []),
        ],
    )
    def test_joins_the_words_of_a_phrase_within_a_line(
        self, lines: list[str], found: list[tuple[str, int]]
    ) -> None:
        reader = UnitReader(PHRASES)

        for _ in range(2):
            text = reader.read(lines, np.ones(len(lines), dtype=bool))
            units = [reader.matches[unit].text for unit in text.units.tolist()]
            assert list(zip(units, text.lines.tolist(), strict=True)) == found

    def test_numbers_each_unit_once(self) -> None:
        reader = UnitReader(PHRASES)
        lines = ["entry fee x fee", "x entry fee é é fee"]

        first, second = (reader.read(lines, np.ones(2, dtype=bool)).units for _ in range(2))

        assert first.tolist() == second.tolist()
        assert len(set(first.tolist())) == len({reader.matches[unit] for unit in first.tolist()})

    def test_counts_the_words_of_lines_that_count(self) -> None:
        reader = UnitReader(PHRASES)
        counted = np.array([True, False, True, False])

        assert reader.count_words() == {}
        for _ in range(2):
            reader.read(["entry fee; fee 42", "fee x", "café fee 7", "naïve"], counted)
        reader.read(["new fee", "old"], np.array([True, False]))

        counts = {word: count for word, count in reader.count_words().items() if count}
        assert counts == {"entry": 2, "fee": 7, "cafe": 2, "new": 1}


def _plain_aliases() -> list[str]:
    """The aliases of Latin letters that hold a figure, and some that hold none."""
    values = [value if isinstance(value, dict) else {"en": value} for value in DOCUMENT.values()]
    aliases = [alias for value in values for alias in value.get("en", ()) if alias.isascii()]
    return [alias for alias in aliases if any(map(str.isdigit, alias))] + aliases[::20]
