"""Running answers in Redis, so that every worker can show and stop those of the others.

Imported only when `REDIS_URL` is set. The worker that writes an answer never waits for Redis: its
log is copied by a task of its own, and without Redis the answer goes on for its own readers.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.core.replay import ReplayLog

_STREAM: Final = "au-guru:answer:{}"
_STOPS: Final = "au-guru:stops"
_KEPT_SECONDS: Final = 60
"""How long a finished answer can be read on; later readers find it in the database."""

_BLOCK_MILLISECONDS: Final = 1_000
_RETRY_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 1.0
_FAILURES: Final = (RedisError, OSError, TimeoutError)
_END: Final = b"end"
_FRAMES: Final = b"frames"

logger = structlog.get_logger(__name__)


class RedisReplays:
    """Copies the logs of running answers to Redis streams and reads those of other workers.

    An answer is named by a `key` that is unique among all databases that share the Redis.
    """

    def __init__(self, url: str, *, running_seconds: float) -> None:
        # Protocol 2: what streams look like in Python depends on it.
        self._redis: Redis = Redis.from_url(
            url, protocol=2, socket_connect_timeout=_PATIENCE_SECONDS
        )
        self._running_seconds = int(running_seconds)
        self._tasks: set[asyncio.Task[None]] = set()

    def publish(self, key: str, log: ReplayLog) -> None:
        """Copy `log` to Redis as it grows, until it is closed."""
        self._start(self._copy(key, log))

    async def follow(self, key: str) -> ReplayLog | None:
        """The answer that another worker writes, from its start; None when Redis knows of none.

        The log is closed when its writer has closed it, or silently gone for long.
        """
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                if not await self._redis.exists(_STREAM.format(key)):
                    return None
        except _FAILURES as exc:
            logger.warning("redis_unavailable", doing="follow", reason=type(exc).__name__)
            return None
        log = ReplayLog()
        self._start(self._fill(key, log))
        return log

    async def stop(self, key: str) -> bool:
        """Ask the worker that writes the answer to stop; False when nobody can have heard it."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return int(await self._redis.publish(_STOPS, key)) > 0
        except _FAILURES as exc:
            logger.warning("redis_unavailable", doing="stop", reason=type(exc).__name__)
            return False

    @asynccontextmanager
    async def listening(self, stop: Callable[[str], None]) -> AsyncIterator[None]:
        """Call `stop` with the key of every answer that any worker asks to stop."""
        task = asyncio.create_task(self._listen(stop))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def aclose(self) -> None:
        """Close all connections, once what was written has been copied."""
        if self._tasks:
            _, left = await asyncio.wait(self._tasks, timeout=_PATIENCE_SECONDS)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)
        await self._redis.aclose()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _copy(self, key: str, log: ReplayLog) -> None:
        name = _STREAM.format(key)
        try:
            async for frames in log.read():
                await self._add(name, {_FRAMES: frames}, self._running_seconds)
            await self._add(name, {_END: b""}, _KEPT_SECONDS)
        except _FAILURES as exc:
            # Those who follow notice that the turn is over by its row in the database.
            logger.warning("redis_unavailable", doing="copy", reason=type(exc).__name__)

    async def _add(self, name: str, fields: dict[Any, Any], seconds: int) -> None:
        async with asyncio.timeout(_PATIENCE_SECONDS), self._redis.pipeline() as pipe:
            pipe.xadd(name, fields)
            pipe.expire(name, seconds)
            await pipe.execute()

    async def _fill(self, key: str, log: ReplayLog) -> None:
        try:
            async for frames in self._frames(_STREAM.format(key)):
                log.append(frames)
        except _FAILURES as exc:
            logger.warning("redis_unavailable", doing="follow", reason=type(exc).__name__)
        finally:
            log.close()

    async def _frames(self, name: str) -> AsyncGenerator[bytes, None]:
        last: bytes | str = "0"
        while True:
            # [[name, [(id, fields), …]]], and nothing at all when nothing came
            found: Any = await self._redis.xread({name: last}, block=_BLOCK_MILLISECONDS)
            if not found and not await self._redis.exists(name):
                return
            for entry_id, fields in found[0][1] if found else []:
                last = entry_id
                if _END in fields:
                    return
                yield fields[_FRAMES]

    async def _listen(self, stop: Callable[[str], None]) -> None:
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(_STOPS)
                    while True:
                        message = await pubsub.get_message(timeout=_RETRY_SECONDS)
                        if message is not None:
                            stop(message["data"].decode())
            except _FAILURES as exc:
                logger.warning("redis_unavailable", doing="listen", reason=type(exc).__name__)
                await asyncio.sleep(_RETRY_SECONDS)
