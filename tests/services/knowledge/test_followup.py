"""Tests of `backend/services/knowledge/followup.py`: what a question takes over."""

import pytest

from backend.core.conversation import HistoryMessage
from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.followup import is_follow_up, read_conversation
from backend.services.knowledge.lexicon import Lexicon

LEXICON = Lexicon.build(
    {
        "stop_words": {"group": "stop", "en": ["what", "about", "the", "of", "and", "is", "how"]},
        "price": {"generic": True, "en": ["price"]},
        "library": {"en": ["library"]},
        "mba": {"group": "level", "en": ["mba"]},
        "master": {"group": "level", "en": ["master"]},
        "bangna": {"group": "campus", "en": ["bangna"]},
        "hua_mak": {"group": "campus", "en": ["hua mak"]},
        "weather": {"group": "foreign", "en": ["rain"]},
        "others": {"group": "elsewhere", "en": ["mahidol"]},
    }
)


@pytest.fixture
def analyser() -> Analyser:
    return Analyser(LEXICON)


def said(*questions: str) -> list[HistoryMessage]:
    return [
        message
        for question in questions
        for message in (HistoryMessage("user", question), HistoryMessage("assistant", "library"))
    ]


class TestReadConversation:
    @pytest.mark.parametrize(
        ("earlier", "message", "concepts"),
        [
            ([], "and the price?", ["price"]),
            (["mba"], "and the price?", ["price", "mba"]),
            (["mba"], "price of master", ["price", "master"]),
            (["price of mba"], "and master?", ["master", "price"]),
            (["mba"], "price", ["price", "mba"]),
            (["mba", "price"], "and bangna?", ["bangna", "price", "mba"]),
            (["library mba", "and price?"], "and master?", ["master", "price", "library"]),
            (["mba"], "and the rain?", []),
            (["mba"], "and mahidol?", []),
        ],
    )
    def test_takes_over_what_is_left_unsaid(
        self, analyser: Analyser, earlier: list[str], message: str, concepts: list[str]
    ) -> None:
        query = read_conversation(analyser, message, said(*earlier))

        assert [name for part in query.parts for name in part.concepts] == concepts

    def test_looks_back_three_questions(self, analyser: Analyser) -> None:
        history = said("price of hua mak", "and the mba?", "and its library?", "and the library?")

        near = read_conversation(analyser, "and the library?", history[2:])
        far = read_conversation(analyser, "and the library?", history)

        assert "mba" in near.concepts
        assert far.concepts == near.concepts

    @pytest.mark.parametrize(
        ("message", "excluded"),
        [
            ("and the other campus?", {"hua_mak"}),
            ("and the campus?", set()),
            ("the other campus of hua mak?", set()),
        ],
    )
    def test_the_other_one_is_not_the_one_before(
        self, analyser: Analyser, message: str, excluded: set[str]
    ) -> None:
        query = read_conversation(analyser, message, said("price of hua mak"))

        assert query.excluded == excluded
        assert "price" in query.concepts


class TestIsFollowUp:
    @pytest.mark.parametrize(
        ("message", "follows"),
        [
            ("price of mba", False),
            ("library of mba", False),
            ("library of mba then", False),
            ("library", True),
            ("mba", True),
            ("and library of mba", True),
            ("ok, thanks. and library of mba", True),
            ("what about library of mba", True),
            ("library of mba there", True),
            ("is it library of mba", True),
            ("library of mba 呢", True),
            ("library of mba呢？", True),
            ("呢 library of mba", False),
            ("and rain", False),
            ("and mahidol", False),
        ],
    )
    def test_leaves_unsaid_what_it_asks_or_of_what(
        self, analyser: Analyser, message: str, follows: bool
    ) -> None:
        assert is_follow_up(message, analyser.read_query(message)) is follows

    @pytest.mark.parametrize(
        ("message", "follows"),
        [
            ("and " + "a b c d e f g ".ljust(56, "x"), True),
            ("and " + "a b c d e f g ".ljust(57, "x"), False),
            ("and " + "x" * 100, True),
            ("and a b c d e " + "x" * 100, True),
            ("and a b c d e f " + "x" * 100, False),
            ("and a b c d e f " + "é" * 29, True),
            ("and a b c d e f " + "é" * 30, False),
        ],
    )
    def test_is_of_few_words_or_of_few_letters(
        self, analyser: Analyser, message: str, follows: bool
    ) -> None:
        assert is_follow_up(message, analyser.read_query(message)) is follows
