"""The messages of chat requests, read and counted."""

from typing import Annotated, TypeVar

from fastapi import Depends, Request

from backend.api.deps import IdempotencyKey, OptionalIdentity, OptionalUser
from backend.api.limits import limit_message
from backend.core.errors import InvalidRequest
from backend.schemas.chat import ChatRequest, MessageEdit
from backend.schemas.stream import StreamRequest, UIChatRequest
from backend.services.sign_in_service import Identity

Message = TypeVar("Message", ChatRequest, ChatRequest | UIChatRequest, MessageEdit)


async def get_message(
    body: ChatRequest,
    request: Request,
    identity: OptionalIdentity,
    idempotency_key: IdempotencyKey = None,
) -> ChatRequest:
    """The message, under the id of its header if the body names none.

    Raises:
        InvalidRequest: two headers name different ids.
        RateLimited: it is one too many.
    """
    return await _count(body, request, identity, idempotency_key)


async def get_streamed_message(
    body: StreamRequest,
    request: Request,
    identity: OptionalIdentity,
    idempotency_key: IdempotencyKey = None,
) -> ChatRequest | UIChatRequest:
    """The message of a stream, in the plan's body or the AI SDK's.

    Raises:
        InvalidRequest: two headers name different ids.
        RateLimited: it is one too many.
    """
    return await _count(body, request, identity, idempotency_key)


async def get_message_edit(
    body: MessageEdit,
    request: Request,
    identity: OptionalIdentity,
    idempotency_key: IdempotencyKey = None,
) -> MessageEdit:
    """The last question in other words.

    Raises:
        InvalidRequest: two headers name different ids.
        RateLimited: it is one too many.
    """
    return await _count(body, request, identity, idempotency_key)


async def _count(
    body: Message, request: Request, identity: Identity | None, idempotency_key: str | None
) -> Message:
    """Count a message under the id that it comes with.

    It is counted here, once it is known to be good: what a client got wrong (422) costs nothing,
    while a repeated or refused turn (409) has already been looked up in the database.

    Raises:
        InvalidRequest: two headers name different ids, and nobody knows which one is meant.
        RateLimited: it is one too many.
    """
    if idempotency_key is not None:
        if len(set(request.headers.getlist("idempotency-key"))) > 1:
            raise InvalidRequest("Idempotency-Key: came twice, with different values.")
        if not isinstance(body, UIChatRequest) and body.client_message_id is None:
            body = body.model_copy(update={"client_message_id": idempotency_key})
    await limit_message(request, identity.user.id if identity else None)
    return body


async def count_renewal(request: Request, user: OptionalUser) -> None:
    """Count an answer that is written anew: it costs what a message does.

    Raises:
        RateLimited: it is one too many.
    """
    await limit_message(request, user.id if user else None)


MessageDep = Annotated[ChatRequest, Depends(get_message)]
StreamedMessageDep = Annotated[ChatRequest | UIChatRequest, Depends(get_streamed_message)]
MessageEditDep = Annotated[MessageEdit, Depends(get_message_edit)]
CountRenewal = Depends(count_renewal)
