"""Which words misspelt ones are repaired to, and what makes one likelier than another."""

from typing import Final

import pytest

from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.repair import repair_words
from backend.services.knowledge.spelling import NearStrings, Speller, WordIndex, word_weights


def speller(*words: str) -> Speller:
    return Speller(WordIndex(dict.fromkeys(words, 0.5)))


class TestWordIndex:
    @pytest.mark.parametrize(
        ("word", "known", "weight"),
        [
            ("fee", True, 1.0),
            ("fees", True, 0.0),
            ("zero", True, 0.0),
            ("zeros", False, 0.0),
            ("football", True, 0.0),
            ("footballs", False, 0.0),
            ("gate", False, 0.0),
        ],
    )
    def test_knows_words_and_the_forms_of_those_that_may_be_meant(
        self, word: str, known: bool, weight: float
    ) -> None:
        index = WordIndex({"fee": 1.0, "zero": 0.0}, unrepaired=["football"])

        assert (word in index) is known
        assert index.weight(word) == weight

    @pytest.mark.parametrize(
        ("word", "near"),
        [
            ("gate", {"gate", "gates", "gat", "game"}),
            ("gats", {"gate", "gates", "gat"}),
            ("ga", {"gat"}),
            ("agte", {"gate"}),
            ("xyz", set()),
            ("footbal", set()),
        ],
    )
    def test_finds_all_that_are_one_slip_away(self, word: str, near: set[str]) -> None:
        weights = dict.fromkeys(("gate", "gates", "gat", "game", "ga", "office"), 0.5)
        index = WordIndex(weights, unrepaired=["football"])

        assert set(index.neighbours(word)) == near

    def test_weighs_a_word_as_the_best_of_its_sources_does(self) -> None:
        assert word_weights([(["a", "b"], 0.0), (["b", "c"], 0.3), (["c"], 0.1)]) == {
            "a": 0.0,
            "b": 0.3,
            "c": 0.3,
        }


class TestLikeliest:
    @pytest.mark.parametrize(
        ("slip", "words", "first"),
        [
            ("bate", ("gate", "bake"), "bake"),
            ("farm", ("from", "farm"), None),
            ("fram", ("from", "farm", "frame"), "farm"),
            ("gaze", ("gate", "gaza"), "gate"),
            ("plat", ("plate", "plan"), "plate"),
        ],
    )
    def test_begins_and_ends_alike_has_the_same_letters_or_more_of_them(
        self, slip: str, words: tuple[str, ...], first: str | None
    ) -> None:
        assert next(iter(speller(*words).repair(slip)), None) == first

    @pytest.mark.parametrize(
        ("weights", "first"),
        [({"gate": 0.3, "game": 0.2}, "gate"), ({"gate": 0.2, "game": 0.3}, "game")],
    )
    def test_is_the_word_of_more_weight_in_any_index(
        self, weights: dict[str, float], first: str
    ) -> None:
        together = Speller(WordIndex(weights))
        apart = Speller(*(WordIndex({word: weight}) for word, weight in weights.items()))

        assert together.repair("gape")[0] == first
        assert together.repair("gape") == apart.repair("gape") == together.repair("gape")
        assert set(together.repair("gape")) == {"gate", "game"}

    def test_are_three_at_the_most(self) -> None:
        five = speller("gate", "game", "gale", "gave", "gaze", "tea", "ted", "ten", "tee")

        assert len(five.repair("gape")) == 3
        assert five.repair("te")[0] == "te"
        assert len(five.repair("te")) == 4

    @pytest.mark.parametrize(
        ("known", "slip", "found"),
        [
            ("tax", "tux", True),
            ("tax", "bax", True),
            ("tax", "ax", True),
            ("tax", "atx", True),
            ("tax", "xtax", False),
            ("taxi", "xtaxi", True),
            ("tuition", "tutions", True),
            ("lake", "lbkes", True),
            ("lake", "lkes", False),
            ("ab", "abc", False),
            ("abc", "b", False),
        ],
    )
    def test_is_no_short_word_that_has_too_little_in_common(
        self, known: str, slip: str, found: bool
    ) -> None:
        assert speller(known).repair(slip) == ((slip,) if found and len(slip) < 3 else ()) + (
            (known,) if found else ()
        )

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("taxoffice", ("tax office",)),
            ("officetax", ("office tax",)),
            ("taxtax", ("tax tax",)),
            ("officeof", ()),
            ("ofoffice", ()),
            ("taxoffyce", ()),
        ],
    )
    def test_may_be_two_words_of_three_letters_and_more(
        self, written: str, meant: tuple[str, ...]
    ) -> None:
        assert speller("tax", "office", "of").repair(written) == meant

    def test_are_beside_all_that_are_near(self) -> None:
        words = speller("tax", "tan", "taxi", "tea", "gate")

        assert words.near("xtax") == ("tax",)
        assert words.near("ta") == ("tan", "tax", "tea")
        assert words.near("taxa") == words.near("taxa") == ("tax", "taxi")
        assert words.near("tax") == ()
        assert words.near("t") == ()


LONG: Final = "工商管理硕士学位课程申请说明"
"""Fourteen letters."""


class TestNearStrings:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("工商官理", (0, 4)),
            ("我学工商官理", (2, 6)),
            ("工商官理好不好", (0, 4)),
            ("工管理", (0, 3)),
            ("我学工管理", (2, 5)),
            ("工商管官理", (0, 5)),
            ("我学工商管官理", (2, 7)),
            ("商工管理", (0, 4)),
            ("工商", None),
            ("", None),
        ],
    )
    def test_finds_the_longest_stretch_that_is_one_slip_away(
        self, text: str, found: tuple[int, int] | None
    ) -> None:
        known = "工商管理"

        assert NearStrings([known]).find(text) == (None if found is None else (*found, known))

    @pytest.mark.parametrize(
        ("known", "text", "found"),
        [
            (LONG, LONG[:5] + LONG[6:], True),
            (LONG, f"{LONG[:5]}我{LONG[5:]}", True),
            (f"{LONG}书", f"{LONG[:5]}{LONG[6:]}书", False),
        ],
    )
    def test_compares_names_of_no_more_than_fourteen_letters(
        self, known: str, text: str, found: bool
    ) -> None:
        assert (NearStrings([known]).find(text) is not None) is found


LEXICON: Final = Lexicon.build({"age": ["how old"], "name": ["old name"], "fee": ["fee"]})


class TestRepairWords:
    @pytest.mark.parametrize(
        ("written", "meant", "doubts", "unknown"),
        [
            ("how old is it", "how old is it", [], 0),
            ("how ld is it", "how old is it", ["ltd"], 1),
            ("the ld name", "the old name", ["ltd"], 1),
            ("ld nmae", "old name", ["ltd"], 2),
            ("how ltt is it", "how ltd is it", [], 1),
            ("oldd ltdd", "old ltd", [], 2),
            ("name, gape 7?", "name, gate 7?", ["game"], 1),
            ("qqqq name", "qqqq name", [], 1),
            ("", "", [], 0),
        ],
    )
    def test_takes_what_makes_a_phrase_with_a_word_beside_it(
        self, written: str, meant: str, doubts: list[str], unknown: int
    ) -> None:
        weights = {"gate": 0.5, "game": 0.4}
        words = dict.fromkeys(("how", "old", "ltd", "is", "it", "the", "name"), 0.5)

        found = repair_words(written, Speller(WordIndex({**words, **weights})), LEXICON)

        assert found == (meant, doubts, unknown)
