"""Tests of `backend/services/knowledge/analysis.py`: what a text says, and how much of it."""

import pytest

from backend.services.knowledge.analysis import MAX_QUERY_LENGTH, Analyser, as_read
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.passage import Passage, Source
from backend.services.knowledge.query import Query, Term, TermKind
from backend.services.knowledge.spelling import NearStrings, Speller, WordIndex
from backend.services.knowledge.text import fold

NEAR = "工商管理"
LEXICON = Lexicon.build(
    {
        "stop_words": {"group": "stop", "en": ["the", "a"]},
        "ours": {"group": "name", "en": ["abac"]},
        "school": {"weak": True, "en": ["school"]},
        "price": {"generic": True, "en": ["price"]},
        "music": {"common": True, "en": ["music"]},
        "gate": {"en": ["gate", "north gate"], "zh": ["门"], "broader": ["way"]},
        "way": {"en": ["way"]},
        "fair": {"en": ["fair"]},
        "justice": {"en": ["fair"]},
        "business": {"group": "subject", "zh": [NEAR]},
        "weather": {"group": "foreign", "en": ["rain"]},
        "others": {"group": "elsewhere", "en": ["mahidol"]},
        "everyday": {"group": "everyday", "en": ["weekend"]},
    }
)


@pytest.fixture
def analyser() -> Analyser:
    return Analyser(LEXICON)


def only_term(query: Query) -> Term:
    (part,) = query.parts
    return part.terms[0]


def passage(**changes: object) -> Passage:
    told = {
        "id": "a#x",
        "category": "a",
        "fact_id": "x",
        "title": "Opening",
        "body": "Eight daily.",
        "source": Source("A"),
        "raw": {},
        "breadcrumb": ("campus", "lifts", "Opening"),
        "aliases": ("elevator",),
        "concepts": ("way",),
    }
    return Passage(**{**told, **changes})  # type: ignore[arg-type]  # of these tests' own making


class TestWhatPassagesSay:
    def test_stands_in_the_heading_in_the_name_or_anywhere(self, analyser: Analyser) -> None:
        said = analyser.read_passage(passage())

        assert said.heading == {"lift", "open"}
        assert said.named == {"lift", "open", "elev", "@way"}
        assert said.spoken == {"lift", "open", "elev", "@way", "campus", "eight", "daili"}

    def test_of_an_entry_is_its_title_and_its_text(self, analyser: Analyser) -> None:
        said = analyser.read_passage(passage(core=False, breadcrumb=("campus", "Opening")))

        assert said.heading == {"open"}
        assert said.spoken == {"open", "elev", "@way", "eight", "daili"}


class TestReadQuery:
    def test_counts_what_is_foreign_and_leaves_it_out(self, analyser: Analyser) -> None:
        query = analyser.read_query("the rain at the gate, rain")

        assert query.foreign == 2
        assert [part.concepts for part in query.parts] == [(), ("gate",)]
        assert (query.unknown, query.elsewhere) == (0, False)

    def test_another_university_is_a_word_that_no_fact_speaks_of(self, analyser: Analyser) -> None:
        query = analyser.read_query("gate of mahidol")

        assert query.elsewhere
        assert query.foreign == 0
        assert query.parts[-1].concepts == ()
        assert [term.mass for term in query.parts[-1].terms] == [1.0]

    @pytest.mark.parametrize(
        ("message", "unknown"), [("north gate", 0), ("north gote", 1), ("nroth gote zzz", 3)]
    )
    def test_counts_the_words_that_are_not_known(self, message: str, unknown: int) -> None:
        speller = Speller(WordIndex({"north": 1.0, "gate": 1.0}))

        assert Analyser(LEXICON, speller).read_query(message).unknown == unknown

    def test_a_doubtful_repair_is_looked_up_but_no_part_of_the_question(self) -> None:
        speller = Speller(WordIndex({"bart": 2.0, "cart": 1.0}))

        meant, doubtful = Analyser(LEXICON, speller).read_query("dart").parts

        assert [term.token for term in (*meant.terms, *doubtful.terms)] == ["bart", "cart"]
        assert meant.terms[0].mass == 1.0
        assert doubtful.terms[0].mass == 0.0
        assert 0 < doubtful.terms[0].weight < meant.terms[0].weight

    def test_a_word_of_every_day_says_less_than_one_that_nobody_knows(
        self, analyser: Analyser
    ) -> None:
        known, unknown = (only_term(analyser.read_query(word)) for word in ("weekend", "zeppelin"))

        assert known.token == "weekend"
        assert 0 < known.mass < unknown.mass == 1.0

    def test_a_concept_stands_for_the_words_that_name_it(self, analyser: Analyser) -> None:
        (part,) = analyser.read_query("north gate").parts

        assert {term.token: term.mass for term in part.terms} == {
            "@gate": 1.0,
            "@way": 0.0,
            "north": 0.0,
            "gate": 0.0,
        }
        weights = {term.token: term.weight for term in part.terms}
        assert 0 < weights["@way"] < weights["@gate"]
        assert 0 < weights["north"] < weights["@gate"]

    def test_several_meanings_of_a_word_share_what_it_says(self, analyser: Analyser) -> None:
        (part,) = analyser.read_query("fair").parts

        assert part.concepts == ("fair", "justice")
        assert [term.mass for term in part.terms] == [0.5, 0.5, 0.0]

    def test_a_concept_says_the_less_the_more_often_it_is_said(self, analyser: Analyser) -> None:
        words = ("abac", "school", "price", "gate")
        terms = [only_term(analyser.read_query(word)) for word in words]

        assert 0 < terms[0].mass < terms[1].mass < terms[2].mass < terms[3].mass == 1.0
        assert terms[2].weight == terms[3].weight
        assert 0 < terms[0].weight < terms[1].weight < terms[3].weight / 2

    @pytest.mark.parametrize(
        ("word", "anchored", "aspect"),
        [("gate", True, False), ("price", False, True), ("music", False, False)],
    )
    def test_tells_what_is_a_universitys_and_what_is_asked_of_anything(
        self, analyser: Analyser, word: str, anchored: bool, aspect: bool
    ) -> None:
        (part,) = analyser.read_query(word).parts

        assert (part.anchored, part.aspect) == (anchored, aspect)

    def test_several_meanings_are_what_all_of_them_are(self) -> None:
        lexicon = Lexicon.build(
            {"price": {"generic": True, "en": ["rate"]}, "speed": {"en": ["rate"]}}
        )

        (part,) = Analyser(lexicon).read_query("rate").parts

        assert (part.anchored, part.aspect) == (False, False)


class TestFigures:
    @pytest.mark.parametrize(("written", "mass"), [("999", 0.5), ("1938", 1.0), ("12,000", 1.0)])
    def test_of_a_year_or_an_amount_say_as_much_as_a_word(
        self, analyser: Analyser, written: str, mass: float
    ) -> None:
        term = only_term(analyser.read_query(written))

        assert (term.token, term.kind) == (written.replace(",", ""), TermKind.FIGURE)
        assert term.mass == mass


class TestStretchesWithoutSpaces:
    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("天", ["天"]),
            ("天地", ["天", "地", "天地"]),
            ("ก", []),
            ("กข", ["กข"]),
            ("กขคง", ["กขค", "ขคง"]),
            ("ကခ", []),
            ("ကခဂ", ["ကခဂ"]),
        ],
    )
    def test_are_known_by_pieces_from_the_length_of_a_word(
        self, analyser: Analyser, text: str, tokens: list[str]
    ) -> None:
        terms = analyser.terms_of_passage(text)

        assert sorted(term.token for term in terms) == sorted(tokens)
        assert {term.kind for term in terms} <= {TermKind.GRAM}

    def test_say_more_the_longer_they_are_however_many_pieces_they_have(
        self, analyser: Analyser
    ) -> None:
        short, long = (
            sum(term.mass for term in analyser.terms_of_passage(text))
            for text in ("กขคงจ", "กขคงจฉชซฌญ")
        )

        assert long == pytest.approx(2 * short)
        assert 0.5 < short < 1.0

    @pytest.mark.parametrize(
        ("slip", "pieces"),
        [
            ("工商官理", [NEAR]),
            ("学工商官理", ["学", NEAR]),
            ("工商官理学", [NEAR, "学"]),
            ("学工商官理学", ["学", NEAR, "学"]),
            ("甲乙" * 10 + "工商官理", ["甲乙" * 10, NEAR]),
            ("甲乙" * 10 + "丙工商官理", ["甲乙" * 10 + "丙工商官理"]),
        ],
    )
    def test_are_repaired_where_they_hold_a_slip_of_a_name(
        self, slip: str, pieces: list[str]
    ) -> None:
        lexicon = Lexicon.build({"business": {"zh": [NEAR]}})
        analyser = Analyser(lexicon, near=NearStrings(lexicon.strings()))

        parts = analyser.read_query(slip).parts

        assert len(parts) == len(pieces)
        assert [part.concepts for part in parts] == [
            ("business",) if piece == NEAR else () for piece in pieces
        ]
        said = {gram for piece in pieces if piece != NEAR for gram in fold(piece)}
        told = {term.token for part in parts for term in part.terms if len(term.token) == 1}
        assert told == said

    def test_are_repaired_six_times_in_a_question(self) -> None:
        analyser = Analyser(LEXICON, near=NearStrings(LEXICON.strings()))

        found = [part.concepts for part in analyser.read_query("工商官理；" * 8).parts]

        assert found == [("business",)] * 6 + [()] * 2


class TestAsRead:
    @pytest.mark.parametrize(
        ("message", "read"),
        [
            ("is IT hard?", "is ict hard?"),
            ("is it hard?", "is it hard?"),
            ("IS IT HARD?", "IS IT HARD?"),
            ("IT", "IT"),
            ("the LINE of AU", "the line account of AU"),
            ("the line of AU", "the line of AU"),
            ("a LINE account", "a LINE account"),
            ("LINE id?", "LINE id?"),
            ("ILINED, a WIT", "ILINED, a WIT"),
            ("เรียน it", "เรียน ict"),
            ("ไลน์ line", "ไลน์ line account"),
            ("有IT专业吗", "有ict专业吗"),
        ],
    )
    def test_writes_names_out_that_would_be_plain_words(self, message: str, read: str) -> None:
        assert as_read(message) == read

    def test_takes_the_start_and_the_end_of_a_long_message(self) -> None:
        most = "s" * (MAX_QUERY_LENGTH // 2) + "e" * (MAX_QUERY_LENGTH // 2)
        long = f"{most[: MAX_QUERY_LENGTH // 2]}middle{most[MAX_QUERY_LENGTH // 2 :]}"

        assert as_read(most) == most
        assert as_read(long) == f"{'s' * 300} {'e' * 300}"
