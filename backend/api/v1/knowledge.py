"""The university's facts."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from backend.api.deps import KnowledgeServiceDep
from backend.api.problem import document_problems
from backend.core.errors import CategoryNotFound, FactNotFound, InvalidRequest
from backend.schemas.knowledge import (
    CategoryFacts,
    CategoryRead,
    FactRead,
    FileProblemRead,
    KnowledgeOverview,
)
from backend.services.knowledge_service import Category, Passage

router = APIRouter()

CategoryName = Annotated[str, Path(description="The name of a file without its ending.")]


@router.get("/")
async def list_categories(knowledge_service: KnowledgeServiceDep) -> KnowledgeOverview:
    """List the categories of facts, with what is wrong with their files, if anything is."""
    status = knowledge_service.status()
    return KnowledgeOverview(
        categories=[_category(category) for category in knowledge_service.get_categories()],
        total_facts=status.facts,
        problems=[FileProblemRead.model_validate(problem) for problem in status.problems],
    )


@router.get("/{category}", responses=document_problems(CategoryNotFound, InvalidRequest))
async def read_category(
    category: CategoryName,
    knowledge_service: KnowledgeServiceDep,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="How many to skip.")] = 0,
) -> CategoryFacts:
    """Read the facts of one category in the order of its file."""
    found = knowledge_service.get_category(category)
    items = [_fact(passage) for passage in found.passages[offset : offset + limit]]
    return CategoryFacts(**_category(found).model_dump(), items=items, offset=offset)


@router.get("/{category}/{fact_id}", responses=document_problems(CategoryNotFound, FactNotFound))
async def read_fact(
    category: CategoryName,
    fact_id: Annotated[str, Path(description="The `fact_id` of a fact in the category.")],
    knowledge_service: KnowledgeServiceDep,
) -> FactRead:
    """Read one fact with its source."""
    return _fact(knowledge_service.get_fact(category, fact_id))


def _category(category: Category) -> CategoryRead:
    return CategoryRead(
        name=category.name,
        title=category.title,
        file=category.file,
        form=category.form,
        facts=len(category.passages),
    )


def _fact(passage: Passage) -> FactRead:
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
        }
    )
