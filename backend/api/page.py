"""The chat's own page at `/ui/`, as `frontend/` builds it, and the script that embeds it.

The build is a folder of files; it may come, change and go while the service runs. Each page gets
a content security policy that names its inline scripts, so nothing else can run in it; the one of
the widget may stand in frames of the origins that the settings name. What the build has
compressed (`.br`, `.gz` beside a file) is sent so to clients that take it.
"""

import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from os import stat_result
from pathlib import Path, PurePath
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.staticfiles import NotModifiedResponse
from starlette.types import Scope

from backend.api.content_policy import script_sources
from backend.config import Settings
from backend.core.errors import NotFound, PageNotBuilt

_PREFIX: Final = "/ui"
_FIRST_PAGE: Final = "index.html"
_FRAMED_PAGE: Final = "embed/index.html"
_MISSING_PAGE: Final = "404.html"
_WIDGET: Final = "widget.js"
# Written out: what a system thinks of suffixes differs, and what is not listed is not served.
_MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_ENCODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""Best first."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of the build: its name there, and where its bytes are, compressed or not."""

    name: str
    path: str
    stat: stat_result
    encoding: str | None
    policy: str | None


class PageFiles(StaticFiles):
    """The files of the build. Starlette looks them up, so that nobody gets out of the folder.

    `ancestors` are the origins whose pages may show the framed page.
    """

    def __init__(self, folder: Path, *, ancestors: Sequence[str]) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._ancestors = tuple(ancestors)

    async def check_config(self) -> None:
        """Nothing to check: before the build there is no folder, and it is told when asked."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file at `path`, the index of a folder, or the page for what is missing."""
        if scope["method"] != "GET":
            raise HTTPException(405, headers={"Allow": "GET"})
        accepted = _accepted_encodings(Headers(scope=scope).get("accept-encoding", ""))
        found = await run_in_threadpool(self._find, path, accepted)
        if found is not None:
            return self._respond(found, scope)
        missing = await run_in_threadpool(self._find, _MISSING_PAGE, accepted)
        if missing is not None:
            return self._respond(missing, scope, status_code=404)
        raise PageNotBuilt if await run_in_threadpool(self._is_absent) else NotFound

    def _find(self, path: str, accepted: Iterable[str]) -> _Found | None:
        full_path, found = self._look_up(path)
        if found is not None and stat.S_ISDIR(found.st_mode):
            path = str(PurePath(path, _FIRST_PAGE))
            full_path, found = self._look_up(path)
        is_file = found is not None and stat.S_ISREG(found.st_mode)
        if found is None or not is_file or PurePath(path).suffix not in _MEDIA_TYPES:
            return None
        name = PurePath(path).as_posix()
        policy = None
        if name.endswith(".html"):
            ancestors = self._ancestors if name == _FRAMED_PAGE else ()
            policy = _page_policy(full_path, found.st_mtime_ns, ancestors)
        for encoding in accepted:
            smaller, its_stat = self._look_up(path + _ENCODINGS[encoding])
            if its_stat is not None and its_stat.st_mtime_ns >= found.st_mtime_ns:
                return _Found(name, smaller, its_stat, encoding, policy)
        return _Found(name, full_path, found, None, policy)

    def _look_up(self, path: str) -> tuple[str, stat_result | None]:
        try:
            return self.lookup_path(path)
        except (OSError, ValueError):  # too long, not readable, or no name at all
            return "", None

    def _is_absent(self) -> bool:
        return self._look_up(_FIRST_PAGE)[1] is None

    def _respond(self, found: _Found, scope: Scope, *, status_code: int = 200) -> Response:
        headers = _headers(found)
        response = FileResponse(
            found.path,
            status_code,
            headers=headers,
            media_type=_MEDIA_TYPES[PurePath(found.name).suffix],
            stat_result=found.stat,
        )
        if status_code == 200 and self.is_not_modified(response.headers, Headers(scope=scope)):
            kept = NotModifiedResponse(response.headers)
            # A browser takes the headers of this answer over: it must say all that the first said.
            kept.headers.update(headers)
            del kept.headers["content-encoding"]
            return kept
        return response


@router.get(_PREFIX)
async def show_page(request: Request) -> Response:
    """Show the chat."""
    files: PageFiles = request.app.state.page_files
    return await files.get_response(_FIRST_PAGE, request.scope)


@router.get(f"/{_WIDGET}")
async def send_widget(request: Request) -> Response:
    """The script that puts the chat on a page of somebody else's."""
    files: PageFiles = request.app.state.page_files
    return await files.get_response(_WIDGET, request.scope)


def serve_page(app: FastAPI, folder: Path, *, ancestors: Sequence[str]) -> None:
    """Add the page, its files and its widget."""
    files = PageFiles(folder, ancestors=ancestors)
    app.state.page_files = files
    app.include_router(router)
    app.mount(_PREFIX, files)


def frame_ancestors(config: Settings) -> tuple[str, ...]:
    """Whose pages may show the chat in a frame: our own, and those that may call the service."""
    if config.FRAME_ANCESTORS == ("none",):
        return ()
    return ("'self'", *(config.FRAME_ANCESTORS or config.ALLOWED_ORIGINS))


def _headers(found: _Found) -> dict[str, str]:
    """How long a file may be kept, in what form it comes, and what a page may do."""
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if found.name.startswith("_next/static/"):  # a file of other content has another name
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif found.name == _WIDGET:
        headers["Cache-Control"] = "public, max-age=600"
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if found.encoding:
        headers["Content-Encoding"] = found.encoding
    if found.policy:
        headers["Content-Security-Policy"] = found.policy
        if "frame-ancestors 'none'" not in found.policy:
            headers["X-Frame-Options"] = "SAMEORIGIN"  # for browsers that know no ancestors
    return headers


@lru_cache(maxsize=64)
def _page_policy(path: str, _modified: int, ancestors: tuple[str, ...]) -> str:
    """The content security policy of the page in that file, as it is since `_modified`."""
    framing = " ".join(ancestors) or "'none'"
    return (
        f"default-src 'none'; script-src {script_sources(Path(path).read_bytes())}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {framing}"
    )


def _accepted_encodings(header: str) -> list[str]:
    """Which of our encodings a client takes, best first."""
    taken = set()
    for part in header.lower().split(","):
        name, _, quality = part.partition(";")
        if quality.replace(" ", "").rstrip("0.") != "q=":
            taken.add(name.strip())
    return [name for name in _ENCODINGS if name in taken or "*" in taken]
