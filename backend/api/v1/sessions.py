"""A person's conversations."""

from typing import Annotated, Any, Final, Literal

from fastapi import Query
from fastapi.responses import StreamingResponse

from backend.api.deps import (
    CurrentUser,
    FeedbackServiceDep,
    MessageId,
    OptionalUser,
    PageCursor,
    PageLimit,
    SearchText,
    SessionExportDep,
    SessionId,
    SessionServiceDep,
)
from backend.api.limits import LimitOwnReads
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.api.strict_json import StrictJsonRoute
from backend.core.errors import (
    BodyTooLarge,
    DatabaseUnavailable,
    InvalidRequest,
    MalformedBody,
    MessageNotFound,
    NotAuthenticated,
    RateLimited,
    SessionNotFound,
    UnsupportedMediaType,
)
from backend.schemas.session import (
    FeedbackRead,
    FeedbackWrite,
    SessionArchive,
    SessionList,
    SessionRead,
    SessionUpdate,
)

router = part_router("chat")(
    route_class=StrictJsonRoute,
    responses=document_problems(NotAuthenticated, InvalidRequest, DatabaseUnavailable),
)

_BODY = (MalformedBody, BodyTooLarge, UnsupportedMediaType)
_MARKDOWN: Final[dict[str, Any]] = {"text/markdown": {"schema": {"type": "string"}}}
_FILES: Final = {"json": ("application/json", "json"), "markdown": ("text/markdown", "md")}


@router.get("/", dependencies=[LimitOwnReads], responses=document_problems(RateLimited))
async def list_sessions(
    user: CurrentUser,
    session_service: SessionServiceDep,
    limit: PageLimit = 50,
    cursor: PageCursor = None,
    q: SearchText | None = None,
) -> SessionList:
    """List your conversations, the last one first; `q` searches titles and what you asked."""
    return await session_service.list_sessions(user.id, limit=limit, cursor=cursor, q=q)


@router.patch(
    "/{session_id}",
    responses=document_problems(SessionNotFound, *_BODY),
)
async def rename_session(
    session_id: SessionId,
    change: SessionUpdate,
    session_service: SessionServiceDep,
    user: OptionalUser,
) -> SessionRead:
    """Give a conversation another title."""
    return await session_service.rename_session(
        session_id, change.title, user_id=user.id if user else None
    )


@router.post("/{session_id}/claim", responses=document_problems(SessionNotFound))
async def claim_session(
    user: CurrentUser, session_id: SessionId, session_service: SessionServiceDep
) -> SessionRead:
    """Make a conversation that was begun without signing in your own; nobody else sees it then."""
    return await session_service.claim_session(session_id, user_id=user.id)


@router.get(
    "/{session_id}/export",
    dependencies=[LimitOwnReads],
    response_model=SessionArchive,
    responses={200: {"content": _MARKDOWN}, **document_problems(SessionNotFound, RateLimited)},
)
async def export_session(
    session_id: SessionId,
    session_export: SessionExportDep,
    user: OptionalUser,
    format: Annotated[  # noqa: A002 - the name in the address
        Literal["json", "markdown"], Query(description="The kind of file.")
    ] = "json",
) -> StreamingResponse:
    """Download a whole conversation, for programs or for people."""
    session = await session_export.find(session_id, user_id=user.id if user else None)
    media_type, ending = _FILES[format]
    name = f"au-guru-{session.created_at:%Y-%m-%d}.{ending}"
    return StreamingResponse(
        session_export.write(session, format),
        media_type=f"{media_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.put(
    "/{session_id}/messages/{message_id}/feedback",
    responses=document_problems(SessionNotFound, MessageNotFound, *_BODY),
)
async def rate_answer(
    session_id: SessionId,
    message_id: MessageId,
    feedback: FeedbackWrite,
    feedback_service: FeedbackServiceDep,
    user: OptionalUser,
) -> FeedbackRead:
    """Say whether an answer helped; a new rating replaces the one before."""
    return await feedback_service.rate(
        session_id, message_id, feedback, user_id=user.id if user else None
    )


@router.delete(
    "/{session_id}/messages/{message_id}/feedback",
    responses=document_problems(SessionNotFound, MessageNotFound),
)
async def take_feedback_back(
    session_id: SessionId,
    message_id: MessageId,
    feedback_service: FeedbackServiceDep,
    user: OptionalUser,
) -> FeedbackRead:
    """Take a rating back, with its comment."""
    return await feedback_service.take_back(
        session_id, message_id, user_id=user.id if user else None
    )
