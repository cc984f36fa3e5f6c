"""The API's own description: short operation ids and problem documents under their media type."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from backend.api.problem import MEDIA_TYPE

_UNUSED_SCHEMAS: Final = ("HTTPValidationError", "ValidationError")


def operation_id(route: APIRoute) -> str:
    """Tag and function name, so that a generated client reads `chatSendMessage`."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def describe_api(app: FastAPI) -> None:
    """Make `app.openapi()` say what is really sent."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
            )
            for path in document["paths"].values():
                for operation in path.values():
                    _correct_problems(operation["responses"])
                    if operation.get("tags") == ["chat"]:
                        # Anonymous visitors are welcome; a token is only read when it is sent.
                        operation["security"] = [{}, *operation.get("security", [])]
            for name in _UNUSED_SCHEMAS:
                document["components"]["schemas"].pop(name, None)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _correct_problems(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status >= "400" and "content" in response:
            response["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
