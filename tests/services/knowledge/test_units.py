"""Many lines are cut into units like each by itself."""

import json

import numpy as np

from backend.services.knowledge.folder import LEXICON_FILE, SHIPPED_DIRECTORY
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.text import fold
from backend.services.knowledge.units import UnitReader
from tests.bench.knowledge import generate_entries

DOCUMENT = json.loads((SHIPPED_DIRECTORY / LEXICON_FILE).read_text("utf-8"))
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


def _plain_aliases() -> list[str]:
    """The aliases of Latin letters that hold a figure, and some that hold none."""
    values = [value if isinstance(value, dict) else {"en": value} for value in DOCUMENT.values()]
    aliases = [alias for value in values for alias in value.get("en", ()) if alias.isascii()]
    return [alias for alias in aliases if any(map(str.isdigit, alias))] + aliases[::20]
