"""Watching the knowledge's folder: what staff change is live within a second, in every worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

import structlog

WATCH_SECONDS: Final = 0.5
"""Between two looks: each asks for the time stamps of the files, well under a millisecond."""

_CLOSING_SECONDS: Final = 5.0

logger = structlog.get_logger(__name__)


@contextmanager
def watching(reload: Callable[[], bool], *, every: float = WATCH_SECONDS) -> Iterator[None]:
    """Call `reload` again and again in a thread of its own until the context ends.

    Not one of the pool's threads: under load those are all taken.
    """
    stop = Event()
    thread = Thread(target=_watch, args=(reload, every, stop), name="knowledge", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_CLOSING_SECONDS)


def _watch(reload: Callable[[], bool], every: float, stop: Event) -> None:
    failing = False
    while not stop.wait(every):
        try:
            reload()
            failing = False
        except Exception:
            # What stands in some file must not end the watch: the next version may be sound.
            if not failing:
                logger.exception("knowledge_reload_failed")
            failing = True
