"""The words for numbers in four languages, and the words of what they count."""

import re
from typing import Final

from backend.services.figures.dates import either_case

SMALL: Final = {
    **{"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7},
    **{"eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13},
    **{"fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18},
    **{"nineteen": 19},
}
TENS: Final = {
    **{"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70},
    **{"eighty": 80, "ninety": 90},
}
SCALES: Final = {
    "hundred": 100,
    "thousand": 1_000,
    "lakh": 100_000,
    "million": 1_000_000,
    "billion": 1_000_000_000,
}
ORDINALS: Final = {
    **{"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7},
    **{"eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12},
}
LATIN_WORDS: Final = frozenset((*SMALL, *TENS))
WORD: Final = either_case((*SMALL, *TENS))
SCALE: Final = either_case(SCALES)
ENGLISH_NUMBER: Final = re.compile(rf"(?:{WORD})\b(?:(?:[ -]| and )(?:{WORD}|{SCALE})\b){{0,12}}")
LETTERS: Final = re.compile("[A-Za-z]+")
ORDINAL: Final = re.compile(rf"\b(?:{'|'.join(ORDINALS)})\b", re.IGNORECASE)
ROMAN: Final = {"II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7, "VIII": 8, "IX": 9}
ROMAN_NUMERAL: Final = re.compile(r"\b(?:II|III|IV|V|VI|VII|VIII|IX)\b")
ENGLISH_COUNTED: Final = re.compile(
    r"[ -](?:[a-z'’-]+ ){0,2}?(?:schools?|facult(?:y|ies)|campus(?:es)?|program(?:me)?s?|years?|"
    r"months?|weeks?|days?|semesters?|trimesters?|terms?|credits?|countr(?:y|ies)|students?|"
    r"nationalities|scholarships?|floors?|photos?|copies|books|items|hours?|minutes?|subjects?|"
    r"courses?|majors?|departments?|baht|percent|sessions?|concentrations?|instal+ments?|"
    r"buildings?|rooms?|dollars?)\b",
    re.IGNORECASE,
)

CHINESE_DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
CHINESE_SCALES: Final = {
    **{"十": 10, "百": 100, "千": 1_000, "万": 10_000, "萬": 10_000},
    **{"亿": 100_000_000, "億": 100_000_000},
}
CHINESE_NUMBER: Final = re.compile(
    r"(?<![0-9第几幾数數])[零〇一二两兩三四五六七八九十百千万萬亿億]{1,20}"
)
CHINESE_COUNTED: Final = re.compile(
    r" ?(?:个|個|所|座|门|門|年|名|位|家|种|種|项|項|间|間|天|周|学期|學期|校区|校區|学院|學院|"
    r"专业|專業|学分|學分|国|國|泰铢|泰銖|铢|美元|小时|小時|层|層)"
)

THAI_DIGITS: Final = {
    **{"ศูนย์": 0, "หนึ่ง": 1, "เอ็ด": 1, "สอง": 2, "ยี่": 2, "สาม": 3, "สี่": 4, "ห้า": 5, "หก": 6},
    **{"เจ็ด": 7, "แปด": 8, "เก้า": 9},
}
THAI_SCALES: Final = {
    **{"สิบ": 10, "ร้อย": 100, "พัน": 1_000, "หมื่น": 10_000, "แสน": 100_000, "ล้าน": 1_000_000},
}
THAI_NUMBER: Final = re.compile(
    rf"(?<!ที่)(?:{'|'.join(THAI_DIGITS)}|สิบ)(?:{'|'.join((*THAI_DIGITS, *THAI_SCALES))}){{0,20}}"
    r"(?!ธ)"
)
THAI_COUNTED: Final = re.compile(
    r" ?(?:คณะ|วิทยาเขต|ปี|เดือน|หลักสูตร|สาขา|แห่ง|คน|รายการ|ประเทศ|วัน|สัปดาห์|ภาคการศึกษา|ภาคเรียน|"
    r"เทอม|หน่วยกิต|บาท|ครั้ง|ชั้น|ชั่วโมง|ใบ|ชุด|ฉบับ|เล่ม|วิชา|ภาษา|รอบ|อาคาร|ห้อง|โรงเรียน|ทุน)"
)

BURMESE_DIGITS: Final = {
    **{"တစ်": 1, "နှစ်": 2, "သုံး": 3, "လေး": 4, "ငါး": 5, "ခြောက်": 6, "ခုနစ်": 7, "ရှစ်": 8, "ကိုး": 9},
}
BURMESE_SCALES: Final = {
    **{"ဆယ့်": 10, "ဆယ်": 10, "ရာ့": 100, "ရာ": 100, "ထောင့်": 1_000, "ထောင်": 1_000},
    **{"သောင်း": 10_000, "သိန်း": 100_000, "သန်း": 1_000_000},
}
BURMESE_NUMBER: Final = re.compile(
    rf"(?<!ခု)(?:{'|'.join(BURMESE_DIGITS)}|ဆယ့်|ဆယ်)"
    rf"(?:{'|'.join((*BURMESE_DIGITS, *BURMESE_SCALES))}){{0,20}}"
)
BURMESE_COUNTED: Final = re.compile(r"ခု(?!န)|ယောက်|ဦး")
WORTH_CLAIMING: Final = 1_000
"""Asian number words below this stand in many other words; they claim something when counted."""
