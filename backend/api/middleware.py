"""What happens around every request, as plain ASGI: ids, logs, limits, and the last resort."""

import ipaddress
import re
from collections.abc import Sequence
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from fastapi import Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.problem import problem_response
from backend.core.errors import AUGuruError, BodyTooLarge, UnknownHost
from backend.core.pace import A_ROUND, Pace

logger = structlog.get_logger(__name__)

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HOST: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]{0,252})(?::\d{1,5})?")
_HEALTH_PATHS: Final = frozenset({"/health", "/health/", "/health/ready", "/health/ready/"})


class RequestIdMiddleware:
    """Give each request an id, keep it for every log line, and log the request's end."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            logger.info(
                "request",
                method=scope["method"],
                # The operation, not the path: ids of sessions are keys to them.
                operation=getattr(scope.get("endpoint"), "__name__", None),
                status=status,
                ms=round((perf_counter() - started) * 1_000, 1),
            )
            state = scope["app"].state
            if state.route_names is not None:
                state.meter.request_ended(*state.route_names.of(scope, status), status)


class ErrorBoundaryMiddleware:
    """Turn what nobody expected into a plain 500, inside CORS so that a page can read it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, note_start)
        except Exception:
            logger.exception("unexpected_error")
            if started:
                raise
            await problem_response(AUGuruError())(scope, receive, send)


class HostMiddleware:
    """Refuse requests for hosts we do not answer for (DNS rebinding, poisoned links).

    Always allowed: addresses, names without a dot (this machine, containers, localhost) and the
    hosts of `origins`; nobody outside can point such a name at us. Others stand in `hosts`,
    where "*" allows all and "*.au.edu" a domain. Health checks come under any name.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str], origins: Sequence[str]) -> None:
        self.app = app
        self._any = "*" in hosts
        self._names = {host.lower() for host in hosts if not host.startswith("*")}
        self._names |= {(urlsplit(origin).hostname or "") for origin in origins}
        self._suffixes = tuple(host[1:].lower() for host in hosts if host.startswith("*."))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _HEALTH_PATHS or self._is_ours(scope):
            await self.app(scope, receive, send)
            return
        await problem_response(UnknownHost())(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        match = _HOST.fullmatch(given[0].decode("latin-1")) if len(given) == 1 else None
        if match is None:
            return False
        host = match[1].lower().rstrip(".")
        if host.startswith("["):
            return _is_address(host[1:-1])
        return (
            self._any
            or host in self._names
            or host.endswith((*self._suffixes, ".localhost"))
            or "." not in host
            or _is_address(host)
        )


class PaceMiddleware:
    """Let requests begin a few at a time, in the order they came; health checks do not wait."""

    def __init__(self, app: ASGIApp, *, a_round: int = A_ROUND) -> None:
        self.app = app
        self._pace = Pace(a_round)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in _HEALTH_PATHS:
            await self._pace.wait_for_turn()
        await self.app(scope, receive, send)


class BodyLimitMiddleware:
    """Refuse bodies over `max_bytes` before anything reads them; chunked ones while they come."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self.app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "").strip()
        if length:
            if length.isdecimal() and int(length[:20]) <= self._max_bytes:
                await self.app(scope, receive, send)
            else:
                await _refuse_body()(scope, receive, send)
        elif "transfer-encoding" in headers:
            await self._buffer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _buffer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return  # what came is not whole, however whole it may look
            body += message.get("body", b"")
            if len(body) > self._max_bytes:
                await _refuse_body()(scope, receive, send)
                return
            if not message.get("more_body", False):
                break
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self.app(scope, replay, send)


class TrailingSlashMiddleware:
    """Serve both slash forms without a redirect, which would lose bodies and trust the Host.

    Under `prefix` the routes are written one way: collections end in a slash, all else does not.
    HEAD goes to the route of GET; the server sends what it answers without the body.
    """

    def __init__(self, app: ASGIApp, *, prefix: str) -> None:
        self.app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"].removesuffix("/") or "/"
        if path.startswith(self._prefix) and path.count("/") == self._prefix.count("/") + 1:
            path += "/"
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if path == scope["path"] and method == scope["method"]:
            await self.app(scope, receive, send)
            return
        # A copy: the server still has to know. What it was answered by, others ask as well.
        routed = {**scope, "method": method, "path": path, "raw_path": path.encode()}
        try:
            await self.app(routed, receive, send)
        finally:
            scope["endpoint"] = routed.get("endpoint")


def _refuse_body() -> Response:
    """The rest of the body is not read, so the connection cannot be used again."""
    return problem_response(BodyTooLarge(), headers={"Connection": "close"})


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
