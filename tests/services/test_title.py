"""Tests of `backend/services/title.py`."""

import pytest

from backend.services.title import TITLE_LENGTH, make_title


def test_a_short_question_is_its_own_title() -> None:
    assert make_title("  How much\n is\tthe MBA? ") == "How much is the MBA?"


def test_a_long_question_is_cut_between_words() -> None:
    title = make_title("Could you please tell me how much the tuition of the MBA programme is?")

    assert title == "Could you please tell me how much the tuition of the MBA…"


@pytest.mark.parametrize("letter", ["学", "ก", "က"])
def test_a_long_question_without_blanks_fills_its_title(letter: str) -> None:
    assert make_title(letter * 100) == letter * (TITLE_LENGTH - 1) + "…"


@pytest.mark.parametrize(
    ("question", "torn"),
    [
        ("ก" * (TITLE_LENGTH - 2) + "ที่เรียน", "่"),
        ("က" * (TITLE_LENGTH - 2) + "ကျွန်တော်", "ျ"),
        ("学" * (TITLE_LENGTH - 2) + "👩‍🎓👩‍🎓", "\u200d"),
    ],
)
def test_nothing_is_torn_from_its_letter(question: str, torn: str) -> None:
    title = make_title(question)

    assert len(title) <= TITLE_LENGTH
    assert title.endswith("…")
    rest = question.removeprefix(title.removesuffix("…"))
    assert not rest.startswith(torn)
    assert not title.removesuffix("…").endswith("\u200d")


def test_a_question_of_marks_alone_still_gets_a_title() -> None:
    assert make_title("\u0e48" * 100).endswith("…")
