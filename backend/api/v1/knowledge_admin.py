"""What administrators see of the knowledge, and do to it."""

from fastapi import APIRouter

from backend.api.deps import CurrentAdmin, KnowledgeServiceDep, PreviewText
from backend.api.facts import read_results
from backend.api.problem import document_problems
from backend.core.errors import DatabaseUnavailable, Forbidden, InvalidRequest, NotAuthenticated
from backend.core.language import detect_language
from backend.core.prompt import build_prompt, render_prompt
from backend.core.tokens import estimate_tokens
from backend.schemas.knowledge import PreviewResponse

router = APIRouter(
    responses=document_problems(NotAuthenticated, Forbidden, InvalidRequest, DatabaseUnavailable)
)


@router.get("/preview")
async def preview_question(
    q: PreviewText, knowledge_service: KnowledgeServiceDep, _admin: CurrentAdmin
) -> PreviewResponse:
    """Show the facts and the exact prompt that a question would get, without asking the model."""
    context = knowledge_service.get_context(q)
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
