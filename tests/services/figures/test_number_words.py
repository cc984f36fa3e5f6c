"""When numbers in words claim something, what they prove, and which words are none."""

import pytest

from backend.services.figures import Evidence, find_unsupported
from backend.services.figures.number_words import ranks_named
from backend.services.figures.signs import Signs
from tests.services.figures.conftest import claims, proofs


class TestClaims:
    @pytest.mark.parametrize(
        ("text", "claimed"),
        [
            # English counts what follows, or is great enough.
            ("two schools", "number 2"),
            ("two", ""),
            ("one school", ""),
            ("zero schools", ""),
            ("ninety-nine", ""),
            ("one hundred", "number 100"),
            ("twenty-one of our new schools", ""),
            ("twenty-one new schools", "number 21"),
            ("One Hundred and Two schools", "number 102"),
            ("five hundred twenty thousand two hundred one", "number 520201"),
            ("two lakh three thousand four hundred five", "number 203405"),
            ("one thousand and one", "number 1001"),
            ("six billion", "number 6000000000"),
            ("one baht", ""),
            ("two baht", "money 2 THB"),
            ("two thousand dollars", "money 2000 USD"),
            # Chinese.
            ("三", ""),
            ("三个", "number 3"),
            ("一个", ""),
            ("两个", "number 2"),
            ("十", ""),
            ("十 个", "number 10"),
            ("九百九十九", ""),
            ("一千", "number 1000"),
            ("十万", "number 100000"),
            ("三千万", "number 30000000"),
            ("一亿二千三百万", "number 123000000"),
            ("兩千美元", "money 2000 USD"),
            ("一〇二零", "number 1020"),
            # The last digit counts the next place, unless that is named or zero.
            ("三千六", "number 3600"),
            ("三万六", "number 36000"),
            ("三百二个", "number 320"),
            ("二十六个", "number 26"),
            ("十六个", "number 16"),
            ("一千零六", "number 1006"),
            ("三万六千", "number 36000"),
            # Thai.
            ("สอง", ""),
            ("สองคณะ", "number 2"),
            ("หนึ่งคณะ", ""),
            ("เก้าร้อยเก้าสิบเก้า", ""),
            ("หนึ่งพัน", "number 1000"),
            ("ยี่สิบเอ็ด คณะ", "number 21"),
            ("สองหมื่นดอลลาร์", "money 20000 USD"),
            ("สองสิบล้าน", "number 20000000"),
            ("สองแสนสิบ", "number 200010"),
            # Burmese.
            ("နှစ်ခု", "number 2"),
            ("တစ်ခု", ""),
            ("ဆယ်ခု", "number 10"),
            ("ကိုးရာ", ""),
            ("ငါးသိန်း", "number 500000"),
            ("လေးထောင့်ငါး", "number 4005"),
            ("နှစ်သန်းဘတ်", "money 2000000 THB"),
        ],
    )
    def test_are_made_where_something_is_counted_or_much(self, text: str, claimed: str) -> None:
        assert claims(text) == [claimed]

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "hundred schools",
                "xtwo schools",
                "attend schools",
                "tour schools",
                "one of our tour",
                "xtwo schools or one",
            ),
            *("一二三", "万三", "百个", "第三个", "三三个三", "千万", "三三千", "二三百"),
            *("พันบาท", "ที่สองคณะ", "หนึ่งสองคณะ", "တစ်နှစ်သုံး"),
        ],
    )
    def test_are_not_made_by_what_is_no_number(self, text: str) -> None:
        assert not any(claims(text))

    def test_begin_at_the_first_word_that_is_a_number(self) -> None:
        assert claims("tour eleven schools") == ["number 11"]
        assert find_unsupported("Our tour eleven schools", Evidence([])) == ["eleven"]
        assert claims("our tour ten schools, two campuses") == ["number 10", "number 2"]


class TestProofs:
    @pytest.mark.parametrize(
        ("text", "proven"),
        [
            ("eleven", {"number 11", "money 11 THB"}),
            ("one", {"number 1", "money 1 THB"}),
            ("three thousand dollars", {"number 3000", "money 3000 USD"}),
            ("three thousand", {"number 3000", "money 3000 THB"}),
            ("两", {"number 2", "money 2 THB"}),
            ("สิบเอ็ด", {"number 11", "money 11 THB"}),
            ("ဆယ့်နှစ်", {"number 12", "money 12 THB"}),
        ],
    )
    def test_are_the_number_whether_or_not_it_is_counted(self, text: str, proven: set[str]) -> None:
        assert proofs(text) == proven

    def test_of_months_and_ranks_need_no_figure(self) -> None:
        assert proofs("From June to the second week of August") >= {
            "month 6",
            "month 8",
            "number 2",
        }
        assert proofs("It may rain") == set()

    def test_ranks_are_told_in_words_and_roman_numerals(self) -> None:
        assert list(ranks_named("The Third and first of English IV, VIX; seconds")) == [3, 1, 4]


class TestSigns:
    @pytest.mark.parametrize(
        ("text", "scripts"),
        [
            ("May 5", set()),
            ("é 5", set()),
            ("ก 5", {"thai"}),
            ("မ 5", {"burmese"}),
            ("月 5", {"chinese"}),
            ("〇 5", {"chinese"}),
            ("ก月 မ", {"thai", "burmese", "chinese"}),
        ],
    )
    def test_tell_the_scripts_of_a_text(self, text: str, scripts: set[str]) -> None:
        signs = Signs.of(text)

        assert {name for name in ("thai", "burmese", "chinese") if getattr(signs, name)} == scripts

    def test_tell_its_words_and_whether_it_has_digits(self) -> None:
        assert Signs.of("In MAY, may2 be") == Signs(
            words=frozenset({"in", "may", "be"}),
            digits=True,
            thai=False,
            burmese=False,
            chinese=False,
        )
        assert not Signs.of("In May").digits
