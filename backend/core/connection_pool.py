"""Connections to one server, each lent to one request at a time."""

import asyncio
from collections import deque
from dataclasses import dataclass

from backend.core.http_connect import Origin, connect
from backend.core.http_connection import HttpConnection
from backend.core.http_errors import ConnectError
from backend.core.pace import Pace


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How many connections there are at most, how many of them wait, and three times in seconds.

    For how long one may wait, how long making one may take, and the `silence` of each.
    """

    connections: int
    idle: int
    idle_seconds: float
    connect_seconds: float
    silence_seconds: float


class ConnectionPool:
    """Opens connections and keeps some for the next request.

    What comes on many connections at once is read a few at a time.
    """

    def __init__(self, origin: Origin, limits: PoolLimits) -> None:
        self._origin = origin
        self._limits = limits
        self._pace = Pace()
        self._room = asyncio.Semaphore(limits.connections)
        self._idle: deque[HttpConnection] = deque()
        self._lent: set[HttpConnection] = set()
        self._is_closed = False

    async def take(self) -> HttpConnection:
        """An open connection for one request, as soon as there is room; `give_back` it.

        Raises:
            ConnectError, ConnectTimeout: there was none, and none could be made.
        """
        await self._room.acquire()
        try:
            connection = self._take_idle() or await self._open()
        except BaseException:
            self._room.release()
            raise
        self._lent.add(connection)
        return connection

    def give_back(self, connection: HttpConnection) -> None:
        """Keep a connection whose answer was read to its end; close any other at once."""
        self._room.release()
        self._lent.discard(connection)
        now = asyncio.get_running_loop().time()
        if connection.is_reusable and not self._is_closed:
            connection.rest(now + self._limits.idle_seconds)
            self._idle.append(connection)
        else:
            connection.close()
        while self._idle and (
            len(self._idle) > self._limits.idle or not _is_fresh(self._idle[0], now)
        ):
            self._idle.popleft().close()

    async def aclose(self) -> None:
        """Close all connections, also those in use, and lend none any more."""
        self._is_closed = True
        for connection in self._lent:
            connection.cut()
        while self._idle:
            self._idle.pop().close()
        await asyncio.sleep(0)  # transports let go of their sockets in the loop's next round

    def _take_idle(self) -> HttpConnection | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()  # the one that was used last
            if _is_fresh(connection, now):
                return connection
            connection.close()
        return None

    async def _open(self) -> HttpConnection:
        self._require_open()
        connection = await connect(self._origin, self._limits.connect_seconds, self._make)
        try:
            self._require_open()
        except ConnectError:
            connection.close()
            raise
        return connection

    def _require_open(self) -> None:
        if self._is_closed:
            raise ConnectError("the pool is closed")

    def _make(self) -> HttpConnection:
        return HttpConnection(self._pace, self._limits.silence_seconds)


def _is_fresh(connection: HttpConnection, now: float) -> bool:
    return connection.is_open and now <= connection.idle_until
