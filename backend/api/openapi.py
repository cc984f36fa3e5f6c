"""The API's own description: short operation ids and problem documents under their media type."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from backend.schemas.problem import Problem

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
                    if operation.get("tags") == ["chat"]:
                        # Anonymous visitors are welcome; a token is only read when it is sent.
                        operation["security"] = [{}, *operation.get("security", [])]
            _complete_schemas(document["components"]["schemas"])
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _complete_schemas(schemas: dict[str, Any]) -> None:
    """Add what failures look like, in place of what FastAPI would send."""
    for name in _UNUSED_SCHEMAS:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= {**problem.pop("$defs"), "Problem": problem}
    for name in sorted(schemas):
        schemas[name] = schemas.pop(name)
