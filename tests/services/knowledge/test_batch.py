"""Tests of `backend/services/knowledge/batch.py` and of `card.py`, which it works out at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pytest

from backend.schemas.knowledge import KnowledgeEntry
from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.batch import WEIGHT_UNIT, Batch, BatchAnalyser
from backend.services.knowledge.card import Card, CardWriter, count_words
from backend.services.knowledge.columns import unpack
from backend.services.knowledge.entries import to_passage
from backend.services.knowledge.hashing import hash_of, hash_of_key
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.passage import Fact, Passage, Source

LEXICON: Final = Lexicon.build(
    {
        "stop_words": {"group": "stop", "en": ["the", "a", "is"]},
        "gate": {"en": ["gate", "north gate"], "zh": ["校门"], "broader": ["way"]},
        "way": {"en": ["way"]},
        "price": {"weak": True, "en": ["price"]},
        "weather": {"group": "foreign", "en": ["rain"]},
    }
)
CRUMB: Final = "au notices"
ENTRIES: Final[tuple[dict[str, Any], ...]] = (
    {"title": "North gate", "text": "The gate opens at 8:30.", "aliases": ["when is the gate"]},
    {"title": "au notices", "text": "Lift lift lift, way 12,000."},
    {
        "title": "Lift 42",
        "text": "校门 is ดอกไม้สวย.",
        "aliases": ["gate gate way", "门口", "rain", "price"],
    },
    {"title": "Door", "text": "Word " * 400, "aliases": ["way"], "tags": ["north gate", "lift"]},
    {"title": "Way", "text": "A.", "tags": ["1938"], "aliases": ["กขคงจฉชซ", "the"]},
    {"title": "Hall", "text": "Hmmm.", "aliases": ["hall", "hall"], "tags": ["hall"]},
)


def passages(entries: Sequence[dict[str, Any]] = ENTRIES) -> list[Passage]:
    return [
        to_passage(
            KnowledgeEntry.model_validate({"id": f"e{place}", **entry}),
            category="au_notices",
            file="au_notices.json",
        )
        for place, entry in enumerate(entries)
    ]


def write(chosen: Sequence[Passage]) -> list[Card]:
    return CardWriter(LEXICON).write(chosen, {})


def weights(analyser: BatchAnalyser, batch: Batch) -> dict[int, dict[str, int]]:
    """What each entry is found by, in the units of counts."""
    names = {number: token for token, number in analyser.tokens.items()}
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for token, entry, weight in zip(*map(list, unpack(batch.counts)), strict=True):
        found[int(entry)][names[int(token)]] = int(weight)
    return found


class TestBatch:
    @pytest.fixture
    def analyser(self) -> BatchAnalyser:
        return BatchAnalyser(Analyser(LEXICON))

    @pytest.mark.parametrize("order", [1, -1])
    def test_counts_what_cards_count(self, analyser: BatchAnalyser, order: int) -> None:
        chosen = passages()[::order]

        found = weights(analyser, analyser.read(chosen, CRUMB))

        for place, card in enumerate(write(chosen)):
            expected = {
                token: round(frequency / WEIGHT_UNIT)
                for token, frequency in card.frequencies.items()
            }
            assert found[place] == expected, card.passage.title

    def test_counts_each_term_of_an_entry_once(self, analyser: BatchAnalyser) -> None:
        tokens, entries, _ = unpack(analyser.read(passages(), CRUMB).counts)

        pairs = list(zip(tokens.tolist(), entries.tolist(), strict=True))
        assert len(pairs) == len(set(pairs))

    def test_tells_what_titles_speak_of(self, analyser: BatchAnalyser) -> None:
        batch = analyser.read(passages(), CRUMB)

        names = {number: token for token, number in analyser.tokens.items()}
        entries, tokens = batch.titled
        found = [
            (int(place), names[int(token)]) for place, token in zip(entries, tokens, strict=True)
        ]
        cards = enumerate(write(passages()))
        assert sorted(found) == sorted((place, one) for place, card in cards for one in card.focus)

    def test_tells_what_aliases_come_down_to(self, analyser: BatchAnalyser) -> None:
        keys, entries = analyser.read(passages(), CRUMB).asked

        found = [(int(key), int(place)) for key, place in zip(keys, entries, strict=True)]
        expected = [
            (hash_of_key(key), place)
            for place, card in enumerate(write(passages()))
            for key in card.asked.keys
            if key
        ]
        assert sorted(found) == sorted(expected)

    def test_goes_on_with_what_it_has_met(self, analyser: BatchAnalyser) -> None:
        chosen = passages()
        analyser.read(chosen[:3], CRUMB)
        known = dict(analyser.tokens)

        batch = analyser.read(chosen[2:], CRUMB)

        expected = BatchAnalyser(Analyser(LEXICON))
        assert weights(analyser, batch) == weights(expected, expected.read(chosen[2:], CRUMB))
        assert known.items() <= analyser.tokens.items()
        assert sorted(analyser.tokens.values()) == list(range(len(analyser.tokens)))
        assert analyser.hashes.tolist() == list(map(hash_of, analyser.tokens))

    def test_counts_the_words_but_those_of_tags(self, analyser: BatchAnalyser) -> None:
        analyser.read(passages(), CRUMB)

        assert analyser.count_words() == count_words(write(passages()))

    def test_may_be_of_nothing(self, analyser: BatchAnalyser) -> None:
        batch = analyser.read([], CRUMB)

        assert [len(batch.counts), *map(len, batch.titled), *map(len, batch.asked)] == [0] * 5

    def test_a_weight_beyond_all_bounds_stays_within_them(self, analyser: BatchAnalyser) -> None:
        (many,) = passages([{"title": "Door", "text": "x"}])

        found = weights(analyser, analyser.read([replace(many, body="word " * 1_100)], CRUMB))

        assert found[0]["word"] == (1 << 16) - 1
        assert found[0]["door"] == 200


def owners(**changes: Any) -> Passage:
    told: dict[str, Any] = {
        "id": "a#x",
        "category": "a",
        "fact_id": "x",
        "title": "Lift",
        "body": "Door lift.",
        "source": Source("A"),
        "raw": {},
        "breadcrumb": ("halls", "Lift"),
    }
    return Passage(**{**told, **changes})


class TestCards:
    @pytest.mark.parametrize(
        ("changes", "frequencies"),
        [
            ({}, {"hall": 1.5, "lift": 2.5, "door": 1.0}),
            ({"aliases": ("lift shaft",)}, {"hall": 1.5, "lift": 3.5, "door": 1.0, "shaft": 1.0}),
            ({"tags": ("door",)}, {"hall": 1.5, "lift": 2.5, "door": 2.0}),
            ({"aliases": ("door",), "tags": ("door",)}, {"hall": 1.5, "lift": 2.5, "door": 2.0}),
            ({"concepts": ("way",)}, {"hall": 1.5, "lift": 2.5, "door": 1.0, "@way": 2.5}),
            (
                {"concepts": ("way",), "body": "Way."},
                {"hall": 1.5, "lift": 1.5, "way": 1.0, "@way": 3.5},
            ),
            (
                {"facts": (Fact((), ("a", "b"), counted=True),)},
                {"hall": 1.5, "lift": 2.5, "door": 1.0, "@listing": 2.5},
            ),
            ({"facts": (Fact((), ("a", "b")),)}, {"hall": 1.5, "lift": 2.5, "door": 1.0}),
            # A list of named things is found by its kind before by its members' names.
            (
                {"raw": [{}], "concepts": ("way",)},
                {"hall": 1.5, "lift": 1.8, "door": 0.3, "@way": 5.0},
            ),
            ({"raw": ["a"]}, {"hall": 1.5, "lift": 2.5, "door": 1.0}),
            ({"raw": []}, {"hall": 1.5, "lift": 2.5, "door": 1.0}),
            ({"raw": {"a": {}}}, {"hall": 1.5, "lift": 2.5, "door": 1.0}),
            ({"core": False}, {"hall": 2.0, "lift": 2.6, "door": 0.6}),
            (
                {"core": False, "aliases": ("way",)},
                {"hall": 2.0, "lift": 2.6, "door": 0.6, "way": 2.0, "@way": 2.0},
            ),
        ],
    )
    def test_count_terms_by_where_they_stand(
        self, changes: dict[str, Any], frequencies: dict[str, float]
    ) -> None:
        (card,) = write([owners(**changes)])

        assert card.frequencies == pytest.approx(frequencies)

    def test_hold_the_words_that_others_are_repaired_to(self) -> None:
        (card,) = write([owners(aliases=("Shaft of",), tags=("tag",), concepts=("way",))])

        assert card.words == ("halls", "lift", "door", "lift", "shaft", "of")

    @pytest.mark.parametrize(
        ("changes", "focus"),
        [
            ({"title": "North gate way"}, set()),
            ({"title": "North gate", "core": False}, {"@gate", "@way"}),
            ({"title": "Lift", "core": False, "body": "Gate."}, set()),
        ],
    )
    def test_speak_of_what_an_entrys_title_names(
        self, changes: dict[str, Any], focus: set[str]
    ) -> None:
        (card,) = write([owners(**changes)])

        assert card.focus == focus

    @pytest.mark.parametrize("count", [63, 64, 65, 129])
    def test_are_written_of_any_number_in_their_order(self, count: int) -> None:
        chosen = [owners(id=f"a#{n}", body=f"Number {n}.") for n in range(count)]

        cards = write(chosen)

        assert [card.passage for card in cards] == chosen
        assert all(str(n) in card.frequencies for n, card in enumerate(cards))

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"title": "Gate"},
            {"body": "Gate."},
            {"core": False},
            {"core": True},
            {"core": False, "title": "Gate"},
            {"title": "Zulu gate"},
            {"aliases": ("gate",)},
            {"tags": ("gate",)},
            {"aliases": (), "tags": ()},
            {"breadcrumb": ("gates", "Lift")},
        ],
    )
    @pytest.mark.parametrize("core", [True, False])
    def test_are_the_same_whatever_was_known_before(
        self, changes: dict[str, Any], core: bool
    ) -> None:
        before = owners(title="Way", aliases=("lift",), tags=("way",), core=core)
        writer = CardWriter(LEXICON)
        (last,) = writer.write([before], {})
        after = replace(before, **changes)

        (card,) = writer.write([after], {before.id: last})

        assert [card] == write([after])
        assert (card is last) == (after == before)
