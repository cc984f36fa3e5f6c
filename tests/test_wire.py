"""What only shows on the wire: heads without end, bodies that break off, what is no HTTP."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.processes import ServerProcess, serve

CHUNKED = (
    b"POST /api/v1/chat/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
WHOLE = json.dumps({"message": "Hello"}).encode()


@pytest.fixture
def server(database_url: str) -> Iterator[ServerProcess]:
    with serve(DATABASE_URL=database_url) as running:
        yield running


async def exchange(server: ServerProcess, *pieces: bytes, half_close: bool = False) -> bytes:
    """Send these bytes and read until the server hangs up; nothing when it just breaks off."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if half_close:
            writer.write_eof()
        async with asyncio.timeout(2):
            return await reader.read()
    except (ConnectionError, TimeoutError):
        return b""
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


class TestWire:
    async def test_what_is_no_good_request_is_refused_and_the_next_one_is_served(
        self, server: ServerProcess
    ) -> None:
        body = b"%x\r\n%s\r\n" % (len(WHOLE), WHOLE)
        plain = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        many = b"".join(b"X-%d: %s\r\n" % (n, b"b" * 500) for n in range(1_000))
        # All of these are whole: a server without limits answers each of them with 200.
        for name, head in {
            "one header": plain + b"X-A: " + b"a" * 500_000 + b"\r\n\r\n",
            "many headers": plain + many + b"\r\n",
            "trailers": CHUNKED + body + b"0\r\n" + many + b"\r\n",
        }.items():
            answer = await exchange(server, head)
            # The rest of the head is not read, so the line may break before the answer arrives.
            assert answer.startswith(b"HTTP/1.1 431") or not answer, (name, answer)
        small = await exchange(server, plain + b"X-A: " + b"a" * 5_000 + b"\r\n\r\n")
        assert small.startswith(b"HTTP/1.1 200")

        no_http = await exchange(server, b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
        assert no_http.startswith(b"HTTP/1.1 400")
        assert b"application/problem+json" in no_http

        assert await exchange(server, CHUNKED, body, half_close=True) == b""
        whole = await exchange(server, CHUNKED, body, b"0\r\n\r\n")
        assert whole.startswith(b"HTTP/1.1 200")
        # The answer to the body that broke off would have been message 2.
        assert json.loads(whole.partition(b"\r\n\r\n")[2])["message_id"] == 2
