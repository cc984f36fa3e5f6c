"""All figures of a text, read one kind after the other so that none is read twice."""

from backend.services.figures.characters import hide_numbering, plain, visible
from backend.services.figures.clock import read_times
from backend.services.figures.codes import read_codes
from backend.services.figures.contacts import read_contacts, read_phones
from backend.services.figures.dates import months_named, read_dates
from backend.services.figures.figure import Atom, Figure
from backend.services.figures.number_words import ranks_named, read_words
from backend.services.figures.numbers import read_numbers
from backend.services.figures.signs import Signs


def read_figures(text: str, *, proving: bool = False) -> list[Figure]:
    """The figures of a text in plain characters, in its order; `proving` tells what they give."""
    figures: list[Figure] = []
    text = read_contacts(text, figures)
    signs = Signs.of(text)
    if signs.digits:
        text = read_dates(text, figures, signs)
        text = read_times(text, figures, signs)
        text = read_phones(text, figures)
    text = read_words(text, figures, signs)
    if signs.digits:
        read_numbers(read_codes(text, figures), figures, proving=proving)
    figures.sort(key=lambda figure: figure.start)
    return figures


def read_proofs(text: str) -> frozenset[Atom]:
    """All that a fact proves: its figures, and ranks and months in words.

    What numbers a line may as well be part of what follows it: "1.www.au.edu" is read both ways.
    """
    text = plain(visible(text))
    proofs = {
        atom
        for reading in {text, hide_numbering(text)}
        for figure in read_figures(reading, proving=True)
        for atom in figure.gives
    }
    proofs.update(months_named(text))
    proofs.update(("number", rank) for rank in ranks_named(text))
    proofs.update(_dated(proofs))
    return frozenset(proofs)


def _dated(proofs: set[Atom]) -> set[Atom]:
    """Days and months in the years that the same text names: "for 2026 ... by 15 March"."""
    years = [atom[1] for atom in proofs if atom[0] == "year"]
    undated = [atom for atom in proofs if atom[0] == "undated"]
    return {("date", year, *atom[1:]) for year in years for atom in undated}
