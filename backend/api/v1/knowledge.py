"""The university's facts."""

from typing import Annotated

from fastapi import Query, Response

from backend.api.deps import (
    CategoryName,
    FactId,
    KnowledgeServiceDep,
    MeaningReaderDep,
    SearchText,
)
from backend.api.facts import read_overview, read_page, read_passage, read_results
from backend.api.limits import LimitReads
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.core.errors import CategoryNotFound, FactNotFound, InvalidRequest, RateLimited
from backend.schemas.knowledge import (
    CategoryFacts,
    FactRead,
    KnowledgeOverview,
    SearchResponse,
)

router = part_router("knowledge")()


@router.get("/")
async def list_categories(
    knowledge_service: KnowledgeServiceDep, meaning_reader: MeaningReaderDep
) -> KnowledgeOverview:
    """List the categories of facts, with what is wrong with their files, if anything is."""
    return read_overview(knowledge_service, meaning_reader)


@router.get(
    "/search",
    dependencies=[LimitReads],
    responses=document_problems(CategoryNotFound, InvalidRequest, RateLimited),
)
async def search_facts(
    q: SearchText,
    knowledge_service: KnowledgeServiceDep,
    limit: Annotated[int, Query(ge=1, le=50, description="How many at most.")] = 10,
    category: Annotated[
        str | None, Query(max_length=250, description="Search in this category only.")
    ] = None,
) -> SearchResponse:
    """Search the facts in any of the four languages, best match first."""
    found = knowledge_service.search(q, limit=limit, category=category)
    return SearchResponse(results=read_results(found))


@router.get("/{category}", responses=document_problems(CategoryNotFound, InvalidRequest))
async def read_category(
    category: CategoryName,
    knowledge_service: KnowledgeServiceDep,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=500, description="How many at most.")] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="How many to skip.")] = 0,
) -> CategoryFacts:
    """Read the facts of one category in the order of its file."""
    page = read_page(knowledge_service.get_category(category), limit=limit, offset=offset)
    response.headers["ETag"] = f'"{page.version}"'
    return page


@router.get(
    "/{category}/{fact_id}",
    responses=document_problems(CategoryNotFound, FactNotFound, InvalidRequest),
)
async def read_fact(
    category: CategoryName,
    fact_id: FactId,
    knowledge_service: KnowledgeServiceDep,
    response: Response,
) -> FactRead:
    """Read one fact with its source; its version is its ETag too."""
    fact = read_passage(knowledge_service.get_fact(category, fact_id))
    response.headers["ETag"] = f'"{fact.version}"'
    return fact
