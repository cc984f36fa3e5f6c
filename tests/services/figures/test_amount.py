"""Which numbers add up as one, and which of them stay apart."""

import pytest

from backend.services.figures.amount import find_numbers
from tests.services.figures.conftest import claims
from tests.services.figures.test_words_and_digits import is_supported


class TestFindNumbers:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("", []),
            ("1, 2 and 30", ["1", "2", "30"]),
            ("112 000 baht, 1 234 567", ["112 000", "1 234 567"]),
            # A group of thousands has three digits.
            ("112 0000", ["112", "0000"]),
            ("1234 567", ["1234", "567"]),
            ("12 345,678", ["12", "345,678"]),
            ("1.5, 2,500.", ["1.5", "2,500"]),
            ("5K, 5 million, 5 kilos", ["5K", "5 million", "5"]),
            ("1 lakh 12 thousand 5", ["1 lakh 12 thousand 5"]),
            ("1 lakh and 12 thousand or 5", ["1 lakh and 12 thousand", "5"]),
            ("1 lakh, 5", ["1 lakh", "5"]),
        ],
    )
    def test_finds_them_in_order_where_they_stand(self, text: str, found: list[str]) -> None:
        numbers = find_numbers(text)

        assert [text[number.start : number.end] for number in numbers] == found
        assert all(text[number.start :].startswith(number.raw) for number in numbers)

    def test_tells_digits_alone_from_all_else(self) -> None:
        plain = [number.is_plain for number in find_numbers("5; 1,500; 5K; 1.5; 05")]

        assert plain == [True, False, False, False, True]


class TestAmounts:
    @pytest.mark.parametrize(
        ("text", "claimed"),
        [
            ("1 lakh 12 thousand", ["number 112000"]),
            ("1 lakh 12 thousand 5 hundred", ["number 112500"]),
            ("1 crore 2 lakh 3 thousand", ["number 10203000"]),
            ("2.5 lakh 3 thousand", ["number 253000"]),
            ("1แสน1หมื่น2พันบาท", ["money 112000 THB"]),
            ("2万3千4百5", ["number 23405 / number 23450"]),
            # A last digit without a space counts the next place in Chinese.
            ("2万3", ["number 20003 / number 23000"]),
            ("2万35", ["number 20035"]),
            ("2万3456", ["number 23456"]),
            ("2万 3", ["number 20003"]),
            # Where words are parted by spaces, it may be another number.
            ("2 lakh 3", ["number 200003 / number 200000 + number 3"]),
            ("2 lakh and 3", ["number 200003 / number 200000 + number 3"]),
            ("3 thousand 999", ["number 3999 / number 3000 + number 999"]),
            (
                "1 lakh 5 thousand 3",
                ["number 105003 / number 105000 + number 3"],
            ),
            # What does not fit below the scale before is another number in any case.
            ("3 thousand 1000", ["number 3000", "number 1000"]),
            ("2万10000", ["number 20000", "number 10000"]),
            ("1 lakh 100 thousand", ["number 100000", "number 100000"]),
            ("1 lakh 5 lakh", ["number 100000", "number 500000"]),
            ("3 thousand 5 lakh", ["number 3000", "number 500000"]),
            ("2 lakh 3.5", ["number 200000", "number 3.5"]),
            ("1.2345678 million 5", ["number 1234567.8", "number 5"]),
            ("5 6 thousand", ["number 5", "number 6000"]),
            ("1 lakh - 5 thousand", ["number 100000", "number 5000"]),
            (
                "1 lakh 5 thousand; 7 hundred 6",
                ["number 105000", "number 706 / number 700 + number 6"],
            ),
        ],
    )
    def test_add_up_from_the_greatest_scale_down(self, text: str, claimed: list[str]) -> None:
        codes_aside = [one.partition(" / code")[0] for one in claims(text)]

        assert codes_aside == claimed

    def test_of_two_parts_prove_both_of_them_and_their_sum(self) -> None:
        for answer in ("200,003", "2 lakh", "200,000 and 3"):
            assert is_supported(answer, "2 lakh 3"), answer
        assert is_supported("23,000", "2万3")
        assert not is_supported("203,000", "2 lakh 3")
        assert not is_supported("3", "2万3")
