"""What a number with its separators may mean."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from backend.services.figures.figure import Value, to_value

LONGEST_NUMBER: Final = 24
"""Digits; anything longer is no number and only compared as it is written."""

_GROUPED: Final = re.compile(r"[1-9][0-9]{0,2}(?:([,. '])[0-9]{3})(?:\1[0-9]{3})*")
_COMMAS: Final = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_MIXED: Final = re.compile(r"([0-9]{1,3}(?:([,.'])[0-9]{3})(?:\2[0-9]{3})*|[0-9]+)([.,])([0-9]+)")
_SEPARATORS: Final = re.compile(r"[,.' ]")


def readings_of(raw: str, scale: int) -> list[tuple[Value, ...]]:
    """What a number may mean by itself; the first is the likeliest."""
    if len(raw) > LONGEST_NUMBER * 2 or (raw.isdigit() and len(raw) > LONGEST_NUMBER):
        return [(raw,)]
    if raw.isdigit():
        return [(int(raw) * scale,)]
    if "," in raw and _COMMAS.fullmatch(raw):
        return [(int(raw.replace(",", "")) * scale,)]
    values = list(dict.fromkeys(to_value(number * scale) for number in _separated(raw, scale)))
    readings: list[tuple[Value, ...]] = [(value,) for value in values]
    if not _GROUPED.fullmatch(raw) or " " in raw:
        parts = _SEPARATORS.split(raw)
        if "." not in raw and all(len(part) < 5 and part[0] != "0" for part in parts):
            last = int(parts[-1]) * scale
            readings.append((*map(int, parts[:-1]), last))
    return readings or [(raw,)]


def _separated(raw: str, scale: int) -> Iterator[Decimal]:
    """A number with separators: thousands, decimals, either of which people write both ways."""
    joined = _SEPARATORS.sub("", raw)
    if len(joined) > LONGEST_NUMBER:
        return
    if raw.count(".") == 1 and "," not in raw and " " not in raw and "'" not in raw:
        thousands = scale == 1 and _GROUPED.fullmatch(raw) is not None
        if not thousands or not raw.endswith(".000"):
            yield Decimal(raw)
        if thousands:
            yield Decimal(joined)
        return
    mixed = _MIXED.fullmatch(raw)
    if mixed is not None and not _GROUPED.fullmatch(raw):
        whole, _, mark, rest = mixed.groups()
        if mark == "." or len(rest) < 3:
            yield Decimal(f"{_SEPARATORS.sub('', whole)}.{rest}")
            if mark == ".":
                return
    yield Decimal(joined)
