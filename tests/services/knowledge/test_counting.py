"""Terms counted word by word are those that the analyser finds in the whole text."""

from collections import Counter
from pathlib import Path

import pytest

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.counting import GRAM_PRESENCE, TermCounter, count_terms
from backend.services.knowledge.evaluation import read_questions
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.library import Library
from backend.services.knowledge.query import Term, TermKind
from backend.services.knowledge.text import fold, fold_apart, fold_stretched
from tests.bench.knowledge import generate_entries

FILES = ("questions", "questions_blind", "questions_foreign", "questions_official")
QUESTIONS = [
    question.question
    for name in FILES
    for question in read_questions(Path(__file__).parent / f"{name}.jsonl")
]
ODD = [
    "",
    "...",
    "Hmmm, soooo feees; www.au.edu",
    "24 hours, 24, hours; 7 eleven. 1885 PM 2.5s 12,000.50 12000",
    "master's degree master's degrees, Ph.D. students' U.S.A.",
    "year 1 1st year; sem 2, sem. 2",
    "two\nlines\twith ` gaps '",
    "ทุน IT 50% for MBA",
    "café fee caféééé 学费 tuition",
]


class TestTermCounter:
    def test_finds_what_the_analyser_finds(self, library: Library) -> None:
        analyser = Analyser(library.lexicon)
        counter = TermCounter(analyser)
        passages = [text for passage in library.passages for text in (passage.title, passage.body)]
        generated = [entry["text"] for entry in generate_entries(100)]

        for text in [*ODD, *QUESTIONS, *passages, *generated]:
            frequencies: dict[str, float] = {}
            words = counter.count(frequencies, fold_stretched(text), 1.0)

            terms = analyser.terms_of_passage(text)
            grams = {term.token for term in terms if term.kind is TermKind.GRAM}
            expected = Counter(term.token for term in terms)
            assert frequencies.keys() == expected.keys(), text
            for token, frequency in frequencies.items():
                presence = GRAM_PRESENCE if token in grams else 1.0
                assert abs(frequency - presence * expected[token]) < 1e-9, text
            assert words == analyser.words_of_folded(fold(text))
            named = {term.token for term in terms if term.kind is TermKind.CONCEPT}
            assert counter.concepts(fold_stretched(text)) == named


LEXICON = Lexicon.build(
    {
        "gate": {"en": ["gate", "north gate", "north gate of glory"], "broader": ["way"]},
        "glory": {"en": ["glory", "glory 42"]},
        "of": {"group": "stop", "en": ["of", "the"]},
    }
)


class TestPhrases:
    @pytest.mark.parametrize(
        ("text", "tokens"),
        [
            ("", {}),
            ("gate", {"@gate": 1, "@way": 1, "gate": 1}),
            ("north", {"north": 1}),
            ("north gate", {"@gate": 1, "@way": 1, "north": 1, "gate": 1}),
            ("north. gate", {"@gate": 1, "@way": 1, "north": 1, "gate": 1}),
            ("the north gate of glory", {"@gate": 1, "@way": 1, "north": 1, "gate": 1, "glori": 1}),
            ("north gate of", {"@gate": 1, "@way": 1, "north": 1, "gate": 1}),
            ("north north gate", {"@gate": 1, "@way": 1, "north": 2, "gate": 1}),
            ("north gates gate", {"@gate": 2, "@way": 2, "north": 1, "gate": 2}),
            ("glory 42", {"@glory": 1, "glori": 1, "42": 1}),
            ("glory 43", {"@glory": 1, "glori": 1, "43": 1}),
            ("42, glory", {"42": 1, "@glory": 1, "glori": 1}),
            ("12,000 12000", {"12000": 2}),
        ],
    )
    @pytest.mark.parametrize("weight", [1.0, 0.5])
    def test_are_counted_in_the_place_of_their_words(
        self, text: str, tokens: dict[str, int], weight: float
    ) -> None:
        counter = TermCounter(Analyser(LEXICON))
        frequencies = {"gate": 3.0}

        counter.count(frequencies, text, weight)

        expected = {token: count * weight for token, count in tokens.items()}
        assert frequencies == {**expected, "gate": expected.get("gate", 0.0) + 3.0}

    def test_keep_no_more_words_than_there_is_room_for(self) -> None:
        counter = TermCounter(Analyser(LEXICON))
        first = [str(number) for number in range(32_768)]

        counter.count({}, " ".join(first), 1.0)
        assert len(counter) == 32_768
        counter.count({}, "gate", 1.0)
        assert len(counter) == 1


class TestCountTerms:
    def test_adds_to_what_was_counted_before_pieces_of_words_less(self) -> None:
        frequencies = {"a": 1.0, "b": 1.0}
        terms = [Term("a", TermKind.WORD), Term("b", TermKind.GRAM), Term("c", TermKind.GRAM)]

        count_terms(frequencies, [*terms, Term("c", TermKind.CONCEPT)], 2.0)

        less = 2.0 * GRAM_PRESENCE
        assert frequencies == {"a": 3.0, "b": 1.0 + less, "c": 2.0 + less}


class TestFoldApart:
    def test_folds_each_text_as_if_it_were_alone(self) -> None:
        texts = [*ODD, *QUESTIONS]

        assert fold_apart(texts) == {text: fold_stretched(text) for text in texts}
        assert fold_apart([]) == {}
        assert fold_apart(["É"]) == {"É": "e"}
