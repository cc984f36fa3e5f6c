"""Passages and categories as clients read them."""

from collections.abc import Iterable

from backend.schemas.knowledge import (
    CategoryFacts,
    CategoryRead,
    FactRead,
    FileProblemRead,
    KnowledgeOverview,
    SearchResult,
)
from backend.services.knowledge.version import version_of
from backend.services.knowledge_service import Category, KnowledgeService, Passage, Scored
from backend.services.meaning import MeaningReader


def read_overview(
    knowledge_service: KnowledgeService, meaning_reader: MeaningReader
) -> KnowledgeOverview:
    """All categories, and what is wrong with their files."""
    status = knowledge_service.status()
    return KnowledgeOverview(
        categories=[read_category(category) for category in knowledge_service.get_categories()],
        total_facts=status.facts,
        facts_with_vector=meaning_reader.status().passages,
        problems=[FileProblemRead.model_validate(problem) for problem in status.problems],
    )


def read_category(category: Category) -> CategoryRead:
    """A category without its facts."""
    return CategoryRead(
        name=category.name,
        title=category.title,
        file=category.file,
        form=category.form,
        facts=len(category.passages),
    )


def read_page(category: Category, *, limit: int, offset: int) -> CategoryFacts:
    """A category with a page of its facts."""
    items = [read_passage(passage) for passage in category.passages[offset : offset + limit]]
    return CategoryFacts(
        **read_category(category).model_dump(),
        items=items,
        offset=offset,
        version=version_of([item.version for item in items]),
    )


def read_passage(passage: Passage) -> FactRead:
    """One fact with its source and its version."""
    return FactRead.model_validate(
        {
            "id": passage.id,
            "fact_id": passage.fact_id,
            "category": passage.category,
            "title": passage.title,
            "breadcrumb": list(passage.breadcrumb),
            "text": passage.text,
            "content": passage.raw,
            "source": passage.source,
            "language": passage.language,
            "confidence": passage.confidence.value,
            "note": passage.note,
            "valid_until": passage.valid_until and passage.valid_until.isoformat(),
            "version": version_of(passage.raw),
        }
    )


def read_results(found: Iterable[Scored]) -> list[SearchResult]:
    """What a search has found, in its order."""
    return [_result(scored) for scored in found]


def _result(scored: Scored) -> SearchResult:
    passage = read_passage(scored.passage)
    return SearchResult(
        score=round(scored.score, 4),
        matched_terms=sorted(term.removeprefix("@") for term in scored.terms),
        passage=passage,
        source=passage.source,
    )
