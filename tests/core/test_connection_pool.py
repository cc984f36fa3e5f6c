"""Tests of `backend/core/connection_pool.py`, against a real server."""

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from backend.core.connection_pool import ConnectionPool, PoolLimits
from backend.core.http_connect import Origin, trusting_context
from backend.core.http_errors import ConnectError, ConnectTimeout, ReadError
from tests.core.http_support import REQUEST, read_all, serving

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Server:
    """Answers every request on every connection with these bytes, and counts connections."""

    def __init__(self) -> None:
        self.made = 0
        self.open = 0
        self.answer = _ANSWER
        self.leaves_after = 0
        self.left = asyncio.Event()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.made += 1
        self.open += 1
        answered = 0
        try:
            while await reader.readexactly(len(REQUEST)):
                writer.write(self.answer)
                answered += 1
                if answered == self.leaves_after:
                    return
        finally:
            self.open -= 1
            self.left.set()


@asynccontextmanager
async def running(
    *, connections: int = 8, idle: int = 8, idle_seconds: float = 5.0
) -> AsyncIterator[tuple[Server, ConnectionPool]]:
    counter = Server()
    async with serving(counter.serve) as port:
        limits = PoolLimits(connections, idle, idle_seconds, connect_seconds=5, silence_seconds=5)
        pool = ConnectionPool(Origin("127.0.0.1", port), limits)
        yield counter, pool
        await pool.aclose()


async def ask(pool: ConnectionPool, *, read: bool = True) -> bytes:
    connection = await pool.take()
    try:
        await connection.ask(REQUEST)
        return await read_all(connection) if read else b""
    finally:
        pool.give_back(connection)


class TestConnectionPool:
    async def test_uses_one_connection_for_requests_after_each_other(self) -> None:
        async with running() as (server, pool):
            for _ in range(5):
                assert await ask(pool) == b"hello"
            assert server.made == 1

    async def test_lends_the_connection_that_was_used_last(self) -> None:
        async with running() as (_server, pool):
            first, second = await pool.take(), await pool.take()
            for connection in (first, second):
                await connection.ask(REQUEST)
                await read_all(connection)
                pool.give_back(connection)
            assert await pool.take() is second
            assert await pool.take() is first
            pool.give_back(second)
            pool.give_back(first)

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

    async def test_closes_those_that_waited_too_long_when_another_comes_back(self) -> None:
        async with running(idle_seconds=0.02) as (server, pool):
            first, second = await pool.take(), await pool.take()
            for connection in (first, second):
                await connection.ask(REQUEST)
                await read_all(connection)
                pool.give_back(connection)
                await asyncio.sleep(0.05)
            assert not first.is_open
            assert second.is_open
            await asyncio.wait_for(server.left.wait(), 2)
            assert await ask(pool) == b"hello"
            assert server.made == 3

    async def test_takes_no_connection_that_the_server_has_left(self) -> None:
        async with running() as (server, pool):
            server.leaves_after = 1
            for _ in range(3):
                assert await ask(pool) == b"hello"
                await asyncio.sleep(0.01)
            assert server.made == 3

    async def test_takes_no_connection_on_which_more_came_than_was_asked_for(self) -> None:
        async with running() as (server, pool):
            server.answer = _ANSWER * 2
            assert await ask(pool) == b"hello"
            server.answer = _ANSWER
            assert await ask(pool) == b"hello"
            assert server.made == 2

    async def test_closes_a_connection_at_once_when_its_call_is_cancelled(self) -> None:
        async with running(connections=1) as (server, pool):
            server.answer = b""
            call = asyncio.create_task(ask(pool))
            await asyncio.sleep(0.05)
            assert server.open == 1
            began = time.monotonic()
            call.cancel()
            await asyncio.wait_for(server.left.wait(), 2)
            assert time.monotonic() - began < 0.2
            server.answer = _ANSWER
            assert await ask(pool) == b"hello"

    async def test_who_gave_up_waiting_for_room_takes_none(self) -> None:
        async with running(connections=1) as (server, pool):
            connection = await pool.take()
            waiting = [asyncio.create_task(ask(pool)) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
            pool.give_back(connection)
            assert await asyncio.gather(*waiting[1:]) == [b"hello"] * 2
            assert server.made == 2

    async def test_has_room_again_after_failures(self) -> None:
        limits = PoolLimits(1, 1, 5.0, connect_seconds=0.05, silence_seconds=5)
        pool = ConnectionPool(Origin("127.0.0.1", 1), limits)
        for _ in range(3):
            with pytest.raises(ConnectError):
                await asyncio.wait_for(ask(pool), 2)

    async def test_has_room_again_after_calls_that_never_connected(self) -> None:
        async def say_nothing(reader: StreamReader, _writer: StreamWriter) -> None:
            await reader.read()

        async with serving(say_nothing) as port:
            limits = PoolLimits(1, 1, 5.0, connect_seconds=0.2, silence_seconds=5)
            pool = ConnectionPool(Origin("127.0.0.1", port, trusting_context()), limits)
            for _ in range(3):
                call = asyncio.create_task(pool.take())
                await asyncio.sleep(0.01)
                call.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await call
            with pytest.raises(ConnectTimeout):
                await pool.take()


class TestClosing:
    async def test_cuts_what_is_under_way_and_tells_who_waits(self) -> None:
        async with running() as (server, pool):
            server.answer = b""
            call = asyncio.create_task(ask(pool))
            await asyncio.sleep(0.05)
            assert server.open == 1
            began = time.monotonic()

            await pool.aclose()

            with pytest.raises(ReadError):
                await asyncio.wait_for(call, 2)
            await asyncio.wait_for(server.left.wait(), 2)
            assert time.monotonic() - began < 1

    async def test_cuts_an_answer_in_its_middle(self) -> None:
        async with running() as (server, pool):
            server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"
            call = asyncio.create_task(ask(pool))
            await asyncio.sleep(0.05)

            await pool.aclose()

            with pytest.raises(ReadError):
                await asyncio.wait_for(call, 2)

    async def test_lends_none_afterwards_and_keeps_none(self) -> None:
        async with running() as (server, pool):
            connection = await pool.take()
            await connection.ask(REQUEST)
            await read_all(connection)

            await pool.aclose()
            pool.give_back(connection)

            with pytest.raises(ConnectError):
                await pool.take()
            await asyncio.wait_for(server.left.wait(), 2)

    async def test_makes_none_for_whom_it_was_closed_meanwhile(self) -> None:
        async with running() as (server, pool):
            taking = asyncio.create_task(pool.take())
            await asyncio.sleep(0)

            await pool.aclose()

            with pytest.raises(ConnectError, match="closed"):
                await asyncio.wait_for(taking, 2)
            await asyncio.wait_for(server.left.wait(), 2)
            assert (server.made, server.open) == (1, 0)
