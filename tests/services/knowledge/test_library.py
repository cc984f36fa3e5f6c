"""The knowledge as one object: what stands where in it, and how it is looked up."""

from typing import Any, Final

import pytest

from backend.core.errors import CategoryNotFound, FactNotFound
from backend.services.knowledge.index import Hit
from backend.services.knowledge.library import Library
from backend.services.knowledge.shelf import ASKED_BOOST, focus_factor, worth_of
from tests.services.knowledge.conftest import TODAY, MakeService

OWN: Final[dict[str, Any]] = {
    "offices": [
        {"name": "Library", "phone": "111", "Telephone": "222", "fax": "333"},
        {"name": "Clinic", "phone": 444, "hours": {"tel": "555"}},
    ]
}


def entry(name: str, **values: Any) -> dict[str, Any]:
    return {"id": name, "title": "Title", "text": "Text.", **values}


ASKS: Final = "where is the visa office"
NEWS: Final[dict[str, Any]] = {
    "entries": [
        entry("visa", title="Visa and tuition", tags=["contacts", "visa"], aliases=[ASKS]),
        entry("fee", title="Fees", tags=["tuition"], priority=2.0),
        entry("old", title="Zebra", valid_until="2026-11-21"),
        entry("today", title="Zebra", valid_until="2026-11-22"),
    ]
}
MORE: Final[dict[str, Any]] = {"entries": [entry("a", confidence="low"), entry("b")]}


@pytest.fixture
def knowledge(make_service: MakeService) -> Library:
    return make_service(au_offices=OWN, more=MORE, news=NEWS).library


class TestLookingUp:
    def test_finds_a_fact_by_its_address(self, knowledge: Library) -> None:
        assert knowledge.fact("news", "fee").title == "Fees"
        assert knowledge.fact("au_offices", "offices.0").title == "Library"
        assert knowledge.category("news").title == "news"
        assert knowledge.by_id["news#fee"] == knowledge.fact("news", "fee")

    def test_says_what_is_not_there(self, knowledge: Library) -> None:
        with pytest.raises(CategoryNotFound):
            knowledge.category("none")
        with pytest.raises(CategoryNotFound):
            knowledge.fact("none", "fee")
        with pytest.raises(FactNotFound):
            knowledge.fact("news", "none")
        with pytest.raises(FactNotFound):
            knowledge.fact("more", "fee")

    @pytest.mark.parametrize(
        ("passage_id", "held"),
        [("news#fee", True), ("au_offices#/offices/0", True), ("news#none", False), ("fee", False)],
    )
    def test_tells_which_passages_there_are(
        self, knowledge: Library, passage_id: str, held: bool
    ) -> None:
        assert knowledge.holds(passage_id) is held

    def test_lists_the_owners_passages_first(self, knowledge: Library) -> None:
        ids = [passage.id for passage in knowledge.passages]

        assert ids[:2] == ["au_offices#/offices", "au_offices#/offices/0"]
        assert ids[-6:] == ["more#a", "more#b", "news#visa", "news#fee", "news#old", "news#today"]
        assert [passage.id for passage in knowledge.all_passages()] == ids
        assert knowledge.size == len(ids)
        assert [
            knowledge.shelf_of(passage) is knowledge.core for passage in knowledge.passages
        ] == [passage.core for passage in knowledge.passages]


class TestWhereToTurn:
    def test_phones_are_the_owners(self, knowledge: Library) -> None:
        found = [(phone.name, phone.number, phone.passage.fact_id) for phone in knowledge.phones]

        assert found == [
            ("Library", "111", "offices.0"),
            ("Library", "222", "offices.0"),
            ("Clinic", "555", "offices.1"),
        ]

    def test_offices_are_what_is_tagged_as_contacts(self, knowledge: Library) -> None:
        (office,) = knowledge.offices

        assert office.passage.fact_id == "visa"
        assert "visa" in office.concepts
        assert not office.concepts & {"contact", "contacts", "phone"}

    def test_lists_are_the_owners_counted_ones(self, knowledge: Library) -> None:
        assert [passage.id for passage in knowledge.lists] == ["au_offices#/offices"]


class TestShelves:
    def test_know_the_places_of_each_category(self, knowledge: Library) -> None:
        assert knowledge.others.ranges == {"more": range(2), "news": range(2, 6)}
        assert knowledge.core.ranges == {"au_offices": range(len(knowledge.core.passages))}

    def test_know_what_no_longer_holds(self, knowledge: Library) -> None:
        assert list(knowledge.others.expired(TODAY)) == [4]
        assert list(knowledge.core.expired(TODAY)) == []
        assert knowledge.count_expired(TODAY) == 1

    def test_know_who_asks_for_a_passage(self, knowledge: Library) -> None:
        key = knowledge.analyser.read_query(ASKS).key

        assert key
        assert knowledge.others.asked(key) == {2}
        assert knowledge.others.asked(frozenset()) == frozenset()

    def test_weigh_a_passage_by_its_worth_its_title_and_its_askers(
        self, knowledge: Library
    ) -> None:
        others, core = knowledge.others, knowledge.core
        tokens = list(others.focus[2].tokens) if others.focus[2] else []
        assert len(tokens) > 1
        every, some = Hit(tokens=[*tokens, "word"]), Hit(tokens=tokens[:1])

        assert others.weigh(2, every, asked=False) == pytest.approx(1.0)
        assert others.weigh(2, every, asked=True) == pytest.approx(ASKED_BOOST)
        assert focus_factor(0) < others.weigh(2, some, asked=False) < 1.0
        assert others.weigh(2, Hit(), asked=False) == focus_factor(0)
        assert others.weigh(3, Hit(), asked=False) == 2 * focus_factor(0)
        assert others.weigh(0, Hit(), asked=False) < others.weigh(1, Hit(), asked=False)
        assert others.weigh(5, Hit(), asked=False) == focus_factor(None)
        assert core.weigh(0, Hit(), asked=False) == worth_of(1.0, doubtful=False, core=True)
        assert ASKED_BOOST > 1

    def test_count_the_owners_more_and_the_doubtful_less(self) -> None:
        plain = worth_of(2.0, doubtful=False)

        assert plain == 2.0
        assert 0.5 < worth_of(1.0, doubtful=True) < 1.0 < worth_of(1.0, doubtful=False, core=True)
        assert worth_of(2.0, doubtful=True) == 2 * worth_of(1.0, doubtful=True)

    def test_count_less_what_a_title_says_besides(self) -> None:
        assert focus_factor(1.0) == 1.0
        assert focus_factor(None) == focus_factor(0.5)
        assert 0.5 <= focus_factor(0.0) < focus_factor(0.25) < focus_factor(0.5) < 1.0


class TestConflicts:
    RULING: Final = {"overruled": {"fee": "au_offices#/offices/0", "visa": "au_offices#/gone"}}

    def test_are_settled_by_what_is_there(self, make_service: MakeService) -> None:
        library = make_service(au_offices=OWN, news=NEWS, legacy=self.RULING).library

        ruled = {passage.fact_id: passage.overruled_by for passage in library.passages}
        assert ruled["fee"] == "au_offices#/offices/0"
        assert ruled["visa"] is None
        assert ruled["old"] is None


def test_misspelt_words_are_repaired_to_those_of_the_facts(make_service: MakeService) -> None:
    library = make_service(news={"entries": [entry("a", text="Quokka quokka numbat.")]}).library

    assert library.words.weights.keys() >= {"quokka", "numbat"}
    assert library.words.weight("quokka") == library.words.weight("numbat")
    tokens = {term.token for term in library.analyser.read_query("quokkka").terms}
    assert "quokka" in tokens
