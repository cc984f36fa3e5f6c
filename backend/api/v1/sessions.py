"""A person's conversations."""

from fastapi import APIRouter

from backend.api.deps import (
    CurrentUser,
    OptionalUser,
    PageCursor,
    PageLimit,
    SearchText,
    SessionId,
    SessionServiceDep,
)
from backend.api.problem import document_problems
from backend.api.strict_json import StrictJsonRoute
from backend.core.errors import (
    BodyTooLarge,
    DatabaseUnavailable,
    InvalidRequest,
    MalformedBody,
    NotAuthenticated,
    SessionNotFound,
    UnsupportedMediaType,
)
from backend.schemas.session import SessionList, SessionRead, SessionUpdate

router = APIRouter(
    route_class=StrictJsonRoute,
    responses=document_problems(NotAuthenticated, InvalidRequest, DatabaseUnavailable),
)


@router.get("/")
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
    responses=document_problems(SessionNotFound, MalformedBody, BodyTooLarge, UnsupportedMediaType),
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
