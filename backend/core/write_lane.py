"""One writer for a database that has room for one: changes wait in order and share commits."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import groupby
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection

from backend.core.pace import A_ROUND

T = TypeVar("T")

MAX_BATCH: Final = 64
"""Changes in one commit: more would let the first one wait noticeably for the last."""


class WriteLane:
    """A thread that runs changes one after another.

    Changes that wait at the same moment share a transaction, each in a savepoint of its own, and
    so one commit and one sync to disk; none is reported done before that. A change that fails
    takes nothing of the others along. A commit that fails fails all of its batch.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    async def run(self, change: Callable[[Connection], T], *, patience: float) -> T:
        """Run `change` and commit it; whatever it raises is raised here.

        Raises:
            TimeoutError: its turn did not come within `patience` seconds; nothing was done.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put(_Item(change, future, monotonic() + patience))
        if self._thread is None:
            self._start_thread()
        return await future

    def close(self) -> None:
        """Finish what waits and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _start_thread(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="db-write", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, is_last = self._gather(first)
            _run_batch(self._connect, batch)
            _report(batch)
            if is_last:
                return

    def _gather(self, first: "_Item") -> "tuple[list[_Item], bool]":
        batch = [first]
        while len(batch) < MAX_BATCH:
            try:
                item = self._queue.get_nowait()
            except Empty:
                break
            if item is None:
                return batch, True
            batch.append(item)
        return batch, False


class _Item:
    """A change that waits, and the future of whoever waits for it."""

    __slots__ = ("change", "deadline", "error", "future", "result")

    def __init__(
        self, change: Callable[[Connection], Any], future: "asyncio.Future[Any]", deadline: float
    ) -> None:
        self.change = change
        self.future = future
        self.deadline = deadline
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        """Tell the outcome, unless nobody waits for it any more; in the loop of who waits."""
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def _report(batch: list[_Item]) -> None:
    """Wake each event loop once for all that waits in it: every waking is a switch of threads."""
    for loop, items in groupby(batch, lambda item: item.future.get_loop()):
        with suppress(RuntimeError):  # the loop is closed, and nobody waits any more
            loop.call_soon_threadsafe(_settle, loop, list(items))


def _settle(loop: asyncio.AbstractEventLoop, items: list[_Item]) -> None:
    """Tell a few in each round of the loop: all of them would go on as one piece."""
    for item in items[:A_ROUND]:
        item.settle()
    if len(items) > A_ROUND:
        loop.call_soon(_settle, loop, items[A_ROUND:])


def _run_batch(connect: Callable[[], Connection], batch: list[_Item]) -> None:
    now = monotonic()
    live = [item for item in batch if item.deadline > now]
    for item in batch:
        if item.deadline <= now:
            item.error = TimeoutError()
    try:
        if live:
            _transact(connect, live)
    except Exception as exc:  # noqa: BLE001 - whatever it is, those who wait are told
        for item in live:
            item.error = exc


def _transact(connect: Callable[[], Connection], items: list[_Item]) -> None:
    with connect() as db, db.begin():
        if len(items) == 1:
            items[0].result = items[0].change(db)
        else:
            for item in items:
                _run_in_savepoint(db, item)


def _run_in_savepoint(db: Connection, item: _Item) -> None:
    """Run one change of several; what it raises is its own, unless it broke the transaction.

    By the driver's own connection: SQLAlchemy would make two statements more of each change.
    """
    execute = cast(sqlite3.Connection, db.connection.driver_connection).execute
    execute("SAVEPOINT item")
    try:
        item.result = item.change(db)
    except Exception as exc:  # noqa: BLE001 - told to whoever waits for this change
        item.error = exc
        execute("ROLLBACK TO item")
    execute("RELEASE item")
