"""Tests of `backend/services/knowledge/answers.py`: whom to call when no fact answers."""

from typing import Final

import pytest

from backend.core.language import Language
from backend.services.knowledge.answers import KnowledgeAnswer
from backend.services.knowledge.phrases import PHRASES
from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import MakeService
from tests.services.knowledge.wording import write

ENGLISH: Final = PHRASES[Language.ENGLISH]
PHONES: Final = {
    "campuses": [
        {"name": "Hua Mak", "phone": "+66 2 719 1919"},
        {"name": "Bangna", "phone": "+66 2 723 2323"},
    ]
}


class TestWithoutAnAnswer:
    OFFICES: Final = (
        {"id": "a", "title": "Gate office", "text": "Room 1.", "tags": ["contacts", "dormitory"]},
        {
            "id": "b",
            "title": "Hall office",
            "text": "Room 2.",
            "tags": ["contacts", "scholarship", "visa"],
        },
        {"id": "c", "title": "Last office", "text": "Room 3.", "tags": ["contacts", "visa"]},
        {"id": "d", "title": "No office", "text": "Room 4.", "tags": ["library"]},
    )

    def unknown(
        self, service: KnowledgeService, question: str, *, off_topic: bool = False
    ) -> KnowledgeAnswer:
        return write(service.library, question=question, off_topic=off_topic)

    @pytest.mark.parametrize(
        ("question", "office"),
        [
            ("dormitory?", "Gate office: Room 1."),
            ("visa?", "Hall office: Room 2."),
            ("visa and scholarship?", "Hall office: Room 2."),
            ("dormitory rules?", "Gate office: Room 1."),
            ("library?", None),
            ("zeppelin?", None),
            ("price?", None),
        ],
    )
    def test_it_names_the_office_that_shares_most_of_what_is_asked(
        self, make_service: MakeService, question: str, office: str | None
    ) -> None:
        service = make_service(offices={"entries": list(self.OFFICES)}, au_contacts=PHONES)

        answer = self.unknown(service, question)

        assert answer.text.splitlines() == [
            ENGLISH.unknown,
            ENGLISH.phones,
            *([f"• {office}"] if office else []),
            "• Hua Mak: +66 2 719 1919",
            "• Bangna: +66 2 723 2323",
        ]
        categories = [one.category for one in answer.passages]
        assert categories == [*(["offices"] if office else []), "au_contacts", "au_contacts"]

    def test_it_names_no_office_off_the_topic(self, make_service: MakeService) -> None:
        service = make_service(offices={"entries": list(self.OFFICES)}, au_contacts=PHONES)

        answer = self.unknown(service, "dormitory?", off_topic=True)

        assert answer.text.splitlines() == [
            ENGLISH.foreign,
            "• Hua Mak: +66 2 719 1919",
            "• Bangna: +66 2 723 2323",
        ]
        assert len(answer.passages) == 2

    def test_it_names_an_office_without_a_phone(self, make_service: MakeService) -> None:
        service = make_service(offices={"entries": list(self.OFFICES)})

        answer = self.unknown(service, "dormitory?")

        assert answer.text.splitlines()[2:] == ["• Gate office: Room 1."]
        assert [one.fact_id for one in answer.passages] == ["a"]

    def test_it_says_so_alone_when_there_is_nobody_to_call(self, make_service: MakeService) -> None:
        service = make_service(offices={"entries": list(self.OFFICES)})

        assert self.unknown(service, "zeppelin?") == KnowledgeAnswer(ENGLISH.unknown)
