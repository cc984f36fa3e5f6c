"""Tests of `backend/core/json_text.py`."""

import json

import pytest

from backend.core.json_text import NotJson, read_json, write_json

VALUES: tuple[object, ...] = (
    {"text": "ค่าเล่าเรียน 学费 ကျောင်းလခ 🎓", "list": [1, 2.5, True, None, {}]},
    'quotes " and \\ and \x00\x1f\x7f\u2028 and </script>',
    {"nested": {"deeper": ["", []]}},
    1e300,
)


class TestReading:
    @pytest.mark.parametrize("text", ["[NaN]", "[Infinity]", "[-Infinity]", "[1e999]", "-1e400"])
    def test_refuses_what_only_python_takes(self, text: str) -> None:
        with pytest.raises(NotJson):
            read_json(text)

    @pytest.mark.parametrize("text", ["", "{", "[1,]", "'a'", "9" * 5_000])
    def test_refuses_what_is_no_json(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            read_json(text)

    def test_gives_the_value(self) -> None:
        assert read_json('{"a": [1, 1.5e3, "ไทย"]}'.encode()) == {"a": [1, 1500.0, "ไทย"]}


class TestWriting:
    @pytest.mark.parametrize("value", VALUES)
    def test_is_what_json_says(self, value: object) -> None:
        assert json.loads(write_json(value)) == value

    def test_is_compact_and_keeps_letters_as_they_are(self) -> None:
        assert write_json({"a": ["ไทย", 1]}) == '{"a":["ไทย",1]}'.encode()

    def test_a_line_break_is_escaped(self) -> None:
        assert b"\n" not in write_json("one\ntwo\r\nthree")

    def test_half_a_surrogate_pair_becomes_a_question_mark(self) -> None:
        assert write_json({"text": "half \ud83d, ไทย"}) == '{"text":"half ?, ไทย"}'.encode()
