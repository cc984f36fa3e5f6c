"""Other universities: no question about them is answered with this one's facts."""

import pytest

from backend.core.language import Language
from backend.services.knowledge.elsewhere import is_about_another
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge_service import KnowledgeService

LEXICON = Lexicon.build(
    {
        "other_university": {"group": "elsewhere", "en": ["mahidol", "chula"]},
        "transfer": ["transfer"],
        "abac": {"group": "name", "en": ["abac"]},
        "gate": ["gate"],
    }
)


@pytest.mark.parametrize(
    ("question", "is_about_it"),
    [
        ("", False),
        ("gate", False),
        ("transfer", False),
        ("mahidol", True),
        ("mahidol or chula", True),
        ("gate of mahidol", True),
        ("transfer from mahidol", False),
        ("transfer from mahidol to the gate", False),
        ("mahidol or abac", False),
    ],
)
def test_a_question_names_it_and_nothing_of_ours(question: str, is_about_it: bool) -> None:
    assert is_about_another(list(LEXICON.find(question)), LEXICON) is is_about_it


class TestAnotherUniversity:
    @pytest.mark.parametrize(
        "question",
        [
            "tuition fees at Mahidol University",
            "does Chulalongkorn have a medical school?",
            "Stanford MBA application deadline",
            "มหิดลอินเตอร์ค่าเทอม",
            "จุฬามีคณะอะไรบ้าง",
            "清华大学怎么样",
            "ရန်ကုန်တက္ကသိုလ် ဝင်ခွင့်အမှတ်",
        ],
    )
    def test_is_off_the_topic(
        self, owners: KnowledgeService, shipped: KnowledgeService, question: str
    ) -> None:
        assert owners.get_context(question).off_topic
        assert shipped.get_context(question).off_topic

    @pytest.mark.parametrize(
        ("question", "fact"),
        [
            ("I studied at Mahidol, can I transfer my credits?", "70 credits"),
            ("ย้ายจากจุฬามาเรียนที่เอแบคได้ไหม", "GPA of 2.00"),
            ("I graduated from Yangon University, what does the MBA cost?", "500,000"),
            ("is ABAC's tuition higher than Bangkok University's?", "112,000"),
        ],
    )
    def test_may_be_named_in_passing(
        self, shipped: KnowledgeService, question: str, fact: str
    ) -> None:
        context = shipped.get_context(question)

        assert not context.off_topic
        assert fact in context.text

    def test_is_not_followed_up_with_our_facts(self, shipped: KnowledgeService) -> None:
        assert shipped.get_context("แล้วมหิดลล่ะ").off_topic


def test_an_answer_off_the_topic_says_what_can_be_asked(shipped: KnowledgeService) -> None:
    question = "best pad thai near siam"
    context = shipped.get_context(question)

    answer = shipped.compose_answer(question, context, Language.ENGLISH)

    assert answer.text.startswith("I only know about Assumption University")
    assert "+66 2 719 1919" in answer.text
