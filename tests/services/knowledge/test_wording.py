"""Tests of `backend/services/knowledge/answers.py`: facts put into words."""

from typing import Any, Final

import pytest

from backend.core.language import Language
from backend.services.knowledge.answers import AnswerWriter, KnowledgeAnswer
from backend.services.knowledge.choice import Choice
from backend.services.knowledge.context import KnowledgeContext
from backend.services.knowledge.library import Library
from backend.services.knowledge.passage import Confidence, Fact, Passage, Source, Span
from backend.services.knowledge.phrases import PHRASES
from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import MakeService

ENGLISH: Final = PHRASES[Language.ENGLISH]
PHONES: Final = {
    "campuses": [
        {"name": "Hua Mak", "phone": "+66 2 719 1919"},
        {"name": "Bangna", "phone": "+66 2 723 2323"},
    ]
}


def passage(**changes: Any) -> Passage:
    told: dict[str, Any] = {
        "id": "a#x",
        "category": "a",
        "fact_id": "x",
        "title": "Lift",
        "body": "Goes up.",
        "source": Source("A"),
        "raw": {},
        "core": False,
    }
    return Passage(**{**told, **changes})


def nested(*facts: Fact, **changes: Any) -> Passage:
    """A passage of the owner's files."""
    told = {"fact_id": "halls.lift", "breadcrumb": ("halls", "lift"), "title": "lift"}
    return passage(**{"core": True, "facts": facts, **told, **changes})


def write(
    library: Library,
    *passages: Passage,
    question: str = "lift?",
    language: Language = Language.ENGLISH,
    **changes: Any,
) -> KnowledgeAnswer:
    """The answer when these passages are chosen."""
    query = library.analyser.read_query(question)
    context = KnowledgeContext("", (), 0, query=query, **changes)
    context.made_choice.append(Choice(passages))
    return AnswerWriter(library, language).write(question, context)


def line(library: Library, one: Passage, question: str = "lift?") -> str:
    """The line that tells a passage."""
    return write(library, one, question=question).text.splitlines()[1]


class TestAnswer:
    def test_tells_each_fact_and_then_the_sources(self, library: Library) -> None:
        first, second = passage(), passage(id="a#y", title="Door", source=Source("B"))

        answer = write(library, first, second, first)

        assert answer.text.splitlines() == [
            ENGLISH.found,
            "• Lift: Goes up.",
            "• Door: Goes up.",
            "• Lift: Goes up.",
            "",
            "Sources: A; B",
        ]
        assert answer.passages == (first, second, first)

    def test_says_what_it_leaves_open_and_whom_to_call(self, library: Library) -> None:
        context = KnowledgeContext("", (), 0)
        context.made_choice.append(Choice((passage(),), partial=True))

        text = AnswerWriter(library, Language.ENGLISH).write("lift?", context).text

        assert text.splitlines()[2:] == [
            "",
            "Sources: A",
            "",
            ENGLISH.partly,
            *(f"• {phone.name}: {phone.number}" for phone in library.phones),
        ]

    @pytest.mark.parametrize(
        ("source", "told"),
        [
            (Source("A"), "A"),
            (Source("A", url="https://au.edu"), "A (https://au.edu)"),
            (Source("A", file="a.json"), "A (a.json)"),
            (Source("a.json", file="a.json"), "a.json"),
            (Source("A", url="https://au.edu", file="a.json"), "A (https://au.edu)"),
        ],
    )
    def test_names_a_source_with_its_page_or_file(
        self, library: Library, source: Source, told: str
    ) -> None:
        assert write(library, passage(source=source)).text.endswith(f"\n\nSources: {told}")


class TestLine:
    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({}, "• Lift: Goes up."),
            ({"body": "LIFT goes up."}, "• LIFT goes up."),
            ({"body": "The lift goes up."}, "• Lift: The lift goes up."),
            ({"core": True}, "• Lift: Goes up."),
            ({"facts": (Fact(("a",), 1),)}, "• Lift: Goes up."),
            ({"source": Source("A", date="2011")}, "• Lift: Goes up. (as of 2011)"),
            ({"confidence": Confidence.LOW}, "• Lift: Goes up. (please check: A)"),
            (
                {
                    "confidence": Confidence.LOW,
                    "source": Source("A", url="https://au.edu", date="2011-05"),
                },
                "• Lift: Goes up. (as of 2011-05, please check: https://au.edu)",
            ),
        ],
    )
    def test_is_a_name_and_what_is_said_of_it(
        self, library: Library, changes: dict[str, Any], told: str
    ) -> None:
        assert line(library, passage(**changes)) == told

    @pytest.mark.parametrize(
        ("facts", "changes", "told"),
        [
            ([Fact(("opens",), 8)], {}, "Halls, Lift – Opens: 8"),
            ([Fact(("opens",), 8)], {"title": "Old lift"}, "Old lift – Opens: 8"),
            ([Fact(("opens",), 8), Fact(("shuts",), 9)], {}, "Halls, Lift – Opens: 8; Shuts: 9"),
            ([Fact(("name",), "Old lift")], {"title": "Old lift"}, "Old lift"),
            (
                [Fact(("name",), "Old lift"), Fact(("opens",), 8)],
                {"title": "Old lift"},
                "Old lift – Opens: 8",
            ),
            ([Fact(("name",), "Old lift")], {}, "Halls, Lift – Old lift"),
            ([Fact(("motto",), "Labor")], {"fact_id": "~", "breadcrumb": ()}, "Motto: Labor"),
            ([Fact(("opens",), 8)], {"fact_id": "halls.0"}, "Halls – Opens: 8"),
            ([Fact(("opens",), 8)], {"fact_id": "0.1"}, "Opens: 8"),
            ([Fact(("opens",), 8)], {"fact_id": "a.halls.lift"}, "Halls, Lift – Opens: 8"),
            ([Fact((), "Word")], {}, "Halls, Lift – Word"),
            ([Fact(("text",), "Word")], {}, "Halls, Lift – Word"),
            ([Fact(("more", "fee_thb"), 12000, "THB")], {}, "Halls, Lift – Fee: 12,000 THB"),
            (
                [Fact(("stay_months",), Span(18, 24), "months")],
                {},
                "Halls, Lift – Stay: 18–24 months",
            ),
            (
                [Fact((), ("Law", "Arts"), counted=True)],
                {},
                "Halls, Lift – 2 in all: Law, Arts",
            ),
            (
                [Fact(("opens",), 8)],
                {"source": Source("A", date="2011")},
                "Halls, Lift – Opens: 8 (as of 2011)",
            ),
        ],
    )
    def test_of_the_owners_files_is_facts_with_labels_and_units(
        self, library: Library, facts: list[Fact], changes: dict[str, Any], told: str
    ) -> None:
        assert line(library, nested(*facts, **changes)) == f"• {told}"

    @pytest.mark.parametrize(
        ("language", "told"),
        [
            (Language.THAI, "คณะ, Lift – โทรศัพท์: 1; Fee: 12,000 บาท"),
            (Language.CHINESE, "学院, Lift – 电话：1；Fee：12,000 泰铢"),
        ],
    )
    def test_has_labels_and_units_in_the_askers_language(
        self, library: Library, language: Language, told: str
    ) -> None:
        facts = Fact(("phone",), "1"), Fact(("fee_thb",), 12000, "THB")
        one = nested(*facts, fact_id="faculties.lift")

        assert f"• {told}" in write(library, one, language=language).text.splitlines()

    @pytest.mark.parametrize(
        ("question", "told"),
        [
            ("lift?", "Phone: 1; Website: w; Duration: 5; Late fee: 9 THB; Address: street"),
            ("phone number?", "Phone: 1"),
            ("phone and website?", "Phone: 1; Website: w"),
            ("tuition fee?", "Phone: 1; Website: w; Duration: 5; Late fee: 9 THB; Address: street"),
            ("duration?", "Duration: 5"),
            ("duration and price?", "Duration: 5; Late fee: 9 THB"),
            ("duration and tuition?", "Duration: 5; Late fee: 9 THB"),
        ],
    )
    def test_tells_only_the_facts_that_are_asked_for(
        self, library: Library, question: str, told: str
    ) -> None:
        one = nested(
            Fact(("phone",), "1"),
            Fact(("website",), "w"),
            Fact(("duration",), 5),
            Fact(("late_fee",), 9, "THB"),
            Fact(("address",), "street"),
        )

        assert line(library, one, question) == f"• Halls, Lift – {told}"

    def test_tells_a_sum_once_when_it_is_asked_for_itself(self, library: Library) -> None:
        one = nested(Fact(("insurance",), 9, "THB"), Fact(("late_fee",), 7, "THB"))

        assert line(library, one, "price of insurance?") == "• Halls, Lift – Insurance: 9 THB"

    def test_a_fact_without_a_name_is_asked_for_by_none(self, library: Library) -> None:
        one = nested(Fact((), "Word"), Fact(("phone",), "1"))

        assert line(library, one, "phone number?") == "• Halls, Lift – Phone: 1"


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
