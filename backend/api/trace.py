"""The span around every request."""

from typing import TYPE_CHECKING, Any

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from backend.core.otel import OtelTracing


class TraceMiddleware:
    """Begins a span for each request, named by its route; what it does shows up within.

    Its caller's `traceparent` is taken up. The log names the trace.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tracer: OtelTracing | None = None
        if scope["type"] == "http":
            tracer = scope["app"].state.otel
        if tracer is None:
            await self.app(scope, receive, send)
            return
        status = 0

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with tracer.request(Headers(scope=scope).get("traceparent")) as span:
            structlog.contextvars.bind_contextvars(trace_id=span.trace_id)
            try:
                await self.app(scope, receive, note_status)
            finally:
                method, route = _route_of(scope, status)
                span.rename(f"{method} {route}")
                span.tell("http.request.method", method).tell("http.route", route)
                span.tell("http.response.status_code", status)
                if status >= 500:
                    span.fail(str(status))


def _route_of(scope: Scope, status: int) -> tuple[Any, Any]:
    method, route = scope["app"].state.route_names.of(scope, status)
    return method, route
