import subprocess
import sys
from collections import Counter

import pytest

from backend.services.knowledge.index import MAX_HITS, Index
from backend.services.knowledge.large_index import LARGE, LargeIndex, build_index
from backend.services.knowledge.query import Term, TermKind
from tests.bench.knowledge import generate_entries


@pytest.fixture(scope="module")
def documents() -> list[dict[str, float]]:
    texts = (entry["text"].casefold().split() for entry in generate_entries(LARGE + 1))
    return [{word: float(count) for word, count in Counter(text).items()} for text in texts]


class TestLargeIndex:
    def test_is_made_for_many_documents_only(self, documents: list[dict[str, float]]) -> None:
        assert type(build_index(documents)) is LargeIndex
        assert type(build_index(documents[:100])) is Index

    def test_finds_the_same_best_documents(self, documents: list[dict[str, float]]) -> None:
        plain, large = Index(documents), LargeIndex(documents)
        words = ("tuition", "nursing", "visa", "thb.", "unknown", *list(documents[7])[:3])
        terms = [Term(word, TermKind.WORD, 1.0, 1.0) for word in words]

        found, expected = large.search(terms), plain.search(terms)

        assert len(found) == MAX_HITS
        assert all(
            expected[place].score == pytest.approx(hit.score) for place, hit in found.items()
        )
        assert all(expected[place].tokens == hit.tokens for place, hit in found.items())
        ranked = sorted(expected, key=lambda place: -expected[place].score)
        least = min(hit.score for hit in found.values())
        assert least == pytest.approx(expected[ranked[MAX_HITS - 1]].score, rel=1e-5)

    def test_finds_few_or_none(self, documents: list[dict[str, float]]) -> None:
        large = LargeIndex([*documents, {"alone": 1.0}])

        assert list(large.search([Term("alone", TermKind.WORD)])) == [len(documents)]
        assert large.search([Term("nowhere", TermKind.WORD)]) == {}

    def test_numpy_is_not_imported_for_the_shipped_facts(self) -> None:
        code = (
            "import sys; from pathlib import Path;"
            "from backend.services.knowledge_service import KnowledgeService;"
            "KnowledgeService(Path('data'), token_budget=400).get_context('MBA fee');"
            "sys.exit('numpy' in sys.modules)"
        )

        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
