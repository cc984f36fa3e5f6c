"""Messages that ask for no fact."""

import pytest

from backend.services.knowledge.memo import Memo
from backend.services.knowledge.small_talk import SmallTalk, read_small_talk
from backend.services.knowledge.version import version_of

GREETING, THANKS = SmallTalk.GREETING, SmallTalk.THANKS
FAREWELL, IDENTITY = SmallTalk.FAREWELL, SmallTalk.IDENTITY


class TestSmallTalk:
    @pytest.mark.parametrize(
        ("message", "kind"),
        [
            ("hi", GREETING),
            ("  HELLO!! ", GREETING),
            ("hello there", GREETING),
            ("hello, AU GURU", GREETING),
            ("สวัสดีครับ", GREETING),
            ("你好呀", GREETING),
            ("Good morning", GREETING),
            ("thank you so much, sir", THANKS),
            ("ขอบคุณค่ะ", THANKS),
            ("bye bye", FAREWELL),
            ("再见", FAREWELL),
            ("Who are you?", IDENTITY),
            ("help me please", IDENTITY),
            ("hi. who are you?", IDENTITY),
            ("thanks! bye!", FAREWELL),
            ("hello. thank you. ", THANKS),
            ("hi! how much is it?", None),
            ("how much is it? thanks", None),
            ("hi fee", None),
            ("there", None),
            ("?", None),
            ("", None),
            ("hi! " * 20, GREETING),
            ("hi! " * 20 + "!", None),
        ],
    )
    def test_is_told_from_questions(self, message: str, kind: SmallTalk | None) -> None:
        assert read_small_talk(message) == kind


class TestMemo:
    def test_keeps_as_many_results_as_it_is_told_then_starts_anew(self) -> None:
        memo = Memo[str, int](2)

        assert [memo.keep(key, value) for key, value in (("a", 1), ("b", 2))] == [1, 2]
        assert memo == {"a": 1, "b": 2}
        assert memo.keep("c", 3) == 3
        assert memo == {"c": 3}


def test_versions_are_of_the_content_however_it_is_written() -> None:
    one = version_of({"a": 1, "b": ["ค่า", None]})

    assert one == version_of({"b": ["ค่า", None], "a": 1})
    assert len({one, version_of({"a": 1}), version_of({"a": "1"}), version_of([])}) == 4
    assert len(one) == 32
    assert set(one) <= set("0123456789abcdef")
