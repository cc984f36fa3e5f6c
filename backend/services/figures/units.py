"""What stands around a number: its scale, its currency, a percent sign, the mark of an era."""

import re
from typing import Final

_SCALE_WORDS: Final = {
    1_000_000_000: "bn|billion",
    10_000_000: "crores?|ကုဋေ",
    1_000_000: "M|mn|mln|mil|million|ล้าน|သန်း|百万|百萬",
    100_000: "lakhs?|lacs?|แสน|သိန်း",
    10_000: "หมื่น|သောင်း|万|萬",
    1_000: "K|k|thousand|พัน(?!ธ)|ထောင်|千",
    100: r"hundred|ร้อย(?!ละ)|百(?!分)|ရာ(?=[ .,။၊)]|ဘတ်|ကျပ်|ဦး|ယောက်|$)",
    100_000_000: "亿|億",
    10: "สิบ",
}
_NAMES: Final = {f"s{scale}": scale for scale in _SCALE_WORDS}
_SCALE: Final = re.compile(
    r" ?(?:"
    + "|".join(f"(?P<s{scale}>{words})" for scale, words in _SCALE_WORDS.items())
    + r")(?![A-Za-z])"
)
_LAKHS_FIRST: Final = re.compile(r"(?:(?P<lakh>သိန်း)|(?P<myriad>သောင်း)|(?P<million>သန်း)) ?$")
_FIRST_SCALES: Final = {"lakh": 100_000, "myriad": 10_000, "million": 1_000_000}

_CURRENCIES: Final = {
    "THB": r"THB|บาท|baht|泰铢|泰銖|泰珠|铢|銖|ဘတ်|฿",
    "USD": r"US ?\$|USD|(?:U\.?S\.? )?dollars?|ดอลลาร์|เหรียญสหรัฐ|美元|美金|(?:အမေရိကန် ?)?ဒေါ်လာ|\$",
    "HKD": r"HK\$|HKD|港元|港币|港幣",
    "SGD": r"S\$|SGD|新元|新币",
    "EUR": r"€|EUR|euros?|ยูโร|欧元|歐元|ယူရို",
    "JPY": r"JPY|yen|日元|日圆|เยน",
    "MMK": r"MMK|kyats?|ကျပ်|จ๊าด|จ๊าต|缅币|缅元|緬元",
    "GBP": r"£|GBP|ปอนด์|英镑|英鎊",
    "CNY": r"RMB|CNY|yuan|¥|人民币|人民幣|หยวน|ယွမ်|元|块",
    "INR": r"₹|INR|rupees?",
}
_WORDS: Final = "|".join(f"(?P<{code}>{words})" for code, words in _CURRENCIES.items())
_AFTER: Final = re.compile(rf"[ *_]{{0,3}}(?:{_WORDS})(?![A-Za-z])", re.IGNORECASE)
_BEFORE: Final = re.compile(rf"(?<![A-Za-z])(?:{_WORDS})[ .:*_]{{0,3}}$", re.IGNORECASE)
_ENDINGS: Final = (
    *("thb", "baht", "บาท", "铢", "銖", "珠", "ဘတ်", "฿", "usd", "$", "dollar", "dollars", "ดอลลาร์"),
    *(
        "เหรียญสหรัฐ",
        "美元",
        "美金",
        "ဒေါ်လာ",
        "hkd",
        "港元",
        "港币",
        "港幣",
        "sgd",
        "新元",
        "新币",
        "€",
    ),
    *(
        "eur",
        "euro",
        "euros",
        "ยูโร",
        "欧元",
        "歐元",
        "ယူရို",
        "jpy",
        "yen",
        "日元",
        "日圆",
        "เยน",
        "mmk",
    ),
    *(
        "kyat",
        "kyats",
        "ကျပ်",
        "จ๊าด",
        "จ๊าต",
        "缅币",
        "缅元",
        "緬元",
        "£",
        "gbp",
        "ปอนด์",
        "英镑",
        "英鎊",
    ),
    *("rmb", "cny", "yuan", "¥", "人民币", "人民幣", "หยวน", "ယွမ်", "元", "块", "₹", "inr", "rupee"),
    "rupees",
)
_NEXT: Final = re.compile(r"[ *_]{0,3}(?:[-,.;:()/~<>\[\]\n\x00+&]|$)")
_PERCENT_AFTER: Final = re.compile(
    r"[ *_]{0,3}(?:%|percent|per cent|pct|เปอร์เซ็น(?:ต์)?|ရာခိုင်နှုန်း)", re.IGNORECASE
)
_PERCENT_BEFORE: Final = re.compile(r"(?:ร้อยละ|百分之)[ *_]{0,3}$")
_ERA: Final = (
    r"พ\.?ศ\.?|พุทธศักราช|B\.?E\.?|佛历|佛曆|ค\.?ศ\.?|คริสต์ศักราช|A\.?D\.?|C\.?E\.?|公元|西元|ခရစ်နှစ်"
)
_ERA_BEFORE: Final = re.compile(rf"(?<![A-Za-z])(?P<era>{_ERA}) ?$")
_ERA_AFTER: Final = re.compile(r" ?(?P<era>B\.?E\.?|A\.?D\.?|C\.?E\.?)(?![A-Za-z])")
_DAY_AFTER: Final = re.compile(r"(?:st|nd|rd|th)(?![A-Za-z])| ?[日号號]| ?ရက်")
_DAY_BEFORE: Final = re.compile(r"วันที่ ?$")

# Characters in which whatever stands before a number has room.
_LONGEST_BEFORE: Final = 16


def find_before(pattern: re.Pattern[str], text: str, start: int) -> re.Match[str] | None:
    """What stands just before a number; the pattern says itself that it ends there."""
    return pattern.search(text, max(0, start - _LONGEST_BEFORE), start)


def stands_alone(text: str, end: int) -> bool:
    """Whether nothing can belong to a number that ends here; saves looking closely."""
    return _NEXT.match(text, end) is not None


def scale_after(text: str, end: int) -> tuple[int, int]:
    """The scale that follows a number (1 for none), and where it ends. Two multiply."""
    scale = 1
    for _ in range(2):
        found = _SCALE.match(text, end)
        if found is None:
            break
        scale *= _NAMES[found.lastgroup or ""]
        end = found.end()
    return scale, end


def scale_before(text: str, start: int) -> int:
    """The scale that Burmese writes before a round number; 1 for none."""
    found = find_before(_LAKHS_FIRST, text, start)
    return _FIRST_SCALES[found.lastgroup or ""] if found else 1


def currency_after(text: str, end: int) -> tuple[str, int] | None:
    """The currency that follows, and where it ends."""
    found = _AFTER.match(text, end)
    return (found.lastgroup or "", found.end()) if found else None


def currency_before(text: str, start: int, since: int) -> tuple[str, int] | None:
    """The currency that leads, not before `since`, and where it starts."""
    first = max(since, start - _LONGEST_BEFORE)
    if not text[first:start].rstrip(" .:*_").lower().endswith(_ENDINGS):
        return None
    found = _BEFORE.search(text, first, start)
    return (found.lastgroup or "", found.start()) if found else None


def percent_after(text: str, end: int) -> int | None:
    """Where the percent sign after a number ends, if there is one."""
    found = _PERCENT_AFTER.match(text, end)
    return found.end() if found else None


def percent_before(text: str, start: int) -> int | None:
    """Where the words for percent before a number start, if there are any."""
    if text.isascii():
        return None
    before = find_before(_PERCENT_BEFORE, text, start)
    return before.start() if before else None


def era_around(text: str, start: int, end: int) -> str | None:
    """The mark of an era next to a year."""
    found = find_before(_ERA_BEFORE, text, start)
    found = found or _ERA_AFTER.match(text, end)
    return found["era"] if found else None


def is_day(text: str, start: int, end: int) -> bool:
    """Whether a number may be the day of a month that is named elsewhere."""
    if _DAY_AFTER.match(text, end):
        return True
    return find_before(_DAY_BEFORE, text, start) is not None
