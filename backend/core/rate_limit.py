"""How often a person or an address may ask for something."""

import math
from contextlib import suppress
from dataclasses import dataclass

from limits import RateLimitItem, parse_many
from limits.aio.storage import SlidingWindowCounterSupport

from backend.core.errors import RateLimited
from backend.core.rate_window import CountsUnavailable, Window


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit.

    `reset` tells in whole seconds when there will be more: when this window ends, or, with
    nothing left, when the next request will be let through.
    """

    limit: int
    remaining: int
    reset: int


class Rate:
    """Limits like "10/minute; 100/hour" on what `name` says; all of them hold."""

    def __init__(self, name: str, text: str) -> None:
        self.items = parse_many(text)
        for item in self.items:
            item.namespace = name


class RateLimiter:
    """Counts requests against rates.

    Requests go through uncounted while the counts cannot be reached: people come before counting.
    """

    def __init__(self, windows: SlidingWindowCounterSupport) -> None:
        self._windows = windows

    async def take(self, rate: Rate, *who: str) -> Allowance | None:
        """Count one request; None when nothing can be counted now.

        Raises:
            RateLimited: it is one too many, and was not counted.
        """
        try:
            if len(rate.items) > 1:
                await self._refuse_full(rate, who)
            return scarcest(*[await self._take(item, who) for item in rate.items])
        except CountsUnavailable:
            return None

    async def look(self, rate: Rate, *who: str) -> Allowance | None:
        """What is left, without counting anything; None when that cannot be told now."""
        try:
            found = [await self._look(item, who) for item in rate.items]
        except CountsUnavailable:
            return None
        full = [left for left in found if not left.remaining]
        return max(full, key=lambda left: left.reset) if full else scarcest(*found)

    async def forget(self, rate: Rate, *who: str) -> None:
        """Count from nothing again."""
        with suppress(CountsUnavailable):
            for item in rate.items:
                await self._windows.clear_sliding_window(item.key_for(*who), item.get_expiry())

    async def _refuse_full(self, rate: Rate, who: tuple[str, ...]) -> None:
        """Look at all limits before counting in any, and tell the longest of the waits."""
        left = await self.look(rate, *who)
        if left is not None and not left.remaining:
            raise RateLimited(left.limit, retry_after=left.reset)

    async def _take(self, item: RateLimitItem, who: tuple[str, ...]) -> Allowance:
        key, seconds = item.key_for(*who), item.get_expiry()
        taken = await self._windows.acquire_sliding_window_entry(key, item.amount, seconds)
        window = await self._windows.get_sliding_window(key, seconds)
        if taken:
            return _allowance(item, window)
        raise RateLimited(item.amount, retry_after=_seconds_until_free(item, window))

    async def _look(self, item: RateLimitItem, who: tuple[str, ...]) -> Allowance:
        window = await self._windows.get_sliding_window(item.key_for(*who), item.get_expiry())
        return _allowance(item, window)


def scarcest(*allowances: Allowance | None) -> Allowance | None:
    """The one that runs out first; None when nothing was counted."""
    counted = [allowance for allowance in allowances if allowance is not None]
    return min(counted, key=lambda allowance: allowance.remaining, default=None)


def _allowance(item: RateLimitItem, window: Window) -> Allowance:
    previous, previous_left, current, current_left = window
    seconds = item.get_expiry()
    used = int(previous * previous_left / seconds) + current
    remaining = max(0, item.amount - used)
    if not remaining:
        return Allowance(item.amount, 0, _seconds_until_free(item, window))
    return Allowance(item.amount, remaining, max(0, math.ceil(current_left - seconds)))


def _seconds_until_free(item: RateLimitItem, window: Window) -> int:
    """Whole seconds after which one more request fits, if nobody else takes its place.

    The last window's count shrinks evenly to nothing until this window ends; then this one's
    takes its place and begins to shrink.
    """
    previous, previous_left, current, current_left = window
    seconds = item.get_expiry()
    if previous and current < item.amount:
        wait = previous_left - (item.amount - current) * seconds / previous
    else:
        wait = current_left - seconds + max(0.0, seconds * (1 - item.amount / max(1, current)))
    return max(1, math.floor(wait) + 1)
