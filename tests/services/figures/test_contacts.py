"""Which links, addresses, phone numbers and codes are the same."""

import pytest

from backend.services.figures import Evidence, find_unsupported
from backend.services.figures.contacts import to_phone
from tests.services.figures.conftest import claims, proofs


class TestLinks:
    @pytest.mark.parametrize(
        ("text", "link", "above"),
        [
            ("https://www.au.edu", "au.edu", ""),
            ("http://AU.edu/.", "au.edu", ""),
            ("www.au.edu/a/b/", "au.edu/a/b", "au.edu au.edu/a"),
            ("au.edu/a//b?x=1&amp;y=2", "au.edu/a/b?x=1&y=2", "au.edu au.edu/a au.edu/a/b"),
            ("https://a.au.edu/?q=1?2", "a.au.edu?q=1?2", "a.au.edu"),
            ("au.edu/a#part?x#more", "au.edu/a", "au.edu"),
            ("https://au.edu/%e0%b8%81/b", "au.edu/ก/b", "au.edu au.edu/ก"),
            ("ftp://au.edu/a", "au.edu/a", "au.edu"),
            ("http://127.0.0.1:8000/a", "127.0.0.1:8000/a", "127.0.0.1:8000"),
        ],
    )
    def test_prove_themselves_and_what_is_above_them(
        self, text: str, link: str, above: str
    ) -> None:
        assert claims(text) == [f"link {link}"]
        assert claims(f"({text})") == [f"link {link}"]
        assert proofs(text) == {f"link {one}" for one in (*above.split(), link)}

    @pytest.mark.parametrize("text", ["in Bangkok.It is", "e.g. so", "1.5", "Ph.D."])
    def test_are_not_seen_where_a_space_is_missing(self, text: str) -> None:
        assert not any("link" in claimed for claimed in claims(text))

    def test_of_mail_are_told_whatever_their_case(self) -> None:
        assert claims("Write to Info@AU.edu.") == ["email info@au.edu"]
        assert proofs("info@au.edu") == {"email info@au.edu"}


class TestToPhone:
    @pytest.mark.parametrize(
        ("written", "number"),
        [
            ("+66 2 719 1919", "27191919"),
            ("0066 (0)2-719.1919", "27191919"),
            ("02 719 1919", "27191919"),
            ("66 81 234 5678", "812345678"),
            ("2 719 1919", "27191919"),
            # A number that only begins like the country code.
            ("6612345678", "12345678"),
            ("661234567", "661234567"),
            ("066 123 4567", "661234567"),
            ("+1 415 555 2671", "14155552671"),
        ],
    )
    def test_leaves_marks_country_and_leading_zero_out(self, written: str, number: str) -> None:
        assert to_phone(written) == number


class TestPhones:
    @pytest.mark.parametrize(
        ("text", "claimed"),
        [
            ("02-719-1919", "phone 27191919"),
            ("(02) 719-1919", "phone 27191919"),
            ("+1 415 555 2671", "phone 14155552671"),
            ("66 2 719 1919", "phone 27191919"),
            ("081 234 5678", "phone 812345678"),
            # Without a zero it may be some numbers.
            ("2 719 1919", "phone 27191919 / number 2 + number 719 + number 1919"),
            ("9-1234-5678", "phone 912345678 / number 9 + number 1234 + number 5678"),
            ("6 719 1919", "phone 67191919 / number 6 + number 719 + number 1919"),
        ],
    )
    def test_claim_a_number_whatever_parts_it(self, text: str, claimed: str) -> None:
        assert claims(text) == [claimed]
        assert proofs(text) == {claimed.partition(" / ")[0]}

    def test_leave_a_bracket_that_is_not_closed(self) -> None:

        assert find_unsupported("(02 719 1919 or so)", Evidence([])) == ["02 719 1919"]
        assert find_unsupported("Call (02) 719 1919", Evidence([])) == ["(02) 719 1919"]


class TestCodes:
    @pytest.mark.parametrize(
        ("text", "claimed"),
        [
            ("SM115", "code sm115"),
            ("sm115b", "code sm115"),
            ("BG0706", "code bg706"),
            ("A1.5", "code a1.5"),
            # A longer word may lack its space.
            ("ABC12", "code abc12 / number 12"),
            ("Grade12", "code grade12 / number 12"),
            ("592/3", "code 592/3"),
            ("100/12", "code 100/12"),
            ("A" + "7" * 24, "code a" + "7" * 24),
            # No codes: money, a number too long, fractions.
            ("THB500", "money 500 THB"),
            ("b5", "number 5"),
            ("A" + "7" * 25, "number " + "7" * 25),
        ],
    )
    def test_are_told_with_their_letters(self, text: str, claimed: str) -> None:
        assert claims(text) == [claimed]

    @pytest.mark.parametrize("text", ["92/3", "592/3/4", "592/345", "1.592/3"])
    def test_are_no_fractions(self, text: str) -> None:
        assert not any(claimed.startswith("code") for claimed in claims(text))
