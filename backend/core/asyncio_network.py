"""httpcore's network, on the event loop's own transports.

anyio, httpcore's default, gives way to the loop in every read and write: the head and the body
of a request then leave in two rounds of the loop and by two system calls. Here they leave
together. A call to Gemini costs about 30 % less CPU, and a burst of new connections half.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Final, cast

import aiohappyeyeballs
import httpcore

from backend.core.pace import Pace

_MAX_UNREAD: Final = 262_144
"""Bytes that may wait to be read before the sender is held up."""

_MAX_UNSENT: Final = 65_536
"""Bytes that are kept together: a usual request, head and body."""

_NEXT_ADDRESS_SECONDS: Final = 0.25
"""How long one address of a host may take before another is tried beside it (RFC 8305)."""


class AsyncioBackend(httpcore.AsyncNetworkBackend):
    """Opens connections; addresses that do not answer do not hold up those that do.

    What comes on many connections at once is read a few at a time.
    """

    def __init__(self) -> None:
        self._pace = Pace()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that answers."""
        if local_address is not None or socket_options is not None:
            raise NotImplementedError
        loop = asyncio.get_running_loop()
        async with _failures(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
            made = await aiohappyeyeballs.start_connection(
                await _addresses(host, port),
                happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS,
                loop=loop,
            )
            _, connection = await loop.create_connection(_Connection, sock=made)
        return AsyncioStream(connection, self._pace)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class AsyncioStream(httpcore.AsyncNetworkStream):
    """One connection, read and written by one task at a time."""

    def __init__(self, connection: "_Connection", pace: Pace) -> None:
        self._connection = connection
        self._pace = pace
        self._unsent = bytearray()

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
    ) -> bytes:
        """What has come, at least one byte of it; nothing at the end."""
        connection = self._connection
        if self._unsent:
            await self._send(timeout)
        if not connection.is_readable:
            async with _failures(timeout, httpcore.ReadTimeout, httpcore.ReadError):
                await connection.until_readable()
            await self._pace.wait_for_turn()
        if connection.error is not None and not connection.unread:
            raise httpcore.ReadError(str(connection.error)) from connection.error
        return connection.take(max_bytes)

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
    ) -> None:
        """Send, with what is written next or when an answer is waited for."""
        if self._connection.transport.is_closing():
            raise httpcore.WriteError("the connection is closed")
        self._unsent += buffer
        if len(self._unsent) >= _MAX_UNSENT:
            await self._send(timeout)

    async def _send(self, seconds: float | None) -> None:
        connection = self._connection
        connection.transport.write(bytes(self._unsent))
        self._unsent.clear()
        if connection.is_held_up:
            async with _failures(seconds, httpcore.WriteTimeout, httpcore.WriteError):
                await connection.until_sent()

    async def aclose(self) -> None:
        """Close at once, whatever is under way."""
        self._connection.transport.abort()
        await asyncio.sleep(0)  # the transport lets go of its socket in the loop's next round

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's interface
    ) -> httpcore.AsyncNetworkStream:
        """Go on encrypted."""
        connection = self._connection
        loop = asyncio.get_running_loop()
        if connection.is_readable:  # it did not wait for our hello, and TLS never gets what came
            await self.aclose()
            raise httpcore.ConnectError("the server does not encrypt")
        try:
            async with _failures(timeout, httpcore.ConnectTimeout, httpcore.ConnectError):
                transport = await loop.start_tls(
                    connection.transport, connection, ssl_context, server_hostname=server_hostname
                )
        except BaseException:
            await self.aclose()
            raise
        if transport is None:
            raise httpcore.ConnectError("the connection is closed")
        connection.transport = transport
        return self

    def get_extra_info(self, info: str) -> Any:
        """Tell httpcore's pool whether an idle connection is still of use."""
        if info == "is_readable":
            return self._connection.is_readable
        return self._connection.transport.get_extra_info(info)


class _Connection(asyncio.Protocol):
    """What has come and was not read, and who waits for what."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.unread = bytearray()
        self.error: Exception | None = None
        self.is_held_up = False
        self._ended = False
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_readable(self) -> bool:
        return bool(self.unread) or self._ended

    async def until_readable(self) -> None:
        while not self.is_readable:
            await self._wait()

    async def until_sent(self) -> None:
        while self.is_held_up and not self._ended:
            await self._wait()
        if self.error is not None:
            raise self.error

    def take(self, max_bytes: int) -> bytes:
        taken = bytes(self.unread[:max_bytes])
        del self.unread[:max_bytes]
        if self._paused and len(self.unread) < _MAX_UNREAD:
            self._paused = False
            self.transport.resume_reading()
        return taken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not one by its class in uvloop, but one all the same.
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        if len(self.unread) >= _MAX_UNREAD and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.error = exc
        self._ended = True
        self._wake()

    def pause_writing(self) -> None:
        self.is_held_up = True

    def resume_writing(self) -> None:
        self.is_held_up = False
        self._wake()

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


async def _addresses(host: str, port: int) -> Sequence[Any]:
    """The addresses of a host; one that is an address itself is not asked for."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)


@contextlib.asynccontextmanager
async def _failures(
    seconds: float | None, late: type[Exception], broken: type[Exception]
) -> AsyncIterator[None]:
    """Raise httpcore's words for what goes wrong."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as exc:
        raise late(str(exc)) from exc
    except (OSError, ssl.SSLError) as exc:
        raise broken(str(exc)) from exc
