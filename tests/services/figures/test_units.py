"""Every word and sign of a scale, a currency and a share, before and after its number."""

from typing import Final

import pytest

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
