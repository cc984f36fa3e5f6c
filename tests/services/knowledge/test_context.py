from typing import ClassVar

from backend.services.knowledge_service import KnowledgeService
from tests.services.knowledge.conftest import MakeService


class TestWholeKnowledge:
    def test_is_sent_in_a_stable_order_when_it_fits(self, owners: KnowledgeService) -> None:
        one = owners.get_context("How much is the MBA?")
        other = owners.get_context("谁创办了大学")

        assert one.complete
        assert one.text == other.text
        assert one.matches[0].passage.fact_id == "tuition_fees_thb.graduate.mba_programs"
        assert one.token_count <= 1_500

    def test_numbers_each_fact_and_names_its_source(self, owners: KnowledgeService) -> None:
        lines = owners.get_context("MBA").text.splitlines()

        assert lines[0].startswith("[1 au_contacts] ")
        assert len(lines) == len(owners.get_context("MBA").passages)


class TestChoice:
    def test_sends_what_matches_best_first(self, owners: KnowledgeService) -> None:
        context = owners.get_context("How much is the MBA?", token_budget=100)

        assert not context.complete
        assert context.text.startswith(
            "[1 au_tuitions] tuition fees thb > graduate > mba programs: total fee range "
            "500,000-550,000 THB; duration 18-24 months"
        )

    def test_keeps_half_the_budget_for_the_owners_facts(self, make_service: MakeService) -> None:
        entries = [
            {"id": f"e{n}", "title": "Insurance fee", "text": f"The insurance fee is {n} baht."}
            for n in range(50)
        ]
        fees = {"fees_thb": [{"name": f"Year {n}", "health_insurance": n} for n in range(50)]}

        context = make_service(200, own=fees, more={"entries": entries}).get_context(
            "insurance fee"
        )

        core = [passage for passage in context.passages if passage.core]
        assert 0 < len(core) < len(context.passages)
        assert sum(len(passage.text) for passage in core) >= 250

    def test_fills_room_with_what_stands_beside(self, make_service: MakeService) -> None:
        gates = [{"name": name, "opens": 8} for name in ("North", "South", "West")]
        phones = {"motto": "Look to the north and to the stars above it", "gates": gates}
        other = {"k": [{"name": "Elsewhere " * 20, "closes": 5}] * 20}

        context = make_service(60, a=phones, b=other).get_context("north")

        assert context.passages[0].title == "North"
        assert "South" in [passage.title for passage in context.passages]

    def test_without_a_match_sends_the_contacts(self, shipped: KnowledgeService) -> None:
        context = shipped.get_context("hello")

        assert not context.off_topic
        assert "+66 2 719 1919" in context.text


class TestRoomThatIsLeft:
    """Facts of which "north" matches a few, beside others that do not match."""

    GATES = ("North", "South", "West", "East")
    FILES: ClassVar = {
        "a": {
            "motto": "Look to the north and to the stars above it",
            "gates": [{"name": name, "opens": 8} for name in GATES],
            "lifts": [{"name": "Lift", "opens": 9}],
        },
        "b": {"k": [{"name": "Elsewhere " * 20, "closes": 5}] * 20},
        "au_contacts": {
            "campuses": [
                {"name": "Hua Mak", "phone": "+66 2 719 1919"},
                {"name": "Bangna", "phone": "+66 2 723 2323"},
            ]
        },
    }

    def titles(self, make_service: MakeService, question: str, *, budget: int = 100) -> list[str]:
        context = make_service(budget, **self.FILES).get_context(question)
        assert context.token_count <= budget
        return [passage.title for passage in context.passages]

    def test_is_for_what_stands_beside_the_best_after_all_that_match(
        self, make_service: MakeService
    ) -> None:
        matching, beside = ["North", "a", "gates"], ["South", "West", "East"]

        assert self.titles(make_service, "north") == matching + beside

    def test_is_taken_by_none_before_what_matches(self, make_service: MakeService) -> None:
        assert self.titles(make_service, "north", budget=40) == ["North", "a", "gates"]
        assert self.titles(make_service, "north", budget=50) == ["North", "a", "gates", "South"]

    def test_is_for_the_contacts_when_nothing_stands_beside(
        self, make_service: MakeService
    ) -> None:
        assert self.titles(make_service, "motto stars") == ["a", "Hua Mak", "Bangna"]
        assert self.titles(make_service, "hello") == ["Hua Mak", "Bangna"]


class TestDoubts:
    def test_are_told_with_date_and_source(self, shipped: KnowledgeService) -> None:
        text = shipped.get_context("merit scholarship GPA").text

        line = next(line for line in text.splitlines() if "3.85" in line)
        assert ", as of 2011]" in line
        assert "(not certain, check http://www.biotech.au.edu/" in line

    def test_what_contradicts_the_owner_is_told_as_such(self, shipped: KnowledgeService) -> None:
        text = shipped.get_context("health insurance for international students").text

        line = next(line for line in text.splitlines() if "Muang Thai Life" in line)
        assert line.endswith("(another source, which stands, says otherwise)")
        assert "3,650 THB" in text

    def test_nothing_is_contradicted_by_what_is_not_there(self, make_service: MakeService) -> None:
        raw = {"id": "insurance.health", "title": "Insurance", "text": "It costs 2,550 baht."}

        text = make_service(e={"entries": [raw]}).get_context("insurance").text

        assert text == "[1 e] Insurance: It costs 2,550 baht."


class TestContacts:
    def test_the_campus_phones_go_with_every_question_that_leaves_room(
        self, shipped: KnowledgeService
    ) -> None:
        context = shipped.get_context("How much is the MBA?", token_budget=1_500)

        assert "+66 2 719 1919" in context.text
        assert "+66 2 723 2323" in context.text
        assert context.token_count <= 1_500

    def test_a_small_budget_is_the_answers_alone(self, shipped: KnowledgeService) -> None:
        context = shipped.get_context("How much is the MBA?", token_budget=200)

        assert "500,000" in context.text
        assert "+66 2 719 1919" not in context.text
