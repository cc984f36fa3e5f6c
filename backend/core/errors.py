"""Everything a client can be told went wrong: one base, one small subclass for each thing.

Services raise these; `main` renders them as RFC 9457 problem documents. `code` is part of the
contract with clients and never changes; `detail` is a sentence fit to show a person.
"""

from typing import ClassVar


class AUGuruError(Exception):
    """Base of all expected failures.

    `retry_after` is in seconds, for the `Retry-After` header.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    default_detail: ClassVar[str] = "Something went wrong on our side. Please try again."

    def __init__(self, detail: str | None = None, *, retry_after: float | None = None) -> None:
        self.detail = detail or self.default_detail
        self.retry_after = retry_after
        super().__init__(self.detail)


class InvalidRequest(AUGuruError):
    """The request could be read but not accepted."""

    status = 422
    code = "invalid_request"
    title = "Invalid request"
    default_detail = "Some of what was sent cannot be accepted."


class MalformedBody(AUGuruError):
    """The body is not the JSON it claims to be."""

    status = 400
    code = "malformed_body"
    title = "Malformed body"
    default_detail = "The body could not be read as JSON."


class BodyTooLarge(AUGuruError):
    """The body is larger than `MAX_BODY_BYTES`."""

    status = 413
    code = "body_too_large"
    title = "Body too large"
    default_detail = "The request is too large."


class UnsupportedMediaType(AUGuruError):
    """The body is not sent as JSON."""

    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"
    default_detail = "The body must be JSON, sent as application/json."


class MethodNotAllowed(AUGuruError):
    """The path exists, but not for this method."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"
    default_detail = "This cannot be done here."


class UnknownHost(AUGuruError):
    """The Host header names a host that this service does not answer for."""

    status = 400
    code = "unknown_host"
    title = "Unknown host"
    default_detail = "This service does not answer under that host name."


class OriginNotAllowed(AUGuruError):
    """A page asks whether it may call, and it may not, or not so."""

    status = 400
    code = "origin_not_allowed"
    title = "Origin not allowed"
    default_detail = "This page may not call the service in this way."


class NotAuthenticated(AUGuruError):
    """A token was sent and is not good, or none was sent where one is needed."""

    status = 401
    code = "not_authenticated"
    title = "Not authenticated"
    default_detail = "Please sign in again."


class Forbidden(AUGuruError):
    """Whoever asks is known, but may not do this."""

    status = 403
    code = "forbidden"
    title = "Forbidden"
    default_detail = "Only administrators may do this."


class NotFound(AUGuruError):
    """There is nothing there, or it is somebody else's."""

    status = 404
    code = "not_found"
    title = "Not found"
    default_detail = "There is nothing here."


class PageNotBuilt(NotFound):
    """The chat's own page is made by a build, and there is none."""

    code = "page_not_built"
    title = "Page not built"
    default_detail = "The page is not built here: run `make ui` (it needs Node 20 or newer)."


class SessionNotFound(NotFound):
    """No such chat session, or it belongs to somebody else."""

    code = "session_not_found"
    title = "Chat session not found"
    default_detail = "This conversation does not exist."


class MessageNotFound(NotFound):
    """The session has no such message, or not of the kind that is meant."""

    code = "message_not_found"
    title = "Message not found"
    default_detail = "This message does not exist."


class CategoryNotFound(NotFound):
    """The knowledge has no such category."""

    code = "category_not_found"
    title = "Category not found"
    default_detail = "The knowledge has no such category."


class FactNotFound(NotFound):
    """The category has no such fact."""

    code = "fact_not_found"
    title = "Fact not found"
    default_detail = "The category has no such fact."


class Conflict(AUGuruError):
    """The request is fine, but not now or not twice."""

    status = 409
    code = "conflict"
    title = "Conflict"
    default_detail = "This cannot be done at the moment."


class TurnInProgress(Conflict):
    """Another message of the same session is still being answered."""

    code = "turn_in_progress"
    title = "Turn in progress"
    default_detail = "The last message is still being answered. Please wait for its answer."


class IdempotencyKeyReused(Conflict):
    """A `client_message_id` came again with another message."""

    code = "idempotency_key_reused"
    title = "Idempotency key reused"
    default_detail = "This client_message_id was already used for another message."


class NotTheLastTurn(Conflict):
    """What is to be written anew is not the last turn of its session."""

    code = "not_the_last_turn"
    title = "Not the last turn"
    default_detail = "Only the last question can be changed, and only the last answer renewed."


class TurnStopped(Conflict):
    """The answer was stopped before it was finished."""

    code = "turn_stopped"
    title = "Turn stopped"
    default_detail = "The answer was stopped."


class RateLimited(AUGuruError):
    """Too many requests; `limit` is how many there may be."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"
    default_detail = "That was a lot at once. Please wait a moment and try again."

    def __init__(self, limit: int = 0, *, retry_after: int = 1) -> None:
        self.limit = limit
        super().__init__(retry_after=retry_after)


class ServiceUnavailable(AUGuruError):
    """Something this service stands on does not answer."""

    status = 503
    code = "service_unavailable"
    title = "Service unavailable"
    default_detail = "The service is busy or being restarted. Please try again in a moment."


class DatabaseUnavailable(ServiceUnavailable):
    """The database is locked, full, gone or overloaded."""

    code = "database_unavailable"
    title = "Database unavailable"
    default_detail = "Conversations cannot be stored at the moment. Please try again shortly."


class DatabaseNotMigrated(DatabaseUnavailable):
    """The database answers, but has not the tables this code was written for."""


class AssistantUnavailable(ServiceUnavailable):
    """Gemini gave no usable answer; each way it can fail is a subclass in `core.gemini_errors`.

    Chat answers from the knowledge itself then, so clients see this only where there is none.
    """

    code = "assistant_unavailable"
    title = "Assistant unavailable"
    default_detail = "The assistant cannot answer at the moment. Please try again shortly."
