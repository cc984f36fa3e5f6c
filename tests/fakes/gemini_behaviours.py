"""What the fake Gemini does with one request when it behaves; `gemini_faults` has the rest.

A behaviour is an async function of an `Exchange`. Each function here makes one; all of them
serve `generateContent` and both framings of `streamGenerateContent` alike.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence

from tests.fakes.gemini_http import Exchange, json_headers, render_head, sse_headers
from tests.fakes.gemini_payloads import Payload, candidate, encode, error_body, usage

Behaviour = Callable[[Exchange], Awaitable[None]]


def whole_answer(
    text: str,
    finish_reason: str | None = "STOP",
    *,
    pieces: int = 3,
    metadata: Payload | None = None,
) -> Behaviour:
    """Answer well; streams get the text in `pieces`, the last one with reason and usage."""
    last = {"usageMetadata": metadata or usage(output=max(1, len(text) // 4))}

    async def behave(exchange: Exchange) -> None:
        if exchange.request.stream_form == "none":
            await payloads(candidate(text, finish_reason) | last)(exchange)
            return
        step = max(1, -(-len(text) // pieces))
        parts = [text[at : at + step] for at in range(0, len(text), step)] or [""]
        chunks = [candidate(part, None) for part in parts[:-1]]
        await payloads({}, [*chunks, candidate(parts[-1], finish_reason) | last])(exchange)

    return behave


def slow_answer(text: str, *, pieces: int = 10, pause: float = 0.1) -> Behaviour:
    """Stream an answer with `pause` seconds before each of its pieces."""

    async def behave(exchange: Exchange) -> None:
        stream = PayloadStream(exchange)
        await stream.open()
        step = max(1, -(-len(text) // pieces))
        for at in range(0, len(text), step):
            await asyncio.sleep(pause)
            await stream.piece(candidate(text[at : at + step], None))
        await stream.piece(candidate("", "STOP") | {"usageMetadata": usage(output=9)})
        await stream.close()

    return behave


def payloads(whole: object, chunks: Sequence[object] | None = None) -> Behaviour:
    """Answer with these payloads: `whole` to generateContent, each of `chunks` to streams."""

    async def behave(exchange: Exchange) -> None:
        if exchange.request.stream_form == "none":
            numeric = exchange.request.wants_numeric_enums
            await exchange.send_whole(200, encode(whole, numeric_enums=numeric))
            return
        stream = PayloadStream(exchange)
        await stream.open()
        for chunk in chunks if chunks is not None else [whole]:
            await stream.piece(chunk)
        await stream.close()

    return behave


def stream_bytes(body: bytes, *, cut_at: Sequence[int] = ()) -> Behaviour:
    """Send a server-sent-event body as it is, in chunks cut at these offsets."""

    async def behave(exchange: Exchange) -> None:
        await exchange.send(render_head(200, sse_headers()))
        edges = [0, *cut_at, len(body)]
        for start, end in itertools.pairwise(edges):
            if start < end:
                await exchange.send_chunk(body[start:end])
                await asyncio.sleep(0)
        await exchange.send(b"0\r\n\r\n")

    return behave


def failure(
    status: int,
    details: list[Payload] | None = None,
    *,
    message: str = "made up",
    headers: dict[str, str] | None = None,
) -> Behaviour:
    """Answer with an error status and Google's error envelope."""
    body = encode(error_body(status, message, details))

    async def behave(exchange: Exchange) -> None:
        await exchange.send_whole(status, body, headers)

    return behave


class PayloadStream:
    """Frames payloads as the request asked: events, or the elements of one array."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._array = exchange.request.stream_form == "array"
        self._sent = 0

    async def open(self) -> None:
        """Send the head."""
        plain = json_headers() | {"Transfer-Encoding": "chunked"}
        sse = self._exchange.request.stream_form == "sse"
        await self._exchange.send(render_head(200, sse_headers() if sse else plain))

    async def piece(self, payload: object) -> None:
        """Send one payload in a chunk of its own."""
        body = encode(payload, numeric_enums=self._exchange.request.wants_numeric_enums)
        if self._array:
            body = (b",\r\n" if self._sent else b"[") + body
        else:
            body = b"data: " + body + b"\r\n\r\n"
        self._sent += 1
        await self._exchange.send_chunk(body)

    async def close(self) -> None:
        """End the body properly."""
        if self._array:
            await self._exchange.send_chunk(b"]" if self._sent else b"[]")
        await self._exchange.send(b"0\r\n\r\n")
