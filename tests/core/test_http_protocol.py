"""uvicorn's protocol with our limit on heads, on connections of its own."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from backend.core.http_protocol import MAX_HEAD_BYTES, GuardedHttpProtocol

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


async def tell_length(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers with the length of the body."""
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
        more = message["more_body"]
    body = b"%d" % length
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(
        tell_length, http=GuardedHttpProtocol, ws="none", lifespan="off", log_config=None
    )
    config.load()
    state = ServerState()
    ours, theirs = socket.socketpair()
    await asyncio.get_running_loop().connect_accepted_socket(
        lambda: GuardedHttpProtocol(config=config, server_state=state, app_state={}), theirs
    )
    reader, writer = await asyncio.open_connection(sock=ours)
    try:
        yield reader, writer
    finally:
        writer.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)


async def exchange(*pieces: bytes, answers: int = 1) -> list[tuple[int, bytes]]:
    """Send these pieces one after another; gives status and body of so many answers."""
    async with connected() as (reader, writer), asyncio.timeout(5):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.001)
        return [await read_answer(reader) for _ in range(answers)]


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].split()[0]
    return int(head.split()[1]), await reader.readexactly(int(length))


async def statuses(*pieces: bytes, answers: int = 1) -> list[int]:
    return [status for status, _ in await exchange(*pieces, answers=answers)]


def head_of(length: int, begin: bytes = GET) -> bytes:
    """A head of which so many bytes count: its target, and its headers' names and values."""
    counted = len(b"/") + len(b"Hostx") + len(b"X-A")
    return begin + b"X-A: " + b"a" * (length - counted) + b"\r\n\r\n"


class TestHeads:
    async def test_may_be_as_large_as_the_limit_and_no_larger(self) -> None:
        assert await statuses(head_of(MAX_HEAD_BYTES)) == [200]
        assert await statuses(head_of(MAX_HEAD_BYTES + 1)) == [431]

    async def test_are_counted_with_all_their_headers_and_their_target(self) -> None:
        half = b"a" * (MAX_HEAD_BYTES // 2)
        assert await statuses(GET + b"A: %b\r\nB: %b\r\n\r\n" % (half, half)) == [431]
        assert await statuses(GET + b"%b: a\r\n%b: b\r\n\r\n" % (half, half + b"a")) == [431]
        assert await statuses(b"GET /%b HTTP/1.1\r\nA: %b\r\n\r\n" % (half, half)) == [431]
        assert await statuses(GET + b"%b: %b\r\n\r\n" % (half, half)) == [431]
        assert await statuses(GET + b"A: %b\r\n\r\n" % half) == [200]

    async def test_that_never_end_are_refused_before_they_do(self) -> None:
        for begin in (b"GET /", GET + b"X-A", GET + b"X-A: "):
            assert await statuses(begin, *[b"a" * 10_000] * 7) == [431]
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.02):
                    await exchange(begin, *[b"a" * 10_000] * 6)

    async def test_are_counted_one_by_one_on_a_connection(self) -> None:
        most = head_of(MAX_HEAD_BYTES)
        assert await statuses(most, most, most, answers=3) == [200, 200, 200]
        assert await statuses(most, head_of(MAX_HEAD_BYTES + 1), answers=2) == [200, 431]

    async def test_do_not_count_what_the_bodies_hold(self) -> None:
        body = b"b" * 100_000
        request = head_of(60_000, POST + b"Content-Length: 100000\r\n")
        assert await exchange(request, body[:50_000], body[50_000:]) == [(200, b"100000")]
        chunks = [b"2710\r\n" + b"b" * 10_000 + b"\r\n"] * 10
        assert await exchange(CHUNKED, *chunks, b"0\r\n\r\n") == [(200, b"100000")]

    async def test_count_the_trailers_with_them(self) -> None:
        trailers = [b"X: " + b"a" * 10_000 + b"\r\n"] * 8
        assert await statuses(CHUNKED + b"1\r\nb\r\n0\r\n", *trailers) == [431]


class TestRefusals:
    @pytest.mark.parametrize(
        ("sent", "status", "title", "code"),
        [
            (
                head_of(MAX_HEAD_BYTES + 1),
                431,
                "Request Header Fields Too Large",
                "headers_too_large",
            ),
            (b"\x16\x03\x01 hello\r\n\r\n", 400, "Bad Request", "malformed_request"),
        ],
    )
    async def test_are_problems_and_the_last_word(
        self, sent: bytes, status: int, title: str, code: str
    ) -> None:
        async with connected() as (reader, writer):
            writer.write(sent)
            answer = await reader.read()
        head, _, body = answer.partition(b"\r\n\r\n")
        problem = json.loads(body)

        assert head.startswith(f"HTTP/1.1 {status} {title}\r\n".encode())
        assert b"content-length: %d\r\nconnection: close" % len(body) in head
        assert b"content-type: application/problem+json\r\n" in head
        assert b"x-content-type-options: nosniff\r\n" in head
        assert problem.pop("detail")
        assert problem == {
            "type": f"urn:au-guru:problem:{code}",
            "title": title,
            "status": status,
            "code": code,
        }

    async def test_are_given_once(self) -> None:
        async with connected() as (reader, writer):
            writer.write(b"\x16\x03\x01 hello\r\n\r\n" + b"a" * 100_000)
            assert (await reader.read()).count(b"HTTP/1.1") == 1
