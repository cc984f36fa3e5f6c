"""Tests of `backend/services/knowledge/evidence.py`: whether a passage answers a question."""

import pytest

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.evidence import Judge
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.passage import Passage
from tests.services.knowledge.judging import entry, fact, judge, listing


class TestAccepts:
    @pytest.mark.parametrize(
        ("question", "passage", "accepted"),
        [
            # All subjects must be spoken of, wherever the owner's own facts do so.
            ("library", fact("Library"), True),
            ("library", fact("Hall", "Library upstairs."), True),
            ("library", fact("Gate"), False),
            ("library gate", fact("Library"), False),
            ("library gate", fact("Library", "Beside the gate."), True),
            # What is asked of a subject must be said of it by entries: it stands in their names.
            ("library", entry("Hall", "Library upstairs."), True),
            ("price of library", entry("Hall", "Library: 5 baht."), False),
            ("price of library", entry("Library", "5 baht."), True),
            ("price of library", entry("Hall", "5 baht.", ("library",)), True),
            ("price of library", fact("Hall", "Library: 5 baht."), True),
            ("price", entry("Hall", "5 baht."), True),
            # And hold what is asked: by a figure of its kind or by its name.
            ("price of library", fact("Library", "Open."), False),
            ("price of library", fact("Library price", "Ask."), True),
            ("price and hours of library", fact("Library", "5 baht."), False),
            ("price and hours of library", fact("Library", "5 baht, 8:30."), True),
            # A passage whose name says another degree or campus is for others.
            ("library bangna", fact("Library huamak"), False),
            ("library bangna", fact("Library bangna"), True),
            ("library bangna", fact("Library"), True),
            ("library bangna", fact("Library", "Not huamak."), True),
            ("library bangna huamak", fact("Library huamak"), True),
            ("library mba", fact("Library postgraduate"), True),
            ("library mba", fact("Library master"), True),
            ("library mba", fact("Library doctor"), False),
            ("library mba", fact("Library bachelor"), False),
            ("library postgraduate", fact("Library master"), True),
            ("library postgraduate", fact("Library bachelor"), False),
            ("library master bangna", fact("Library master huamak"), False),
            ("library", fact("Library bachelor"), True),
            # What says when women came is no answer to others.
            ("library", fact("Library women"), False),
            ("library", entry("Library women"), True),
            ("library women", fact("Library women"), True),
            ("library", fact("Library", "Women came later."), True),
            # A degree alone is asked of what is named by it.
            ("bachelor", fact("Bachelor"), True),
            ("bachelor", fact("Rules", "A bachelor is here."), False),
            ("hours of bachelor", fact("Bachelor", "8:30."), True),
            ("hours of bachelor", fact("Rules", "Bachelor: 8:30."), False),
            ("apply bachelor", fact("Apply", "Forms."), True),
            # What is not meant is not told.
            ("library not mba", fact("Library mba"), False),
            ("library not mba", fact("Library doctor"), True),
            # The name of the university asks for what tells about it.
            ("abac", fact("Abac"), True),
            ("abac", entry("Abac bookstore"), False),
            ("abac", entry("Abac overview"), True),
            # What holds for a wider field or degree holds for a narrower one.
            ("electrical", fact("Engineering"), True),
            ("engineering", fact("Electrical"), True),
            ("electrical", fact("Law"), False),
        ],
    )
    def test_what_speaks_of_all_that_is_asked(
        self, question: str, passage: Passage, accepted: bool
    ) -> None:
        assert judge(question).accepts(passage) is accepted

    @pytest.mark.parametrize(
        ("question", "accepted"),
        [
            ("library", True),
            ("library zeppelin", True),
            ("library zeppelin balloon", False),
            ("library zeppelin upstairs", True),
            ("library zeppelin balloon upstairs", True),
            ("library zeppelin balloon airship upstairs", False),
            ("library price zeppelin balloon", True),
            ("library price zeppelin balloon airship", False),
            ("library bangna zeppelin", True),
            ("library bangna zeppelin balloon", True),
            ("library bangna zeppelin balloon airship", False),
            ("library bangna bachelor zeppelin balloon airship", True),
            ("library bangna bachelor zeppelin balloon airship cloud", False),
            ("library school zeppelin", True),
            ("library school school zeppelin balloon", True),
            ("library school school zeppelin balloon airship", False),
        ],
    )
    def test_a_question_of_which_half_is_understood(self, question: str, accepted: bool) -> None:
        passage = fact("Library", "5 baht upstairs.")

        assert judge(question).accepts(passage) is accepted

    @pytest.mark.parametrize(
        ("question", "accepted"),
        [
            ("school", True),
            ("school zeppelin", False),
            ("school upstairs", True),
            ("school upstairs zeppelin", True),
            ("school upstairs zeppelin balloon", False),
            ("zeppelin", False),
            ("upstairs", True),
            ("upstairs zeppelin", True),
            ("upstairs zeppelin balloon", False),
        ],
    )
    def test_every_word_counts_when_no_subject_is_named(
        self, question: str, accepted: bool
    ) -> None:
        passage = fact("School", "5 baht upstairs.")

        assert judge(question).accepts(passage) is accepted

    @pytest.mark.parametrize(
        ("question", "passage", "accepted"),
        [
            ("law doctor", listing("Doctor", "Music"), True),
            ("law doctor", listing("Master", "Law"), False),
            ("law doctor", listing("Schools", "Law"), True),
            ("law doctor", listing("Schools", "Music"), False),
            ("law mba", listing("Postgraduate", "Music"), True),
            ("law", listing("Doctor", "Music"), False),
            ("law doctor price", listing("Doctor", "Music"), False),
            ("law doctor", fact("Doctor", "Music"), False),
        ],
    )
    def test_the_list_of_what_is_taught_for_a_degree(
        self, question: str, passage: Passage, accepted: bool
    ) -> None:
        assert judge(question).accepts(passage) is accepted

    def test_a_stretch_of_which_half_the_pieces_are_said(self) -> None:
        lexicon = Lexicon.build({"library": {"zh": ["图书馆"]}})
        analyser = Analyser(lexicon)
        asked = Judge(analyser, analyser.read_query("甲乙丙丁"))

        # Seven pieces: 甲 乙 丙 丁 甲乙 乙丙 丙丁.
        told = {
            text: asked.accepts(entry("Hall", text)) for text in ("甲乙", "甲乙。丙", "丙丁。甲乙")
        }

        assert told == {"甲乙": False, "甲乙。丙": True, "丙丁。甲乙": True}


class TestWants:
    @pytest.mark.parametrize(
        ("question", "wants"),
        [("library", True), ("price", True), ("bachelor", False), ("zeppelin", False)],
    )
    def test_is_a_subject_or_what_is_asked_of_one(self, question: str, wants: bool) -> None:
        assert judge(question).wants is wants

    @pytest.mark.parametrize(
        ("question", "spans"),
        [
            ("tuition of law", True),
            ("tuition of law master", False),
            ("tuition", False),
            ("law", False),
        ],
    )
    def test_a_fee_of_a_field_for_all_degrees_unless_one_is_named(
        self, question: str, spans: bool
    ) -> None:
        assert judge(question).spans_levels is spans
