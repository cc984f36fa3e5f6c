"""The one renderer of failures: RFC 9457 problem documents with a stable `code`."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from backend.api.allow import ALLOW, allowed_methods
from backend.core.errors import (
    AUGuruError,
    InvalidRequest,
    MalformedBody,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    UnsupportedMediaType,
)
from backend.schemas.stream import FORMS

MEDIA_TYPE: Final = "application/problem+json"
_REFERENCE: Final = {"$ref": "#/components/schemas/Problem"}
_MAX_ERRORS: Final = 20
_MAX_LOC_LENGTH: Final = 100
_BY_STATUS: Final[Mapping[int, type[AUGuruError]]] = {
    400: MalformedBody,
    404: NotFound,
    405: MethodNotAllowed,
}


def problem_response(
    error: AUGuruError,
    *,
    errors: list[dict[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Render `error`; only what its class and its detail say, nothing of the inside."""
    body: dict[str, Any] = {
        "type": f"urn:au-guru:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    if errors is not None:
        body["errors"] = errors
    extra = dict(headers or {})
    if error.retry_after is not None:
        extra["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if isinstance(error, NotAuthenticated):
        extra["WWW-Authenticate"] = "Bearer"
    # ASCII escapes: a key that a client sent may hold half a surrogate pair.
    content = json.dumps(body, ensure_ascii=True).encode("ascii")
    return Response(content, error.status, headers=extra, media_type=MEDIA_TYPE)


def document_problems(*errors: type[AUGuruError]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation that can fail in these ways.

    `describe_api` knows the schema: given as a model, it would be built anew for each of them,
    which took an eighth of the start.
    """
    titles: dict[int | str, list[str]] = {}
    for error in errors:
        titles.setdefault(error.status, []).append(f"{error.title} (`{error.code}`)")
    return {
        status: {"description": "; ".join(words), "content": {MEDIA_TYPE: {"schema": _REFERENCE}}}
        for status, words in titles.items()
    }


def register_problem_handlers(app: FastAPI) -> None:
    """Make `app` answer every expected failure with a problem document."""

    @app.exception_handler(AUGuruError)
    async def render_error(_request: Request, exc: AUGuruError) -> Response:
        return problem_response(exc)

    @app.exception_handler(HTTPException)
    async def render_http_exception(request: Request, exc: HTTPException) -> Response:
        error = _BY_STATUS.get(exc.status_code, InvalidRequest)()
        if isinstance(error, MalformedBody) and not _is_json(request):
            error = MalformedBody("The form could not be read.")
        headers = dict(exc.headers or {})
        if isinstance(error, MethodNotAllowed):
            # What is mounted has no routes here and says itself what it allows.
            headers[ALLOW] = allowed_methods(request) or headers.get(ALLOW, "")
        return problem_response(error, headers=headers)

    @app.exception_handler(RequestValidationError)
    async def render_validation_error(request: Request, exc: RequestValidationError) -> Response:
        found = exc.errors()
        if any(error["type"] == "json_invalid" for error in found):
            return problem_response(MalformedBody())
        if _is_foreign_body(request, found):
            return problem_response(UnsupportedMediaType())
        return problem_response(InvalidRequest(_summary(found)), errors=list(_fields(found)))


def _is_foreign_body(request: Request, found: Iterable[Mapping[str, Any]]) -> bool:
    """True when a body was sent as something else than JSON, and so was not read."""
    has_body = request.headers.get("content-length", "0") != "0" or (
        "transfer-encoding" in request.headers
    )
    return has_body and not _is_json(request) and any(tuple(e["loc"]) == ("body",) for e in found)


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _fields(found: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
    """What is wrong where, without the values: they may be secret or not printable at all."""
    for error in list(found)[:_MAX_ERRORS]:
        yield {
            "loc": [
                part if isinstance(part, int) else str(part)[:_MAX_LOC_LENGTH]
                for part in _place(error)
            ],
            "detail": _words(error),
            "type": error["type"],
        }


def _place(error: Mapping[str, Any]) -> list[Any]:
    """Where it stands in what the client sent, which knows nothing of our names for its forms."""
    return [part for part in error["loc"] if part not in FORMS]


def _summary(found: Sequence[Any]) -> str:
    """One sentence for people about the first thing that is wrong."""
    if not found:
        return InvalidRequest.default_detail
    where = [str(part) for part in _place(found[0]) if part not in {"body", "query", "path"}]
    name = ".".join(where)[:_MAX_LOC_LENGTH].encode("ascii", "replace").decode()
    return f"{name or 'The body'}: {_words(found[0])}."


def _words(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ").encode("utf-8", "replace").decode()
