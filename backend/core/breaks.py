"""Work in a thread that leaves the interpreter to others for most of the time."""

from collections.abc import Iterable, Iterator
from threading import Event
from time import thread_time
from typing import Final, TypeVar

Piece = TypeVar("Piece")

SHARE: Final = 0.1


class Breaks:
    """Breaks between the pieces of a thread's work, which may last `share` of the time at most.

    Each time the event loop has waited for anything, it waits for such a thread as well, for as
    long as the interpreter takes to switch: 100 pieces in a row held up all answers for as long as
    they took. Without breaks until they are allowed.
    """

    def __init__(self, share: float = SHARE) -> None:
        self._pause = 1 / share - 1
        self._hurried = Event()
        self._hurried.set()

    def allow(self) -> None:
        """Take breaks from now on."""
        self._hurried.clear()

    def end(self) -> None:
        """Take none any more, and end the one that is being taken."""
        self._hurried.set()

    def between(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The pieces, each after a break that suits the work on the one before it."""
        worked = 0.0
        for piece in pieces:
            self._hurried.wait(worked * self._pause)
            began = thread_time()
            yield piece
            worked = thread_time() - began
