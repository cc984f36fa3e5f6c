"""Tests of `backend/services/figures`: every way of writing a figure is the same figure."""

import unicodedata

import pytest

from backend.services.figures import Evidence, find_unsupported
from tests.services.figures.conftest import given, make_passage

SUPPORTED = {
    "grouped": "112,000 · 112000 · 112 000 · 112.000 · 112'000 · 1,12,000",
    "full width": "１１２０００ · １１２，０００ · ＴＨＢ１１２０００",
    "scaled": "112K · 112k THB · 0.112 million · 1.12 lakh · 1 lakh 12 thousand · "
    "112 thousand baht",
    "thai": "๑๑๒,๐๐๐ บาท · 1.12 แสน · ๑.๑๒ แสน · 1 แสน 1 หมื่น 2 พัน · 1แสน1หมื่น2พันบาท",
    "burmese": "၁၁၂,၀၀၀ · ၁၁၂,ဝဝဝ · ၁.၁၂ သိန်း · ၁ သိန်း ၁ သောင်း ၂ ထောင် · သိန်း ၁.၁၂ · ၁ သိန်း ၁၂၀၀၀",
    "chinese": "11.2万 · 11萬2千 · 11万2000 · 11万2 · 11.2万泰铢 · 112千",
    "words": "one hundred and twelve thousand baht · หนึ่งแสนหนึ่งหมื่นสองพันบาท · 十一万二千泰铢 · "
    "တစ်သိန်းတစ်သောင်းနှစ်ထောင် ဘတ်",
    "currency": "THB 112,000 · THB112,000 · ฿112,000 · 112,000฿ · **112,000** baht · 112,000 บ.",
    "range": "112,000-350,000 · 112,000–350,000 THB · between 112,000 and 350,000 baht · "
    "112-350K · 11.2-35万 · 112,000 ถึง 350,000 · 112-350,000 บาท · THB 112,000 to THB 350,000",
    "duration": "18-24 months · 18 to 24 · 18–24 · 18~24 · １８～２４个月 · 18至24个月 · "
    "၁၈ မှ ၂၄ လ · ๑๘–๒๔ เดือน · eighteen to twenty-four months · สิบแปดถึงยี่สิบสี่เดือน · 十八至二十四个月",
    "phone": "+66 2 719 1919 · +66-2-719-1919 · +6627191919 · 0066 2 719 1919 · 66 2 719 1919 · "
    "+66 (0)2 719 1919 · 02-719-1919 · 02 719 1919 · 027191919 · (02) 719-1919 · 0 2719 1919 · "
    "02.719.1919 · 2-719-1919 · ๐๒-๗๑๙-๑๙๑๙ · ၀၂-၇၁၉-၁၉၁၉ · Tel.02-719-1919 · 电话：+66 2 719 1919",
    "phones": "02 719 1919 02 723 2323 · 02-719-1919/02-723-2323 · 02-719-1919, 02-723-2323",
    "year": "1990 · AD 1990 · ค.ศ. 1990 · 2533 · พ.ศ. 2533 · พ.ศ.๒๕๓๓ · 2533 BE · B.E. 2533 · "
    "1990年 · 佛历2533年 · 公元1990年 · ၁၉၉၀ ခုနှစ် · 一九九〇年",
    "date": "2026-11-02 · 2026/11/2 · 2/11/2026 · 02.11.2026 · 2-11-2026 · 2/11/2569 · 2/11/26 · "
    "2 November 2026 · Nov 2, 2026 · NOV. 2 · 2nd of November, 2026 · November 2nd · "
    "2026年11月2日 · 11月2日 · ๒ พ.ย. ๒๕๖๙ · 2 พ.ย. 69 · 2 พฤศจิกายน พ.ศ. 2569 · "
    "วันที่ 2 พฤศจิกายน 2026 · ၂၀၂၆ ခုနှစ်၊ နိုဝင်ဘာလ ၂ ရက် · ၂ နိုဝင်ဘာ ၂၀၂၆ · နိုဝင်ဘာ ၂",
    "month": "March 2027 · มีนาคม 2570 · มี.ค. 70 · 2027年3月 · 3/2027 · 2/2569 · 6月至10月",
    "time": "08:00-21:00 · 8 am · 8am–9pm · 8:00 a.m. to 9:00 p.m. · 08.00-21.00 น. · ๐๘.๐๐ น. · "
    "早上8点到晚上9点 · 8点至21点 · မနက် ၈ နာရီ မှ ည ၉ နာရီ · 8 โมงเช้าถึง 3 ทุ่ม · ８：００",
    "grade": "GPA 2.50 · 2.5 · 2,5 · ２．５０",
    "percent": "60% · 60 percent · ร้อยละ 60 · 百分之60 · ၆၀ ရာခိုင်နှုန်း",
    "count": "eleven schools · 11 คณะ · สองวิทยาเขต · 两个校区 · ကျောင်းဝင်း ၂ ခု · ကျောင်းဝင်း "
    "နှစ်ခု · 十一个学院 · สิบเอ็ดคณะ",
    "link": "https://www.au.edu · www.au.edu · au.edu · HTTP://AU.EDU/ · (https://www.au.edu). · "
    "[site](https://www.au.edu) · **www.au.edu**, · https://www.au.eduครับ · https://www.au.edu。",
    "name": "592/3 Ramkhamhaeng 24 Rd · 88 Moo.8, Bang Na-Trad Km.26 · KM 26 · Moo 8 · "
    "หมู่ 8 · กม.26",
}
UNSUPPORTED = [
    *(
        "112,001",
        "113000",
        "112 001",
        "12,000",
        "112,0000",
        "111K",
        "112M",
        "112 million",
        "0.113 million",
    ),
    *(
        "11.3万",
        "11萬3千",
        "112万",
        "1.13 แสน",
        "1 แสน 1 หมื่น 3 พัน",
        "112 ล้าน",
        "၁၁၃,၀၀၀",
        "၁.၁၃ သိန်း",
    ),
    *("11.2 သိန်း", "๑๑๓,๐๐๐", "１１３０００", "112", "000", "719", "1919", "2719"),
    *("112,000 USD", "$112,000", "US$ 112,000", "112,000 dollars", "112,000元", "112,000 ကျပ်"),
    *("112,000 ดอลลาร์", "11.2万人民币", "112K USD", "EUR 350,000", "112,000-350,000 USD"),
    *(
        "one hundred and thirteen thousand baht",
        "หนึ่งแสนสองหมื่นบาท",
        "十二万泰铢",
        "112 thousand dollars",
    ),
    *("+66 2 719 1918", "02-719-1918", "027191918", "(02) 719-191", "02-719-19199", "0 2719 1819"),
    *("02-791-1919", "+66 3 719 1919", "+65 2 719 1919", "719-1919", "๐๒-๗๑๙-๑๙๑๘", "1-719-1919"),
    *("1991", "พ.ศ. 1990", "ค.ศ. 2533", "พ.ศ. 2534", "2534", "2533 AD", "1990 BE", "一九九一年"),
    *("2026-11-03", "3 November 2026", "2 November 2027", "2 October 2026", "๒ พ.ย. ๒๕๗๐"),
    *("2026年12月2日", "2 พ.ย. 68", "November 2, 2025", "April 2027", "7月", "၂၀၂၆ ခုနှစ် ဒီဇင်ဘာ ၂"),
    *("09:00", "9 am", "8 pm", "08:30-20:00", "早上7点", "7 โมงเช้า", "2 ทุ่ม", "08.30 น."),
    *("GPA 2.75", "2.05", "65%", "11%", "ร้อยละ 65", "百分之65"),
    *(
        "twelve schools",
        "12 คณะ",
        "สามวิทยาเขต",
        "三个校区",
        "ကျောင်းဝင်း ၅ ခု",
        "ကျောင်းဝင်း သုံးခု",
        "十二个学院",
    ),
    *(
        "https://www.au.com",
        "au.ac.th",
        "https://www.au.edu/fees",
        "fees.au.edu",
        "https://abac.edu",
    ),
    *("info@au.edu", "admissions@au.edu", "SM116", "P11", "592/4", "592", "24/7", "50 countries"),
]


class TestWritings:
    @pytest.mark.parametrize("kind", SUPPORTED)
    def test_the_same_figure_is_never_accused(self, usual: Evidence, kind: str) -> None:
        for written in SUPPORTED[kind].split(" · "):
            assert find_unsupported(written, usual) == [], written
            assert find_unsupported(f"AU: {written}.", usual) == [], written
        assert find_unsupported(SUPPORTED[kind], usual) == []

    @pytest.mark.parametrize("written", UNSUPPORTED)
    def test_another_figure_is_always_found(self, usual: Evidence, written: str) -> None:
        assert find_unsupported(written, usual) != []
        assert find_unsupported(f"• **{written}**\n", usual) != []

    @pytest.mark.parametrize(
        ("fact", "answer", "expected"),
        [
            ("The fee is 2,550 baht.", "Since 2007", ["2007"]),
            ("AU is in BG 2000.", "2000 and BG 2000", []),
            ("Tel. +66 2 300-4553 ext. 3728-9", "ต่อ 3728, 3729", []),
            ("Fee USD 1,500 to 3,000.", "1,500-3,000 baht", ["3,000 baht"]),
            ("Fee USD 1,500 to 3,000.", "US$1,500–3,000", []),
            ("35 million baht", "35 scholarships, 35,000,000 baht, 35M", ["35"]),
            (
                "Apply from 1 January to 31 December 2026.",
                "1 Jan 2026, 31 ธ.ค. 2569, 12月31日; 31 October 2026, 1 March 2026",
                ["31 October 2026", "1 March 2026"],
            ),
            ("5 halls, 60,000 books", "5,6万, 5,6 แสน", ["5,6 แสน"]),
            ("GED 580, four subjects", "GED580 in 4 subjects", []),
            ("It is in room SM115.", "Room SM 115, room sm115", []),
            ("TOEFL code 0706", "0706 (not 706)", []),
            ("English I-IV", "ภาษาอังกฤษ 1-4", []),
            ("It was founded in พ.ศ. 2533.", "1990, พ.ศ. 2533, 2533, 1991", ["1991"]),
            ("It was founded in ปี 2533.", "1990, พ.ศ. 2533, ค.ศ. 1991", ["1991"]),
            ("third in Thailand, 89th in Asia", "อันดับ 3 ของไทย, 第89", []),
            ("For 2026 apply by 15 March.", "15 March 2026 / 15 March 2027", ["15 March 2027"]),
            ("10 November to 23 December 2025", "10 พ.ย. – 23 ธ.ค. 2568", []),
            ("registration 10 to 22 November 2025", "November 10-22, 2025", []),
            ("5+3 rule, 3x4 cm", "5+3, 3 × 4 ซม.", []),
            ("two-year course", "2 years, 2 ปี, 两年", []),
            ("366,667 THB", "36.6667万, 36万6667, 366.667K; 36.7万", ["36.7万"]),
            ("23,000 or 2,110,000 THB", "2万3, 11万2000", ["11万2000"]),
            ("23,500 THB", "2万3500, 2万3千5百, 2.35 หมื่น, 2 หมื่น 3 พัน 5 ร้อย", []),
            ("Write to Info@au.edu", "info@AU.EDU or (info@au.edu).", []),
        ],
    )
    def test_figures_are_read_as_people_mean_them(
        self, fact: str, answer: str, expected: list[str]
    ) -> None:
        assert find_unsupported(answer, Evidence([make_passage(fact)])) == expected


class TestLinks:
    PAGE = "https://admissions.au.edu/fees/index.php?page_id=2753&lang=th"

    @pytest.mark.parametrize(
        ("link", "supported"),
        [
            (PAGE, True),
            (PAGE.replace("&", "&amp;"), True),
            ("admissions.au.edu", True),
            ("https://admissions.au.edu/fees/", True),
            ("https://admissions.au.edu/fees/index.php", True),
            ("https://admissions.au.edu/fees/index.php?page_id=2754", False),
            ("https://admissions.au.edu/fee", False),
            ("https://admissions.au.edu/fees/2026", False),
            ("https://admission.au.edu", False),
            ("https://admissions.au.edu.evil.com", False),
        ],
    )
    def test_a_page_supports_itself_and_those_above_it(self, link: str, *, supported: bool) -> None:
        evidence = Evidence([make_passage("See the page.", url=self.PAGE)])

        assert find_unsupported(f"See {link}.", evidence) == ([] if supported else [link])


class TestWhatIsNoFigure:
    @pytest.mark.parametrize(
        "text",
        [
            "1. Apply\n2. Pay\n3) Wait\n(4) Come\n**5.** Study\n- 6. Done",
            "๑. สมัคร\n၂။ ပေးပါ\n３．等\n4、来",
            "Step 1: apply. Step 2: pay. ขั้นตอนที่ 3 รอ 第4步 အဆင့် ၅",
            "You need (1) a form, (2) a photo and (3) a passport.",
            "The fee is in the facts [1][3], see also [2, 4].",
            "One of the three ways: two of them are free. อย่างหนึ่ง 一个 三思 十分 易三仓大学",
            "1 ปี ต่อ 1 คน",
            "สามารถ ห้ามเข้า ความสัมพันธ์ เก้าอี้ หกล้ม",
            "သုံးစွဲ လေးစား ကျောင်းနှစ် တစ်နှစ် ကျောင်းလခ",
            "St. Michael's Hall. B.A. and Ph.D. programmes, e.g. M.Ed. in Bangkok.It is nice",
            "3 ways:\n- one\n- two\n- three",
        ],
    )
    def test_numbering_and_idioms_claim_nothing(self, usual: Evidence, text: str) -> None:
        assert find_unsupported(text, usual) == []

    def test_a_reference_beyond_the_given_facts_is_a_figure(self) -> None:
        evidence = Evidence([make_passage("Nothing.")])

        assert find_unsupported("See [1], [77].", evidence) == ["77"]


class TestCodes:
    WRITINGS = (
        *("SM115", "SM 115", "SM-115", "SM.115", "sm115", "sm 115", "Sm-115", "SM. 115"),
        *("ＳＭ１１５", "SM\u2011115", "SM\u00a0115", "SM\u200b115", "SM๑๑๕", "sm ๑๑๕"),
    )

    @pytest.mark.parametrize("fact", WRITINGS)
    def test_are_the_same_joined_apart_and_in_either_case(self, fact: str) -> None:
        evidence = Evidence([make_passage(f"It is taught in room {fact}.")])

        for written in self.WRITINGS:
            assert find_unsupported(f"ห้อง {written} / room {written}.", evidence) == [], written

    @pytest.mark.parametrize("fact", WRITINGS)
    @pytest.mark.parametrize("written", ["SM116", "SM 114", "sm-116", "SN115", "sn115", "sm๑๑๖"])
    def test_of_another_room_are_found(self, fact: str, written: str) -> None:
        evidence = Evidence([make_passage(f"It is taught in room {fact}.")])

        assert find_unsupported(f"It is in room {written}.", evidence) != []

    @pytest.mark.parametrize("fact", ["BG0706", "BG 0706", "bg-0706"])
    def test_may_begin_with_a_zero(self, fact: str) -> None:
        evidence = Evidence([make_passage(f"The course is {fact}.")])

        assert find_unsupported("BG0706 BG 0706 BG-0706", evidence) == []
        assert find_unsupported("BG0707", evidence) == ["BG0707"]

    def test_are_no_numbers(self) -> None:
        room = Evidence([make_passage("It is taught in room SM115.")])
        number = Evidence([make_passage("There are 115 rooms.")])

        assert find_unsupported("It has 115 seats.", room) == ["115"]
        assert find_unsupported("It is in room SM115.", number) == ["SM115"]

    def test_are_not_seen_where_a_longer_word_lacks_its_space(self) -> None:
        evidence = Evidence([make_passage("The least GED score is 580.")])

        assert find_unsupported("GED580", evidence) == []
        assert find_unsupported("GED581", evidence) == ["GED581"]


class TestDigits:
    @pytest.mark.parametrize(
        "script",
        [
            *("THAI", "MYANMAR", "MYANMAR SHAN", "MYANMAR TAI LAING", "LAO", "KHMER", "FULLWIDTH"),
            *("ARABIC-INDIC", "EXTENDED ARABIC-INDIC", "DEVANAGARI", "BENGALI", "GURMUKHI"),
            *("GUJARATI", "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA LITH"),
            *("TIBETAN", "MONGOLIAN", "NEW TAI LUE", "SAURASHTRA", "JAVANESE"),
            *("MATHEMATICAL BOLD", "MATHEMATICAL DOUBLE-STRUCK", "MATHEMATICAL SANS-SERIF"),
            *("MATHEMATICAL SANS-SERIF BOLD", "MATHEMATICAL MONOSPACE"),
        ],
    )
    def test_of_every_script_are_the_same(self, script: str) -> None:
        words = ["ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE", "ZERO"]
        ten = "".join(unicodedata.lookup(f"{script} DIGIT {word}") for word in words)
        evidence = Evidence([make_passage("The account is 1234567890.")])

        assert find_unsupported(ten, evidence) == []
        assert find_unsupported(ten[::-1], evidence) == [ten[::-1]]


class TestReporting:
    def test_figures_are_named_once_in_order_as_written(self, usual: Evidence) -> None:
        answer = "๙๙๙,๐๐๐ บาท, 112,000 baht, 12.5万, ๙๙๙,๐๐๐, 112,000 USD, tel. 02-999-9999."

        assert find_unsupported(answer, usual) == [
            "๙๙๙,๐๐๐",
            "12.5万",
            "112,000 USD",
            "02-999-9999",
        ]

    def test_the_asker_s_figures_may_be_repeated(self) -> None:
        passages = [make_passage("The fee is 112,000 baht.")]
        asked = ["I have 50,000 baht, is it enough?", "My son is 17"]
        answer = "No, 50,000 baht is less than 112,000 baht; being 17 is fine, 18 too."

        assert find_unsupported(answer, Evidence(passages, asked)) == ["18"]
        assert find_unsupported(answer, Evidence(passages)) == ["50,000", "17", "18"]

    def test_computed_figures_have_no_support(self) -> None:
        evidence = given("undergraduate/domestic_students")

        assert find_unsupported(
            "112,000 + 23,500 + 3,650 = 139,150 THB, so 56,000 a semester and 448,000 in total.",
            evidence,
        ) == ["139,150", "56,000", "448,000"]

    def test_what_stands_in_other_passages_is_no_support(self) -> None:
        assert find_unsupported(
            "500,000-550,000 THB", given("undergraduate/domestic_students")
        ) == ["500,000", "550,000"]

    def test_the_number_of_given_members_is_supported(self) -> None:
        evidence = given("/campuses/0", "/campuses/1")

        assert find_unsupported("AU has 2 campuses / สองวิทยาเขต", evidence) == []
        assert find_unsupported("AU has 3 campuses", evidence) == ["3"]
