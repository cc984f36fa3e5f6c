"""Concepts are found by the longest match, and an alias of several means what is told."""

from typing import Any

import pytest

from backend.services.knowledge.concept import Concept
from backend.services.knowledge.lexicon import Lexicon, Match
from backend.services.knowledge.text import fold


def found(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    """What stands in a text, each with the concepts that it names."""
    return [(match.text, " ".join(match.concepts)) for match in lexicon.find(fold(text))]


class TestPhrases:
    LEXICON = Lexicon.build(
        {
            "fee": ["fee"],
            "entry": ["entry fee"],
            "waived": ["entry fee waiver form"],
            "gate": ["gate 42"],
            "road": ["ha ha road"],
            "year": ["2.5 years"],
        }
    )

    @pytest.mark.parametrize(
        ("text", "pieces"),
        [
            ("fee", [("fee", "fee")]),
            ("entry fee", [("entry fee", "entry")]),
            ("entry fee form", [("entry fee", "entry"), ("form", "")]),
            ("entry fee waiver form fee", [("entry fee waiver form", "waived"), ("fee", "fee")]),
            ("entry fee waiver", [("entry fee", "entry"), ("waiver", "")]),
            ("entry entry fee fee", [("entry", ""), ("entry fee", "entry"), ("fee", "fee")]),
            ("entry", [("entry", "")]),
            ("entries fees", [("entries fees", "entry")]),
            ("entry, fee", [("entry", ""), ("fee", "fee")]),
            ("gate 42 gate 4", [("gate 42", "gate"), ("gate", ""), ("4", "")]),
            ("ha ha ha road", [("ha", ""), ("ha ha road", "road")]),
            ("2.5 years 2.5", [("2.5 years", "year"), ("2.5", "")]),
            ("", []),
        ],
    )
    def test_are_found_the_longest_first(self, text: str, pieces: list[tuple[str, str]]) -> None:
        for _ in range(2):
            assert found(self.LEXICON, text) == pieces
        beside = found(self.LEXICON, f"{text} é é")
        assert [piece for piece in beside if piece[0] != "e"] == pieces

    def test_tell_figures_from_words(self) -> None:
        kinds = [(match.text, match.kind) for match in self.LEXICON.find("gate 42 of 7 b")]

        assert kinds == [("gate 42", "latin"), ("of", "latin"), ("7", "digits"), ("b", "latin")]
        assert self.LEXICON.figures() == {"42", "2.5"}

    @pytest.mark.parametrize(
        ("words", "opens"),
        [
            (("entry", "fee"), True),
            (("entries", "fees"), True),
            (("gate", "42"), True),
            (("fee", "waiver"), False),
            (("entry", "waiver"), False),
            (("fee",), False),
        ],
    )
    def test_open_with_their_first_two_words(self, words: tuple[str, ...], opens: bool) -> None:
        assert self.LEXICON.opens_phrase(*words) is opens
        assert self.LEXICON.opens_phrase(*words) is opens

    @pytest.mark.parametrize(
        ("words", "place", "longest", "phrase"),
        [
            ("the entry fee waiver form", 1, 4, "entry fee waiver form"),
            ("the entry fee waiver form", 1, 3, "entry fee"),
            ("the entry fee waiver form", 0, 4, None),
            ("the entry fee waiver form", 4, 4, None),
            ("entry fee", 0, 2, "entry fee"),
        ],
    )
    def test_are_no_longer_than_is_asked_for(
        self, words: str, place: int, longest: int, phrase: str | None
    ) -> None:
        match = self.LEXICON.phrase_at(words.split(), place, longest)

        assert (match and match.text) == phrase

    def test_of_one_word_are_none(self) -> None:
        assert self.LEXICON.longest_phrase(["fee"]) is None
        assert self.LEXICON.longest_phrase([]) is None
        assert self.LEXICON.longest_phrase(["entry", "fee"]) == Match(
            "entry fee", "latin", ("entry",)
        )

    @pytest.mark.parametrize(
        ("word", "concepts", "longest", "continues"),
        [
            ("fee", ("fee",), 1, True),
            ("fees", ("fee",), 1, True),
            ("entry", (), 4, False),
            ("entries", (), 4, False),
            ("gate", (), 2, False),
            ("ha", (), 3, True),
            ("42", (), 1, True),
            ("form", (), 1, False),
        ],
    )
    def test_are_told_by_their_words(
        self, word: str, concepts: tuple[str, ...], longest: int, continues: bool
    ) -> None:
        match, most, follows = self.LEXICON.read_word(word)

        assert (match.concepts, most, follows) == (concepts, longest, continues)


class TestScriptsWithoutSpaces:
    LEXICON = Lexicon.build(
        {
            "university": ["大学"],
            "life": ["生活"],
            "student": ["大学生"],
            "living": ["活"],
            "fee": {"th": ["ค่าเทอม"], "zh": ["学费"]},
            "play": ["ละคร"],
            "business": ["工商管"],
            "reading": ["读工"],
        }
    )

    @pytest.mark.parametrize(
        ("text", "pieces"),
        [
            ("大学生活", [("大学生", "student"), ("活", "living")]),
            ("大学学费", [("大学", "university"), ("学费", "fee")]),
            ("我的大学生", [("我的", ""), ("大学生", "student")]),
            ("大学的生活吗", [("大学", "university"), ("的", ""), ("生活", "life"), ("吗", "")]),
            ("读工商管吗", [("读", ""), ("工商管", "business"), ("吗", "")]),
            ("吗", [("吗", "")]),
            ("学费 fee 学费", [("学费", "fee"), ("fee", ""), ("学费", "fee")]),
            ("学费。大学", [("学费", "fee"), ("大学", "university")]),
            ("ค่าเทอม学费", [("คาเทอม", "fee"), ("学费", "fee")]),
            ("Привет 学费", [("привет", ""), ("学费", "fee")]),
        ],
    )
    def test_are_cut_so_that_little_is_left_over(
        self, text: str, pieces: list[tuple[str, str]]
    ) -> None:
        assert found(self.LEXICON, text) == pieces

    def test_leave_no_vowel_sign_behind(self) -> None:
        lexicon = Lexicon.build({"a": ["กข"], "b": ["ขา"]})

        assert found(lexicon, "กขา") == [("ก", ""), ("ขา", "b")]
        assert found(lexicon, "กขค") == [("กข", "a"), ("ค", "")]

    def test_may_be_looked_up(self) -> None:
        assert self.LEXICON.meaning("学费") == ("fee",)
        assert self.LEXICON.meaning("学") == ()
        assert set(self.LEXICON.strings()) == {
            "大学", "生活", "大学生", "活", fold("ค่าเทอม"), "学费", fold("ละคร"),
            "工商管", "读工",
        }  # fmt: skip


class TestMeaning:
    @pytest.mark.parametrize(
        ("groups", "meant"),
        [
            ({"a": "topic", "b": "topic"}, ("a", "b")),
            ({"b": "topic", "a": "topic", "c": "level"}, ("a", "b", "c")),
            ({"a": "topic", "b": "stop"}, ("a",)),
            ({"a": "topic", "b": "everyday"}, ("a",)),
            ({"a": "stop", "b": "everyday"}, ("a",)),
            ({"a": "topic", "b": "stop", "c": "everyday"}, ("a",)),
            ({"a": "stop", "b": "stop"}, ("a", "b")),
            ({"a": "stop"}, ("a",)),
        ],
    )
    def test_of_an_alias_is_every_concept_that_says_something(
        self, groups: dict[str, str], meant: tuple[str, ...]
    ) -> None:
        lexicon = Lexicon.build(
            {name: {"group": group, "en": ["word"]} for name, group in groups.items()}
        )

        assert found(lexicon, "word") == [("word", " ".join(meant))]
        assert lexicon.shared_aliases() == ({"word": meant} if len(meant) > 1 else {})

    def test_of_what_has_an_odd_shape_is_nothing(self) -> None:
        odd: dict[str, Any] = {"a": 7, "b": {"en": "word"}, "c": [1, "word", None], "d": ["", "!"]}

        lexicon = Lexicon.build(odd)

        assert found(lexicon, "word a 7") == [("word", "c"), ("a", ""), ("7", "")]
        assert lexicon.concept("a") == Concept("a")
        assert lexicon.concept("unheard of") == Concept("unheard of")

    def test_of_mixed_scripts_is_nothing(self) -> None:
        lexicon = Lexicon.build({"a": ["visaค่า", "visa"]})

        assert list(lexicon.strings()) == []
        assert found(lexicon, "visa") == [("visa", "a")]

    @pytest.mark.parametrize(
        ("word", "empty"), [("the", True), ("abouts", True), ("stop", False), ("fee", False)]
    )
    def test_is_none_for_words_without_a_subject(self, word: str, empty: bool) -> None:
        lexicon = Lexicon.build(
            {"stop": {"group": "stop", "en": ["the", "about", "stops"]}, "halt": ["stop"]}
        )

        assert lexicon.is_stop_word(word) is empty

    def test_of_a_name_of_others_is_not_found_by_its_stem(self) -> None:
        lexicon = Lexicon.build(
            {"soap": {"group": "foreign", "en": ["universal", "news", "big box"]}}
        )

        assert found(lexicon, "university") == [("university", "")]
        assert found(lexicon, "universals") == [("universals", "soap")]
        assert found(lexicon, "big boxs") == [("big boxs", "soap")]
        assert found(lexicon, "newss") == [("newss", "")]


def test_words_are_kept_apart_by_what_they_are_known_for() -> None:
    lexicon = Lexicon.build(
        {
            "fee": ["entry fee 42"],
            "soap": {"group": "foreign", "en": ["bitcoin"]},
            "others": {"group": "elsewhere", "en": ["oxford uni"]},
            "chat": {"group": "everyday", "en": ["weather"]},
            "stop": {"group": "stop", "en": ["the"]},
        }
    )

    assert lexicon.words == {"entry", "fee", "the"}
    assert lexicon.foreign_words >= {"bitcoin", "oxford", "uni"}
    assert lexicon.everyday_words == {"weather"}
