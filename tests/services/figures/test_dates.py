"""What a date claims and proves: day, month and year, in the order of four languages."""

import re

import pytest

from backend.services.figures.dates import common_year, date_atoms, either_case, is_buddhist
from tests.services.figures.conftest import claims, proofs
from tests.services.figures.test_words_and_digits import is_supported


class TestDatesOfDigits:
    @pytest.mark.parametrize(
        ("text", "claimed"),
        [
            ("2026-11-02", "date 2026 11 2"),
            ("2026-12-31", "date 2026 12 31"),
            ("2026/1/1", "date 2026 1 1"),
            # Day and month stand in either order, where both can be a month.
            ("2/11/2026", "date 2026 11 2 / date 2026 2 11"),
            ("12/1/2026", "date 2026 1 12 / date 2026 12 1"),
            ("31/12/2026", "date 2026 12 31"),
            ("13/12/2026", "date 2026 12 13"),
            ("12/13/2026", "date 2026 12 13"),
            ("02.11.2569", "date 2026 11 2 / date 2026 2 11"),
            # Years of two digits are of either era.
            ("31/12/69", "date 2069 12 31 / date 2026 12 31"),
            ("31/12/00", "date 2000 12 31 / date 1957 12 31"),
            ("31/12/99", "date 2099 12 31 / date 2056 12 31"),
            # A month, or a term of a year.
            ("3/2027", "date 2027 3 - / number 3 + year 2027"),
            ("12/2027", "date 2027 12 - / number 12 + year 2027"),
            ("1/2569", "date 2026 1 - / number 1 + year 2026"),
            # A month, or two years of which the second is cut.
            ("2011-12", "date 2011 12 - / year 2011 + year 2012"),
            ("1911-12", "date 1911 12 - / year 1911 + year 1912"),
            ("2012-12", "date 2012 12 -"),
            ("2027-03", "date 2027 3 -"),
            ("2554-12", "date 2011 12 - / year 2011 + year 2012"),
        ],
    )
    def test_claim_each_date_that_may_be_meant(self, text: str, claimed: str) -> None:
        assert claims(text) == [claimed]
        assert claims(f"It is {text} or 5") == [claimed, "number 5 / code or5"]

    @pytest.mark.parametrize(
        "text",
        [
            *("2026-13-02", "2026-00-02", "2026-11-32", "2026-11-00"),
            *("13/13/2026", "32/12/2026", "12/32/2026", "0/12/2026", "12/0/2026", "0/0/2026"),
            *("13/2027", "0/2027", "2027-13", "2027-00", "1.2.3.2026", "5/2/11/2026"),
        ],
    )
    def test_are_numbers_where_there_is_no_such_day(self, text: str) -> None:
        assert not any("date" in claimed for claimed in claims(text))

    def test_prove_no_year_that_is_not_written(self) -> None:
        for written in ("3/2027", "2027-03", "2027-03-04"):
            years = {proof for proof in proofs(written) if proof.startswith("year")}
            assert years == {"year 2027"}, written
        assert {"year 2011", "year 2012", "number 12"} < proofs("2011-12")
        assert "number 2" in proofs("2/2569")


class TestDatesWithNames:
    @pytest.mark.parametrize(
        ("text", "claimed"),
        [
            ("2 November 2026", "date 2026 11 2"),
            ("2nd of NOVEMBER, 2026", "date 2026 11 2"),
            ("31 January", "date - 1 31"),
            ("1 Dec.", "date - 12 1"),
            ("5 sept 2026", "date 2026 9 5"),
            ("November 2, 2569", "date 2026 11 2"),
            ("November 2026", "date 2026 11 -"),
            ("2026 November 5", "date 2026 11 5"),
            ("2026 November", "date 2026 11 -"),
            # Some days of one month.
            ("2-5 November", "date - 11 2 + date - 11 5"),
            ("November 2 to 5, 2026", "date 2026 11 2 + date 2026 11 5"),
            ("11月2日至5日", "date - 11 2 + date - 11 5"),
            # Eras, and years of two digits.
            ("5 May AD 2026", "date 2026 5 5"),
            ("5 พ.ค. พ.ศ. 2569", "date 2026 5 5"),
            ("พฤษภาคม พ.ศ. 2300", "date 1757 5 -"),
            ("พฤษภาคม ค.ศ. 2500", "date 2500 5 -"),
            ("2 พ.ย. 69", "date 2026 11 2 / date 2069 11 2"),
            ("พ.ย. 00", "date 1957 11 - / date 2000 11 -"),
            # Months by their numbers.
            ("2026年11月2日", "date 2026 11 2"),
            ("2026年1月", "date 2026 1 -"),
            ("12月", "month 12"),
            ("၁၂ လပိုင်း", "month 12"),
            ("၁ လပိုင်း", "month 1"),
        ],
    )
    def test_claim_what_they_say_and_no_more(self, text: str, claimed: str) -> None:
        assert claims(text) == [claimed]
        assert claims(f"({text})") == [claimed]

    @pytest.mark.parametrize(
        "text",
        [
            *("0 November", "32 November", "2-32 November", "0-2 November", "November 32", "13月"),
            *(
                "0月",
                "13 လပိုင်း",
                "11月32日",
                "a2 November",
                "1.2 November",
                "5 Novembers",
                "5 day",
                "nay 5",
            ),
        ],
    )
    def test_are_none_where_there_is_no_such_day(self, text: str) -> None:
        assert not any("date" in claimed or "month" in claimed for claimed in claims(text))

    def test_are_found_whatever_else_is_in_the_text(self) -> None:
        """Only the patterns of what a text is made of are tried."""
        for written in ("2 November 2026", "2 พ.ย. 2569", "၂ နိုဝင်ဘာ ၂၀၂၆", "2026年11月2日"):
            assert is_supported(written, "It begins on 2026-11-02."), written
            assert not is_supported(written, "It begins on 2026-11-03; 2 in 2026."), written

    def test_of_a_fact_that_names_the_year_elsewhere_are_in_that_year(self) -> None:
        fact = "For 2026 and for 2028: by 15 March; closed in May."

        for answer in ("15 March 2026", "15 March 2028", "15 March"):
            assert is_supported(answer, fact), answer
        for answer in ("15 March 2027", "15 May 2026", "16 March 2026", "14 March", "April 2026"):
            assert not is_supported(answer, fact), answer
        assert not is_supported("15 March 2028", "Since 2028. Open on 15 March 2026.")
        assert not is_supported("15 March 2027", "By 15 March at most 2,027 may apply.")


class TestDateAtoms:
    def test_prove_the_date_and_each_part_of_it(self) -> None:
        assert set(date_atoms(2026, 11, 2)) == {
            *(("date", 2026, 11, 2), ("date", 2026, 11, None), ("date", None, 11, 2)),
            *(("month", 11), ("day", 2), ("year", 2026), ("number", 2026)),
        }
        assert set(date_atoms(2026, 11, None)) == {
            *(("date", 2026, 11, None), ("month", 11), ("year", 2026), ("number", 2026)),
        }
        assert set(date_atoms(None, 11, 2)) == {
            *(("date", None, 11, 2), ("undated", 11, 2), ("month", 11), ("day", 2)),
        }
        assert ("undated", 11, None) not in date_atoms(None, 11, None)


class TestEras:
    @pytest.mark.parametrize(
        ("year", "era", "common"),
        [
            *((2399, None, 2399), (2400, None, 1857), (2569, None, 2026), (1990, None, 1990)),
            *((2300, "พ.ศ.", 1757), (2300, "B.E.", 1757), (2533, "be", 1990), (2533, "佛历", 1990)),
            *((2533, "ค.ศ.", 2533), (2533, "A.D.", 2533), (2533, "CE", 2533), (2533, "公元", 2533)),
        ],
    )
    def test_are_told_by_their_mark_or_by_the_year(
        self, year: int, era: str | None, common: int
    ) -> None:
        assert common_year(year, era) == common
        assert era is None or is_buddhist(era) == (common != year)


class TestEitherCase:
    def test_finds_words_in_three_ways_of_writing_the_longest_first(self) -> None:
        pattern = re.compile(either_case(["may", "mayor", "one"]))

        for word in ("may", "May", "MAY", "mayor", "Mayor", "MAYOR", "one", "One", "ONE"):
            found = pattern.match(word)
            assert found is not None
            assert found[0] == word
        for word in ("mAy", "nay", "ne", "O", ""):
            assert pattern.fullmatch(word) is None, word
