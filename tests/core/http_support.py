"""What the tests of the HTTP connections share: both event loops, and a server told by bytes."""

import asyncio
import contextlib
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import uvloop

from backend.core.http_connect import Origin, connect
from backend.core.http_connection import HttpConnection
from backend.core.pace import Pace

Serve = Callable[[StreamReader, StreamWriter], Awaitable[None]]
Run = Callable[[Awaitable[None]], None]

REQUEST: Final = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nwhat?"


def _run_in(make_loop: Callable[[], asyncio.AbstractEventLoop]) -> Run:
    def run(scenario: Awaitable[None]) -> None:
        async def wait() -> None:
            faults: list[dict[str, Any]] = []
            asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
            await asyncio.wait_for(scenario, 20)
            assert not faults  # in what the loop calls, of which nobody else would hear

        with asyncio.Runner(loop_factory=make_loop) as runner:
            runner.run(wait())

    return run


both_loops = pytest.mark.parametrize(
    "run",
    [
        pytest.param(_run_in(asyncio.new_event_loop), id="asyncio"),
        pytest.param(_run_in(uvloop.new_event_loop), id="uvloop"),
    ],
)
"""Runs a scenario in an event loop of each kind: uvloop's transports are its own."""


@asynccontextmanager
async def serving(serve: Serve, **options: Any) -> AsyncIterator[int]:
    """A server that does `serve` with each connection; gives its port."""
    writers: dict[StreamWriter, asyncio.Task[None]] = {}

    async def serve_one(reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        if not writer.is_closing():  # Python 3.11.2 cannot abort over TLS what was closed twice
            writer.close()

    def take(reader: StreamReader, writer: StreamWriter) -> None:
        writers[writer] = asyncio.ensure_future(serve_one(reader, writer))

    server = await asyncio.start_server(take, "127.0.0.1", 0, **options)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer, task in writers.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*writers.values(), return_exceptions=True)
        await server.wait_closed()


@asynccontextmanager
async def connected(
    serve: Serve, *, silence: float = 5.0, **options: Any
) -> AsyncIterator[HttpConnection]:
    """A connection to a server that does `serve`."""
    async with serving(serve, **options) as port:
        connection = await connect(
            Origin("127.0.0.1", port), 5.0, lambda: HttpConnection(Pace(), silence)
        )
        try:
            yield connection
        finally:
            connection.close()
            await asyncio.sleep(0)


def saying(*pieces: bytes, ends: bool = False) -> Serve:
    """Answers each request with these bytes; then ends, or waits for the next request."""

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        while True:
            await reader.readexactly(len(REQUEST))
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if ends:
                return

    return serve


def breaking_off(said: bytes) -> Serve:
    """Answers a request with these bytes, then breaks the connection."""

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readexactly(len(REQUEST))
        writer.write(said)
        await asyncio.sleep(0.01)
        reset(writer)

    return serve


async def exchange(connection: HttpConnection) -> tuple[int, bytes]:
    """Ask and read all: status and body."""
    response = await connection.ask(REQUEST)
    return response.status, await read_all(connection)


async def read_all(connection: HttpConnection) -> bytes:
    pieces = []
    while piece := await connection.read():
        pieces.append(piece)
    return b"".join(pieces)


def reset(writer: StreamWriter) -> None:
    """Break a connection off, so that the other side gets an error and no end."""
    at_once = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
    writer.transport.abort()
