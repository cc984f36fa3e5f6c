"""Every word and sign of a scale, a currency and a share, before and after its number."""

from typing import Final

import pytest

from backend.services.figures.units import (
    currency_after,
    currency_before,
    era_around,
    is_day,
    percent_after,
    percent_before,
    scale_after,
    scale_before,
    stands_alone,
)
from tests.services.figures.test_words_and_digits import is_supported

SCALES: Final = {
    100: "hundred ร้อย 百 ရာ",
    1_000: "K k thousand พัน 千 ထောင်",
    10_000: "หมื่น 万 萬 သောင်း",
    100_000: "lakh lakhs lac lacs แสน သိန်း",
    1_000_000: "M mn mln mil million ล้าน 百万 百萬 သန်း",
    10_000_000: "crore crores ကုဋေ",
    100_000_000: "亿 億",
    1_000_000_000: "bn billion",
}
CURRENCIES: Final = {
    "THB": "THB baht บาท 泰铢 泰銖 泰珠 铢 銖 ဘတ် ฿",
    "USD": "USD dollar dollars ดอลลาร์ เหรียญสหรัฐ 美元 美金 ဒေါ်လာ $",
    "HKD": "HKD HK$ 港元 港币 港幣",
    "SGD": "SGD S$ 新元 新币",
    "EUR": "EUR euro euros ยูโร 欧元 歐元 ယူရို €",
    "JPY": "JPY yen เยน 日元 日圆",
    "MMK": "MMK kyat kyats จ๊าด จ๊าต 缅币 缅元 緬元 ကျပ်",
    "GBP": "GBP ปอนด์ 英镑 英鎊 £",
    "CNY": "CNY RMB yuan หยวน 人民币 人民幣 元 块 ယွမ် ¥ ￥",
    "INR": "INR rupee rupees ₹",
}


def each(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(word, name) for name, row in table.items() for word in row.split()]


class TestScales:
    @pytest.mark.parametrize(
        ("word", "scale"), [(word, scale) for scale, row in SCALES.items() for word in row.split()]
    )
    def test_multiply_what_stands_before_them(self, word: str, scale: int) -> None:
        for written in (f"7{word}", f"7 {word} "):
            assert is_supported(written, f"It costs {7 * scale:,} baht.")
            assert not is_supported(written, f"It costs {7 * scale + 1:,} baht.")
            assert not is_supported(written, f"It costs {70 * scale:,} baht.")

    def test_two_multiply_each_other(self) -> None:
        assert is_supported("3 hundred thousand baht", "It costs 300,000 baht.")
        assert not is_supported("3 hundred thousand baht", "It costs 300 baht.")


class TestCurrencies:
    @pytest.mark.parametrize(("word", "code"), each(CURRENCIES))
    def test_are_told_from_all_others(self, word: str, code: str) -> None:
        for written in (f"1,500{word}", f"1,500 {word}", f"{word}1,500", f"{word} 1,500"):
            for other in CURRENCIES:
                fact = f"It costs {other} 1,500 a year."
                assert is_supported(written, fact) == (other == code), (written, other)


class TestShares:
    @pytest.mark.parametrize(
        "written",
        [
            *("7%", "7 %", "7 percent", "7 per cent", "7 pct", "7เปอร์เซ็นต์", "7 เปอร์เซ็น"),
            *("၇ ရာခိုင်နှုန်း", "ร้อยละ 7", "百分之7", "**7** %"),
        ],
    )
    def test_are_no_plain_numbers(self, written: str) -> None:
        assert is_supported(written, "A discount of 7% and of 9%.")
        assert not is_supported(written, "7 schools and a discount of 9%.")


class TestRanges:
    def test_both_ends_have_the_unit_of_the_second(self) -> None:
        assert is_supported("7% or 9%", "A discount of 7-9%.")
        assert not is_supported("7 baht", "A discount of 7-9%.")
        assert is_supported("$7 or $9", "It costs 7-9 USD.")
        assert not is_supported("7 baht", "It costs 7-9 USD.")

    def test_both_ends_have_the_currency_of_the_first(self) -> None:
        assert is_supported("$7 or $9", "It costs USD 7-9.")
        assert not is_supported("9 baht", "It costs USD 7-9.")

    def test_an_end_keeps_the_unit_of_its_own(self) -> None:
        assert is_supported("7 baht", "It costs 7 THB to 9 USD.")
        assert not is_supported("$7", "It costs 7 THB to 9 USD.")
        assert not is_supported("7 baht", "From 7% to 9 baht.")
        assert not is_supported("7%", "From 7 baht to 9%.")


class TestAfterANumber:
    """Each number is the 5 of its text."""

    @pytest.mark.parametrize(
        ("text", "scale", "rest"),
        [
            ("5 thousand baht", 1_000, " baht"),
            ("5K", 1_000, ""),
            ("5 Kilo", 1, " Kilo"),
            ("5 rooms", 1, " rooms"),
            ("5", 1, ""),
            # Two multiply, a third is something else.
            ("5 hundred thousand million", 100_000, " million"),
            ("5 แสนล้าน", 100_000_000_000, ""),
        ],
    )
    def test_a_scale_is_found_with_its_end(self, text: str, scale: int, rest: str) -> None:
        assert scale_after(text, 1) == (scale, len(text) - len(rest))

    @pytest.mark.parametrize(
        ("text", "currency", "rest"),
        [
            ("5 baht a year", "THB", " a year"),
            ("5** USD.", "USD", "."),
            ("5US$", "USD", ""),
        ],
    )
    def test_a_currency_is_found_with_its_end(self, text: str, currency: str, rest: str) -> None:
        assert currency_after(text, 1) == (currency, len(text) - len(rest))

    @pytest.mark.parametrize("text", ["5", "5 bahts", "5, baht", "5 rooms", "5     baht"])
    def test_no_currency_is_found_where_none_belongs_to_it(self, text: str) -> None:
        assert currency_after(text, 1) is None

    def test_a_share_is_found_with_its_end(self) -> None:
        assert percent_after("5 per cent of", 1) == len("5 per cent")
        assert percent_after("5% of", 1) == len("5%")
        assert percent_after("5 of", 1) is None

    @pytest.mark.parametrize(
        ("text", "alone"),
        [
            ("5", True),
            ("5, x", True),
            ("5** (x)", True),
            ("5 x", False),
            ("5%", False),
            ("5K", False),
        ],
    )
    def test_what_is_between_it_and_the_next_sign_belongs_to_it(
        self, text: str, *, alone: bool
    ) -> None:
        assert stands_alone(text, 1) == alone


class TestBeforeANumber:
    """Each number is the 5 at the end of its text, alone and far into a longer one."""

    @pytest.mark.parametrize("lead", ["", "ก" * 3 + " ", "It costs some or ก " * 5])
    @pytest.mark.parametrize(
        ("text", "currency"),
        [
            ("THB 5", "THB"),
            ("THB:** 5", None),
            ("THB** 5", "THB"),
            ("US$5", "USD"),
            ("$5", "USD"),
            ("เหรียญสหรัฐ : 5", "USD"),
            ("xTHB 5", None),
            ("THB x 5", None),
        ],
    )
    def test_a_currency_is_found_with_its_start(
        self, lead: str, text: str, currency: str | None
    ) -> None:
        whole = lead + text
        found = currency_before(whole, len(whole) - 1, 0)

        assert found == (None if currency is None else (currency, len(lead)))

    def test_a_currency_of_the_number_before_is_not_taken(self) -> None:
        text = "7 USD 5"

        assert currency_before(text, 6, 2) == ("USD", 2)
        assert currency_before(text, 6, 3) is None
        assert currency_before(text, 6, 5) is None

    @pytest.mark.parametrize("lead", ["", "ก ", "จำนวนมากกว่าร้อย " * 4])
    def test_all_else_is_found_wherever_it_stands(self, lead: str) -> None:
        start = len(lead)

        for word, scale in (("သိန်း", 100_000), ("သောင်း ", 10_000), ("သန်း ", 1_000_000), ("x ", 1)):
            assert scale_before(f"{lead}{word}5", start + len(word)) == scale, word
        assert percent_before(f"{lead}ร้อยละ 5", start + len("ร้อยละ ")) == start
        assert percent_before(f"{lead}百分之5", start + len("百分之")) == start
        assert percent_before(f"{lead}about 5", start + len("about ")) is None
        assert is_day(f"{lead}วันที่ 5", start + len("วันที่ "), start + len("วันที่ 5"))
        assert not is_day(f"{lead}วัน 5", start + len("วัน "), start + len("วัน 5"))

    @pytest.mark.parametrize(
        ("text", "era"),
        [
            ("AD 5", "AD"),
            ("พ.ศ.5", "พ.ศ."),
            ("คริสต์ศักราช 5", "คริสต์ศักราช"),
            ("5 BE", "BE"),
            ("5 A.D. ", "A.D."),
            ("BAD 5", None),
            ("5 ADs", None),
            ("ADs 5", None),
            ("5", None),
        ],
    )
    @pytest.mark.parametrize("lead", ["", "in the year of the university " * 2])
    def test_the_mark_of_an_era_is_found_on_either_side(
        self, lead: str, text: str, era: str | None
    ) -> None:
        start = len(lead) + text.index("5")

        assert era_around(lead + text, start, start + 1) == era

    @pytest.mark.parametrize("text", ["5th", "5 日", "5号", "5 ရက်"])
    def test_a_day_is_told_by_what_follows_as_well(self, text: str) -> None:
        assert is_day(text, 0, 1)
        assert not is_day("5 the", 0, 1)
