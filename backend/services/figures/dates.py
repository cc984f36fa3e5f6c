"""Dates in the ways of four languages and two eras."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from backend.services.figures.figure import Atom, Figure, Reading, extract
from backend.services.figures.signs import Signs

BUDDHIST_ERA: Final = 543
_FIRST_BUDDHIST_YEAR: Final = 2400


def either_case(words: Iterable[str]) -> str:
    """A pattern of words in lower case, capitals or with a capital at the beginning.

    It starts with a set of letters, which lets the search skip ahead: `IGNORECASE` does not.
    """
    known = dict.fromkeys(words)
    heads = "".join(sorted({word[0] for word in known}))
    rests = "|".join(sorted({word[1:] for word in known}, key=lambda rest: (-len(rest), rest)))
    return f"[{heads}{heads.upper()}](?:{rests}|{rests.upper()})"


_FULL_NAMES: Final = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_SHORT_NAMES: Final = (*(name[:3] for name in _FULL_NAMES), "sept")
_THAI: Final = (
    *(r"มกรา(?:คม)?|ม\.?ค\.?", r"กุมภา(?:พันธ์)?|ก\.?พ\.?", r"มีนา(?:คม)?|มี\.?ค\.?"),
    *(r"เมษา(?:ยน)?|เม\.?ย\.?", r"พฤษภา(?:คม)?|พ\.?ค\.?", r"มิถุนา(?:ยน)?|มิ\.?ย\.?"),
    *(r"กรกฎา(?:คม)?|ก\.?ค\.?", r"สิงหา(?:คม)?|ส\.?ค\.?", r"กันยา(?:ยน)?|ก\.?ย\.?"),
    *(r"ตุลา(?:คม)?|ต\.?ค\.?", r"พฤศจิกา(?:ยน)?|พ\.?ย\.?", r"ธันวา(?:คม)?|ธ\.?ค\.?"),
)
_BURMESE: Final = (
    *("ဇန်နဝါရီ|ဇန်နဝါရီလ", "ဖေဖော်ဝါရီ", "မတ်", "ဧပြီ", "မေ(?![\u102b-\u103e])", "ဇွန်", "ဇူလိုင်"),
    *("ဩဂုတ်|သြဂုတ်|ဩဂတ်", "စက်တင်ဘာ", "အောက်တိုဘာ", "နိုဝင်ဘာ", "ဒီဇင်ဘာ"),
)
_ASIAN_MONTHS: Final = tuple(
    re.compile(f"(?:{'|'.join(names)})") for names in zip(_THAI, _BURMESE, strict=True)
)
_LATIN_MONTH: Final = rf"{either_case((*_FULL_NAMES, *_SHORT_NAMES))}(?![A-Za-z])\.?"
_ASIAN_MONTH: Final = f"(?:{'|'.join((*_THAI, *_BURMESE))})လ?"
_LATIN_NAMES: Final = frozenset((*_FULL_NAMES, *_SHORT_NAMES))
_TO: Final = r" ?(?:-|~|to|and|&|ถึง|และ|至|到|မှ|နှင့်) ?"
_DAY: Final = r"[0-9][0-9]?(?:st|nd|rd|th)?"
_ERA: Final = r"(?:(?P<era>พ\.?ศ\.?|พุทธศักราช|ค\.?ศ\.?|B\.?E\.?|A\.?D\.?|C\.?E\.?) ?)?"
_YEAR: Final = rf"(?:ปี ?)?{_ERA}(?P<year>[12][0-9]{{3}})(?![0-9])"
_INSIDE_DATE: Final = re.compile("[0-9A-Za-z]|(?<=[0-9])[.,](?=[0-9])")


def _around(month: str, short_year: str) -> tuple[re.Pattern[str], ...]:
    """Day and month, year and month, month and day, month and year, with what stands around."""
    day_after = (
        rf"(?P<day>{_DAY})(?![0-9:]|[.,][0-9])"
        rf"(?:{_TO}(?P<last>{_DAY})(?![0-9:]|[.,][0-9]| ?(?:of )?(?:{month})))?(?: ?ရက်(?:နေ့)?)?"
    )
    return (
        re.compile(
            rf"(?P<day>{_DAY})(?:{_TO}(?P<last>{_DAY}))?(?: of)?[ -]?(?P<month>{month})"
            rf"(?:[, -]{{0,2}}(?:{_YEAR}{short_year}))?"
        ),
        re.compile(
            rf"(?P<year>[12][0-9]{{3}}) ?(?:ခုနှစ်|ခု)?[၊,]? ?(?P<month>{month})(?: ?{day_after})?"
        ),
        re.compile(rf"(?P<month>{month}) ?{day_after}(?:,? (?P<after>[12][0-9]{{3}})(?![0-9]))?"),
        re.compile(rf"(?P<month>{month})[, -]{{0,2}}(?:{_YEAR}{short_year})"),
    )


_LATIN: Final = _around(_LATIN_MONTH, "")
_ASIAN: Final = _around(_ASIAN_MONTH, r"|(?P<short>[0-9]{2})(?![0-9:]|[.,][0-9])")
_NAMED_MONTH: Final = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_ISO: Final = re.compile(
    r"(?P<year>[12][0-9]{3})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})"
    r"(?![0-9]|[/-][0-9])"
)
_NUMERIC: Final = re.compile(
    r"(?P<day>[0-9][0-9]?)([-/.])(?P<month>[0-9]{1,2})\2"
    r"(?P<year>[12][0-9]{3}|(?<=/)[0-9]{2})(?![0-9]|[/-][0-9])"
)
_MONTH_FIRST: Final = re.compile(r"(?P<month>[0-9][0-9]?)/(?P<year>[12][0-9]{3})(?![0-9/])")
_YEAR_FIRST: Final = re.compile(r"(?P<year>[12][0-9]{3})-(?P<month>0[1-9]|1[0-2])(?![0-9-])")
_CHINESE: Final = re.compile(
    r"(?:(?P<year>[12][0-9]{3}) ?年 ?)?(?<![0-9.])(?P<month>[01]?[0-9]) ?月(?:份)?"
    r"(?: ?(?P<day>[0-3]?[0-9]) ?[日号號]"
    r"(?: ?[-~至到] ?(?P<last>[0-3]?[0-9]) ?[日号號])?)?"
)
_BURMESE_MONTH: Final = re.compile(r"(?<![0-9])(?P<month>[01]?[0-9]) ?လပိုင်း")


def read_dates(text: str, figures: list[Figure], signs: Signs) -> str:
    """Read and mask dates; a year on its own is left for the numbers."""
    for pattern in (_ISO, _NUMERIC, _MONTH_FIRST, _YEAR_FIRST):
        text = extract(pattern, text, figures, _numeric, not_after="0123456789/.-+")
    patterns: list[re.Pattern[str]] = []
    if not signs.words.isdisjoint(_LATIN_NAMES):
        patterns += _LATIN
    if signs.thai or signs.burmese:
        patterns += _ASIAN
    if signs.chinese:
        patterns.append(_CHINESE)
    if signs.burmese:
        patterns.append(_BURMESE_MONTH)
    for pattern in patterns:
        text = extract(pattern, text, figures, _named)
    return text


def months_named(text: str) -> Iterator[Atom]:
    """The months that a fact names without a figure: "June to October"."""
    for found in _NAMED_MONTH.finditer(text):
        yield ("month", _month(found[0]))


def common_year(year: int, era: str | None = None) -> int:
    """A year in the common era; without a mark a year above 2400 is Buddhist."""
    if era is None:
        return year - BUDDHIST_ERA if year >= _FIRST_BUDDHIST_YEAR else year
    return year - BUDDHIST_ERA if is_buddhist(era) else year


def is_buddhist(era: str) -> bool:
    """Whether the mark of an era is that of the Buddhist one."""
    return era[0] in "พBb佛"


def date_atoms(year: int | None, month: int, day: int | None) -> tuple[Atom, ...]:
    """All that a date proves."""
    atoms: list[Atom] = [("month", month), ("date", year, month, day)]
    if year is not None:
        atoms += [("date", year, month, None), ("year", year), ("number", year)]
    elif day is not None:
        atoms.append(("undated", month, day))
    if day is not None:
        atoms += [("date", None, month, day), ("day", day)]
    return tuple(atoms)


def _numeric(found: re.Match[str]) -> Figure | None:
    parts = found.groupdict()
    month, year = int(parts["month"]), int(parts["year"])
    if "day" not in parts:
        if not 0 < month <= 12:
            return None
        return _month_of_year(found, common_year(year), month)
    day = int(parts["day"])
    years = [common_year(year)] if year > 99 else [2000 + year, 2500 + year - BUDDHIST_ERA]
    swapped = found.re is _NUMERIC
    pairs = [(day, month), (month, day)] if swapped else [(day, month)]
    dates = [(y, m, d) for y in years for d, m in pairs if 0 < m <= 12 and 0 < d <= 31]
    if not dates:
        return None
    gives = [atom for date in dates for atom in date_atoms(*date)]
    needs = tuple[Reading, ...]((("date", *date),) for date in dates)
    return Figure(found.start(), found.end(), needs, tuple(gives))


def _month_of_year(found: re.Match[str], year: int, month: int) -> Figure:
    """A month, or a term ("2/2569"), or two years of which the second is cut ("2011-12")."""
    needs: list[Reading] = [(("date", year, month, None),)]
    gives = [*date_atoms(year, month, None), ("number", month)]
    last = year // 100 * 100 + month
    if found.re is _MONTH_FIRST:
        needs.append((("number", month), ("year", year)))
    elif last > year:
        needs.append((("year", year), ("year", last)))
        gives.append(("year", last))
    return Figure(found.start(), found.end(), tuple(needs), tuple(gives))


def _named(found: re.Match[str]) -> Figure | None:
    parts = found.groupdict()
    month = _month(parts["month"])
    days = [_number(day) for key in ("day", "last") if (day := parts.get(key))]
    if found.start() and _INSIDE_DATE.match(found.string, found.start() - 1):
        return None
    if not 0 < month <= 12 or not all(0 < day <= 31 for day in days):
        return None
    years: list[int | None] = [*_years(parts)] or [None]
    named: list[int | None] = [*days] or [None]
    needs = tuple[Reading, ...](tuple(_claims(year, month, days)) for year in years)
    gives = [atom for year in years for day in named for atom in date_atoms(year, month, day)]
    return Figure(found.start(), found.end(), needs, tuple(gives))


def _claims(year: int | None, month: int, days: Iterable[int]) -> Iterator[Atom]:
    claimed = [("date", year, month, day) for day in days]
    if claimed:
        yield from claimed
    elif year is not None:
        yield ("date", year, month, None)
    else:
        yield ("month", month)


def _years(parts: dict[str, str | None]) -> Iterator[int]:
    short = parts.get("short")
    if short is not None:
        yield 2500 + int(short) - BUDDHIST_ERA
        yield 2000 + int(short)
        return
    year = parts.get("year") or parts.get("after")
    if year is not None:
        yield common_year(int(year), parts.get("era"))


def _number(day: str) -> int:
    return int(day.rstrip("sthndrSTHNDR"))


def _month(written: str) -> int:
    """The number of a month, 0 for what is none."""
    if written.isdigit():
        return int(written)
    if written.isascii():
        name = written.rstrip(".").lower()
        known = name in _LATIN_NAMES
        return _SHORT_NAMES.index(name[:3]) + 1 if known else 0
    return next(place for place, names in enumerate(_ASIAN_MONTHS, 1) if names.match(written))
