"""Odd answers: long ones, made of nothing but digits, in any characters at all."""

import time

import pytest
from hypothesis import given as for_any
from hypothesis import settings
from hypothesis import strategies as st

from backend.services.figures import Evidence, find_unsupported
from tests.services.figures.conftest import make_passage, shipped_passages

ODD_PIECES = (
    *(
        "1",
        "0",
        "1,",
        "1.",
        "1 ",
        "12 ",
        "123 ",
        "+",
        "+66 ",
        "0-",
        "(",
        "02",
        "(0",
        "1/",
        "1:",
        "-1",
    ),
    *(
        "a.",
        "a.a",
        "www.",
        "http://",
        "a@",
        "@a.",
        "1K",
        "1 แสน ",
        "1万",
        "ห้า",
        "สิบ",
        "พัน",
        "一",
        "十百",
    ),
    *("တစ်", "ဝ", "၁ဝ", "၁,", "နှစ်", "May ", "1 May ", "May 1-", "2026-", "1 to ", "one ", "ten-"),
    *(
        "one hundred ",
        "THB ",
        "$",
        "THB 1 ",
        "%",
        "[1",
        "[1,",
        "1)",
        "(1)",
        "• ",
        "* ",
        "> ",
        "#",
        "_",
    ),
    *(
        "พ.ศ. ",
        "1\n",
        "\n1. ",
        "ร้อยละ",
        "1 น.",
        "1点",
        "ไม่",
        "\x00",
        "\u200b1",
        "\ufe0f",
        "١",
        "𝟙",
        "½",
    ),
)
SECONDS_FOR_EACH_DOUBLING = 4.0


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    return Evidence(shipped_passages()[:40])


class TestOddAnswers:
    @settings(deadline=None, max_examples=300)
    @for_any(st.text(max_size=200))
    def test_any_text_is_checked_without_an_error(self, text: str) -> None:
        for found in find_unsupported(text, Evidence([])):
            assert found

    @settings(deadline=None, max_examples=400)
    @for_any(st.lists(st.sampled_from(ODD_PIECES), max_size=30).map("".join))
    def test_any_mix_of_pieces_is_checked_without_an_error(self, text: str) -> None:
        find_unsupported(text, Evidence([make_passage(text)], [text]))

    @settings(deadline=None, max_examples=300)
    @for_any(st.lists(st.sampled_from(ODD_PIECES), max_size=12).map("".join))
    def test_what_a_passage_says_may_be_said_again(self, text: str) -> None:
        assert find_unsupported(text, Evidence([make_passage(text)])) == []

    @pytest.mark.parametrize("text", ["1.@a.one hundred ", "1.@a.May 1-", "1.www.1.www."])
    def test_a_line_s_number_is_no_part_of_an_address(self, text: str) -> None:
        assert find_unsupported(text, Evidence([make_passage(text)])) == []

    def test_a_numbered_link_may_be_said_without_its_number(self) -> None:
        evidence = Evidence([make_passage("1.www.au.edu\n2.www.registrar.au.edu/a")])
        assert find_unsupported("See www.au.edu, www.registrar.au.edu/a.", evidence) == []
        assert find_unsupported("See www.law.au.edu.", evidence) == ["www.law.au.edu"]

    @pytest.mark.parametrize("piece", ODD_PIECES)
    def test_long_answers_cost_in_proportion(self, evidence: Evidence, piece: str) -> None:
        """Twice the length may not cost many times as much: nothing tries all ways to read it."""
        text = piece * (20_000 // len(piece))

        short = _seconds(text[:5_000], evidence)
        long = _seconds(text, evidence)

        assert long < 0.05 + 4 * SECONDS_FOR_EACH_DOUBLING * short

    def test_thousands_of_numbers_are_named_once_each(self, evidence: Evidence) -> None:
        numbers = [str(number) for number in range(900_001, 903_001)]

        assert find_unsupported(" and ".join(numbers * 2), evidence) == numbers

    def test_a_number_of_thousands_of_digits_is_one_figure(self, evidence: Evidence) -> None:
        digits = "7" * 20_000

        assert find_unsupported(digits, evidence) == [digits]
        assert find_unsupported(digits, Evidence([make_passage(digits)])) == []

    @pytest.mark.parametrize(
        "around",
        [
            "{}-5",
            "5-{}",
            "{}K",
            "{} THB",
            "a{}",
            "0{}",
            "+{}",
            "{}.5",
            "{},000",
            "{}/2",
            "พ.ศ. {}",
            "{}%",
        ],
    )
    def test_a_monstrous_number_is_an_error_nowhere(self, evidence: Evidence, around: str) -> None:
        assert find_unsupported(around.format("7" * 6_000), evidence)


def _seconds(text: str, evidence: Evidence) -> float:
    """Processor time, the best of two: other work on the machine does not count."""
    spent = []
    for _ in range(2):
        began = time.process_time()
        find_unsupported(text, evidence)
        spent.append(time.process_time() - began)
    return min(spent)
