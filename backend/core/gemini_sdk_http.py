"""The ground under the SDK transport: HTTP that is bounded, can be cut, and hides no thoughts.

Left to itself the SDK opens compressed bodies of any size, follows redirects with the key in its
headers, asks three times when the key is refused, and takes thoughts for text because its
messages are older than thoughts. All of that is settled here, below it.
"""

import codecs
import io
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from backend.core.gemini_body import BodyReader
from backend.core.gemini_errors import (
    GeminiCutOff,
    GeminiError,
    GeminiMalformed,
    GeminiUnreachable,
)
from backend.core.gemini_failure import MAX_ERROR_BYTES, failure_of_response
from backend.core.gemini_types import GeminiConfig
from backend.core.gemini_wire import reply_of

_PIECE: Final = 65_536


class UpstreamCall:
    """One call under way in a worker thread, so that the event loop can cut it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection: HTTPConnection | None = None
        self._aborted = False

    def attach(self, connection: HTTPConnection) -> None:
        """Remember whose socket to cut; refuse when the call was cut already."""
        with self._lock:
            if self._aborted:
                raise OSError("the call was cancelled")
            self._connection = connection

    def abort(self) -> None:
        """Cut the connection: a thread that waits for it wakes with an error."""
        with self._lock:
            self._aborted = True
            sock = self._connection.sock if self._connection is not None else None
        if sock is not None:
            with suppress(OSError):
                # Not the TLS layer's shutdown, which is not made for a second thread.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def release(self) -> None:
        """Close the connection of a call that was cut; the collector would do it some day."""
        with self._lock:
            connection = self._connection if self._aborted else None
        if connection is not None:
            with suppress(OSError):
                connection.close()


CURRENT_CALL: ContextVar[UpstreamCall] = ContextVar("gemini_sdk_call")


class _Attached(HTTPConnection):
    """Tells the call that uses it, both when it is new and when it is used again."""

    def connect(self) -> None:
        super().connect()
        CURRENT_CALL.get().attach(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        CURRENT_CALL.get().attach(self)
        super().request(*args, **kwargs)


class _TlsAttached(_Attached, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Attached


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsAttached


class GuardedAdapter(HTTPAdapter):
    """Gives the SDK good answers only; raises a `GeminiError` for all else."""

    def __init__(self, config: GeminiConfig, connections: int) -> None:
        super().__init__(pool_connections=1, pool_maxsize=connections, max_retries=0)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        self._times = (config.connect_timeout, config.timeout_seconds)
        self._limit = config.max_answer_bytes

    def send(self, request: requests.PreparedRequest, *_args: Any, **kwargs: Any) -> Any:
        """Send; give a response whose body is bounded, opened and free of thoughts."""
        request.headers["Accept-Encoding"] = "identity"
        kwargs |= {"stream": True, "timeout": self._times, "proxies": None}
        try:
            response = super().send(request, **kwargs)
        except requests.RequestException as exc:
            raise GeminiUnreachable(type(exc).__name__) from exc
        try:
            self._require_good(response)
            if ":streamGenerateContent" in (request.url or ""):
                response.raw = _FilteredStream(response.raw, self._limit)
            else:
                response.raw = _filtered_body(response.raw, self._limit)
        except BaseException:
            response.close()
            raise
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Close all idle connections, which the pools do only once they are collected."""
        pools = self.poolmanager.pools
        for key in pools.keys():  # noqa: SIM118 - no mapping: it cannot be iterated
            pools[key].close()
        super().close()

    def _require_good(self, response: requests.Response) -> None:
        if response.status_code != 200:
            try:
                body = b"".join(_pieces(response.raw, MAX_ERROR_BYTES))
            except GeminiError:
                body = b""
            asked = response.headers.get("Retry-After")
            raise failure_of_response(response.status_code, body, asked)
        found = response.headers.get("Content-Type")
        if found is None:
            # Python's http.client takes a head that was cut for a whole one.
            raise GeminiUnreachable("no content type")
        if found.partition(";")[0].strip().lower() != "application/json":
            raise GeminiMalformed(f"content type {found[:50]}")


class _FilteredStream:
    """Stands for the raw body of a streamed answer: one JSON array, an element at a time."""

    def __init__(self, raw: urllib3.HTTPResponse, limit: int) -> None:
        self._raw = raw
        self._limit = limit

    def stream(self, *_args: object, **_kwargs: object) -> Iterator[bytes]:
        """Give the array again, in pieces that the SDK can read as soon as they are whole."""
        opened = b"["
        for element in _elements(_pieces(self._raw, self._limit)):
            yield opened + _without_thoughts(element)
            opened = b","
        yield b"]" if opened == b"," else b"[]"

    def close(self) -> None:
        """Drop the connection when the body was not read to its end."""
        self._raw.close()

    def release_conn(self) -> None:
        """Give the connection back for the next call."""
        self._raw.release_conn()


def _filtered_body(raw: urllib3.HTTPResponse, limit: int) -> urllib3.HTTPResponse:
    body = b"".join(_pieces(raw, limit))
    raw.release_conn()
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise GeminiMalformed("not JSON") from exc
    filtered = io.BytesIO(_without_thoughts(payload))
    return urllib3.HTTPResponse(filtered, preload_content=False)


def _pieces(raw: urllib3.HTTPResponse, limit: int) -> Iterator[bytes]:
    reader = BodyReader(raw.headers.get("Content-Encoding"), limit)
    try:
        for data in raw.stream(_PIECE, decode_content=False):
            yield reader.feed(data)
    except (urllib3.exceptions.HTTPError, OSError) as exc:
        raise GeminiCutOff(type(exc).__name__) from exc


def _elements(pieces: Iterator[bytes]) -> Iterator[Any]:
    """Give the elements of a JSON array while it arrives."""
    decoder = json.JSONDecoder()
    to_text = codecs.getincrementaldecoder("utf-8")(errors="replace")
    text = ""
    for piece in pieces:
        text += to_text.decode(piece)
        while (text := text.lstrip(" \t\r\n[,")).startswith("{"):
            try:
                element, end = decoder.raw_decode(text)
            except (ValueError, RecursionError):
                break  # not whole yet, or never will be: the end of the body tells
            yield element
            text = text[end:]
    if text.strip(" \t\r\n]"):
        raise GeminiMalformed("not JSON")


def _without_thoughts(payload: Any) -> bytes:
    """Encode a payload without its thought parts, which the SDK would take for text."""
    reply_of(payload)  # its readers take a wrong type for an empty message
    for candidate in (payload.get("candidates") or [])[:1]:
        content = candidate.get("content") or {}
        content["parts"] = [p for p in content.get("parts") or [] if not p.get("thought")]
    return json.dumps(payload).encode()
