"""The connection to Redis. Imported only when `REDIS_URL` is set: the library costs 6 MB."""

import asyncio

from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.core.redis_window import RedisWindows


class RedisClient:
    """What the service asks of Redis; connects when first asked."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(url)

    async def answers(self, *, within: float) -> bool:
        """Whether Redis answers `within` seconds; never raises."""
        try:
            async with asyncio.timeout(within):
                await self._redis.ping()
        except (RedisError, OSError, TimeoutError):
            return False
        return True

    def open_windows(self) -> RedisWindows:
        """Counters that all workers share."""
        return RedisWindows(self._redis.connection_pool)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._redis.aclose()
