"""A limit on the waits that follow each other in one piece of work."""

import asyncio
from types import TracebackType
from typing import Any, Self


class Patience:
    """Ends a wait that lasts too long, as `asyncio.timeout` does; made once for many waits.

    A timer of the loop for each piece of a stream costs as much as reading the piece. Here one
    timer stands for all: when it fires and a later wait has more time, it is set again.

        patience = Patience()
        try:
            with patience.of(10):
                await one_thing()
            with patience.of(5):
                await another()
        finally:
            patience.end()

    Raises (where the wait is left):
        TimeoutError: it took longer than it was given.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._fires_at = 0.0
        self._due = 0.0
        self._waiting: asyncio.Task[Any] | None = None
        self._cancelling = 0
        self._is_over = False

    def of(self, seconds: float) -> Self:
        """Give the wait that begins now so many seconds."""
        self._due = self._loop.time() + seconds
        return self

    def __enter__(self) -> Self:
        task = asyncio.current_task(self._loop)
        assert task is not None  # noqa: S101 - whoever can wait is a task
        self._waiting = task
        self._cancelling = task.cancelling()
        if self._timer is None or self._fires_at > self._due:
            self._set_timer()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task, self._waiting = self._waiting, None
        if self._is_over and task is not None:
            self._is_over = False
            # Somebody else may have cancelled the task as well, and is to be obeyed.
            if task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
                raise TimeoutError from error

    def end(self) -> None:
        """Let the timer go; there is nothing more to wait for."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        self.end()
        self._fires_at = self._due
        self._timer = self._loop.call_at(self._due, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._waiting is None or self._is_over:
            return
        if self._loop.time() < self._due:
            self._set_timer()
        else:
            self._is_over = True
            self._waiting.cancel()
