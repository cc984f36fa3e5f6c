"""Words in which people ask: each class of them finds what answers, and no figure of others."""

import pytest

from backend.services.knowledge.choice import choose
from backend.services.knowledge_service import KnowledgeService


def told(service: KnowledgeService, question: str) -> list[str]:
    return [passage.fact_id for passage in choose(service.get_context(question)).passages]


class TestWordsPeopleUse:
    @pytest.mark.parametrize(
        ("question", "fact"),
        [
            ("我中专毕业，本科一年学费多少", "tuition_fees_thb.undergraduate.domestic_students"),
            ("I graduated high school, fee?", "tuition_fees_thb.undergraduate.domestic_students"),
            ("托福65分要考英语测试吗", "admission.tests.english_exemption"),
            ("มี ielts 6 ต้องสอบ placement ไหม", "admission.tests.english_exemption"),
            ("IELTS 6 ရထားရင် စာမေးပွဲ ဖြေစရာလိုလား", "admission.tests.english_exemption"),
            ("how many ethics classes must I attend", "graduation.requirements.ethics_seminar"),
            ("道德讲座要上几次", "graduation.requirements.ethics_seminar"),
            ("เข้าอบรมจริยธรรมกี่ครั้ง", "graduation.requirements.ethics_seminar"),
            ("how large is the bang na campus", "campus.suvarnabhumi"),
            ("素万那普校区面积多大", "campus.suvarnabhumi"),
            ("on which days is the uniform worn", "campus.uniform.when"),
            ("how much can I claim after an accident", "insurance.accident"),
            ("admission office ဘယ်အခန်းမှာလဲ", "contact.admissions.rooms"),
            ("documents to apply for the phd in education", "graduate.phd_education"),
            ("可以穿拖鞋上课吗", "campus.uniform.polite"),
            ("ဂျင်းဘောင်းဘီ ဝတ်လို့ရလား", "campus.uniform.casual"),
            ("学长说GED要580分，是真的吗", "admission.undergraduate.ged"),
            (
                "I'm in my last year of high school, can I apply?",
                "admission.undergraduate.m6_waiting",
            ),
        ],
    )
    def test_find_what_answers(self, shipped: KnowledgeService, question: str, fact: str) -> None:
        assert fact in told(shipped, question)

    @pytest.mark.parametrize(
        "question",
        [
            *("how much is the taxi to the campus", "price of a flight from Seoul to Bangkok"),
            *("how many seats are left in law", "法学院招多少人", "重修要交多少钱"),
        ],
    )
    def test_that_no_fact_speaks_of_get_no_figures_of_others(
        self, shipped: KnowledgeService, question: str
    ) -> None:
        assert told(shipped, question) == []
