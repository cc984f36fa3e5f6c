"""Connections to one server, each lent to one request at a time."""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass

import httpcore


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many connections there are at most, how many of them wait, and for how many seconds."""

    connections: int
    idle: int
    idle_seconds: float


class ConnectionPool:
    """Opens httpcore's connections and keeps some for the next request.

    httpcore's own pool looks through all connections for each request and each answer: at 500
    that costs more than the request itself.
    """

    def __init__(
        self,
        origin: httpcore.Origin,
        limits: PoolLimits,
        *,
        ssl_context: ssl.SSLContext | None,
        network: httpcore.AsyncNetworkBackend,
    ) -> None:
        self._origin = origin
        self._limits = limits
        self._ssl_context = ssl_context
        self._network = network
        self._room = asyncio.Semaphore(limits.connections)
        self._idle: deque[httpcore.AsyncHTTPConnection] = deque()

    async def take(self) -> httpcore.AsyncHTTPConnection:
        """A connection for one request, as soon as there is room; `give_back` it in any case."""
        await self._room.acquire()
        try:
            while self._idle:
                connection = self._idle.pop()  # the one that was used last
                if not connection.has_expired():
                    return connection
                await connection.aclose()
        except BaseException:
            self._room.release()
            raise
        return httpcore.AsyncHTTPConnection(
            self._origin,
            self._ssl_context,
            self._limits.idle_seconds,
            network_backend=self._network,
        )

    async def give_back(self, connection: httpcore.AsyncHTTPConnection) -> None:
        """Keep a connection whose answer was read to its end; close any other."""
        self._room.release()
        if connection.is_idle() and not connection.is_closed():
            self._idle.append(connection)
        else:
            await connection.aclose()
        while self._idle and (len(self._idle) > self._limits.idle or self._idle[0].has_expired()):
            await self._idle.popleft().aclose()

    async def aclose(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            await self._idle.pop().aclose()
