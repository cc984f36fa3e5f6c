"""Gemini over its REST API with httpx: the transport by default."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx

from backend.core.gemini_body import BodyReader, EventParser
from backend.core.gemini_errors import (
    GeminiCutOff,
    GeminiError,
    GeminiMalformed,
    GeminiTimeout,
    GeminiUnreachable,
)
from backend.core.gemini_failure import MAX_ERROR_BYTES, failure_of_response
from backend.core.gemini_types import GeminiConfig, Reply
from backend.core.gemini_wire import read_reply

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"


class RestTransport:
    """Speaks to Gemini through httpx's transport layer, below its `Client`.

    The client layer would follow redirects, keep cookies from one user's call to the next, read
    proxies from the environment and log every URL; it is also most of a call's CPU. None of it
    is wanted here.
    """

    def __init__(self, config: GeminiConfig) -> None:
        base = config.base_url.rstrip("/")
        self._generate_url = httpx.URL(f"{base}/v1beta/models/{config.model}:generateContent")
        self._stream_url = httpx.URL(
            f"{base}/v1beta/models/{config.model}:streamGenerateContent?alt=sse"
        )
        self._embed_url = httpx.URL(f"{base}/v1beta/models/{config.model}:batchEmbedContents")
        self._config = config
        self._headers = {
            "Accept-Encoding": "identity",
            "Content-Type": _JSON,
            "x-goog-api-key": config.api_key or "",
        }
        self._http = httpx.AsyncHTTPTransport(
            verify=base.startswith("https:"),  # plain HTTP needs no certificates loaded
            trust_env=False,
            limits=httpx.Limits(
                max_connections=config.max_connections,
                max_keepalive_connections=config.max_keepalive,
            ),
        )

    async def generate(self, payload: bytes) -> Reply:
        """Ask for a whole answer."""
        async with self._asked(self._generate_url, payload, _JSON) as response:
            return read_reply(await self._read_body(response))

    async def stream(self, payload: bytes) -> AsyncGenerator[Reply, None]:
        """Ask for an answer in pieces."""
        async with self._asked(self._stream_url, payload, _EVENTS) as response:
            parser = EventParser()
            async for piece in self._pieces(response, self._config.max_answer_bytes):
                for event in parser.feed(piece):
                    yield read_reply(event)

    async def embed(self, payload: bytes) -> bytes:
        """Ask for vectors: the answer as it came, which `gemini_embedding` reads."""
        async with self._asked(self._embed_url, payload, _JSON) as response:
            return await self._read_body(response)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    @asynccontextmanager
    async def _asked(
        self, url: httpx.URL, payload: bytes, content_type: str
    ) -> AsyncIterator[httpx.Response]:
        """Send a request; give its good response, and close it whatever happens."""
        times: dict[str, float | None] = {
            "connect": self._config.connect_timeout,
            "write": self._config.chunk_timeout,
            "read": None,  # the client's: the first byte of a whole answer may take a whole turn
            "pool": None,
        }
        request = httpx.Request(
            "POST", url, headers=self._headers, content=payload, extensions={"timeout": times}
        )
        try:
            response = await self._http.handle_async_request(request)
        except httpx.TransportError as exc:
            raise GeminiUnreachable(type(exc).__name__) from exc
        # httpcore looks the time up again when it begins to read the body.
        times["read"] = self._config.chunk_timeout
        try:
            await self._require_good(response, content_type)
            yield response
        finally:
            await response.aclose()

    async def _require_good(self, response: httpx.Response, content_type: str) -> None:
        if response.status_code != 200:
            body = await self._read_error(response)
            asked = response.headers.get("Retry-After")
            raise failure_of_response(response.status_code, body, asked)
        found = response.headers.get("Content-Type", "")
        if found.partition(";")[0].strip().lower() != content_type:
            raise GeminiMalformed(f"content type {found[:50]}")

    async def _read_body(self, response: httpx.Response) -> bytes:
        limit = self._config.max_answer_bytes
        return b"".join([piece async for piece in self._pieces(response, limit)])

    async def _read_error(self, response: httpx.Response) -> bytes:
        """Read the body of a refusal, as far as it can be: the status alone says enough."""
        try:
            return b"".join([piece async for piece in self._pieces(response, MAX_ERROR_BYTES)])
        except GeminiError:
            return b""

    async def _pieces(self, response: httpx.Response, limit: int) -> AsyncIterator[bytes]:
        reader = BodyReader(response.headers.get("Content-Encoding"), limit)
        try:
            async for data in response.aiter_raw():
                yield reader.feed(data)
        except httpx.TimeoutException as exc:
            raise GeminiTimeout("chunk") from exc
        except httpx.TransportError as exc:
            raise GeminiCutOff(type(exc).__name__) from exc
