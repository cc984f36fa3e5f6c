"""Counting requests in Redis, for all workers together. Imported when `REDIS_URL` is set."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, Final, TypeVar

import structlog
from limits.aio.storage import RedisStorage, SlidingWindowCounterSupport
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from backend.core.rate_window import CountsUnavailable, Window

T = TypeVar("T")

PATIENCE_SECONDS: Final = 0.1
PAUSE_SECONDS: Final = 1.0
"""How long Redis is left alone after a failure, so that not every request waits for it."""

logger = structlog.get_logger(__name__)


class RedisWindows(SlidingWindowCounterSupport):
    """`limits`' counters in Redis, asked for a short time only.

    Raises CountsUnavailable when Redis fails or is slow; the beginning and the end of such an
    outage are logged, not each request.
    """

    base_exceptions: tuple[type[Exception], ...] = ()

    def __init__(self, pool: ConnectionPool) -> None:
        options: dict[str, Any] = {"connection_pool": pool}  # typed as if it were text
        self._storage = RedisStorage(
            "redis://", implementation="redispy", key_prefix="au-guru", **options
        )
        self._is_away = False
        self._resume = 0.0

    async def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Count `amount` requests, unless that makes more than `limit`."""
        return await self._ask(
            lambda: self._storage.acquire_sliding_window_entry(key, limit, expiry, amount)
        )

    async def get_sliding_window(self, key: str, expiry: int) -> Window:
        """What is counted under this key."""
        return await self._ask(lambda: self._storage.get_sliding_window(key, expiry))

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget a key."""
        await self._ask(lambda: self._storage.clear_sliding_window(key, expiry))

    async def _ask(self, ask: Callable[[], Awaitable[T]]) -> T:
        if monotonic() < self._resume:
            raise CountsUnavailable
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await ask()
        except (RedisError, OSError, TimeoutError) as exc:
            self._resume = monotonic() + PAUSE_SECONDS
            if not self._is_away:
                self._is_away = True
                logger.warning("rate_limits_off", reason=type(exc).__name__)
            raise CountsUnavailable from exc
        if self._is_away:
            self._is_away = False
            logger.warning("rate_limits_on")
        return answer
