"""The message of a chat request, read and counted."""

from typing import Annotated

from fastapi import Depends, Request

from backend.api.deps import IdempotencyKey, OptionalUser
from backend.api.limits import limit_message
from backend.core.errors import InvalidRequest
from backend.schemas.chat import ChatRequest


async def get_message(
    body: ChatRequest,
    request: Request,
    user: OptionalUser,
    idempotency_key: IdempotencyKey = None,
) -> ChatRequest:
    """The message, under the id of its header if the body names none.

    It is counted here, once it is known to be good: what a client got wrong (422) costs nothing,
    while a repeated or refused turn (409) has already been looked up in the database.

    Raises:
        InvalidRequest: two headers name different ids, and nobody knows which one is meant.
        RateLimited: it is one too many.
    """
    if idempotency_key is not None:
        if len(set(request.headers.getlist("idempotency-key"))) > 1:
            raise InvalidRequest("Idempotency-Key: came twice, with different values.")
        if body.client_message_id is None:
            body = body.model_copy(update={"client_message_id": idempotency_key})
    await limit_message(request, user.id if user else None)
    return body


MessageDep = Annotated[ChatRequest, Depends(get_message)]
