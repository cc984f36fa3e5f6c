"""Tests of `backend/services/title.py`."""

import pytest

from backend.services.title import TITLE_LENGTH, cut, make_title


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
        ("学" * (TITLE_LENGTH - 3) + "👩‍🎓👩‍🎓", "🎓"),
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
    assert make_title("\u0e48" * 100) == "\u0e48…"


@pytest.mark.parametrize("length", [1, TITLE_LENGTH - 1, TITLE_LENGTH])
def test_a_question_that_just_fits_is_not_cut(length: int) -> None:
    question = ("ask " * TITLE_LENGTH)[: length - 1] + "!"

    assert make_title(question) == question


def test_blanks_take_no_room_of_a_title() -> None:
    assert make_title(f"MBA{' ' * 400}fees") == "MBA fees"


@pytest.mark.parametrize(
    ("text", "length", "beginning"),
    [
        ("abcde fghijkl", 10, "abcde"),
        ("abcd efghijkl", 10, "abcd efgh"),
        ("abcdefghi jkl", 10, "abcdefghi"),
        ("abcdefghij kl", 10, "abcdefghi"),
        ("abcde gh jklm", 10, "abcde gh"),
        ("a bcd", 3, "a"),
        ("ab cd", 4, "ab"),
    ],
)
def test_it_is_cut_at_the_last_word_unless_that_costs_half_of_it(
    text: str, length: int, beginning: str
) -> None:
    assert cut(text, length) == beginning + "…"


@pytest.mark.parametrize(
    ("text", "length", "beginning"),
    [
        ("กกก\u0e48กก", 4, "กก"),
        ("กก\u0e34\u0e48กก", 4, "ก"),
        ("ก\u0e34\u0e48\u0e48กก", 4, "ก"),
        ("ab👩\u200d🎓cd", 5, "ab"),
        ("ab👩\u200d🎓cd", 6, "ab👩\u200d🎓"),
        ("👩\u200d🎓\u200d👩cd", 5, "👩"),
    ],
)
def test_a_letter_goes_with_all_that_leans_on_it(text: str, length: int, beginning: str) -> None:
    assert cut(text, length) == beginning + "…"
