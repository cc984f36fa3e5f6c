"""Answers as they are written, in the AI SDK's UI message stream protocol."""

from typing import Any

from fastapi import Response, status
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse

from backend.api.deps import (
    ChatId,
    OptionalUser,
    SessionId,
    StreamServiceDep,
)
from backend.api.message import StreamedMessageDep
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
from backend.core.ui_stream import HEADERS
from backend.schemas.stream import StopResponse
from backend.services.stream_service import Stream

router = part_router("chat")(
    route_class=StrictJsonRoute,
    responses=document_problems(
        NotAuthenticated, SessionNotFound, InvalidRequest, DatabaseUnavailable
    ),
)

_EVENT: dict[str, Any] = {
    "type": "object",
    "title": "ServerSentEvent",
    "description": "One event; its data is a part of the AI SDK's UI message stream, or `[DONE]`.",
    "properties": {"data": {"type": "string"}},
    "required": ["data"],
}
EVENTS: dict[str, Any] = {"content": {"text/event-stream": {"schema": _EVENT}}}
_NOTHING_RUNS: dict[int | str, dict[str, Any]] = {
    204: {"description": "No answer is being written."}
}


@router.post(
    "/stream",
    response_class=StreamingResponse,
    responses={
        **document_problems(
            MalformedBody,
            BodyTooLarge,
            UnsupportedMediaType,
            TurnInProgress,
            IdempotencyKeyReused,
            RateLimited,
        ),
        200: EVENTS,
    },
)
async def stream_message(
    request: StreamedMessageDep, stream_service: StreamServiceDep, user: OptionalUser
) -> Response:
    """Send a message and read the answer as it is written; takes the AI SDK's body as well."""
    user_id = user.id if user else None
    return events_response(await stream_service.stream_message(request, user_id=user_id))


@router.get(
    "/{session_id}/stream",
    response_class=StreamingResponse,
    responses={200: EVENTS, **_NOTHING_RUNS},
)
async def rejoin_stream(
    session_id: SessionId, stream_service: StreamServiceDep, user: OptionalUser
) -> Response:
    """Read the answer that is being written in a conversation, from its first word."""
    return events_response(
        await stream_service.rejoin(session_id, user_id=user.id if user else None)
    )


@router.get(
    "/stream/{chat_id}/stream",
    response_class=StreamingResponse,
    responses={200: EVENTS, **_NOTHING_RUNS},
)
async def rejoin_chat(
    chat_id: ChatId, stream_service: StreamServiceDep, user: OptionalUser
) -> Response:
    """The same under the path that the AI SDK makes of `/chat/stream` and its own chat id."""
    return events_response(
        await stream_service.rejoin_chat(chat_id, user_id=user.id if user else None)
    )


@router.post("/{session_id}/stop")
async def stop_answer(
    session_id: SessionId, stream_service: StreamServiceDep, user: OptionalUser
) -> StopResponse:
    """Stop the answer that is being written; what there is of it is kept and marked."""
    stopped = await stream_service.stop(session_id, user_id=user.id if user else None)
    return StopResponse(session_id=session_id, stopped=stopped)


def events_response(stream: Stream | None) -> Response:
    """A stream as it is sent; 204 when there is none."""
    if stream is None:
        return Response(status_code=status.HTTP_204_NO_CONTENT)
    return EventSourceResponse(stream, headers=HEADERS)
