"""Gemini over its REST API with our own HTTP connections: the transport by default."""

from collections.abc import AsyncGenerator
from typing import Final
from urllib.parse import SplitResult, quote, urlsplit

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
from backend.core.http_connect import Origin, trusting_context
from backend.core.http_connection import HttpConnection
from backend.core.http_errors import ReadTimeout, WireError
from backend.core.http_request import PostRequest
from backend.core.http_response import HttpResponse

_JSON: Final = "application/json"
_EVENTS: Final = "text/event-stream"
_KEPT_ALIVE_SECONDS: Final = 5.0


class RestTransport:
    """Speaks to Gemini over HTTP/1.1.

    A general client would follow redirects, keep cookies from one user's call to the next, read
    proxies from the environment and log every URL, and most of a call's CPU would be its own.
    None of it is wanted here.
    """

    def __init__(self, config: GeminiConfig) -> None:
        base = urlsplit(config.base_url.rstrip("/"))
        model = f"{base.path}/v1beta/models/{config.model}"
        headers = {
            b"Host": base.netloc.rpartition("@")[2].encode("idna"),
            b"Accept-Encoding": b"identity",
            b"Content-Type": _JSON.encode(),
            b"x-goog-api-key": (config.api_key or "").encode(),
        }
        self._generate = PostRequest(_target(f"{model}:generateContent"), headers)
        self._stream = PostRequest(_target(f"{model}:streamGenerateContent", "alt=sse"), headers)
        self._embed = PostRequest(_target(f"{model}:batchEmbedContents"), headers)
        self._max_bytes = config.max_answer_bytes
        self._pool = ConnectionPool(
            _origin(base),
            PoolLimits(
                config.max_connections,
                config.max_keepalive,
                _KEPT_ALIVE_SECONDS,
                connect_seconds=config.connect_timeout,
                silence_seconds=config.chunk_timeout,
            ),
        )

    async def generate(self, payload: bytes) -> Reply:
        """Ask for a whole answer."""
        return read_reply(await self._ask(self._generate, payload))

    async def embed(self, payload: bytes) -> bytes:
        """Ask for vectors: the answer as it came, which `gemini_embedding` reads."""
        return await self._ask(self._embed, payload)

    async def stream(self, payload: bytes) -> AsyncGenerator[Reply, None]:
        """Ask for an answer in pieces."""
        connection = await self._connection()
        try:
            response = await _asked(connection, self._stream, payload, _EVENTS)
            reader = BodyReader(response.header(b"content-encoding"), self._max_bytes)
            parser = EventParser()
            while data := await _read(connection):
                for event in parser.feed(reader.feed(data)):
                    yield read_reply(event)
        finally:
            self._pool.give_back(connection)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def _ask(self, request: PostRequest, payload: bytes) -> bytes:
        connection = await self._connection()
        try:
            response = await _asked(connection, request, payload, _JSON)
            return await _read_body(connection, response, self._max_bytes)
        finally:
            self._pool.give_back(connection)

    async def _connection(self) -> HttpConnection:
        try:
            return await self._pool.take()
        except WireError as exc:
            raise GeminiUnreachable(type(exc).__name__) from exc


async def _asked(
    connection: HttpConnection, request: PostRequest, payload: bytes, content_type: str
) -> HttpResponse:
    """Send a request; give its good response, whose body is still to be read."""
    try:
        response = await connection.ask(request.with_body(payload))
    except WireError as exc:
        raise GeminiUnreachable(type(exc).__name__) from exc
    if response.status != 200:
        body = await _read_error(connection, response)
        raise failure_of_response(response.status, body, response.header(b"retry-after"))
    found = response.header(b"content-type") or ""
    if found.partition(";")[0].strip().lower() != content_type:
        raise GeminiMalformed(f"content type {found[:50]}")
    return response


async def _read_error(connection: HttpConnection, response: HttpResponse) -> bytes:
    """Read the body of a refusal, as far as it can be: the status alone says enough."""
    try:
        return await _read_body(connection, response, MAX_ERROR_BYTES)
    except GeminiError:
        return b""


async def _read_body(connection: HttpConnection, response: HttpResponse, limit: int) -> bytes:
    reader = BodyReader(response.header(b"content-encoding"), limit)
    pieces = []
    while data := await _read(connection):
        pieces.append(reader.feed(data))
    return b"".join(pieces)


async def _read(connection: HttpConnection) -> bytes:
    try:
        return await connection.read()
    except ReadTimeout as exc:
        raise GeminiTimeout("chunk") from exc
    except WireError as exc:
        raise GeminiCutOff(type(exc).__name__) from exc


def _target(path: str, query: str = "") -> bytes:
    target = quote(path, safe="/:%@!$&'()*+,;=~")
    return (f"{target}?{query}" if query else target).encode()


def _origin(base: SplitResult) -> Origin:
    host = (base.hostname or "").encode("idna").decode()
    if base.scheme == "http":  # needs no certificates loaded
        return Origin(host, base.port or 80)
    return Origin(host, base.port or 443, trusting_context())
