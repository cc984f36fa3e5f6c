"""Just enough hand-written HTTP/1.1 to serve Gemini's API, and to break it byte by byte."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from http.client import responses
from typing import Any, Literal

StreamForm = Literal["none", "sse", "array"]
"""How the asked answer is framed: one JSON object, server-sent events, or one JSON array."""


@dataclass(slots=True)
class ConnectionRecord:
    """One accepted connection; times are of `time.monotonic`."""

    opened_at: float = field(default_factory=time.monotonic)
    closed_at: float | None = None


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as it came; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: ConnectionRecord

    def json(self) -> Any:
        """Give the body, read as JSON."""
        return json.loads(self.body)

    @property
    def model(self) -> str:
        """The model named in the path."""
        return self.target.partition("/models/")[2].partition(":")[0]

    @property
    def stream_form(self) -> StreamForm:
        """The framing that this request asks for."""
        if ":streamGenerateContent" not in self.target:
            return "none"
        return "sse" if "alt=sse" in self.target else "array"

    @property
    def wants_vectors(self) -> bool:
        """True for the embedding endpoint."""
        return self.target.partition("?")[0].endswith(":batchEmbedContents")

    @property
    def wants_numeric_enums(self) -> bool:
        """True for the SDK, which asks for enum values as numbers."""
        return "enum-encoding" in self.target


@dataclass(slots=True)
class Exchange:
    """One request and the raw socket its answer goes to."""

    request: RecordedRequest
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    keep_alive: bool = True

    async def send(self, data: bytes) -> None:
        """Write raw bytes now."""
        self.writer.write(data)
        await self.writer.drain()

    async def send_whole(
        self, status: int, body: bytes, headers: dict[str, str] | None = None
    ) -> None:
        """Write one complete answer with its true length."""
        lengths = {"Content-Length": str(len(body))}
        await self.send(
            render_head(status, {**json_headers(), **lengths, **(headers or {})}) + body
        )

    async def send_chunk(self, data: bytes) -> None:
        """Write one chunk of a body in chunked transfer coding."""
        await self.send(b"%x\r\n%s\r\n" % (len(data), data))

    async def stall(self, seconds: float = 60.0) -> None:
        """Do nothing until the client goes away, or `seconds` have passed."""
        try:
            await asyncio.wait_for(self.reader.read(1), seconds)
        except TimeoutError:
            return
        except ConnectionError:
            pass
        self.keep_alive = False

    def hang_up(self, *, reset: bool = False) -> None:
        """Close once the behaviour returns; `reset` drops what is still unsent."""
        self.keep_alive = False
        if reset:
            self.writer.transport.abort()


def json_headers() -> dict[str, str]:
    """Give the headers that Google's front end sends with a JSON body."""
    return {"Content-Type": "application/json; charset=UTF-8"}


def sse_headers() -> dict[str, str]:
    """Give the headers of a chunked stream of server-sent events."""
    return {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}


def render_head(status: int, headers: dict[str, str], *, version: str = "1.1") -> bytes:
    """Render a status line with its headers, up to the empty line."""
    reason = responses.get(status, "Unknown")
    lines = [f"HTTP/{version} {status} {reason}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def read_request(
    reader: asyncio.StreamReader, connection: ConnectionRecord
) -> RecordedRequest | None:
    """Read the next request of a connection; None when the client has gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        pairs = (line.partition(":") for line in lines[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return RecordedRequest(method, target, headers, body, connection)
