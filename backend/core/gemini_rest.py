"""Gemini over its REST API with httpcore: the transport by default."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote, urlsplit

import httpcore

from backend.core.asyncio_network import AsyncioBackend
from backend.core.connection_pool import ConnectionPool, PoolLimits
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
_KEPT_ALIVE_SECONDS: Final = 5.0
_FAILURES: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
)


class RestTransport:
    """Speaks to Gemini through httpcore, the engine of httpx.

    The layers above it would follow redirects, keep cookies from one user's call to the next,
    read proxies from the environment and log every URL; they are also most of a call's CPU. None
    of it is wanted here.
    """

    def __init__(self, config: GeminiConfig) -> None:
        base = config.base_url.rstrip("/")
        self._generate_url = _url(f"{base}/v1beta/models/{config.model}:generateContent")
        self._stream_url = _url(
            f"{base}/v1beta/models/{config.model}:streamGenerateContent?alt=sse"
        )
        self._embed_url = _url(f"{base}/v1beta/models/{config.model}:batchEmbedContents")
        self._config = config
        self._headers = [
            (b"Host", urlsplit(base).netloc.rpartition("@")[2].encode("idna")),
            (b"Accept-Encoding", b"identity"),
            (b"Content-Type", _JSON.encode()),
            (b"x-goog-api-key", (config.api_key or "").encode()),
        ]
        is_plain = base.startswith("http:")  # plain HTTP needs no certificates loaded
        self._pool = ConnectionPool(
            self._generate_url.origin,
            PoolLimits(config.max_connections, config.max_keepalive, _KEPT_ALIVE_SECONDS),
            ssl_context=None if is_plain else httpcore.default_ssl_context(),
            network=AsyncioBackend(),
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
        await self._pool.aclose()

    @asynccontextmanager
    async def _asked(
        self, url: httpcore.URL, payload: bytes, content_type: str
    ) -> AsyncIterator[httpcore.Response]:
        """Send a request; give its good response, and close it whatever happens."""
        times: dict[str, float | None] = {
            "connect": self._config.connect_timeout,
            "write": self._config.chunk_timeout,
            "read": None,  # the client's: the first byte of a whole answer may take a whole turn
            "pool": None,
        }
        request = httpcore.Request(
            b"POST",
            url,
            headers=[*self._headers, (b"Content-Length", b"%d" % len(payload))],
            content=payload,
            extensions={"timeout": times},
        )
        connection = await self._pool.take()
        try:
            try:
                response = await connection.handle_async_request(request)
            except _FAILURES as exc:
                raise GeminiUnreachable(type(exc).__name__) from exc
            # httpcore looks the time up again when it begins to read the body.
            times["read"] = self._config.chunk_timeout
            try:
                await self._require_good(response, content_type)
                yield response
            finally:
                await response.aclose()
        finally:
            await self._pool.give_back(connection)

    async def _require_good(self, response: httpcore.Response, content_type: str) -> None:
        if response.status != 200:
            body = await self._read_error(response)
            asked = _header(response, b"retry-after")
            raise failure_of_response(response.status, body, asked)
        found = _header(response, b"content-type") or ""
        if found.partition(";")[0].strip().lower() != content_type:
            raise GeminiMalformed(f"content type {found[:50]}")

    async def _read_body(self, response: httpcore.Response) -> bytes:
        limit = self._config.max_answer_bytes
        return b"".join([piece async for piece in self._pieces(response, limit)])

    async def _read_error(self, response: httpcore.Response) -> bytes:
        """Read the body of a refusal, as far as it can be: the status alone says enough."""
        try:
            return b"".join([piece async for piece in self._pieces(response, MAX_ERROR_BYTES)])
        except GeminiError:
            return b""

    async def _pieces(self, response: httpcore.Response, limit: int) -> AsyncIterator[bytes]:
        reader = BodyReader(_header(response, b"content-encoding"), limit)
        try:
            async for data in response.aiter_stream():
                yield reader.feed(data)
        except httpcore.TimeoutException as exc:
            raise GeminiTimeout("chunk") from exc
        except _FAILURES as exc:
            raise GeminiCutOff(type(exc).__name__) from exc


def _header(response: httpcore.Response, name: bytes) -> str | None:
    """The header of that name, which is given in lower case; None without one."""
    values = [value for key, value in response.headers if key.lower() == name]
    return b", ".join(values).decode("latin-1") if values else None


def _url(text: str) -> httpcore.URL:
    parts = urlsplit(text)
    target = quote(parts.path, safe="/:%@!$&'()*+,;=~")
    return httpcore.URL(
        scheme=parts.scheme.encode(),
        host=(parts.hostname or "").encode("idna"),
        port=parts.port,
        target=(f"{target}?{parts.query}" if parts.query else target).encode(),
    )
