"""Answers written anew, questions put in other words."""

from fastapi import Request, Response

from backend.api.deps import (
    ChatServiceDep,
    MessageId,
    OptionalUser,
    SessionId,
    StreamServiceDep,
)
from backend.api.message import CountRenewal, MessageEditDep
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.api.strict_json import StrictJsonRoute
from backend.api.v1.chat_stream import EVENTS, events_response
from backend.core.errors import (
    BodyTooLarge,
    DatabaseUnavailable,
    IdempotencyKeyReused,
    InvalidRequest,
    MalformedBody,
    MessageNotFound,
    NotAuthenticated,
    NotTheLastTurn,
    RateLimited,
    SessionNotFound,
    TurnInProgress,
    UnsupportedMediaType,
)
from backend.schemas.chat import ChatResponse, VersionsResponse

router = part_router("chat")(
    route_class=StrictJsonRoute,
    responses=document_problems(
        NotAuthenticated, SessionNotFound, MessageNotFound, InvalidRequest, DatabaseUnavailable
    ),
)


@router.post(
    "/{session_id}/messages/{message_id}/regenerate",
    dependencies=[CountRenewal],
    response_model=ChatResponse,
    responses={
        **document_problems(TurnInProgress, NotTheLastTurn, RateLimited),
        200: {**EVENTS, "model": ChatResponse},
    },
)
async def regenerate_answer(
    session_id: SessionId,
    message_id: MessageId,
    request: Request,
    chat_service: ChatServiceDep,
    stream_service: StreamServiceDep,
    user: OptionalUser,
) -> ChatResponse | Response:
    """Answer the last question once more and keep the earlier answer as a version.

    With `Accept: text/event-stream` the answer comes as it is written.
    """
    user_id = user.id if user else None
    if "text/event-stream" in request.headers.get("accept", ""):
        return events_response(
            await stream_service.regenerate(session_id, message_id, user_id=user_id)
        )
    return await chat_service.regenerate(session_id, message_id, user_id=user_id)


@router.get("/{session_id}/messages/{message_id}/versions")
async def list_versions(
    session_id: SessionId,
    message_id: MessageId,
    chat_service: ChatServiceDep,
    user: OptionalUser,
) -> VersionsResponse:
    """All answers to the same question, oldest first."""
    user_id = user.id if user else None
    return await chat_service.get_versions(session_id, message_id, user_id=user_id)


@router.put(
    "/{session_id}/messages/{message_id}",
    responses=document_problems(
        MalformedBody,
        BodyTooLarge,
        UnsupportedMediaType,
        TurnInProgress,
        NotTheLastTurn,
        IdempotencyKeyReused,
        RateLimited,
    ),
)
async def edit_question(
    session_id: SessionId,
    message_id: MessageId,
    edit: MessageEditDep,
    chat_service: ChatServiceDep,
    user: OptionalUser,
) -> ChatResponse:
    """Put the last question in other words; it and its answers make room for the new ones."""
    user_id = user.id if user else None
    return await chat_service.edit_question(session_id, message_id, edit, user_id=user_id)
