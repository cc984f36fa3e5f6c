"""The least a backend can do: take a message, ask Gemini, give the answer. No database, no rules.

What the service costs is told as a multiple of this. Run by `tests.bench` as
`python -m tests.bench.proxy PORT UPSTREAM`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def create_proxy(upstream: str) -> Starlette:
    """Make the proxy to `upstream`, with the connection limits that the service has."""
    url = f"{upstream}/v1beta/models/gemini-3.5-flash-lite:generateContent"
    limits = httpx.Limits(max_connections=512, max_keepalive_connections=20)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:
            app.state.client = client
            yield

    async def chat(request: Request) -> JSONResponse:
        message = (await request.json())["message"]
        body = {"contents": [{"role": "user", "parts": [{"text": message}]}]}
        answer = await request.app.state.client.post(
            url, json=body, headers={"x-goog-api-key": "bench"}
        )
        text = answer.json()["candidates"][0]["content"]["parts"][0]["text"]
        return JSONResponse({"response": text, "session_id": None})

    return Starlette(routes=[Route("/api/v1/chat/", chat, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(create_proxy(sys.argv[2]), port=int(sys.argv[1]), log_config=None, access_log=False)
