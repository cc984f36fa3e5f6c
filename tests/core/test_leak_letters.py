"""What texts come down to before they are compared."""

import pytest

from backend.core.leak import letters_of, spellings


class TestLettersOf:
    @pytest.mark.parametrize(
        ("text", "letters"),
        [
            ("A-b, c!", b"abc"),
            ("1\u2024 \u201cCall\u201d", b"icaii"),
            ("ﬁt", b"fit"),
            ("aกb", b"a\0\0\0b"),
            ("Éа0145", b"eaoias"),
            ("a\ud800b", b"ab"),
            ("é\ud800b", b"eb"),
            ("学a。👩‍🎓b", b"\0\0\0ab"),
            ("é学", b"e\0"),
            ("", b""),
        ],
    )
    def test_gives_what_is_compared(self, text: str, letters: bytes) -> None:
        assert letters_of(text) == letters


class TestSpellings:
    def test_are_to_and_fro_and_turned_by_thirteen(self) -> None:
        assert list(spellings(["Ab, c."])) == [b"abc", b"cba", b"nop", b"pon"]

    def test_are_with_the_numbers_of_a_list_and_without(self) -> None:
        assert list(spellings(["2. No\n13. So 4"]))[::4] == [b"2noiesoa", b"nosoa"]

    def test_are_those_of_each_text(self) -> None:
        assert [letters for letters in spellings(["ab", "c"]) if letters in {b"ab", b"c"}] == [
            b"ab",
            b"c",
            b"c",
        ]
