"""Every name of a month, years of two digits, and the hours of four languages."""

from itertools import chain
from typing import Final

import pytest

from tests.services.figures.test_words_and_digits import is_supported

MONTHS: Final = (
    "January February March April May June July August September October November December",
    "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER",
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    "มกรา กุมภา มีนา เมษา พฤษภา มิถุนา กรกฎา สิงหา กันยา ตุลา พฤศจิกา ธันวา",
    "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.",
    "ဇန်နဝါရီ ဖေဖော်ဝါရီ မတ် ဧပြီ မေ ဇွန် ဇူလိုင် ဩဂုတ် စက်တင်ဘာ အောက်တိုဘာ နိုဝင်ဘာ ဒီဇင်ဘာ",
)
TIMES: Final = {
    "00:00": "12 am · 12:00 a.m. · 00:00 · 0.00 น.",
    "00:30": "12:30 am · 12.30 a.m. · 00:30 · 0.30 น.",
    "06:00": "6 am · 6 โมงเช้า · 早上6点 · 清晨6點 · မနက် ၆ နာရီ · 06.00 น.",
    "08:30": "8:30 a.m. · 08.30 น. · 上午8点半 · 上午8:30 · 8.30 · နံနက် ၈:၃၀ နာရီ · 8:30",
    "12:00": "12 pm · 12 p.m. · 12:00 · 12.00 น. · 中午12点 · နေ့လယ် ၁၂ နာရီ · 12 นาฬิกา",
    "13:45": "1:45 pm · 下午1点45分 · 13.45 น. · 1:45",
    "14:00": "2 pm · 2 โมง · 下午2点 · 14 น. · 14时",
    "16:00": "4 pm · 4 โมงเย็น · 16:00:00 · 下午4點 · ညနေ ၄ နာရီ",
    "21:00": "9 pm · 3 ทุ่ม · 晚上9点 · 晚上21点 · ည ၉ နာရီ · 21.00 น.",
    "24:00": "24:00 · 24.00 น. · 24时",
}


def months() -> list[tuple[str, int]]:
    rows = (enumerate(row.split(), 1) for row in MONTHS)
    return [(month, place) for place, month in chain.from_iterable(rows)]


class TestMonths:
    @pytest.mark.parametrize(("month", "place"), months())
    def test_are_told_from_those_beside_them(self, month: str, place: int) -> None:
        for written in (f"{month} 2027", f"5 {month} 2027", f"2027 {month} 5", f"{month} 5, 2027"):
            for other in range(1, 13):
                fact = f"It begins on 2027-{other:02}-05."
                assert is_supported(written, fact) == (other == place), (written, other)

    def test_of_thirteen_there_is_none(self) -> None:
        assert not is_supported("2027-13-05", "It begins on 2027-12-05.")
        assert not is_supported("2027-00-05", "It begins on 2027-12-05.")


class TestYearsOfTwoDigits:
    @pytest.mark.parametrize("written", ["2 พ.ย. 26", "2 พ.ย. 69", "2/11/26", "2/11/69"])
    def test_are_of_this_century_in_either_era(self, written: str) -> None:
        assert is_supported(written, "It begins on 2026-11-02.")
        for other in ("2025", "2027", "1926", "2126"):
            assert not is_supported(written, f"It begins on {other}-11-02.")

    def test_prove_the_same_date_written_out(self) -> None:
        for fact in ("เริ่ม 2 พ.ย. 69", "เริ่ม 2/11/69", "เริ่ม 2 พ.ย. 26"):
            assert is_supported("2 November 2026", fact)
            assert not is_supported("2 November 2027", fact)


class TestTimes:
    @pytest.mark.parametrize("time", TIMES)
    def test_are_the_same_however_they_are_written(self, time: str) -> None:
        hour, minute = time.split(":")
        later = f"{(int(hour) + 1) % 24:02}:{minute}"
        for written in TIMES[time].split(" · "):
            assert is_supported(written, f"It opens at {time}."), written
            assert not is_supported(written, f"It opens at {later}."), written
            assert not is_supported(written, f"It opens at {hour}:{int(minute) + 1:02}."), written
