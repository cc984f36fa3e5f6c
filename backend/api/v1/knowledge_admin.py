"""What administrators see of the knowledge, and do to it."""

from typing import Annotated

from fastapi import Depends, Query, Response

from backend.api.deps import (
    AdminUser,
    BeforeId,
    CategoryName,
    EditedVersion,
    FactAddressDep,
    FactId,
    GivenVersion,
    KnowledgeEditorDep,
    KnowledgeServiceDep,
    MeaningReaderDep,
    PreviewText,
)
from backend.api.facts import read_overview, read_passage, read_results
from backend.api.identity import get_admin_user
from backend.api.limits import LimitOwnReads
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.core.errors import (
    BodyTooLarge,
    CategoryNotFound,
    DatabaseUnavailable,
    FactNotFound,
    Forbidden,
    InvalidRequest,
    MalformedBody,
    NotAuthenticated,
    RateLimited,
    UnsupportedMediaType,
)
from backend.core.knowledge_errors import (
    EntryExists,
    KnowledgeBusy,
    KnowledgeNotWritten,
    KnowledgeReadOnly,
    NotEditable,
    VersionConflict,
    VersionNotFound,
    VersionRequired,
)
from backend.core.language import detect_language
from backend.core.prompt import build_prompt, render_prompt
from backend.core.tokens import estimate_tokens
from backend.schemas.knowledge import FactRead, PreviewResponse
from backend.schemas.knowledge_edit import (
    DeletedEntry,
    EntryWrite,
    ReloadResponse,
    RestoreRequest,
    VersionList,
    VersionRead,
)
from backend.services.knowledge_service import Passage

router = part_router("knowledge")(
    dependencies=[Depends(get_admin_user)],
    responses=document_problems(NotAuthenticated, Forbidden, InvalidRequest, DatabaseUnavailable),
)
_UNWRITTEN = (DatabaseUnavailable, KnowledgeBusy, KnowledgeReadOnly, KnowledgeNotWritten)
_BODY = (MalformedBody, BodyTooLarge, UnsupportedMediaType)


@router.get("/preview", dependencies=[LimitOwnReads], responses=document_problems(RateLimited))
async def preview_question(
    q: PreviewText, knowledge_service: KnowledgeServiceDep, meaning_reader: MeaningReaderDep
) -> PreviewResponse:
    """Show the facts and the exact prompt that a question would get, without asking the model."""
    vector = await meaning_reader.read_question(q)
    context = knowledge_service.get_context(q, vector=vector)
    language = detect_language(q)
    prompt = render_prompt(build_prompt(q, context.text, language=language))
    return PreviewResponse(
        language=language.value,
        off_topic=context.off_topic,
        complete=context.complete,
        results=read_results(context.matches[:50]),
        sent=[passage.id for passage in context.passages],
        context_tokens=context.token_count,
        prompt=prompt,
        prompt_tokens=estimate_tokens(prompt),
    )


@router.post("/reload")
async def reload_knowledge(
    editor: KnowledgeEditorDep,
    knowledge_service: KnowledgeServiceDep,
    meaning_reader: MeaningReaderDep,
) -> ReloadResponse:
    """Look at the files now and tell their state; changes are found by themselves in a second."""
    changed = await editor.reload()
    overview = read_overview(knowledge_service, meaning_reader)
    return ReloadResponse(
        **overview.model_dump(), changed=changed, version=knowledge_service.version
    )


@router.post(
    "/{category}",
    status_code=201,
    responses=document_problems(*_BODY, EntryExists, NotEditable, *_UNWRITTEN),
)
async def create_entry(
    category: CategoryName,
    entry: EntryWrite,
    editor: KnowledgeEditorDep,
    admin: AdminUser,
    response: Response,
) -> FactRead:
    """Add a fact to a category of entries, or to a new category named with `a-z`, `0-9`, `_`."""
    return _show(await editor.create(category, entry.trimmed(), by=admin.id), response)


@router.put(
    "/{category}/{fact_id}",
    responses=document_problems(
        *_BODY,
        CategoryNotFound,
        FactNotFound,
        VersionConflict,
        NotEditable,
        VersionRequired,
        *_UNWRITTEN,
    ),
)
async def update_entry(
    address: FactAddressDep,
    version: EditedVersion,
    entry: EntryWrite,
    editor: KnowledgeEditorDep,
    admin: AdminUser,
    response: Response,
) -> FactRead:
    """Replace a fact. `If-Match` names the version it was read at; the old one is kept."""
    if entry.id != address.fact_id:
        raise InvalidRequest("id: must be the one in the address.")
    passage = await editor.update(address.category, entry.trimmed(), version=version, by=admin.id)
    return _show(passage, response)


@router.delete(
    "/{category}/{fact_id}",
    responses=document_problems(
        CategoryNotFound, FactNotFound, VersionConflict, NotEditable, VersionRequired, *_UNWRITTEN
    ),
)
async def delete_entry(
    category: CategoryName,
    fact_id: FactId,
    version: EditedVersion,
    editor: KnowledgeEditorDep,
    admin: AdminUser,
) -> DeletedEntry:
    """Delete a fact. `If-Match` names the version it was read at; it can be restored."""
    version_id = await editor.delete(category, fact_id, version=version, by=admin.id)
    return DeletedEntry(message="Entry deleted", id=f"{category}#{fact_id}", version_id=version_id)


@router.get(
    "/{category}/{fact_id}/versions", responses=document_problems(CategoryNotFound, FactNotFound)
)
async def list_versions(
    category: CategoryName,
    fact_id: FactId,
    editor: KnowledgeEditorDep,
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 20,
    before: BeforeId = None,
) -> VersionList:
    """List what a fact was before each edit, newest first; deleted facts included."""
    rows, has_more = await editor.list_versions(category, fact_id, limit=limit, before=before)
    items = [VersionRead.model_validate(dict(row._mapping)) for row in rows]
    return VersionList(items=items, has_more=has_more)


@router.post(
    "/{category}/{fact_id}/restore",
    responses=document_problems(
        *_BODY, CategoryNotFound, VersionNotFound, VersionConflict, NotEditable, *_UNWRITTEN
    ),
)
async def restore_entry(
    address: FactAddressDep,
    version: GivenVersion,
    request: RestoreRequest,
    editor: KnowledgeEditorDep,
    admin: AdminUser,
    response: Response,
) -> FactRead:
    """Make an earlier version the present one; what it replaces is kept in turn.

    With `If-Match` only when the fact still is at that version.
    """
    passage = await editor.restore(
        address.category, address.fact_id, request.version_id, version=version, by=admin.id
    )
    return _show(passage, response)


def _show(passage: Passage, response: Response) -> FactRead:
    fact = read_passage(passage)
    response.headers["ETag"] = f'"{fact.version}"'
    return fact
