"""A connection to an HTTP/1.1 server, on the event loop's own transports.

General clients cost several times as much for each call and each piece of a stream: layers of
generators, events in Python for every chunk, a new timer for every read.
"""

import asyncio
from typing import Final, cast

from backend.core.http_errors import (
    ProtocolError,
    ReadError,
    ReadTimeout,
    WireError,
    WriteTimeout,
)
from backend.core.http_response import HttpResponse
from backend.core.pace import Pace
from backend.core.patience import Patience

_MAX_UNREAD: Final = 262_144
"""Bytes of a body that may wait to be read before the sender is held up."""


class HttpConnection(asyncio.Protocol):
    """Lent to one request at a time, of one task. `idle_until` is its pool's.

    `silence` is for how many seconds the server may take to take in a request, or may pause
    within an answer. The answer's beginning has no time of its own: that is up to the caller.
    """

    _transport: asyncio.Transport

    def __init__(self, pace: Pace, silence: float) -> None:
        self.idle_until = 0.0
        self._pace = pace
        self._silence = silence
        self._loop = asyncio.get_running_loop()
        self._response: HttpResponse | None = None
        self._failure: WireError | None = None
        self._is_open = False
        self._is_held_up = False
        self._is_paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._patience = Patience()

    @property
    def is_open(self) -> bool:
        """Whether neither side has closed it, as far as we know."""
        return self._is_open and not self._transport.is_closing()

    @property
    def is_reusable(self) -> bool:
        """Whether the request is sent, its answer read to the end, and another may follow."""
        response = self._response
        return (
            response is not None
            and response.is_whole
            and not response.is_last
            and not response.body
            and self.is_open
            and not self._transport.get_write_buffer_size()
        )

    async def ask(self, request: bytes) -> HttpResponse:
        """Send a request, head and body; give the answer as soon as its head is there.

        Raises:
            WriteTimeout: the server does not take in the request.
            ReadError: the connection is closed, or was before the head came.
            ProtocolError: what came is no HTTP/1.1.
        """
        if not self.is_open:
            raise ReadError("the connection is closed")
        response = self._response = HttpResponse()
        self._transport.write(request)
        if self._is_held_up:
            try:
                with self._patience.of(self._silence):
                    while self._is_held_up and not (response.has_head or self._failure):
                        await self._wait()
            except TimeoutError:
                raise WriteTimeout from None
        while not response.has_head:
            if self._failure is not None:
                raise self._failure
            await self._wait()
        await self._pace.wait_for_turn()
        return response

    async def read(self) -> bytes:
        """Give what has come of the answer's body, waiting for some; nothing at its end.

        Raises:
            ReadTimeout: there was silence for too long.
            ReadError: the answer is cut.
            ProtocolError: what came is no HTTP/1.1.
        """
        response = self._response
        assert response is not None  # noqa: S101 - `ask` comes first
        if not (response.body or response.is_whole or self._failure):
            try:
                with self._patience.of(self._silence):
                    while not (response.body or response.is_whole or self._failure):
                        await self._wait()
            except TimeoutError:
                raise ReadTimeout from None
            await self._pace.wait_for_turn()
        if response.body:
            taken = response.take()
            if self._is_paused and len(response.body) < _MAX_UNREAD:
                self._resume()
            if response.body:  # much came at once: others go on between its pieces
                await asyncio.sleep(0)
            return taken
        if self._failure is not None:
            raise self._failure
        return b""

    def rest(self, until: float) -> None:
        """Be idle until then, by the loop's clock."""
        self.idle_until = until
        self._forget()

    def cut(self) -> None:
        """Close at once, and tell whoever waits for an answer."""
        if self._failure is None:
            self._fail(ReadError("we closed the connection"))

    def close(self) -> None:
        """Close at once; nobody waits for anything."""
        self._is_open = False
        self._forget()
        self._transport.abort()

    def _forget(self) -> None:
        if self._response is not None:
            self._response.forget_parser()
        self._response = self._failure = None
        self._patience.end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # Not one by its class in uvloop, but one all the same.
        self._transport = cast(asyncio.Transport, transport)
        self._is_open = True

    def data_received(self, data: bytes) -> None:
        """Take in a piece of the answer. Nobody may send one who was not asked."""
        response = self._response
        if not self._is_open:
            return
        if response is None:
            self.close()
            return
        try:
            response.feed(data)
        except ProtocolError as exc:
            self._fail(exc)
            return
        if len(response.body) >= _MAX_UNREAD and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Take in that the server sends no more; the transport closes itself."""
        self._end(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Take in that nothing can be sent or read any more."""
        self._end(exc)

    def pause_writing(self) -> None:
        """Note that the server takes less than there is to send."""
        self._is_held_up = True

    def resume_writing(self) -> None:
        """Note that the server has caught up."""
        self._is_held_up = False
        self._wake()

    def _end(self, exc: Exception | None) -> None:
        self._is_open = False
        response = self._response
        if response is None or response.is_whole or self._failure is not None:
            return
        if exc is not None:
            self._fail(ReadError(str(exc)))
            return
        try:
            response.end()
        except ReadError as failure:
            self._fail(failure)
        self._wake()

    def _fail(self, failure: WireError) -> None:
        self._failure = failure
        self._is_open = False
        self._transport.abort()
        self._wake()

    def _resume(self) -> None:
        self._is_paused = False
        if not self._transport.is_closing():
            self._transport.resume_reading()

    async def _wait(self) -> None:
        """Wait until something happens."""
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
