"""Tests of `backend/core/connection_pool.py`, against a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpcore
import pytest

from backend.core.asyncio_network import AsyncioBackend
from backend.core.connection_pool import ConnectionPool, PoolLimits

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Server:
    """Answers every request on every connection, and counts connections."""

    def __init__(self) -> None:
        self.made = 0
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.made += 1
        self.open += 1
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(_ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def running(
    *, connections: int = 8, idle: int = 8, idle_seconds: float = 5.0
) -> AsyncIterator[tuple[Server, ConnectionPool]]:
    counter = Server()
    server = await asyncio.start_server(counter.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pool = ConnectionPool(
        httpcore.Origin(b"http", b"127.0.0.1", port),
        PoolLimits(connections, idle, idle_seconds),
        ssl_context=None,
        network=AsyncioBackend(),
    )
    async with server:
        yield counter, pool
        await pool.aclose()


async def ask(pool: ConnectionPool, *, read: bool = True) -> bytes:
    connection = await pool.take()
    try:
        url = httpcore.URL(
            scheme=b"http", host=b"127.0.0.1", port=connection._origin.port, target=b"/"
        )
        request = httpcore.Request(b"GET", url, headers=[(b"Host", b"x")])
        response = await connection.handle_async_request(request)
        body = await response.aread() if read else b""
        await response.aclose()
        return body
    finally:
        await pool.give_back(connection)


class TestConnectionPool:
    async def test_uses_one_connection_for_requests_after_each_other(self) -> None:
        async with running() as (server, pool):
            for _ in range(5):
                assert await ask(pool) == b"hello"
            assert server.made == 1

    async def test_opens_no_more_than_it_may_and_lets_the_others_wait(self) -> None:
        async with running(connections=3) as (server, pool):
            answers = await asyncio.gather(*(ask(pool) for _ in range(20)))
            assert answers == [b"hello"] * 20
            assert server.made <= 3

    async def test_keeps_no_more_idle_connections_than_it_may(self) -> None:
        async with running(idle=2) as (server, pool):
            await asyncio.gather(*(ask(pool) for _ in range(6)))
            await asyncio.sleep(0.05)
            assert server.open == 2

    async def test_closes_a_connection_whose_answer_was_not_read(self) -> None:
        async with running() as (server, pool):
            await ask(pool, read=False)
            assert await ask(pool) == b"hello"
            assert server.made == 2

    async def test_takes_no_connection_that_waited_too_long(self) -> None:
        async with running(idle_seconds=0.0) as (server, pool):
            await ask(pool)
            await asyncio.sleep(0.01)
            assert await ask(pool) == b"hello"
            assert server.made == 2

    async def test_has_room_again_after_failures(self) -> None:
        network = AsyncioBackend()
        origin = httpcore.Origin(b"http", b"127.0.0.1", 1)
        pool = ConnectionPool(origin, PoolLimits(1, 1, 5.0), ssl_context=None, network=network)
        for _ in range(3):
            with pytest.raises(httpcore.ConnectError):
                await asyncio.wait_for(ask(pool), 2)
