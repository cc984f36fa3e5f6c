"""Tests of `backend/services/summary.py`: summaries that no model makes, and how long they get."""

import pytest

from backend.core.tokens import estimate_tokens
from backend.services.summary import SUMMARY_TOKENS, bound_summary, fold_titles

FULL = 4 * SUMMARY_TOKENS
"""Latin letters that are as many tokens as a summary may have."""


def question(number: int) -> str:
    """A long question, in Thai every other time, that names its topic."""
    if number % 2:
        return f"topic{number}: How do I apply for the dormitory at Suvarnabhumi {number}?"
    return f"topic{number}: ค่าเทอมปริญญาตรีคณะวิทยาศาสตร์เท่าไหร่ครับ ช่วยบอกหน่อย"


class TestFoldTitles:
    @pytest.mark.parametrize(
        ("summary", "questions", "folded"),
        [
            ("", [], ""),
            ("", ["Fees?"], "- Fees?"),
            ("- Fees?", ["Where?", "When?"], "- Fees?\n- Where?\n- When?"),
            ("- Fees?\n- Where?", ["Where?", "Fees?"], "- Fees?\n- Where?"),
            ("\n  \nWants an MBA.\n\n", ["Fees?"], "Wants an MBA.\n- Fees?"),
            ("Wants an MBA.", ["How  much\nis it?"], "Wants an MBA.\n- How much is it?"),
        ],
    )
    def test_each_question_is_a_line_once(
        self, summary: str, questions: list[str], folded: str
    ) -> None:
        assert fold_titles(summary, questions) == folded

    def test_what_just_fits_stays_whole(self) -> None:
        line = "x" * (FULL - len("\n- Fees?"))

        assert fold_titles(line, ["Fees?"]) == f"{line}\n- Fees?"

        first, last = fold_titles(f"{line}x", ["Fees?"]).split("\n")
        assert last == "- Fees?"
        assert 60 <= estimate_tokens(first) <= 80

    def test_no_more_lines_go_than_must(self) -> None:
        lines = [f"- {letter * 98}" for letter in "abcdefgh"]

        assert fold_titles("\n".join(lines), ["Fees?"]).split("\n") == [
            *(lines[0], *lines[2:]),
            "- Fees?",
        ]

    def test_a_short_first_line_stays_whole_when_others_go(self) -> None:
        lines = ["- First?", *(f"- {letter * 98}" for letter in "abcdefgh")]

        assert fold_titles("\n".join(lines), []).split("\n") == [lines[0], *lines[2:]]

    def test_the_first_and_the_latest_stay(self) -> None:
        summary = ""
        for number in range(0, 60, 3):
            summary = fold_titles(summary, [question(n) for n in range(number, number + 3)])
            assert estimate_tokens(summary) <= SUMMARY_TOKENS
        lines = summary.splitlines()
        assert "topic0:" in lines[0]
        assert "topic59:" in lines[-1]
        assert len(lines) > 3

    def test_what_a_model_wrote_before_is_not_lost(self) -> None:
        written = bound_summary("The asker wants to study nursing in Hua Mak. " * 40)
        summary = fold_titles(written, [question(1), question(3)])
        assert summary.startswith("The asker wants to study nursing")
        assert "topic3" in summary
        assert estimate_tokens(summary) <= SUMMARY_TOKENS

    @pytest.mark.parametrize("text", ["ก็" * 2_000, "👩‍🎓" * 900, "a" * 5_000, "学费 " * 900])
    def test_no_character_is_torn(self, text: str) -> None:
        cut = bound_summary(text)
        assert estimate_tokens(cut) <= SUMMARY_TOKENS
        assert cut.endswith("…")
        assert text.startswith(cut.rstrip("…"))
        assert not cut.endswith(("ก…", "\u200d…"))


class TestBoundSummary:
    @pytest.mark.parametrize("length", [0, 1, FULL])
    def test_what_fits_is_kept_without_the_blanks_around_it(self, length: int) -> None:
        assert bound_summary(f" \n{'x' * length}\n ") == "x" * length

    @pytest.mark.parametrize("length", [FULL + 1, 2 * FULL, 9 * FULL])
    def test_what_is_too_long_keeps_nearly_as_much_as_there_is_room_for(self, length: int) -> None:
        bound = bound_summary("x" * length)

        assert bound == "x" * (len(bound) - 1) + "…"
        assert 0.8 * SUMMARY_TOKENS < estimate_tokens(bound) <= SUMMARY_TOKENS
