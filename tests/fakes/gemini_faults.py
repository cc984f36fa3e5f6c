"""What the fake Gemini does with one request when it goes wrong, in one exact way each."""

import asyncio
import gzip
from collections.abc import Awaitable

from tests.fakes.gemini_behaviours import Behaviour, PayloadStream, payloads
from tests.fakes.gemini_http import Exchange, json_headers, render_head, sse_headers
from tests.fakes.gemini_payloads import candidate, encode, usage


def raw(data: bytes) -> Behaviour:
    """Write these bytes, whatever they are, and hang up."""

    async def behave(exchange: Exchange) -> None:
        await exchange.send(data)
        exchange.hang_up()

    return behave


def whole(status: int, body: bytes, headers: dict[str, str] | None = None) -> Behaviour:
    """Answer with a body of exactly these bytes; headers replace those of JSON."""

    async def behave(exchange: Exchange) -> None:
        as_stream = exchange.request.stream_form == "sse" and headers is None
        own = {"Content-Type": "text/event-stream"} if as_stream else headers
        framed = b"data: " + body + b"\r\n\r\n" if as_stream else body
        await exchange.send_whole(status, framed, own)

    return behave


def stall_before_headers(exchange: Exchange) -> Awaitable[None]:
    """Read the request and never answer."""
    return exchange.stall()


def cut_before_headers(exchange: Exchange) -> Awaitable[None]:
    """Read the request and drop the connection."""
    exchange.hang_up(reset=True)
    return asyncio.sleep(0)


def stall_after(text: str) -> Behaviour:
    """Send the first `text` whole, then nothing more."""

    async def behave(exchange: Exchange) -> None:
        await _begin(exchange, text)
        await exchange.stall()

    return behave


def stall_in_chunk(text: str) -> Behaviour:
    """Send the first `text`, then half of the next piece, then nothing more."""

    async def behave(exchange: Exchange) -> None:
        await _begin(exchange, text)
        await exchange.send(b'40\r\n{"candidates": [{"con')
        await exchange.stall()

    return behave


def cut_after(text: str, *, clean: bool = False) -> Behaviour:
    """Send the first `text` and no finish reason, then drop; `clean` ends the body properly."""

    async def behave(exchange: Exchange) -> None:
        stream = await _begin(exchange, text)
        if clean:
            await stream.close()
        exchange.hang_up()

    return behave


def cut_in_chunk(text: str) -> Behaviour:
    """Send the first `text`, then half of a chunk, then drop."""

    async def behave(exchange: Exchange) -> None:
        await _begin(exchange, text)
        await exchange.send(b'40\r\ndata: {"candidates": [{"con')
        exchange.hang_up()

    return behave


def cut_in_headers(exchange: Exchange) -> Awaitable[None]:
    """Send half of the headers, then drop."""
    exchange.hang_up()
    return exchange.send(b"HTTP/1.1 200 OK\r\nContent-Ty")


def slow_drip(pause: float = 0.02) -> Behaviour:
    """Send a good head, then one byte of the body at a time, for ever."""

    async def behave(exchange: Exchange) -> None:
        form = exchange.request.stream_form
        headers = (
            sse_headers() if form == "sse" else json_headers() | {"Transfer-Encoding": "chunked"}
        )
        await exchange.send(render_head(200, headers))
        while True:
            await exchange.send_chunk(b" " if form != "sse" else b":")
            await asyncio.sleep(pause)

    return behave


def gzip_bomb(megabytes: int) -> Behaviour:
    """Answer compressed, though nobody asked: small on the wire, huge when opened."""
    body = gzip.compress(b'{"a": "' + b"0" * (megabytes * 1_000_000) + b'"}', 6)

    async def behave(exchange: Exchange) -> None:
        sse = exchange.request.stream_form == "sse"
        kind = "text/event-stream" if sse else "application/json"
        await exchange.send_whole(200, body, {"Content-Type": kind, "Content-Encoding": "gzip"})

    return behave


def oversized(kilobytes: int) -> Behaviour:
    """Answer well formed, with a text of that many kilobytes."""
    return payloads(candidate("x" * kilobytes * 1_000))


def wrong_length(exchange: Exchange) -> Awaitable[None]:
    """Promise more bytes than are sent, then drop."""
    body = encode(candidate("short"))
    sse = exchange.request.stream_form == "sse"
    kind = {"Content-Type": "text/event-stream"} if sse else json_headers()
    exchange.hang_up()
    return exchange.send(render_head(200, kind | {"Content-Length": str(len(body) + 50)}) + body)


def http_1_0(text: str) -> Behaviour:
    """Answer like an old proxy: no length, the end of the connection ends the body."""

    async def behave(exchange: Exchange) -> None:
        payload = candidate(text) | {"usageMetadata": usage()}
        body = encode(payload, numeric_enums=exchange.request.wants_numeric_enums)
        form = exchange.request.stream_form
        kind = {"Content-Type": "text/event-stream"} if form == "sse" else json_headers()
        framed = {"none": body, "sse": b"data: " + body + b"\n\n", "array": b"[" + body + b"]"}
        await exchange.send(render_head(200, kind, version="1.0") + framed[form])
        exchange.hang_up()

    return behave


async def _begin(exchange: Exchange, text: str) -> PayloadStream:
    """Send the start of an answer: one piece of a stream, or half of one object."""
    stream = PayloadStream(exchange)
    await stream.open()
    if exchange.request.stream_form == "none":
        await exchange.send_chunk(encode(candidate(text))[:-20])
    elif text:
        await stream.piece(candidate(text, None))
    return stream


async def endless(exchange: Exchange, payload: object, *, pause: float) -> None:
    """Stream the same piece for ever."""
    stream = PayloadStream(exchange)
    await stream.open()
    while True:
        await stream.piece(payload)
        await asyncio.sleep(pause)


async def cut_after_payload(exchange: Exchange, payload: object) -> None:
    """Stream one piece, then drop the connection in the middle of the body."""
    stream = PayloadStream(exchange)
    await stream.open()
    await stream.piece(payload)
    exchange.hang_up()
