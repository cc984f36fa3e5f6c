"""Every word and every digit that a number may be written with means just that number."""

import unicodedata
from itertools import chain
from typing import Final

import pytest

from backend.services.figures import Evidence, find_unsupported
from tests.services.figures.conftest import make_passage

SCRIPTS: Final = (
    *("ARABIC-INDIC", "EXTENDED ARABIC-INDIC", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI"),
    *("ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA LITH", "THAI", "LAO", "TIBETAN"),
    *("MYANMAR", "MYANMAR SHAN", "MYANMAR TAI LAING", "KHMER", "MONGOLIAN", "NEW TAI LUE"),
    *("SAURASHTRA", "JAVANESE", "FULLWIDTH", "MATHEMATICAL BOLD", "MATHEMATICAL DOUBLE-STRUCK"),
    *("MATHEMATICAL SANS-SERIF", "MATHEMATICAL SANS-SERIF BOLD", "MATHEMATICAL MONOSPACE"),
)
COUNTED: Final = {"en": "{} months", "th": "{}เดือน", "zh": "{}个", "my": "{}ယောက်"}
SMALL: Final = {
    "en": "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty",
    "th": "สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ สิบเอ็ด สิบสอง",
    "zh": "二 三 四 五 六 七 八 九 十 十一 十二",
    "my": "နှစ် သုံး လေး ငါး ခြောက် ခုနစ် ရှစ် ကိုး ဆယ် ဆယ့်တစ် ဆယ့်နှစ်",
}
"""From two upwards."""

GREAT: Final = {
    "en": {
        **{"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80},
        **{"ninety": 90, "two hundred": 200, "three thousand": 3_000, "four lakh": 400_000},
        **{"five million": 5_000_000, "six billion": 6_000_000_000},
    },
    "th": {
        **{"ยี่สิบ": 20, "สองร้อย": 200, "สามพัน": 3_000, "สี่หมื่น": 40_000, "ห้าแสน": 500_000},
        **{"หกล้าน": 6_000_000, "หนึ่งแสนหนึ่งหมื่นสองพัน": 112_000, "สองสิบล้าน": 20_000_000},
    },
    "zh": {
        **{
            "二十": 20,
            "两百": 200,
            "兩千": 2_000,
            "三万": 30_000,
            "三萬": 30_000,
            "四亿": 400_000_000,
        },
        **{"四億": 400_000_000, "三千六": 3_600, "三百零六": 306, "三十六": 36, "一〇二零": 1_020},
    },
    "my": {
        **{"နှစ်ဆယ်": 20, "နှစ်ဆယ့်ငါး": 25, "သုံးရာ": 300, "သုံးရာ့ငါး": 305, "လေးထောင်": 4_000},
        **{"လေးထောင့်ငါး": 4_005, "ငါးသောင်း": 50_000, "ခြောက်သိန်း": 600_000, "ရှစ်သန်း": 8_000_000},
    },
}
RANKS: Final = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
ROMAN: Final = "II III IV V VI VII VIII IX"


def words() -> list[tuple[str, str, int]]:
    """Language, words and value."""
    small = ((lang, *pair) for lang, row in SMALL.items() for pair in _numbered(row, 2))
    great = ((lang, word, value) for lang, row in GREAT.items() for word, value in row.items())
    return [one for one in chain(small, great) if one[2] > 1]


def _numbered(row: str, start: int) -> list[tuple[str, int]]:
    return [(word, value) for value, word in enumerate(row.split(), start)]


def is_supported(answer: str, fact: str) -> bool:
    return find_unsupported(answer, Evidence([make_passage(fact)])) == []


class TestWords:
    @pytest.mark.parametrize(("lang", "word", "value"), words())
    def test_mean_their_number_and_no_other(self, lang: str, word: str, value: int) -> None:
        answer = COUNTED[lang].format(word)

        assert is_supported(answer, f"It takes {value} months.")
        assert not is_supported(answer, f"It takes {value - 1} months.")
        assert not is_supported(answer, f"It takes {value + 1} months.")

    @pytest.mark.parametrize(("word", "rank"), [*_numbered(RANKS, 1), *_numbered(ROMAN, 2)])
    def test_of_a_rank_prove_it_and_no_other(self, word: str, rank: int) -> None:
        fact = f"AU is the university {word} of all."

        assert is_supported(f"อันดับ {rank}", fact)
        assert not is_supported(f"อันดับ {rank + 1}", fact)
        assert rank < 3 or not is_supported(f"อันดับ {rank - 1}", fact)


class TestDigits:
    @pytest.mark.parametrize("script", SCRIPTS)
    def test_of_every_script_are_digits(self, script: str) -> None:
        zero = ord(unicodedata.lookup(f"{script} DIGIT ZERO"))
        written = "".join(chr(zero + digit) for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0))

        assert is_supported(written, "It costs 1,234,567,890 baht.")
        assert not is_supported(written, "It costs 1,234,567,891 baht.")
