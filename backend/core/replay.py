"""What was streamed of an answer so far, for any number of readers who come and go."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Final

from backend.core.ui_stream import KEEP_ALIVE

KEEP_ALIVE_SECONDS: Final = 15.0
"""Silence after which a comment is sent: proxies give idle connections up after 30 to 60."""


class ReplayLog:
    """The frames of one answer, in order, in the memory of the worker that writes it.

    Every reader starts at the first frame, so that whoever joins late has missed nothing.
    """

    def __init__(self) -> None:
        self._frames: list[bytes] = []
        self._is_closed = False
        self._waiting: set[asyncio.Future[bool]] = set()

    def append(self, frame: bytes) -> None:
        """Add a frame and wake all readers."""
        self._frames.append(frame)
        self._wake()

    def close(self) -> None:
        """Let readers end after the last frame."""
        self._is_closed = True
        self._wake()

    async def read(self, *, keep_alive: float = KEEP_ALIVE_SECONDS) -> AsyncGenerator[bytes, None]:
        """Give all frames from the first, as they come; what piles up comes in one piece."""
        position = 0
        while True:
            if position < len(self._frames):
                piece = b"".join(self._frames[position:])
                position = len(self._frames)
                yield piece
            elif self._is_closed:
                return
            elif not await self._changed(keep_alive):
                yield KEEP_ALIVE

    async def _changed(self, patience: float) -> bool:
        """Wait for the next frame or the end; False when neither came in time."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bool] = loop.create_future()
        self._waiting.add(waiter)
        timer = loop.call_later(patience, _give_up, waiter)
        try:
            return await waiter
        finally:
            timer.cancel()
            self._waiting.discard(waiter)

    def _wake(self) -> None:
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(True)
        self._waiting.clear()


def _give_up(waiter: "asyncio.Future[bool]") -> None:
    if not waiter.done():
        waiter.set_result(False)
