"""The model's words as plain text, whole and in pieces."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.answer_text import PlainText


def cleaned(*pieces: str) -> str:
    plain = PlainText()
    return "".join([plain.feed(piece) for piece in pieces]) + plain.finish()


class TestPlainText:
    @pytest.mark.parametrize(
        ("text", "plain"),
        [
            ("<script>alert(1)</script>", "< script>alert(1)< /script>"),
            ("<img src=x onerror=y>", "< img src=x onerror=y>"),
            ("<\u200bscript>", "< script>"),
            ("<!-- x -->", "< !-- x -->"),
            ("[au](javascript:alert(1))", "[au] (javascript:alert(1))"),
            ("![x](https://evil.example/?q=1)", "![x] (https://evil.example/?q=1)"),
            ("[x]\u202e(data:text/html,hi)", "[x] (data:text/html,hi)"),
            ("[1]: https://evil.example", "[1] : https://evil.example"),
            ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
            ("a\x00\x07\x1b[31mb\x9bc", "a[31mbc"),
            ("1\u202e2\u2066\u20693\ufeff\u200b4", "1234"),
            ("a\u200db\u200cc", "abc"),
            ("hi\U000e0068\U000e0069", "hi"),
        ],
    )
    def test_neutralises_what_is_more_than_text(self, text: str, plain: str) -> None:
        assert cleaned(text) == plain

    @pytest.mark.parametrize(
        "text",
        [
            "GPA < 2.00, x <3 and a > b",
            "Facts [1][2] (see [3])",
            "👩‍🎓 👨‍👩‍👧 ❤️‍🔥",
            "မြန်မာ\u200cစာ ကျောင်း\u200dလခ",
            "ค่าเทอม\tน้ำ",
            "学费：112,000 泰铢",
            "• one\n• two",
        ],
    )
    def test_leaves_all_else_as_it_is(self, text: str) -> None:
        assert cleaned(text) == text

    def test_keeps_a_joiner_that_a_hidden_mark_follows_at_a_cut(self) -> None:
        assert cleaned("ก\u200c\u202e", "ก") == cleaned("ก\u200c\u202eก") == "ก\u200cก"

    @settings(deadline=None)  # the machine may be busy
    @given(
        st.lists(st.text(alphabet="a1<]([:!\r\n\u200b\u200d\u200c👩ကก\u202e/") | st.text()),
    )
    def test_is_the_same_however_it_is_cut(self, pieces: list[str]) -> None:
        whole = "".join(pieces)
        assert cleaned(*pieces) == cleaned(*whole) == cleaned(whole)
        assert cleaned(cleaned(whole)) == cleaned(whole)
