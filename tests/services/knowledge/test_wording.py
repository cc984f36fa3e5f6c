"""Tests of `backend/services/knowledge/answers.py`: facts put into words."""

from typing import Any, Final

import pytest

from backend.core.language import Language
from backend.services.knowledge.answers import AnswerWriter
from backend.services.knowledge.choice import Choice
from backend.services.knowledge.context import KnowledgeContext
from backend.services.knowledge.library import Library
from backend.services.knowledge.passage import Confidence, Fact, Source, Span
from backend.services.knowledge.phrases import PHRASES
from tests.services.knowledge.wording import line, nested, passage, write

ENGLISH: Final = PHRASES[Language.ENGLISH]


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

    @pytest.mark.parametrize(
        ("question", "told"),
        [
            ("when was it founded?", "Founded: 1938; Founder: Gab; Acc: x"),
            ("who is the founder?", "Founder: Gab"),
            ("what was the former name?", "Acc: x"),
        ],
    )
    def test_tells_with_a_fact_what_it_says_little_without(
        self, library: Library, question: str, told: str
    ) -> None:
        facts: dict[str, str | int] = {
            "founded": 1938,
            "founder": "Gab",
            "acc": "x",
            "motto": "Labor",
        }
        one = nested(*(Fact((key,), value) for key, value in facts.items()))

        assert line(library, one, question) == f"• Halls, Lift – {told}"

    def test_tells_a_sum_once_when_it_is_asked_for_itself(self, library: Library) -> None:
        one = nested(Fact(("insurance",), 9, "THB"), Fact(("late_fee",), 7, "THB"))

        assert line(library, one, "price of insurance?") == "• Halls, Lift – Insurance: 9 THB"

    def test_a_fact_without_a_name_is_asked_for_by_none(self, library: Library) -> None:
        one = nested(Fact((), "Word"), Fact(("phone",), "1"))

        assert line(library, one, "phone number?") == "• Halls, Lift – Phone: 1"
