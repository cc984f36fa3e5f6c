"""Tests of `backend/core/listening.py`."""

import asyncio
import select
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from backend.core.listening import PATIENCE_SECONDS, Relief, open_sockets

HOST = "127.0.0.1"


@contextmanager
def two_listening() -> Iterator[list[socket.socket]]:
    sockets = open_sockets(HOST, 0, 2)
    try:
        for listening in sockets:
            listening.setblocking(False)
            listening.listen(512)
        yield sockets
    finally:
        for listening in sockets:
            listening.close()


def port_of(listening: socket.socket) -> int:
    return int(listening.getsockname()[1])


def take_all(listening: socket.socket) -> int:
    """Accept what waits, and tell how many there were."""
    count = 0
    while select.select([listening], [], [], 0)[0]:
        listening.accept()[0].close()
        count += 1
    return count


class TestOpenSockets:
    def test_the_system_gives_each_an_even_share(self) -> None:
        with two_listening() as sockets:
            made = [
                socket.create_connection((HOST, port_of(sockets[0])), timeout=5) for _ in range(200)
            ]
            shares = [take_all(listening) for listening in sockets]
            for connection in made:
                connection.close()

        assert sum(shares) == 200
        assert min(shares) >= 60

    def test_a_port_that_somebody_has_is_refused(self) -> None:
        with (
            socket.create_server((HOST, 0)) as taken,
            pytest.raises(OSError, match="Address already in use"),
        ):
            open_sockets(HOST, port_of(taken), 2)

    def test_nobody_joins_the_workers_of_another_service(self) -> None:
        with (
            two_listening() as sockets,
            pytest.raises(OSError, match="Address already in use"),
        ):
            open_sockets(HOST, port_of(sockets[0]), 2)


class Greeting(asyncio.Protocol):
    """Says a word and closes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"hello")
        transport.close()


async def greeting_on(listening: socket.socket) -> bytes:
    """What whoever takes the connection says; nothing when nobody does in time."""
    reader, writer = await asyncio.open_connection(HOST, port_of(listening))
    with closing(writer):
        try:
            async with asyncio.timeout(20 * PATIENCE_SECONDS):
                return await reader.read()
        except TimeoutError:
            return b""


class TestRelief:
    async def test_takes_what_waits_for_a_worker_that_does_not_come(self) -> None:
        with socket.create_server((HOST, 0)) as listening:
            relieving = asyncio.create_task(Relief([listening], Greeting).run())
            said = await asyncio.gather(*(greeting_on(listening) for _ in range(20)))
            relieving.cancel()

        assert said == [b"hello"] * 20

    async def test_leaves_to_a_worker_what_it_takes_in_time(self) -> None:
        with socket.create_server((HOST, 0)) as listening:
            relieving = asyncio.create_task(Relief([listening], Greeting).run())
            server = await asyncio.start_server(
                lambda _, writer: writer.close(), sock=listening.dup()
            )
            said = [await greeting_on(listening) for _ in range(20)]
            relieving.cancel()
            server.close()

        assert said.count(b"") >= 19
