"""Writes figures in every way, and writes them wrongly; knows nothing of how they are read."""

import re
from calendar import month_name
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from backend.services.knowledge.passage import Passage

THAI = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
BURMESE = str.maketrans("0123456789", "၀၁၂၃၄၅၆၇၈၉")
FULL_WIDTH = str.maketrans("0123456789,.:", "０１２３４５６７８９，．：")


def _words(text: str) -> list[str]:
    return text.split()


MONTHS = list(month_name)[1:]
THAI_MONTHS = _words("ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.")
FULL_THAI_MONTHS = _words(
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม"
)
BURMESE_MONTHS = _words("ဇန်နဝါရီ ဖေဖော်ဝါရီ မတ် ဧပြီ မေ ဇွန် ဇူလိုင် ဩဂုတ် စက်တင်ဘာ အောက်တိုဘာ နိုဝင်ဘာ ဒီဇင်ဘာ")
CURRENCIES = {
    "THB": (
        "{} THB",
        "THB {}",
        "฿{}",
        "{} baht",
        "{} บาท",
        "{}泰铢",
        "{} 泰銖",
        "{} ဘတ်",
        "Baht {}",
    ),
    "USD": ("{} USD", "USD {}", "${}", "US$ {}", "{} ดอลลาร์", "{}美元"),
}
SENTENCES = (
    "The answer is {}.",
    "- **{}**\n- call us",
    "AU ({}), as the page says;",
    "คำตอบคือ {} ครับ",
    "ข้อมูล: {} ค่ะ",
    "答案是{}。",
    "根据资料，{}，谢谢！",
    "အဖြေမှာ {} ဖြစ်ပါသည်။",
    "1. {}\n2. See you",
    "| fee | {} |",
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure that stands in a passage, with the ways to write it and to get it wrong.

    Each wrong way has the plain form beside it in which a passage would say the same by chance.
    """

    kind: str
    written: str
    rewritten: tuple[str, ...]
    altered: tuple[tuple[str, str], ...]


def _short(value: Decimal) -> str:
    return f"{value.normalize():f}"


def digits_of(text: str) -> list[str]:
    """Every number of a text without its separators, by the crudest reading."""
    return [found.replace(",", "") for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def write_amount(value: int) -> Iterator[str]:
    """An amount of at least 1,000 in all ways."""
    grouped, number = f"{value:,}", Decimal(value)
    yield from (grouped, str(value), grouped.replace(",", " "), grouped.replace(",", "."))
    yield from (f"{_short(number / 1000)}K", f"{_short(number / 1_000_000)} million")
    for plain in (grouped, str(value)):
        yield from (plain.translate(digits) for digits in (THAI, BURMESE, FULL_WIDTH))
    yield from (f"{_short(number / 10_000)}万", f"{_short(number / 10_000)} 萬")
    yield from (f"{_short(number / 100_000)} {unit}" for unit in ("แสน", "lakh", "သိန်း"))
    yield f"{_short(number / 100_000)} แสน".translate(THAI)
    yield f"{_short(number / 100_000)} သိန်း".translate(BURMESE)
    yield _in_places(value, (("แสน", 100_000), ("หมื่น", 10_000), ("พัน", 1_000)), " ")
    yield _in_places(value, (("သိန်း", 100_000), ("သောင်း", 10_000), ("ထောင်", 1_000)), " ").translate(
        BURMESE
    )
    yield _in_places(value, (("万", 10_000), ("千", 1_000)), "")


def _in_places(value: int, places: tuple[tuple[str, int], ...], space: str) -> str:
    parts = []
    for name, size in places:
        count, value = divmod(value, size)
        if count:
            parts.append(f"{count}{space}{name}")
    if value:
        parts.append(str(value))
    return space.join(parts)


def change_digits(digits: str, random: Random) -> Iterator[str]:
    """A digit changed, dropped, added, two swapped."""
    place = random.randrange(len(digits))
    other = random.choice([d for d in "123456789" if d != digits[place]])
    yield digits[:place] + other + digits[place + 1 :]
    yield digits[:1] + digits[2:]
    yield digits[:place] + other + digits[place:]
    if len(digits) > 1 and digits[0] != digits[1] != "0":
        yield digits[1] + digits[0] + digits[2:]


def amounts(text: str, random: Random) -> Iterator[Stated]:
    """Amounts of money, in and out of their currency."""
    patterns = {
        "THB": r"THB (\d[\d,]*)|(\d[\d,]*)(?:-[\d,]+)? (?:THB|baht)",
        "USD": r"USD (\d[\d,]*)",
    }
    for currency, pattern in patterns.items():
        for found in re.finditer(pattern, text):
            value = int(next(filter(None, found.groups())).replace(",", ""))
            if value < 1_000:
                continue
            forms = list(write_amount(value))
            marks = CURRENCIES[currency]
            rewritten = [*forms, *(random.choice(marks).format(form) for form in forms)]
            changed = [int(digits) for digits in change_digits(str(value), random)]
            wrong = [(str(n), form) for n in changed for form in write_amount(n) if n >= 1_000]
            wrong += [(str(n), str(n)) for n in changed]
            wrong += [("", f"{value // 1000}M"), ("", f"{_short(Decimal(value) / 1000)} million")]
            foreign = CURRENCIES["USD" if currency == "THB" else "THB"]
            swapped = [("", random.choice(foreign).format(form)) for form in forms]
            yield Stated(f"money {currency}", found[0], tuple(rewritten), (*wrong, *swapped))


def phones(text: str, random: Random) -> Iterator[Stated]:
    """Thai phone numbers."""
    for found in re.finditer(r"(?:\+66[ -]?|\b0)(2(?:[ -]?\d){7})(?!\d)", text):
        digits = re.sub(r"\D", "", found[1])
        changed = [number for number in change_digits(digits[1:], random) if len(number) == 7]
        other = [("2" + n, form) for n in changed for form in _phone_forms("2" + n)]
        yield Stated("phone", found[0], tuple(_phone_forms(digits)), tuple(other))


def _phone_forms(digits: str) -> Iterator[str]:
    area, first, last = digits[0], digits[1:4], digits[4:]
    for code in ("+66 ", "+66-", "0", "(0", "+66 (0)", "0066 ", "66 "):
        close = ")" if code == "(0" else ""
        for gap in (" ", "-"):
            yield f"{code}{area}{close}{gap}{first}{gap}{last}"
    yield from (f"0{digits}", f"+66{digits}", f"0 {area}{first} {last}", f"0{area}.{first}.{last}")
    yield f"0{area}-{first}-{last}".translate(THAI)
    yield f"0{area}-{first}-{last}".translate(BURMESE)
    yield f"0{digits}".translate(FULL_WIDTH)
    yield f"Tel. 0{area}{first}{last} ext. "


def links(text: str, random: Random) -> Iterator[Stated]:
    """Addresses of pages."""
    for found in re.finditer(r"https?://[^\s,;|)]+[\w/=]", text):
        link = found[0]
        bare = link.split("//", 1)[1]
        host = bare.split("/", 1)[0]
        rewritten = [link, bare, f"http://{bare}", link.replace("://www.", "://"), host]
        rewritten += [f"<{link}>", f"[{link}]({link})", f"**{link}**", f"{link}。", host.upper()]
        if "?" not in link:
            rewritten += [link.rstrip("/"), link.rstrip("/") + "/"]
        base = link.split("?")[0].rstrip("/")
        altered = [link.replace(host, other) for other in ("www.abac.ac.th", "au-edu.com")]
        altered += [f"{base}/fees-2031", f"{base}/apply.html", f"https://x{host}"]
        yield Stated("link", link, tuple(rewritten), tuple((link, link) for link in altered))


def years(text: str, random: Random) -> Iterator[Stated]:
    """Years in both eras."""
    for found in re.finditer(r"(?<![\d/,.-])(19\d\d|20[012]\d)(?![\d/,.-]\d|\d|-)", text):
        year = int(found[0])
        if re.search(r"[A-Z]{2} $", text[: found.start()]) or text[found.end() :].startswith(" GE"):
            continue
        rewritten = tuple(_year_forms(year))
        shifted = [
            (str(other), form)
            for other in (year + 1, year - 1, year + 10)
            for form in _year_forms(other)
        ]
        mixed = (f"พ.ศ. {year}", f"ค.ศ. {year + 543}", f"{year} BE", f"{year + 543} AD")
        confused = [("", form) for form in mixed]
        yield Stated("year", found[0], rewritten, (*shifted, *confused))


def _year_forms(year: int) -> Iterator[str]:
    buddhist = year + 543
    yield from (str(year), f"ค.ศ. {year}", f"{year}年", f"{buddhist}", f"พ.ศ. {buddhist}")
    yield from (f"ปี {buddhist}", f"พ.ศ. {buddhist}".translate(THAI), f"{buddhist} BE")
    yield from (f"{year} ခုနှစ်".translate(BURMESE), f"佛历{buddhist}年", f"AD {year}")
    yield str(year).translate(FULL_WIDTH)


def dates(text: str, random: Random) -> Iterator[Stated]:
    """Whole dates."""
    for found in re.finditer(rf"(\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}})", text):
        day, month, year = int(found[1]), MONTHS.index(found[2]) + 1, int(found[3])
        others = [(day % 28 + 1, month, year), (day, month % 12 + 1, year), (day, month, year + 1)]
        altered = [
            (f"{date[0]} {MONTHS[date[1] - 1]} {date[2]}", form)
            for date in others
            for form in _date_forms(*date)
        ]
        altered += [("", f"{day} {FULL_THAI_MONTHS[month - 1]} พ.ศ. {year}")]
        yield Stated("date", found[0], tuple(_date_forms(day, month, year)), tuple(altered))


def _date_forms(day: int, month: int, year: int) -> Iterator[str]:
    name, thai, buddhist = MONTHS[month - 1], THAI_MONTHS[month - 1], year + 543
    yield from (f"{year}-{month:02}-{day:02}", f"{day} {name} {year}", f"{name[:3]} {day}, {year}")
    yield from (f"{day}/{month}/{year}", f"{day:02}.{month:02}.{year}", f"{day}/{month}/{buddhist}")
    yield from (f"{day} {thai} {buddhist}", f"{day} {thai} {buddhist}".translate(THAI))
    yield from (f"{day} {FULL_THAI_MONTHS[month - 1]} พ.ศ. {buddhist}", f"{name} {day}th, {year}")
    yield from (f"{year}年{month}月{day}日", f"{year} 年 {month} 月 {day} 号")
    yield f"{year} ခုနှစ် {BURMESE_MONTHS[month - 1]} {day} ရက်".translate(BURMESE)
    yield f"{day} {BURMESE_MONTHS[month - 1]} {year}".translate(BURMESE)


def small_numbers(text: str, random: Random) -> Iterator[Stated]:
    """Grade points, percentages, scores and ranges."""
    for found in re.finditer(r"(?<![\d.,])\d\.\d{1,2}(?![\d.])", text):
        value = Decimal(found[0])
        forms: tuple[str, ...] = (
            found[0],
            _short(value),
            f"{value:.2f}",
            f"GPA {value:.2f}".translate(THAI),
        )
        forms += (f"{value:.2f}".translate(FULL_WIDTH), f"{_short(value)}".translate(BURMESE))
        other = str(value + Decimal("0.35"))
        wrong = ((other, other), (other, other.translate(THAI)))
        yield Stated("decimal", found[0], forms, wrong)
    for found in re.finditer(r"(?<![\d.,])(\d{2}) ?(?:percent|%)", text):
        ways = ("{}%", "{} percent", "ร้อยละ {}", "{} เปอร์เซ็นต์", "百分之{}", "{} ရာခိုင်နှုန်း", "{}％")
        forms = tuple(way.format(found[1]) for way in ways)
        other = str(int(found[1]) + 7)
        altered = tuple((other, way.format(other)) for way in ways)
        yield Stated("percent", found[0], forms, altered)
    for found in re.finditer(r"(?<![\d.,-])(\d{2})(?:-| to )(\d{2})(?: months| credits)", text):
        low, high = found[1], found[2]
        gaps = ("-", "–", "~", " to ", "至", " ถึง ", " မှ ", "到", " - ", "—")
        forms = tuple(f"{low}{gap}{high}" for gap in gaps)
        forms += tuple(form.translate(BURMESE) for form in forms)
        other = str(int(high) + 5)
        altered = tuple((other, f"{low}{gap}{other}") for gap in gaps)
        yield Stated("range", found[0], forms, altered)


def times(text: str, random: Random) -> Iterator[Stated]:
    """Opening hours."""
    for found in re.finditer(r"(\d\d):(\d\d)-(\d\d):(\d\d)", text):
        hours = [int(part) for part in found.groups()]
        later = (hours[0], hours[1], hours[2] - 1, hours[3])
        wrong = tuple(("", form) for form in _hours(*later))
        yield Stated("time", found[0], tuple(_hours(*hours)), wrong)


def _hours(opens: int, minute: int, closes: int, last: int) -> Iterator[str]:
    clock = f"{opens:02}:{minute:02}-{closes:02}:{last:02}"
    yield from (clock, clock.translate(THAI), clock.translate(FULL_WIDTH))
    yield clock.replace(":", ".") + " น."
    yield f"{opens}:{minute:02} am to {closes - 12}:{last:02} p.m."


READERS: tuple[Callable[[str, Random], Iterator[Stated]], ...] = (
    *(amounts, phones, links, years, dates, small_numbers, times),
)


def stated_in(passage: Passage, random: Random) -> Iterator[Stated]:
    """All figures of a passage that can be rewritten."""
    for read in READERS:
        text = re.sub(r"https?://\S+|\+66[\d -]+|\b02[\d-]+", " ", passage.text)
        if read in (links, phones):
            text = f"{passage.text}\n{passage.source.url or ''} "
        yield from read(text, random)
