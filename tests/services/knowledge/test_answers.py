import re

import pytest

from backend.core.conversation import HistoryMessage
from backend.core.language import Language, detect_language
from backend.services.knowledge_service import KnowledgeAnswer, KnowledgeService
from tests.services.knowledge.conftest import MakeService

LANGUAGES = list(Language)


def ask(
    service: KnowledgeService, message: str, language: Language | None = None
) -> KnowledgeAnswer:
    context = service.get_context(message)
    return service.compose_answer(message, context, language or detect_language(message))


class TestTuition:
    @pytest.mark.parametrize(
        ("question", "label", "unit"),
        [
            ("what does tuition cost?", "Tuition per year: ", "THB"),
            ("ค่าเทอมเท่าไหร่", "ค่าเล่าเรียนต่อปี: ", "บาท"),
            ("学费多少钱", "每年学费：", "泰铢"),
            ("ကျောင်းလခ ဘယ်လောက်လဲ", "တစ်နှစ်သင်တန်းကြေး - ", "ဘတ်"),
        ],
    )
    def test_is_told_for_all_levels_in_the_askers_language(
        self, shipped: KnowledgeService, question: str, label: str, unit: str
    ) -> None:
        answer = ask(shipped, question)

        ranges = re.findall(r"\d{3},\d{3}–\d{3},\d{3}", answer.text)
        assert ranges == [
            "112,000–350,000",
            "115,000–350,000",
            "500,000–550,000",
            "200,000–366,667",
        ]
        assert f"{label}112,000–350,000 {unit}" in answer.text
        assert "au_tuitions.json" in answer.text
        assert {passage.category for passage in answer.passages} == {"au_tuitions"}

    def test_leaves_out_the_fees_that_were_not_asked_for(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "ค่าประกันสุขภาพเท่าไหร่ครับ")

        assert "ค่าประกันสุขภาพ: 3,650 บาท" in answer.text
        assert "112,000" not in answer.text

    @pytest.mark.parametrize(
        "question",
        ["how long does the MBA take and what does it cost?", "เรียน MBA กี่ปีจบ จ่ายรวมเท่าไหร่"],
    )
    def test_is_told_beside_what_else_is_asked(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        answer = ask(shipped, question)

        assert "18-24" in answer.text
        assert "500,000–550,000" in answer.text

    @pytest.mark.parametrize(
        "question",
        ["my daughter wants to study business, how much per year?", "เรียนบริหารปีละเท่าไหร่"],
    )
    def test_is_told_for_all_levels_of_a_field(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        answer = ask(shipped, question)

        assert "112,000–350,000" in answer.text
        assert "500,000–550,000" in answer.text

    @pytest.mark.parametrize(
        "question",
        [
            "master's fees, but not the MBA",
            "how much are the other masters, excluding the mba?",
            "ค่าเทอมปริญญาโทที่ไม่ใช่ MBA",
            "除了MBA，硕士学费多少？",
            "MBA မဟုတ်တဲ့ မဟာဘွဲ့ ဘယ်လောက်လဲ",
        ],
    )
    def test_is_not_told_of_what_is_not_meant(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        answer = ask(shipped, question)

        assert "200,000–366,667" in answer.text
        assert "500,000" not in answer.text
        assert "500,000" in ask(shipped, "I am not sure about the MBA: the fees?").text


class TestOtherAnswers:
    def test_are_about_the_degree_that_is_asked_about(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "how long is a bachelor's degree?")

        assert "four-year" in answer.text.casefold()
        assert "borrow" not in answer.text

    def test_tell_names_as_they_are(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "有哪些学院")

        assert "学院, 本科 – 共11项：School of Business and Management" in answer.text

    def test_tell_dates_and_send_to_the_source_when_not_sure(
        self, shipped: KnowledgeService
    ) -> None:
        answer = ask(shipped, "merit scholarship GPA")

        assert "(as of 2011, please check: http://www.biotech.au.edu/" in answer.text

    def test_leave_out_what_the_owner_contradicts(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "how many students does the university have")

        assert "100,000" in answer.text
        assert "19,870" not in answer.text

    def test_are_short(self, shipped: KnowledgeService) -> None:
        for question in ("school", "fees", "when", "ค่าธรรมเนียม", "学生"):
            assert len(ask(shipped, question).passages) <= 5


class TestWhatIsAskedOfASubject:
    @pytest.mark.parametrize(
        "question",
        [
            "what time does the shuttle leave?",
            "ค่าหอเดือนละเท่าไหร่",
            "图书馆几点开门",
            "စာမေးပွဲ ဘယ်နေ့လဲ",
            "exam dates",
            "who is the dean of the law school?",
            "how much per month is a dorm room, is it far",
        ],
    )
    def test_must_stand_in_the_passage(self, shipped: KnowledgeService, question: str) -> None:
        answer = ask(shipped, question)

        assert "+66 2 719 1919" in answer.text
        assert not {passage.category for passage in answer.passages} & {
            "au_tuitions",
            "au_graduate",
        }

    def test_is_asked_of_the_subject_before_when_none_is_named(
        self, shipped: KnowledgeService
    ) -> None:
        history = [HistoryMessage("user", "Does AU have dorms?")]
        context = shipped.get_context("And the price?", history=history)

        answer = shipped.compose_answer("And the price?", context, Language.ENGLISH)

        assert answer.text.startswith("The information I have")

    def test_a_fee_holds_for_every_field_of_study(self, shipped: KnowledgeService) -> None:
        assert "112,000–350,000" in ask(shipped, "how much for a thai to study nursing?").text

    @pytest.mark.parametrize(
        ("question", "office"),
        [
            ("what time is the shuttle?", "Transportation Division"),
            ("学费能分期吗", "Office of Financial Management"),
            ("what is the application deadline?", "Admissions Center"),
        ],
    )
    def test_sends_to_the_office_it_is_a_matter_of(
        self, shipped: KnowledgeService, question: str, office: str
    ) -> None:
        answer = ask(shipped, question)

        assert office in answer.text
        assert "+66 2 719 1919" in answer.text

    @pytest.mark.parametrize("question", ["is there IT?", "มีสาขา IT ไหม", "有it专业吗"])
    def test_it_is_a_subject_in_capitals_or_among_other_letters(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        assert "ict" in shipped.get_context(question).query.concepts

    def test_it_is_a_word_otherwise(self, shipped: KnowledgeService) -> None:
        assert "ict" not in shipped.get_context("is it expensive?").query.concepts


class TestWithoutAMatch:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_says_so_and_gives_the_phones(
        self, shipped: KnowledgeService, language: Language
    ) -> None:
        answer = ask(shipped, "who won the world cup?", language)

        assert "+66 2 719 1919" in answer.text
        assert "+66 2 723 2323" in answer.text
        assert detect_language(answer.text) is language
        assert [passage.category for passage in answer.passages] == ["au_contacts"] * 2

    def test_a_related_fact_is_no_answer(self, owners: KnowledgeService) -> None:
        assert "112,000" not in ask(owners, "how much is a dormitory room?").text

    def test_without_the_contacts_no_number_is_made_up(self, make_service: MakeService) -> None:
        answer = ask(
            make_service(a={"school": {"name": "School of Law"}}), "who won the world cup?"
        )

        assert not re.search(r"\d", answer.text)
        assert answer.passages == ()

    def test_without_any_facts_it_still_answers(self, make_service: MakeService) -> None:
        assert ask(make_service(), "how much is tuition?").text.startswith("The information I have")


class TestSmallTalk:
    @pytest.mark.parametrize(
        ("message", "beginning"),
        [
            ("hello", "Hello! I am AU-GURU"),
            ("Hi there!", "Hello! I am AU-GURU"),
            ("สวัสดีครับ", "สวัสดี! นี่คือ AU-GURU"),
            ("你好", "你好！我是 AU-GURU"),
            ("မင်္ဂလာပါ", "မင်္ဂလာပါ။ ကျွန်ုပ်သည်"),
            ("who are you?", "I am AU-GURU"),
            ("คุณคือใคร", "นี่คือ AU-GURU"),
            ("Thank you so much!", "You are welcome!"),
            ("ขอบคุณค่ะ", "ยินดีเสมอ!"),
            ("谢谢", "不客气！"),
            ("ကျေးဇူးတင်ပါတယ်", "ရပါတယ်။"),
            ("bye", "Goodbye!"),
        ],
    )
    def test_gets_a_word_of_welcome(
        self, shipped: KnowledgeService, message: str, beginning: str
    ) -> None:
        answer = ask(shipped, message)

        assert answer.text.startswith(beginning)
        assert answer.passages == ()

    def test_with_a_question_is_a_question(self, shipped: KnowledgeService) -> None:
        assert "500,000–550,000" in ask(shipped, "hello, what does the MBA cost?").text
