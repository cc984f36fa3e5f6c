from dataclasses import replace
from string import ascii_uppercase

import pytest

from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import MakeService


def cited(service: KnowledgeService, question: str, answer: str) -> list[str]:
    context = service.get_context(question)
    return [passage.fact_id for passage in service.cite(answer, context)]


class TestCite:
    def test_names_the_facts_whose_figures_are_told(self, shipped: KnowledgeService) -> None:
        answer = "The MBA costs 500,000 to 550,000 THB in total and takes 18-24 months."

        assert cited(shipped, "MBA cost?", answer)[0] == "tuition_fees_thb.graduate.mba_programs"

    def test_reads_figures_in_any_writing(self, shipped: KnowledgeService) -> None:
        for answer in (
            "ค่าเรียน ๕๐๐,๐๐๐–๕๕๐,๐๐๐ บาท",
            "总共500000至550000泰铢",
            "၅၀၀,၀၀၀–၅၅၀,၀၀၀ ဘတ်",
        ):
            assert cited(shipped, "MBA", answer) == ["tuition_fees_thb.graduate.mba_programs"]

    def test_reads_phone_numbers_however_grouped(self, shipped: KnowledgeService) -> None:
        assert cited(shipped, "phone of Hua Mak", "โทร +6627191919")[0] == "campuses.0"

    def test_names_the_facts_whose_names_are_told(self, shipped: KnowledgeService) -> None:
        answer = "มหาวิทยาลัยก่อตั้งโดยคณะ Brothers of St. Gabriel"

        assert "history.origins" in cited(shipped, "ใครก่อตั้งมหาวิทยาลัย", answer)

    def test_names_nothing_for_an_answer_without_facts(self, shipped: KnowledgeService) -> None:
        assert cited(shipped, "dormitory price", "I am sorry, I do not know that.") == []
        assert cited(shipped, "MBA", "") == []

    def test_names_five_at_most(self, shipped: KnowledgeService) -> None:
        context = shipped.get_context("all fees")

        assert len(shipped.cite(context.text, context)) == 5


def cited_of(make_service: MakeService, answer: str, *bodies: str) -> str:
    """The names, A to Z, of the facts with these bodies that an answer draws on."""
    names = ascii_uppercase[: len(bodies)]
    entries = [
        {"id": name, "title": "Notice", "text": body}
        for name, body in zip(names, bodies, strict=True)
    ]
    service = make_service(notes={"entries": entries})
    context = replace(service.get_context(""), passages=service.library.passages)
    return "".join(passage.fact_id for passage in service.cite(answer, context))


OTHER = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey yankee zulu"
)
"""Words beside what is looked for, so that it is a small part of what a fact says."""


class TestWhatIsEnough:
    @pytest.mark.parametrize(
        ("figure", "answer", "cited"),
        [
            ("42", "42", "A"),
            ("42", "43", ""),
            ("42", "142", ""),
            ("5", "5", ""),
            ("23,500", "23500", "A"),
            ("23500", "It is 23,500!", "A"),
            ("2.75", "2.75", "A"),
            ("2.75", "2.76", ""),
            ("12 345 678", "12345678", "A"),
            ("12345678", "12-345-678", "A"),
            ("12 34 567", "1234567", ""),
            ("12 34 56", "123456", ""),
        ],
    )
    def test_is_a_figure_of_two_digits(
        self, make_service: MakeService, figure: str, answer: str, cited: str
    ) -> None:
        assert cited_of(make_service, answer, f"{OTHER} {figure}") == cited

    @pytest.mark.parametrize(
        ("answer", "cited"),
        [
            ("Lifts stop early", "A"),
            ("A notice: lifts stop early today", "A"),
            ("the lifts", ""),
            ("", ""),
        ],
    )
    def test_are_most_of_the_words(
        self, make_service: MakeService, answer: str, cited: str
    ) -> None:
        assert cited_of(make_service, answer, "Lifts stop early.", OTHER) == cited

    @pytest.mark.parametrize(("holders", "cited"), [(1, "A"), (3, "ABC"), (4, "")])
    def test_is_a_name_that_few_of_the_facts_hold(
        self, make_service: MakeService, holders: int, cited: str
    ) -> None:
        bodies = [f"{OTHER} It is the Saint Gabriel  Hall" for _ in range(holders)]

        assert cited_of(make_service, "at saint gabriel hall", *bodies, OTHER) == cited

    def test_are_not_names_that_the_answer_does_not_say(self, make_service: MakeService) -> None:
        told = f"{OTHER} Saint Gabriel Hall"
        others = f"{OTHER} North Yard, South Yard, West Yard, East Yard, Old Yard"

        assert cited_of(make_service, "at saint gabriel hall", told, others) == "A"

    @pytest.mark.parametrize(
        ("name", "answer", "cited"),
        [
            ("the School of Law", "school of law", "A"),
            ("the School of Law", "school of", ""),
            ("the Gabriel", "gabriel", ""),
        ],
    )
    def test_is_a_whole_name_of_several_words(
        self, make_service: MakeService, name: str, answer: str, cited: str
    ) -> None:
        assert cited_of(make_service, answer, f"{OTHER} {name}", OTHER) == cited


class TestHowMany:
    def test_are_those_that_say_about_as_much_as_the_best(self, make_service: MakeService) -> None:
        one, two, five = "11", "22 33", "44 55 66 77 88"
        bodies = [f"{OTHER} {figures}" for figures in (one, two, five)]

        assert cited_of(make_service, f"{one}", *bodies) == "A"
        assert cited_of(make_service, f"{one} {two}", *bodies) == "BA"
        assert cited_of(make_service, f"{one} {two} {five}", *bodies) == "CB"

    def test_are_five_in_the_order_in_which_they_were_given(
        self, make_service: MakeService
    ) -> None:
        bodies = [f"{OTHER} 1938" for _ in range(7)]

        assert cited_of(make_service, "in 1938", *bodies) == "ABCDE"
