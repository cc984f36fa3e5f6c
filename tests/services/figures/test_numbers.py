"""What a number claims and proves by what stands around it, alone and as an end of a range."""

import pytest

from backend.services.figures import Evidence, find_unsupported
from tests.services.figures.conftest import claims, make_passage, proofs
from tests.services.figures.test_words_and_digits import is_supported

ROW = ("2.5", "25", "2", "5")
"""What "2,5" may mean."""


class TestClaims:
    @pytest.mark.parametrize(
        ("text", "claimed"),
        [
            ("5", "number 5"),
            ("999", "number 999"),
            ("12,345", "number 12345"),
            # One is an article as well, unless it has a unit.
            ("1", ""),
            ("1 baht", "money 1 THB"),
            ("1%", "percent 1"),
            ("1K", "number 1000"),
            ("01", "number 1"),
            # What follows a number is its unit rather than what leads.
            ("USD 5%", "percent 5"),
            ("USD 5 baht", "money 5 THB"),
            ("ร้อยละ 5 USD", "money 5 USD"),
            # Four digits: a year of either era, or a code.
            ("1990", "number 1990 / year 1990 / code 1990"),
            ("2399", "number 2399 / year 2399 / code 2399"),
            ("2400", "number 2400 / year 1857 / code 2400"),
            ("0706", "number 706 / year 706 / code 0706"),
            ("19900", "number 19900"),
            ("1990 baht", "money 1990 THB"),
            # With the mark of an era it is nothing but a year.
            ("AD 1990", "year 1990"),
            ("พ.ศ. 2533", "year 1990"),
            ("พ.ศ. 1990", "year 1447"),
            ("พ.ศ. 253", "number 253"),
            ("1990 BE", "year 1447"),
            ("2533 A.D.", "year 2533"),
            # A phone number without its marks.
            ("1234567", "number 1234567"),
            ("12345678", "number 12345678 / phone 12345678"),
            ("123456789012345", "number 123456789012345 / phone 123456789012345"),
            ("1234567890123456", "number 1234567890123456"),
            # A day of a month that is named elsewhere.
            ("2nd", "number 2 / day 2"),
            ("31 日", "number 31 / day 31"),
            ("วันที่ 5", "number 5 / day 5"),
            ("5 rd", "number 5"),
            ("100th", "number 100"),
            ("10000th", "number 10000"),
            # A time without its colon.
            ("8.30", "number 8.3 / time 510"),
            ("12.05", "number 12.05 / time 725"),
            ("12.5", "number 12.5"),
            ("123.45", "number 123.45"),
            ("1,5", "number 1.5 / number 15 / number 1 + number 5"),
            # A code with the word before it.
            ("SM 115", "number 115 / code sm115"),
            ("sm.115", "number 115 / code sm115"),
            ("SM. 115", "number 115 / code sm115"),
            ("SM - 115", "number 115"),
            ("AU (115)", "number 115"),
            ("ABCDEFGHIJKL 115", "number 115 / code abcdefghijkl115"),
            # Burmese puts the scale before a round number.
            ("သိန်း ၅", "number 5 / number 500000"),
            ("သောင်း ၅", "number 5 / number 50000"),
            ("သန်း ၅.၅", "number 5.5 / number 5500000"),
            ("သိန်း ၁,၅", "number 1.5 / number 15 / number 1 + number 5 / number 150000"),
            ("ကျောင်း ၅", "number 5"),
            # The unit of a row is that of its last.
            ("1,234.50", "number 1234.5"),
            ("2,3,500 baht", "money 23500 THB / number 2 + number 3 + money 500 THB"),
        ],
    )
    def test_are_all_that_a_number_may_be(self, text: str, claimed: str) -> None:
        assert claims(text) == [claimed]
        assert claims(f"ก็ {text} ก็") == [claimed]

    def test_of_a_row_of_numbers_after_a_scale_are_no_error(self) -> None:
        row = "သိန်း " + ",".join(["1234"] * 6) + ",1"

        assert find_unsupported(row, Evidence([])) != []
        assert find_unsupported(row, Evidence([make_passage(row)])) == []


class TestProofs:
    @pytest.mark.parametrize(
        ("text", "proven"),
        [
            ("5", {"number 5", "money 5 THB"}),
            ("1", {"number 1", "money 1 THB"}),
            ("5 USD", {"number 5", "money 5 USD"}),
            ("5%", {"number 5", "percent 5"}),
            ("2,5", {f"number {n}" for n in ROW} | {f"money {n} THB" for n in ROW}),
            ("SM 115", {"number 115", "money 115 THB", "code sm115"}),
            ("115 rooms", {"number 115", "money 115 THB"}),
        ],
    )
    def test_are_the_number_and_the_amount_of_the_country(
        self, text: str, proven: set[str]
    ) -> None:
        assert proofs(text) == proven

    @pytest.mark.parametrize(
        ("text", "year"),
        [
            ("1000", 1000),
            ("2199", 2199),
            ("2400", 1857),
            ("2699", 2156),
            ("พ.ศ. 2300", 1757),
            ("AD 2100", 2100),
        ],
    )
    def test_are_a_year_where_one_is_likely(self, text: str, year: int) -> None:
        assert {proof for proof in proofs(text) if proof.startswith("year")} == {f"year {year}"}

    @pytest.mark.parametrize(
        "text", ["0999", "2200", "2399", "2700", "02000", "2000 baht", "2,000"]
    )
    def test_are_no_year_where_none_is(self, text: str) -> None:
        assert not {proof for proof in proofs(text) if proof.startswith("year")}


class TestRanges:
    @pytest.mark.parametrize(
        ("text", "claimed"),
        [
            # The first end may lack the scale of the second, or its thousands.
            ("5-8 lakh", ["number 5 / number 500000", "number 800000"]),
            ("1.5-2K", ["number 1.5 / number 1500", "number 2000"]),
            ("999-2K", ["number 999 / number 999000", "number 2000"]),
            ("1000-2K", ["number 1000 / year 1000 / code 1000", "number 2000"]),
            ("5000-8K", ["number 5000 / year 4457 / code 5000", "number 8000"]),
            ("2万-5", ["number 20000", "number 5"]),
            ("2万-5万", ["number 20000", "number 50000"]),
            ("2千-5万", ["number 2000", "number 50000"]),
            ("5-10,000", ["number 5 / number 5000", "number 10000"]),
            ("5-12.000", ["number 5 / number 5000", "number 12000"]),
            ("5-12,000 lakh", ["number 5 / number 500000", "number 1200000000"]),
            ("5-10,500", ["number 5", "number 10500"]),
            # The second end may lack the digits that both share.
            ("3728-9", ["number 3728 / year 3185 / code 3728", "number 9 / number 3729"]),
            ("115-27", ["number 115", "number 27 / number 127"]),
            ("18-24", ["number 18", "number 24"]),
            ("8-24", ["number 8", "number 24"]),
            ("115-2.5", ["number 115", "number 2.5"]),
            # A list is no range.
            ("5, 8 lakh", ["number 5", "number 800000"]),
            ("115; 27", ["number 115", "number 27"]),
        ],
    )
    def test_share_their_scale_and_their_first_digits(self, text: str, claimed: list[str]) -> None:
        assert claims(text) == claimed

    @pytest.mark.parametrize(
        "gap", ["-", " - ", "~", " to ", " through ", " ถึง ", "至", " မှ ", "** - **"]
    )
    def test_are_joined_by_the_words_of_four_languages(self, gap: str) -> None:
        assert claims(f"5{gap}8 lakh")[0] == "number 5 / number 500000"

    def test_of_longest_numbers_share_no_digits(self) -> None:
        longest, longer = "7" * 24, "7" * 25

        assert claims(f"{longest}-5")[1] == f"number 5 / number {longest[:-1]}5"
        assert claims(f"{longer}-5")[1] == "number 5"
        assert set(claims(f"{longer}-5K")[0].split(" / ")) == {f"number {longer}"}

    @pytest.mark.parametrize(
        ("fact", "proven", "unproven"),
        [
            ("5-8 USD", "5 USD · 8 USD · 5 · 8", "5 baht · 8 baht · 5%"),
            ("USD 5-8", "5 USD · 8 USD", "5 baht · 8 baht"),
            ("5-8K USD", "5,000 USD · 8,000 USD · 5 USD", "5,000 baht · 8,000 baht · 8 USD"),
            ("USD 5-10,000", "5,000 USD · 10,000 USD", "5,000 baht · 10 USD"),
            ("3-5 แสนบาท", "300,000 baht · 500,000 บาท", "$300,000 · 5 baht"),
            ("115-27 EUR", "115 EUR · 127 EUR", "127 baht"),
            ("5 USD - 8 EUR", "5 USD · 8 EUR", "5 EUR · 8 USD · 8 baht"),
            ("5-8%", "5% · 8% · 5 · 8", "5 baht · 8 baht"),
            ("5%-8 USD", "5% · 8 USD", "5 USD · 8%"),
            ("5 USD - 8%", "5 USD · 8%", "5% · 8 USD · 5 baht"),
            ("5%-8", "5% · 8 baht", "8%"),
        ],
    )
    def test_share_a_unit_that_one_end_lacks(self, fact: str, proven: str, unproven: str) -> None:
        assert [one for one in proven.split(" · ") if not is_supported(one, fact)] == []
        assert [one for one in unproven.split(" · ") if is_supported(one, fact)] == []
