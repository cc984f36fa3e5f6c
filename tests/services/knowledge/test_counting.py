"""Terms counted word by word are those that the analyser finds in the whole text."""

from collections import Counter
from pathlib import Path

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.counting import GRAM_PRESENCE, TermCounter
from backend.services.knowledge.evaluation import read_questions
from backend.services.knowledge.library import Library
from backend.services.knowledge.query import TermKind
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


class TestFoldApart:
    def test_folds_each_text_as_if_it_were_alone(self) -> None:
        texts = [*ODD, *QUESTIONS]

        assert fold_apart(texts) == {text: fold_stretched(text) for text in texts}
        assert fold_apart([]) == {}
        assert fold_apart(["É"]) == {"É": "e"}
