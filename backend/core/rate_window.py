"""Counting requests in sliding windows, in this process (`redis_window` shares the counts).

`limits` has a storage in memory too, but with every request it walks through all it has counted.
This one looks at two entries.
"""

from collections.abc import Callable
from time import time
from typing import Final

from limits.aio.storage import SlidingWindowCounterSupport

_SWEPT_A_HIT: Final = 2
"""Outdated entries dropped for each new one: more than come in, so that memory stays bounded."""

Window = tuple[int, float, int, float]
"""Count and remaining seconds of the last window; count of this one, and how long it is kept."""


class CountsUnavailable(Exception):
    """Nothing can be counted at the moment."""


class MemoryWindows(SlidingWindowCounterSupport):
    """Two counters a key: this window's and the last one's, which counts less and less.

    Nothing is awaited between reading and writing, so that requests cannot come in between.
    """

    base_exceptions: tuple[type[Exception], ...] = ()

    def __init__(self, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        # By the windows' length, then by key: number of the window, its count, the last one's.
        self._windows: dict[int, dict[str, tuple[int, int, int]]] = {}

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Count `amount` requests, unless that makes more than `limit`."""
        now = self._clock()
        number, current, previous = self._look(key, expiry, now)
        used = int(previous * (1 - now / expiry % 1)) + current
        if used + amount > limit:
            return False
        windows = self._windows.setdefault(expiry, {})
        known = windows.get(key)
        if known is None or known[0] != number:
            # To the end, where the newest windows stand: the oldest ones are found in front.
            windows.pop(key, None)
            self._sweep(windows, number)
        windows[key] = (number, current + amount, previous)
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> Window:
        """What is counted under this key."""
        now = self._clock()
        _, current, previous = self._look(key, expiry, now)
        left = (1 - now / expiry % 1) * expiry
        return previous, left if previous else 0.0, current, left + expiry

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget a key."""
        self._windows.get(expiry, {}).pop(key, None)

    def __len__(self) -> int:
        return sum(len(windows) for windows in self._windows.values())

    def _look(self, key: str, expiry: int, now: float) -> tuple[int, int, int]:
        number = int(now // expiry)
        known = self._windows.get(expiry, {}).get(key)
        if known is None or known[0] < number - 1:
            return number, 0, 0
        return known if known[0] == number else (number, 0, known[1])

    def _sweep(self, windows: dict[str, tuple[int, int, int]], number: int) -> None:
        for key in [key for key, _ in zip(windows, range(_SWEPT_A_HIT), strict=False)]:
            if windows[key][0] < number - 1:
                del windows[key]
