"""How what is read is taken out of a text."""

import re

from backend.services.figures.figure import MASK, Figure, extract

NUMBER = re.compile("[0-9]+")


def inner(found: re.Match[str]) -> Figure | None:
    """All but the first and last digit; nothing of what is too short for that."""
    start, end = found.start() + 1, found.end() - 1
    return Figure(start, end, (), ()) if start < end else None


class TestExtract:
    def test_masks_what_gave_a_figure_each_character_in_its_place(self) -> None:
        figures: list[Figure] = []

        text = extract(NUMBER, "a 1234 b 56 c 789", figures, inner)

        assert text == f"a 1{MASK}{MASK}4 b 56 c 7{MASK}9"
        assert [(figure.start, figure.end) for figure in figures] == [(3, 5), (15, 16)]

    def test_masks_to_the_very_end(self) -> None:
        figures: list[Figure] = []

        text = extract(NUMBER, "12", figures, lambda found: Figure(*found.span(), (), ()))

        assert text == MASK * 2
        assert len(figures) == 1

    def test_leaves_what_follows_another_thing(self) -> None:
        figures: list[Figure] = []

        text = extract(NUMBER, "1234 x567 y890 -", figures, inner, not_after="xz-")

        assert text == f"1{MASK}{MASK}4 x567 y8{MASK}0 -"
        assert [figure.start for figure in figures] == [1, 12]
