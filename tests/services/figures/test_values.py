"""What digits with separators may mean, the likeliest first, and how a value is kept."""

from decimal import Decimal

import pytest

from backend.services.figures.figure import Value, to_value
from backend.services.figures.values import LONGEST_NUMBER, readings_of

LONGEST = "7" * LONGEST_NUMBER


class TestReadingsOf:
    @pytest.mark.parametrize(
        ("raw", "scale", "readings"),
        [
            ("0", 1, [(0,)]),
            ("007", 1, [(7,)]),
            ("7", 1_000, [(7_000,)]),
            ("1,234", 1, [(1_234,)]),
            ("1,234,567", 1_000, [(1_234_567_000,)]),
            ("1,000", 1, [(1_000,)]),
            # Thousands of other countries.
            ("1.234.567", 1, [(1_234_567,)]),
            ("1'234", 1, [(1_234,)]),
            ("1 000", 1, [(1_000,)]),
            ("1,12,000", 1, [(112_000,)]),
            # Decimals.
            ("2.5", 1, [("2.5",)]),
            ("2.50", 1, [("2.5",)]),
            ("2.5", 1_000, [(2_500,)]),
            ("0.112", 1_000_000, [(112_000,)]),
            ("1,234.5", 1, [("1234.5",)]),
            ("1,000.00", 1, [(1_000,)]),
            # Three digits after a point are either; three zeros, or any with a scale, one of both.
            ("112.500", 1, [("112.5",), (112_500,)]),
            ("112.000", 1, [(112_000,)]),
            ("1.125", 1_000, [(1_125,)]),
            ("112.000", 1_000, [(112_000,)]),
            ("0.125", 1, [("0.125",)]),
            # After a comma, two decimals at most.
            ("1.234,5", 1, [("1234.5",), (12_345,)]),
            ("1.234,56", 1, [("1234.56",), (123_456,)]),
            ("1.234,567", 1, [(1_234_567,)]),
            # A row of numbers lacks its spaces; the scale is that of the last.
            ("1,5", 1, [("1.5",), (15,), (1, 5)]),
            ("1,5", 1_000, [(1_500,), (15_000,), (1, 5_000)]),
            ("12,34", 1, [("12.34",), (1_234,), (12, 34)]),
            ("2,3,500", 1, [(23_500,), (2, 3, 500)]),
            ("3728,3729", 1, [(37_283_729,), (3_728, 3_729)]),
            ("12 345", 1, [(12_345,), (12, 345)]),
            ("1,234 567", 1, [(1_234_567,), (1, 234, 567)]),
            # But not of what begins with a zero, has five digits, or a point.
            ("2,03", 1, [("2.03",), (203,)]),
            ("0,5", 1, [("0.5",), (5,)]),
            ("12345,6", 1, [("12345.6",), (123_456,)]),
            ("6,12345", 1, [(612_345,)]),
            ("1.2.3", 1, [(123,)]),
        ],
    )
    def test_tells_all_that_may_be_meant(
        self, raw: str, scale: int, readings: list[tuple[Value, ...]]
    ) -> None:
        assert readings_of(raw, scale) == readings

    @pytest.mark.parametrize(
        ("raw", "readings"),
        [
            (LONGEST, [(int(LONGEST),)]),
            (LONGEST + "7", [(LONGEST + "7",)]),
            # Of separators there may be as many.
            (f"{'7,' * 23}7", [(int(LONGEST),), (7,) * 24]),
            (f"{'7,' * 22}77,7", [(*[7] * 22, 77, 7)]),
            (f"{'7,' * 24}7", [(f"{'7,' * 24}7",)]),
            (f"{'777.' * 7}777", [(int(LONGEST),)]),
            (f"7.{'777.' * 7}777", [(f"7.{'777.' * 7}777",)]),
            # A row of numbers, each of them short enough.
            (f"{'7777,' * 6}7", [(*[7_777] * 6, 7)]),
        ],
    )
    def test_compares_what_is_too_long_as_it_is_written(
        self, raw: str, readings: list[tuple[Value, ...]]
    ) -> None:
        assert readings_of(raw, 1) == readings


class TestToValue:
    @pytest.mark.parametrize(
        ("number", "value"),
        [("2", 2), ("2.0", 2), ("2e3", 2_000), ("0.0", 0), ("2.50", "2.5"), ("0.050", "0.05")],
    )
    def test_keeps_whole_numbers_whole_and_others_short(self, number: str, value: Value) -> None:
        kept = to_value(Decimal(number))

        assert kept == value
        assert type(kept) is type(value)
