"""Conversations."""

from backend.api.deps import (
    BeforeId,
    ChatServiceDep,
    OptionalIdentity,
    OptionalUser,
    PageLimit,
    SessionId,
)
from backend.api.message import MessageDep
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.api.strict_json import StrictJsonRoute
from backend.core.errors import (
    BodyTooLarge,
    DatabaseUnavailable,
    IdempotencyKeyReused,
    InvalidRequest,
    MalformedBody,
    NotAuthenticated,
    RateLimited,
    SessionNotFound,
    TurnInProgress,
    UnsupportedMediaType,
)
from backend.schemas.chat import ChatResponse, HistoryResponse, ResetResponse

router = part_router("chat")(
    route_class=StrictJsonRoute,
    responses=document_problems(
        NotAuthenticated, SessionNotFound, InvalidRequest, DatabaseUnavailable
    ),
)


@router.post(
    "/",
    responses=document_problems(
        MalformedBody,
        BodyTooLarge,
        UnsupportedMediaType,
        TurnInProgress,
        IdempotencyKeyReused,
        RateLimited,
    ),
)
async def send_message(
    request: MessageDep, chat_service: ChatServiceDep, identity: OptionalIdentity
) -> ChatResponse:
    """Send a message to the assistant and get its answer, with the sources of its facts."""
    user_id = identity.user.id if identity else None
    return await chat_service.process_message(request, user_id=user_id)


@router.delete("/{session_id}")
async def reset_session(
    session_id: SessionId, chat_service: ChatServiceDep, user: OptionalUser
) -> ResetResponse:
    """Erase a conversation with everything that was said in it."""
    return await chat_service.reset_session(session_id, user_id=user.id if user else None)


@router.get("/{session_id}/history")
async def get_chat_history(
    session_id: SessionId,
    chat_service: ChatServiceDep,
    user: OptionalUser,
    limit: PageLimit = 100,
    before: BeforeId = None,
) -> HistoryResponse:
    """Read a conversation, oldest message first; page back with the first message's id."""
    return await chat_service.get_history(
        session_id, user_id=user.id if user else None, limit=limit, before=before
    )
