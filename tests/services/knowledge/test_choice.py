"""Which of the facts that match a message are told, and how much of each."""

from dataclasses import replace

import pytest

from backend.core.conversation import HistoryMessage
from backend.core.language import detect_language
from backend.services.knowledge.choice import choose
from backend.services.knowledge_service import KnowledgeAnswer, KnowledgeService


def ask(service: KnowledgeService, *questions: str) -> KnowledgeAnswer:
    *earlier, last = questions
    history = [HistoryMessage("user", question) for question in earlier]
    context = service.get_context(last, history=history)
    return service.compose_answer(last, context, detect_language(last))


def told(service: KnowledgeService, *questions: str) -> list[str]:
    return [passage.fact_id for passage in ask(service, *questions).passages]


class TestSeveralQuestions:
    @pytest.mark.parametrize(
        ("question", "facts"),
        [
            (
                "what engineering majors do you have and where is the hua mak campus?",
                ("Electrical Engineering", "592/3 Ramkhamhaeng 24 Rd"),
            ),
            ("MBA学费多少？素万那普校区在哪里？", ("500,000–550,000", "88 Moo.8")),
            ("How many schools are there? And who founded the university?", ("11 in all", "Gab")),
        ],
    )
    def test_are_answered_one_by_one(
        self, shipped: KnowledgeService, question: str, facts: tuple[str, ...]
    ) -> None:
        answer = ask(shipped, question).text

        assert all(fact in answer for fact in facts), answer

    def test_leave_room_for_one_another(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "我在中国读高二，想明年来读商科，请问需要什么条件，学费多少？")

        assert {"au_admissions", "au_tuitions"} <= {one.category for one in answer.passages}

    def test_without_a_fact_for_one_say_so(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "Which engineering majors do you have? What time does the gym open?")

        assert "Electrical Engineering" in answer.text
        assert "It does not say the rest" in answer.text
        assert "+66 2 719 1919" in answer.text

    @pytest.mark.parametrize(
        ("letter", "fact"),
        [
            (
                "Good afternoon, I hope this message finds you well. I am writing on behalf of my "
                "younger brother, who completed Grade 12 in Myanmar last year and who is comparing "
                "several private universities. We would need to understand the yearly tuition fee "
                "range that an international undergraduate student has to budget for. Many thanks.",
                "115,000–350,000",
            ),
            (
                "สวัสดีครับ ผมเป็นผู้ปกครองนักเรียนชั้น ม.6 โรงเรียนรัฐบาลในจังหวัดเชียงใหม่ "
                "ลูกชายสนใจเรียนต่อด้านวิศวกรรมไฟฟ้า จึงอยากสอบถามว่ามีสาขานี้เปิดสอนหรือไม่ ขอบพระคุณครับ",
                "Electrical Engineering",
            ),
        ],
    )
    def test_a_letter_is_asked_what_it_asks(
        self, shipped: KnowledgeService, letter: str, fact: str
    ) -> None:
        assert fact in ask(shipped, letter).text

    def test_a_letter_that_tells_of_other_places_is_not_off_topic(
        self, shipped: KnowledgeService
    ) -> None:
        letter = (
            "hello I'm a mom of two, my older one finished high school in Yangon with GED and we "
            "love Tokyo. She likes computers. Is there a dormitory?"
        )

        assert told(shipped, letter) == ["housing.on_campus"]


class TestWhatIsTold:
    def test_is_the_list_or_its_members(self, shipped: KnowledgeService) -> None:
        assert told(shipped, "number of undergraduate schools") == ["faculties.undergraduate"]
        assert told(shipped, "ဘယ်လို ဌာနတွေ ရှိလဲ ဘွဲ့ကြိုအတွက်")[0] == "faculties.undergraduate"
        assert "faculties.undergraduate" not in told(shipped, "which school teaches marketing?")

    @pytest.mark.parametrize(
        "question",
        ["Can one do a doctorate in law here?", "มีป.เอกด้านดนตรีไหม", "法律有博士吗"],
    )
    def test_of_a_field_and_a_degree_is_what_is_taught_for_it(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        assert told(shipped, question) == ["faculties.graduate.doctoral"]

    @pytest.mark.parametrize(
        "question", ["medical school tuition", "ค่าเทอมคณะแพทย์", "护理学费一年多少"]
    )
    def test_of_a_fee_leaves_out_degrees_without_the_field(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        answer = ask(shipped, question).text

        assert "112,000–350,000" in answer
        assert "500,000" not in answer
        assert "200,000–366,667" not in answer

    def test_of_a_fee_is_nothing_when_the_field_is_not_taught_for_the_degree(
        self, shipped: KnowledgeService
    ) -> None:
        assert "553,600" in ask(shipped, "phd fees").text
        assert "553,600" not in ask(shipped, "tuition for the phd in nursing").text

    def test_is_a_sum_where_there_is_one(self, shipped: KnowledgeService) -> None:
        assert "5 in all" not in ask(shipped, "how much is a phd?").text

    @pytest.mark.parametrize(
        "question", ["What documents do I need to apply?", "申请需要什么材料", "ต้องใช้เอกสารอะไรบ้าง"]
    )
    def test_is_what_is_called_so_and_holds_for_all(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        facts = told(shipped, question)

        assert "admission.undergraduate.documents.thai_school" in facts
        assert "admission.undergraduate.documents.international" in facts
        assert not {"graduate.documents", "exchange.inbound.documents"} & set(facts)

    def test_is_said_of_the_degree(self, shipped: KnowledgeService) -> None:
        masters, bachelors = "minimum cgpa for master's", "เกรดขั้นต่ำสมัคร ป.ตรี"
        assert told(shipped, masters)[0] == "graduate.eligibility"
        assert "admission.undergraduate.thai_gpa" not in told(shipped, masters)
        assert told(shipped, bachelors)[0] == "admission.undergraduate.thai_gpa"

    def test_is_the_school_where_a_field_is_studied(self, shipped: KnowledgeService) -> None:
        assert told(shipped, "where do singers study?")[0] == "faculties.undergraduate.2"
        assert "Rd" in ask(shipped, "where is the Hua Mak campus?").text

    def test_is_for_whom_it_is_asked(self, shipped: KnowledgeService) -> None:
        assert told(shipped, "do guys need to wear a tie?") == ["campus.uniform.male"]
        assert told(shipped, "what do men wear?", "and women?") == ["campus.uniform.female"]

    def test_of_admission_is_not_when_women_were_admitted(self, shipped: KnowledgeService) -> None:
        assert "1973" not in ask(shipped, "เกรด 2.4 สมัครได้ไหม").text
        assert "1973" in ask(shipped, "when were women admitted?").text

    def test_speaks_of_all_the_fields(self, shipped: KnowledgeService) -> None:
        assert "Business Japanese" in ask(shipped, "business chinese and japanese?").text

    @pytest.mark.parametrize(
        "question",
        [
            "weekend MBA?",
            "GMAT needed for MBA?",
            "is it safe near campus",
            "What happens if I fail a course?",
            "Do you have an online degree?",
            "เรียนออนไลน์ได้ไหม",
            "มีคณะทันตแพทย์ไหม",
            "有牙医专业吗",
            "When is the open house?",
            "What's better, ABAC or Bangkok University?",
            "学费可以分期付款吗",
            "ผ่อนค่าเทอมได้มั้ย",
            "ကျောင်းလခ အရစ်ကျ ပေးလို့ရလား",
        ],
    )
    def test_is_nothing_when_the_point_is_not_known(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        answer = ask(shipped, question)

        assert "+66 2 719 1919" in answer.text
        assert {one.category for one in answer.passages} <= {"au_contacts", "au_offices"}


class TestWhatHoldsTooLittleOfTheQuestion:
    @pytest.mark.parametrize(
        "question",
        [
            "List all the faculties for bachelor students",
            "list every faculty for bachelor students",
        ],
    )
    def test_is_not_told_although_its_words_are_rare(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        facts = told(shipped, question)

        assert facts[0] == "faculties.undergraduate"
        assert not any(fact.startswith("history") for fact in facts)

    @pytest.mark.parametrize(
        ("question", "fact"),
        [
            ("ป.โทบริหารธุรกิจ ราคารวมเท่าไหร่", "tuition_fees_thb.graduate.mba_programs"),
            (
                "price of bachelors 4 thai nationals",
                "tuition_fees_thb.undergraduate.domestic_students",
            ),
            ("which street is the huamak campus on?", "campuses.0"),
        ],
    )
    def test_is_not_told_beside_what_holds_more(
        self, shipped: KnowledgeService, question: str, fact: str
    ) -> None:
        assert told(shipped, question) == [fact]

    @pytest.mark.parametrize("question", ["เรียนที่เอแบคแพงมั้ย", "เรียนเอแบคแพงมั้ย ปีนึงกี่บาท"])
    def test_is_not_told_for_a_word_that_nearly_all_say(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        """Whether studying here is expensive is told by the tuition alone."""
        facts = told(shipped, question)

        assert facts
        assert all(fact.startswith("tuition_fees_thb") for fact in facts)


class TestWhatHoldsEnoughOfTheQuestion:
    @pytest.mark.parametrize(
        ("question", "fact"),
        [
            ("what happened in 1972", "history.origins.notable_dates.1"),
            ("number to ring for suvarnabhumi", "campuses.1"),
        ],
    )
    def test_is_told_though_some_words_are_not_known(
        self, shipped: KnowledgeService, question: str, fact: str
    ) -> None:
        assert told(shipped, question) == [fact]

    def test_is_told_beside_the_best(self, shipped: KnowledgeService) -> None:
        fees = {f"tuition_fees_thb.graduate.{name}_programs" for name in ("mba", "masters")}

        assert fees < set(told(shipped, "postgrad masters fee per yr"))


class TestComparisons:
    @pytest.mark.parametrize(
        ("question", "facts"),
        [
            ("is the mba cheaper than other masters", ("500,000–550,000", "200,000–366,667")),
            ("phone numbers of hua mak and bangna", ("719 1919", "723 2323")),
            ("difference between undergraduate and graduate fees", ("112,000", "500,000")),
        ],
    )
    def test_are_told_of_both(
        self, shipped: KnowledgeService, question: str, facts: tuple[str, ...]
    ) -> None:
        answer = ask(shipped, question).text

        assert all(fact in answer for fact in facts), answer


class TestHowToApply:
    @pytest.mark.parametrize(
        "questions",
        [
            ("how do I apply?",),
            ("สมัครเรียนยังไง",),
            ("ကျောင်းဘယ်လိုလျှောက်ရမလဲ",),
            ("ค่าเทอม MBA เท่าไหร่", "สมัครยังไง"),
            ("工程学院有什么专业", "学费呢", "怎么申请"),
        ],
    )
    def test_is_told_first_whatever_was_asked_before(
        self, shipped: KnowledgeService, questions: tuple[str, ...]
    ) -> None:
        assert told(shipped, *questions)[0] == "admission.application.methods"

    def test_is_told_of_the_field_that_says_its_own(self, shipped: KnowledgeService) -> None:
        question = "how do i apply for communication arts"

        assert told(shipped, question) == ["admission.programme.communication_arts.steps"]


class TestFiguresAskedFor:
    def test_how_much_time_is_no_sum(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "တက္ကသိုလ် သက်တမ်း ဘယ်လောက်ရှိပြီလဲ").text

        assert "1938" in answer
        assert "6,700" not in answer

    def test_the_way_to_pay_is_no_sum(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "how do I pay tuition").text

        assert "112,000" not in answer
        assert "Office of Financial Management" in answer

    @pytest.mark.parametrize("question", ["ป.ตรีเรียนกี่ปี", "本科要读几年", "ဘွဲ့ကြို ဘယ်နှစ်နှစ် တက်ရလဲ"])
    def test_the_length_of_a_degree_is_known_in_every_language(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        assert "four-year" in ask(shipped, question).text


def test_the_name_alone_tells_about_the_university(shipped: KnowledgeService) -> None:
    assert "bookstore" not in ask(shipped, "ABAC").text.casefold()
    assert "1938" in ask(shipped, "tell me about ABAC").text


def test_small_talk_may_be_several_sentences(shipped: KnowledgeService) -> None:
    assert ask(shipped, "MBA fee", "thanks! bye").text.startswith("Goodbye!")
    assert "500,000" in ask(shipped, "hello! MBA fee?").text


class TestFactsOfAnObject:
    def test_are_those_asked_for_now(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "who founded the university?", "when did they come to Thailand?")

        assert "1901" in answer.text

    def test_are_those_asked_before_when_only_somebody_else_is_named(
        self, shipped: KnowledgeService
    ) -> None:
        answer = ask(shipped, "how much is the health insurance?", "and for foreigners?")

        assert "3,650" in answer.text
        assert "115,000" not in answer.text

    def test_tell_what_was_registered_in_that_year(self, shipped: KnowledgeService) -> None:
        answer = ask(shipped, "in what year was the university founded?").text

        assert "Assumption Commercial College (ACC); Registered in: 1938" in answer
        assert "Philosophy" not in answer


class TestTheOther:
    @pytest.mark.parametrize(
        ("earlier", "question", "fact", "not_fact"),
        [
            ("where is the hua mak campus", "and the other campus?", "88 Moo.8", "592/3"),
            ("หัวหมากอยู่ไหน", "แล้วอีกวิทยาเขตล่ะ", "88 Moo.8", "592/3"),
            ("素万那普校区电话", "另一个校区呢", "719 1919", "723 2323"),
            ("MBA fees?", "and the other masters?", "200,000–366,667", "500,000"),
        ],
    )
    def test_is_the_one_not_named_before(
        self, shipped: KnowledgeService, earlier: str, question: str, fact: str, not_fact: str
    ) -> None:
        answer = ask(shipped, earlier, question).text

        assert fact in answer
        assert not_fact not in answer


class TestTheSameContext:
    def test_is_judged_once(self, shipped: KnowledgeService) -> None:
        context = shipped.get_context("How much is the MBA?")

        first = choose(context)

        assert first.passages
        assert choose(context) is first

    def test_has_no_choice_of_another_edition(self, shipped: KnowledgeService) -> None:
        context = shipped.get_context("How much is the MBA?")
        assert choose(context).passages

        assert not choose(replace(context, edition=None)).passages
