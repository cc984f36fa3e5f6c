"""Times of day, in minutes after midnight."""

import re
from collections.abc import Iterator
from typing import Final

from backend.services.figures.figure import Atom, Figure, Reading, extract
from backend.services.figures.signs import Signs

_DIGITAL: Final = re.compile(
    r"(?P<hour>[0-9][0-9]?):(?P<minute>[0-5][0-9])(?::[0-5][0-9])?(?![0-9:])"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)
_HALVES: Final = re.compile(
    r"(?P<hour>[0-9][0-9]?)(?:\.(?P<minute>[0-5][0-9]))? ?(?P<half>[ap])\.?m\b\.?",
    re.IGNORECASE,
)
_THAI: Final = re.compile(
    r"(?P<hour>[0-9][0-9]?)(?:"
    r"(?:\.(?P<minute>[0-5][0-9]))?(?: ?- ?(?P<hour2>[01]?[0-9]|2[0-4])\.(?P<minute2>[0-5][0-9]))?"
    r" ?(?:น\.|น(?![\u0e00-\u0e7f])|นาฬิกา)| ?(?P<word>โมงเช้า|โมงเย็น|โมง|ทุ่ม))"
)
_CHINESE: Final = re.compile(
    r"(?:(?P<part>上午|早上|清晨|下午|晚上|傍晚|中午) ?)?(?<![0-9.,])(?P<hour>[01]?[0-9]|2[0-4]) ?"
    r"(?:[点點时時](?![0-9]*[名个])|(?(part):(?=[0-5][0-9])|(?!)))(?P<minute>[0-5][0-9]|半)?分?"
)
_BURMESE: Final = re.compile(
    r"(?P<part>မနက်|နံနက်|ညနေ|နေ့လယ်|ည) ?(?P<hour>[01]?[0-9]|2[0-4])(?::(?P<minute>[0-5][0-9]))?"
    r" ?နာရီ"
)
_HALF_DAYS: Final = frozenset({"am", "pm", "m"})
_EVENING: Final = frozenset({"下午", "晚上", "傍晚", "ညနေ", "ည", "p", "P"})
_MORNING: Final = frozenset({"上午", "早上", "清晨", "မနက်", "နံနက်", "a", "A"})

# The hour from which each of these counts.
_THAI_HOURS: Final = {"ทุ่ม": 18, "โมงเย็น": 12}


def read_times(text: str, figures: list[Figure], signs: Signs) -> str:
    """Read and mask times of day."""
    scripts = ((signs.thai, _THAI), (signs.chinese, _CHINESE), (signs.burmese, _BURMESE))
    patterns = [pattern for present, pattern in scripts if present]
    patterns.append(_DIGITAL)
    if not signs.words.isdisjoint(_HALF_DAYS):
        patterns.append(_HALVES)
    for pattern in patterns:
        text = extract(pattern, text, figures, _time, not_after="0123456789:.,")
    return text


def _time(found: re.Match[str]) -> Figure | None:
    parts = found.groupdict()
    if int(parts["hour"]) > 24:
        return None
    minute = 30 if parts.get("minute") == "半" else int(parts.get("minute") or 0)
    gives = [_at(hour, minute) for hour in _hours(parts)]
    needs: list[Reading] = [(moment,) for moment in gives]
    if parts.get("hour2") is not None:
        end = _at(int(parts["hour2"]), int(parts["minute2"]))
        needs = [(moment, end) for moment in gives]
        gives.append(end)
    return Figure(found.start(), found.end(), tuple(needs), tuple(gives))


def _at(hour: int, minute: int) -> Atom:
    return ("time", hour * 60 + minute)


def _hours(parts: dict[str, str]) -> Iterator[int]:
    """The hours of the day that may be meant; one where the writing leaves no doubt."""
    hour = int(parts["hour"])
    part = parts.get("half") or parts.get("part")
    word = parts.get("word")
    if word is not None:
        yield from _thai_hours(hour, word)
    elif part in _EVENING:
        yield hour + 12 if hour < 12 else hour
    elif part in _MORNING:
        yield 0 if hour == 12 else hour
    else:
        yield hour
        if 0 < hour < 12 and not _two_digits(parts):
            yield hour + 12


def _two_digits(parts: dict[str, str]) -> bool:
    return parts["hour"].startswith("0")


def _thai_hours(hour: int, word: str) -> Iterator[int]:
    yield hour + _THAI_HOURS.get(word, 0)
    if word == "โมง" and hour < 6:
        yield hour + 12
