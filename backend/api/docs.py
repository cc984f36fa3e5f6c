"""Swagger UI at `/docs` and ReDoc at `/redoc`, from this machine alone.

Their files, with their licences, come with `fastapi-standalone-docs`. Of that package nothing is
run: it would put its own functions into FastAPI. The pages are FastAPI's, each with a content
security policy that names its scripts; what is no file of ours is not loaded.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.staticfiles import StaticFiles

from backend.api.content_policy import script_sources

_FILES: Final = "/docs/files"
_PACKAGE: Final = "fastapi_standalone_docs"

router = APIRouter(include_in_schema=False)


@router.get("/docs")
async def show_swagger_ui(request: Request) -> Response:
    """Show the API with a form for every route."""
    root = request.scope.get("root_path", "").rstrip("/")
    page = get_swagger_ui_html(
        openapi_url=f"{root}{request.app.openapi_url}",
        title=f"{request.app.title} - Swagger UI",
        swagger_js_url=f"{root}{_FILES}/swagger/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{_FILES}/swagger/swagger-ui.css",
        swagger_favicon_url=f"{root}{_FILES}/fastapi/favicon.png",
    )
    return _protect(page)


@router.get("/redoc")
async def show_redoc(request: Request) -> Response:
    """Show the API for reading."""
    root = request.scope.get("root_path", "").rstrip("/")
    page = get_redoc_html(
        openapi_url=f"{root}{request.app.openapi_url}",
        title=f"{request.app.title} - ReDoc",
        redoc_js_url=f"{root}/redoc/redoc.standalone.js",
        redoc_favicon_url=f"{root}{_FILES}/fastapi/favicon.png",
        with_google_fonts=False,
    )
    return _protect(page)


def serve_docs(app: FastAPI) -> None:
    """Add the pages and their files; FastAPI's own ones load scripts from elsewhere."""
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{_PACKAGE} is not installed: run pip install -r requirements.txt")
    app.include_router(router)
    files = Path(spec.origin).parent / "static"
    app.mount(_FILES, StaticFiles(directory=files))
    app.mount("/redoc", StaticFiles(directory=files / "redoc"))  # it looks for a picture there


def _protect(page: Response) -> Response:
    """Let the page run its own scripts, by their hashes, and the files of this service.

    Both libraries write style elements; ReDoc searches in a worker that it makes of a blob.
    """
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {script_sources(bytes(page.body))}; "
        "style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
        "worker-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return page
