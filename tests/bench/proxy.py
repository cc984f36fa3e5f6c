"""The least a backend can do: take a message, ask Gemini, give the answer. No database, no rules.

What the service costs is told as a multiple of this. Run by `tests.bench` as
`python -m tests.bench.proxy PORT UPSTREAM`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

_KEY: Final = {"x-goog-api-key": "bench"}


def create_proxy(upstream: str) -> Starlette:
    """Make the proxy to `upstream`, with the connection limits that the service has."""
    model = f"{upstream}/v1beta/models/gemini-3.5-flash-lite"
    limits = httpx.Limits(max_connections=512, max_keepalive_connections=20)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:
            app.state.client = client
            yield

    async def chat(request: Request) -> JSONResponse:
        message = (await request.json())["message"]
        body = {"contents": [{"role": "user", "parts": [{"text": message}]}]}
        try:
            answer = await request.app.state.client.post(
                f"{model}:generateContent", json=body, headers=_KEY
            )
        except httpx.HTTPError as exc:  # with 1,000 clients its pool can take 30 s
            return JSONResponse({"error": type(exc).__name__}, 502)
        text = answer.json()["candidates"][0]["content"]["parts"][0]["text"]
        return JSONResponse({"response": text, "session_id": None})

    async def stream(request: Request) -> StreamingResponse:
        message = (await request.json())["message"]
        body = {"contents": [{"role": "user", "parts": [{"text": message}]}]}
        client: httpx.AsyncClient = request.app.state.client

        async def pieces() -> AsyncIterator[bytes]:
            url = f"{model}:streamGenerateContent?alt=sse"
            async with client.stream("POST", url, json=body, headers=_KEY) as answer:
                async for piece in answer.aiter_raw():
                    yield piece

        return StreamingResponse(pieces(), media_type="text/event-stream")

    routes = [
        Route("/api/v1/chat/", chat, methods=["POST"]),
        Route("/api/v1/chat/stream", stream, methods=["POST"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(create_proxy(sys.argv[2]), port=int(sys.argv[1]), log_config=None, access_log=False)
