"""Entries brought down to arrays: whatever batch or part one is in, it is found where it stands."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pytest

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.batch import BatchAnalyser
from backend.services.knowledge.bound import BoundPassages
from backend.services.knowledge.hashing import hash_of, hash_of_key
from backend.services.knowledge.index import Hit
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.query import Term, TermKind
from backend.services.knowledge.ranking import Stand, rank
from backend.services.knowledge.sheets import SheetReader
from backend.services.knowledge.shelf import ASKED_BOOST, worth_of
from backend.services.knowledge.volume import Volume
from backend.services.knowledge.volume_shelf import VolumeShelf
from backend.services.knowledge.volume_writer import Sheet, gather, put_together
from tests.services.knowledge.conftest import TODAY

LEXICON: Final = Lexicon.build({"fee": ["fee"], "gate": ["north gate"], "visa": ["visa"]})
ANALYSER: Final = Analyser(LEXICON)


def entry(name: str, text: str = "Text.", **values: Any) -> dict[str, Any]:
    return {"id": name, "title": "Title", "text": text, **values}


def sheets(*entries: Any) -> list[Sheet]:
    return list(SheetReader("crumb", None).read(entries, 0))


def volume_of(*parts: Sequence[Sheet]) -> Volume:
    """A volume of parts that are read one by one."""
    gathered = [gather(part, BatchAnalyser(ANALYSER), "crumb") for part in parts]
    about = {"key": "k", "file": "notices.json", "problems": []}
    return Volume(about, put_together(gathered))


def shelf_of(*entries: Any) -> VolumeShelf:
    return VolumeShelf(BoundPassages(volume_of(sheets(*entries)), lambda found: found))


def word(token: str, weight: float = 1.0, mass: float = 1.0) -> Term:
    return Term(token, TermKind.WORD, weight, mass)


def same(one: Volume, other: Volume) -> None:
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        assert array.dtype == other.arrays[name].dtype, name
        assert array.tolist() == other.arrays[name].tolist(), name


@pytest.fixture(scope="module")
def many() -> list[Sheet]:
    """More entries than are read at once."""
    plain = [Sheet(f"e{n}", "Title", f"Word {n}.", (), (), 0, 1.0, b"%d" % n) for n in range(2_100)]
    plain[5] = plain[5]._replace(title="Visa fee", aliases=("zebra fee?",), body="zebra")
    plain[2_050] = plain[5]._replace(fact_id="e2050", content=b"last", worth=2.0, valid_until=9)
    return plain


class TestBatches:
    def test_stand_one_behind_the_other(self, many: list[Sheet]) -> None:
        volume = volume_of(many)
        shelf = VolumeShelf(BoundPassages(volume, lambda found: found))
        asked = ANALYSER.read_query("zebra fee?").key

        assert list(shelf.index.search([word("zebra")])) == [5, 2_050]
        assert shelf.asked(asked) == {5, 2_050}
        for place in (5, 2_050):
            assert volume.look_up("id", hash_of(f"e{place}")) == [place]
            hit = Hit(tokens=["@visa", "@fee"])
            assert shelf.weigh(place, hit, asked=False) == pytest.approx(many[place].worth)
        assert volume.piece("entry", 5) == b"5"
        assert volume.piece("entry", 0) == b"0"
        assert volume.piece("entry", 2_050) == b"last"
        assert volume.size == 2_100
        assert list(shelf.expired(TODAY)) == [2_050]

    def test_in_parts_make_the_same_volume(self, many: list[Sheet]) -> None:
        whole = volume_of(many)

        same(volume_of(many[:1_000], many[1_000:]), whole)
        same(volume_of(many[:1], [], many[1:]), whole)

    def test_of_any_size_make_the_same_volume(
        self, many: list[Sheet], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = volume_of(many)

        monkeypatch.setattr("backend.services.knowledge.volume_writer._BATCH", 700)
        monkeypatch.setattr("backend.services.knowledge.volume_writer._PIECE", 1_000)
        same(volume_of(many), whole)

    def test_of_nothing_are_empty(self) -> None:
        volume = volume_of([])

        assert volume.size == 0
        assert volume.find("e1") is None
        assert VolumeShelf(BoundPassages(volume, lambda found: found)).index.search([]) == {}


class TestVolumeIndex:
    def test_finds_the_only_entry(self) -> None:
        index = shelf_of(entry("a", "A zebra.")).index

        for within in (None, range(1)):
            hit = index.search([word("zebra", mass=2.0), word("none")], within)[0]
            assert hit.tokens == ["zebra"]
            assert hit.covered == pytest.approx(index.mass(word("zebra", mass=2.0)))
            assert hit.score > 0
        assert index.search([word("zebra")], range(0)) == {}
        assert index.search([word("none")]) == {}
        assert "zebra" in index
        assert "none" not in index
        assert index.rank("none") == -1
        assert index.idf("none") > index.idf("zebra")

    def test_finds_no_more_than_it_is_asked_for_the_best_in_their_order(self) -> None:
        index = shelf_of(
            entry("a", "One zebra among many other animals."),
            entry("b", "Zebra zebra lion."),
            entry("c", "Nothing."),
            entry("d", "Zebra lion."),
        ).index

        terms = [word("zebra"), word("lion", 0.5)]
        assert list(index.search(terms)) == [0, 1, 3]
        assert list(index.search(terms, most=2)) == [1, 3]
        assert [hit.tokens for hit in index.search(terms).values()] == [
            ["zebra"],
            ["zebra", "lion"],
            ["zebra", "lion"],
        ]

    def test_counts_against_an_entry_what_is_not_meant(self) -> None:
        index = shelf_of(entry("a", "Zebra lion."), entry("b", "Zebra and okapi.")).index

        found = index.search([word("zebra"), word("lion", -0.1, 0.0)])

        assert found[0].score < found[1].score
        assert found[0].tokens == ["zebra"]


class TestVolumeShelf:
    def test_weighs_an_entry_by_its_worth_its_title_and_its_askers(self) -> None:
        shelf = shelf_of(
            entry("a", title="Visa and fee", priority=2.0),
            entry("b", title="Notice", confidence="low"),
            entry("c", title="Fee"),
        )
        both, fee = Hit(tokens=["@visa", "@fee", "title"]), Hit(tokens=["@fee"])

        assert shelf.weigh(0, both, asked=False) == pytest.approx(2.0)
        assert shelf.weigh(0, both, asked=True) == pytest.approx(2.0 * ASKED_BOOST)
        assert 1.2 < shelf.weigh(0, fee, asked=False) < 2.0
        assert shelf.weigh(0, Hit(tokens=["fee", "visa"]), asked=False) < 1.3
        assert shelf.weigh(2, fee, asked=False) == pytest.approx(1.0)
        assert shelf.weigh(2, Hit(), asked=False) == pytest.approx(0.6)
        assert shelf.weigh(1, fee, asked=False) == pytest.approx(0.8 * worth_of(1.0, doubtful=True))
        assert shelf.weigh(1, fee, asked=False) == shelf.weigh(1, both, asked=False)

    def test_knows_who_asks_for_an_entry(self) -> None:
        shelf = shelf_of(
            entry("a", aliases=["north gate?", "zebra"]), entry("b", aliases=["zebra", "?"])
        )

        assert shelf.asked(frozenset({"@gate"})) == {0}
        assert shelf.asked(ANALYSER.read_query("zebra").key) == {0, 1}
        assert shelf.asked(frozenset()) == frozenset()
        assert shelf.asked(frozenset({"@gate", "@fee"})) == frozenset()
        assert shelf.ranges == {"notices": range(2)}

    def test_knows_until_when_entries_hold(self) -> None:
        days = {"b": {"valid_until": "2026-11-22"}, "c": {"valid_until": "2020"}}
        shelf = shelf_of(*(entry(name, **days.get(name, {})) for name in "abc"))

        for today, expired in (
            (date(2020, 12, 31), []),
            (date(2021, 1, 1), [2]),
            (date(2026, 11, 22), [2]),
            (date(2026, 11, 23), [1, 2]),
            (date(2021, 1, 1), [2]),
        ):
            assert list(shelf.expired(today)) == expired
            assert list(shelf.expired(today)) == expired

    def test_ranks_as_many_as_are_asked_for_by_what_they_count(self) -> None:
        shelf = shelf_of(
            entry("a", "Zebra zebra zebra."),
            entry("b", "Zebra beside a few more words.", priority=3.0),
            entry("c", "Zebra beside a great many more words than those of the one before."),
        )
        query = ANALYSER.read_query("zebra")

        found = [rank([Stand(shelf, 10)], query, TODAY, most=most) for most in (1, 2, 9)]

        assert [[one.passage.fact_id for one in ranked] for ranked in found] == [
            ["b"],
            ["b", "a"],
            ["b", "a", "c"],
        ]
        assert [one.place for one in found[2]] == [11, 10, 12]

    def test_ranks_several_files_together(self) -> None:
        one = shelf_of(entry("a", "Zebra zebra zebra."), entry("b", "Zebra and a few more words."))
        other = shelf_of(entry("c", "Zebra."), entry("d", "Zebra and more.", priority=3.0))
        stands = [Stand(one, 0), Stand(other, 2)]
        query = ANALYSER.read_query("zebra")

        found = [rank(stands, query, TODAY, most=most) for most in (1, 2, 3, 9)]

        ids = [[scored.passage.fact_id for scored in ranked] for ranked in found]
        assert [len(ranked) for ranked in found] == [1, 2, 3, 4]
        assert ids[3][:2] == ids[2][:2] == ids[1] == ["d", "a"]
        assert {scored.passage.fact_id: scored.place for scored in found[3]} == {
            "a": 0,
            "b": 1,
            "c": 2,
            "d": 3,
        }
        scores = [scored.score for scored in found[3]]
        assert scores == sorted(scores, reverse=True)


class TestVolumeWords:
    @pytest.mark.parametrize(
        ("known", "weight", "near"),
        [
            ("zebra", True, ["zebra"]),
            ("zebras", False, ["zebra"]),
            ("zebr", False, ["zebra"]),
            ("ze", False, []),
            ("as", True, []),
            ("cub", True, ["cub"]),
            ("cb", False, ["cub"]),
            ("asx", False, []),
            ("lions", True, ["lions", "lion"]),
            ("lien", False, ["lion"]),
            ("tag", False, []),
        ],
    )
    def test_are_those_of_the_entries(self, known: str, weight: bool, near: list[str]) -> None:
        words = shelf_of(entry("a", "A zebra as lions lion cub.", tags=["tag"])).words

        assert (words.weight(known) > 0) is weight
        assert sorted(words.neighbours(known)) == sorted(near)

    def test_are_known_in_all_their_forms(self) -> None:
        words = shelf_of(entry("a", "A zebra as lions lion.")).words

        assert [one in words for one in ("zebra", "zebras", "lien")] == [True, True, False]


class TestHashes:
    def test_of_a_key_are_the_same_in_any_order(self) -> None:
        one, other = hash_of("@fee"), hash_of("@visa")

        assert hash_of_key(frozenset({"@fee", "@visa"})) == (one + other) % 2**64
        assert hash_of_key(frozenset()) == 0
        assert len({hash_of(name) for name in ("", "a", "b", "ab", "\ud800")}) == 5
        assert 0 <= one < 2**64
        assert np.uint64(hash_of("@fee")) == one
