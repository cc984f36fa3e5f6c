"""Hearing of the end in time: servers wait for open streams before the application learns of it."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import parent_process
from types import FrameType


@contextmanager
def on_termination(begin_to_end: Callable[[], None]) -> Iterator[None]:
    """Call `begin_to_end` in the event loop when the process is told to end.

    The server's own reaction follows as before. Only the main thread can hear signals; elsewhere
    this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    earlier = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def react(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(begin_to_end)
        follow = earlier[signal.Signals(number)]
        if callable(follow):
            follow(number, frame)

    heard = [number for number, follow in earlier.items() if callable(follow)]
    for number in heard:
        signal.signal(number, react)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, earlier[number])


@contextmanager
def ending_with_parent() -> Iterator[None]:
    """Let a worker end when the process that looks after it is gone.

    A supervisor that is killed tells nobody: its workers would go on for ever, and hold the port
    against whoever is started in its place.
    """
    parent = parent_process()
    if parent is None:
        yield
        return
    loop = asyncio.get_running_loop()

    def end() -> None:
        loop.remove_reader(parent.sentinel)
        os.kill(os.getpid(), signal.SIGTERM)

    # On Windows the loop cannot wait for a handle.
    with suppress(NotImplementedError, OSError):
        loop.add_reader(parent.sentinel, end)
    try:
        yield
    finally:
        with suppress(NotImplementedError, OSError):
            loop.remove_reader(parent.sentinel)
