"""Tests of `backend/core/tokens.py`."""

import pytest

from backend.core.tokens import estimate_tokens


class TestEstimateTokens:
    @pytest.mark.parametrize(
        ("text", "low", "high"),
        [
            ("", 0, 0),
            ("a", 1, 1),
            ("What does the MBA cost a year?", 6, 9),
            ("ค่าเทอมเท่าไหร่", 9, 15),
            ("学费多少", 3, 4),
            ("ကျောင်းလခ", 6, 9),
            ("🎓", 1, 1),
            ("\ud800", 1, 1),
        ],
    )
    def test_is_near_for_each_script(self, text: str, low: int, high: int) -> None:
        assert low <= estimate_tokens(text) <= high

    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("abcd", 1),
            ("abcde", 2),
            ("a" * 400, 100),
            ("a" * 401, 101),
            ("ก" * 13, 10),
            ("ก" * 14, 11),
            ("学" * 130, 100),
            ("က" * 131, 101),
            ("abcd" + "ก" * 13, 11),
            ("abcde" + "ก" * 13, 12),
            ("a" * 400 + "学" * 130, 200),
            ("🎓" * 13, 10),
            ("🎓" * 130 + "a", 101),
            ("\ud800" * 13, 10),
        ],
    )
    def test_is_a_token_for_four_letters_or_for_one_and_a_third_of_the_wide_ones(
        self, text: str, tokens: int
    ) -> None:
        assert estimate_tokens(text) == tokens
