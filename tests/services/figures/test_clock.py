"""What hour is meant by a writing, and where there is a doubt, which two."""

import pytest

from tests.services.figures.conftest import claims, proofs


class TestHours:
    @pytest.mark.parametrize(
        ("text", "times"),
        [
            # Up to eleven without a zero it may be afternoon.
            ("0:15", ["0:15"]),
            ("1:00", ["1:00", "13:00"]),
            ("8:30", ["8:30", "20:30"]),
            ("11:15", ["11:15", "23:15"]),
            ("12:15", ["12:15"]),
            ("13:15", ["13:15"]),
            ("08:30", ["8:30"]),
            ("24:00", ["24:00"]),
            ("16:00:30", ["16:00"]),
            # Halves of the day.
            ("12 am", ["0:00"]),
            ("1 am", ["1:00"]),
            ("11.59 A.M.", ["11:59"]),
            ("12 pm", ["12:00"]),
            ("1 pm", ["13:00"]),
            ("11.59 p.m.", ["23:59"]),
            ("8:30 PM", ["20:30"]),
            ("13:30 pm", ["13:30"]),
            ("13:30 am", ["13:30"]),
            # Thai counts the hours of the evening anew.
            ("8 น.", ["8:00", "20:00"]),
            ("08.30 น.", ["8:30"]),
            ("12 นาฬิกา", ["12:00"]),
            ("1 โมง", ["1:00", "13:00"]),
            ("5 โมง", ["5:00", "17:00"]),
            ("6 โมง", ["6:00"]),
            ("7 โมงเช้า", ["7:00"]),
            ("5 โมงเช้า", ["5:00"]),
            ("5 โมงเย็น", ["17:00"]),
            ("1 ทุ่ม", ["19:00"]),
            ("5 ทุ่ม", ["23:00"]),
            # Chinese and Burmese name the part of the day.
            ("8点", ["8:00", "20:00"]),
            ("12点", ["12:00"]),
            ("早上8点", ["8:00"]),
            ("上午8点半", ["8:30"]),
            ("上午12点", ["0:00"]),
            ("下午1点05分", ["13:05"]),
            ("下午12点", ["12:00"]),
            ("晚上11點", ["23:00"]),
            ("晚上21时", ["21:00"]),
            ("မနက် ၈ နာရီ", ["8:00"]),
            ("နံနက် ၈:၃၀ နာရီ", ["8:30"]),
            ("ညနေ ၄ နာရီ", ["16:00"]),
            ("ည ၁၂ နာရီ", ["12:00"]),
        ],
    )
    def test_are_those_that_people_mean(self, text: str, times: list[str]) -> None:
        expected = [f"time {_minutes(time)}" for time in times]

        assert claims(text) == [" / ".join(expected)]
        assert proofs(text) == set(expected)

    @pytest.mark.parametrize(
        ("text", "starts", "end"),
        [
            ("08.30-16.15 น.", ["8:30"], "16:15"),
            ("9-12.00 น.", ["9:00", "21:00"], "12:00"),
            ("9.30 - 24.00 น.", ["9:30", "21:30"], "24:00"),
        ],
    )
    def test_of_a_span_in_thai_are_both_its_ends(
        self, text: str, starts: list[str], end: str
    ) -> None:
        first, last = [f"time {_minutes(one)}" for one in starts], f"time {_minutes(end)}"

        assert claims(text) == [" / ".join(f"{one} + {last}" for one in first)]
        assert proofs(text) == {*first, last}

    @pytest.mark.parametrize(
        "text",
        ["25:00", "25 น.", "25-26 น.", "99 pm", "8:60", "5:8:30:1", "18:30:5", "1.8:30"],
    )
    def test_are_none_where_there_is_no_such_time(self, text: str) -> None:
        assert not any("time" in claimed for claimed in claims(text))

    def test_are_found_at_the_start_whatever_ends_the_text(self) -> None:
        """The last character stands before nothing."""
        assert claims("8:30 to 5")[0] == "time 510 / time 1230"
        assert claims("02-719-1919 or 5")[0] == "phone 27191919"

    def test_of_one_script_are_not_read_by_the_rules_of_another(self) -> None:
        for open_at in ("Open {}", "เปิด {}", "ဖွင့် {}", "开门 {}"):
            assert claims(open_at.format("8:30 pm")) == ["time 1230"], open_at
            assert claims(open_at.format("16:00:30")) == ["time 960"], open_at
            assert claims(open_at.format("8:30")) == ["time 510 / time 1230"], open_at


def _minutes(time: str) -> int:
    hour, minute = time.split(":")
    return int(hour) * 60 + int(minute)
