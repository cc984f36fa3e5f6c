"""Tests of `backend/core/rate_limit.py` and of the counts behind it."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
import pytest_asyncio
import structlog
from structlog.testing import capture_logs
from structlog.typing import EventDict

from backend.core.errors import RateLimited
from backend.core.rate_limit import Rate, RateLimiter
from backend.core.rate_window import MemoryWindows
from backend.core.redis_client import RedisClient
from tests.databases import REDIS_URL, needs_redis


class Clock:
    """A clock that stands unless it is turned."""

    def __init__(self, now: float = 1_000_000_020.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    return RateLimiter(MemoryWindows(clock))


async def count_taken(limiter: RateLimiter, rate: Rate, tries: int, who: str = "x") -> int:
    taken = 0
    for _ in range(tries):
        try:
            await limiter.take(rate, who)
        except RateLimited:
            continue
        taken += 1
    return taken


class TestRateLimiter:
    async def test_lets_through_as_many_as_the_rate_says(self, limiter: RateLimiter) -> None:
        rate = Rate("chat", "3/minute")

        left = [await limiter.take(rate, "x") for _ in range(3)]

        assert [allowance and allowance.remaining for allowance in left] == [2, 1, 0]
        with pytest.raises(RateLimited):
            await limiter.take(rate, "x")
        assert await limiter.take(rate, "y")
        assert await limiter.take(Rate("read", "3/minute"), "x")

    async def test_what_is_refused_does_not_count(self, limiter: RateLimiter, clock: Clock) -> None:
        rate = Rate("chat", "3/minute")
        assert await count_taken(limiter, rate, 100) == 3
        clock.now += 120

        assert await count_taken(limiter, rate, 100) == 3

    async def test_the_strictest_of_several_rates_holds(
        self, limiter: RateLimiter, clock: Clock
    ) -> None:
        rate = Rate("auth", "5/hour; 3/minute")
        assert await count_taken(limiter, rate, 10) == 3
        clock.now += 120
        assert await count_taken(limiter, rate, 10) == 2

        with pytest.raises(RateLimited) as refused:
            await limiter.take(rate, "x")

        assert refused.value.limit == 5
        assert 60 < (refused.value.retry_after or 0) <= 3_600

    @pytest.mark.parametrize("seed", range(20))
    async def test_retry_after_is_true_to_the_second(
        self, limiter: RateLimiter, clock: Clock, seed: int
    ) -> None:
        dice = random.Random(seed)  # noqa: S311 - a test that can be repeated
        amount, seconds = dice.randint(1, 9), dice.randint(1, 90)
        rate = Rate("chat", f"{amount}/{seconds}seconds")
        refused = 0
        for _ in range(200):
            clock.now += dice.random() * seconds / amount
            try:
                await limiter.take(rate, "x")
            except RateLimited as exc:
                refused += 1
                wait = exc.retry_after or 0
                now, clock.now = clock.now, clock.now + wait
                later = await limiter.look(rate, "x")
                assert later is not None
                assert later.remaining
                if wait > 1:
                    clock.now = now + wait - 1.001
                    sooner = await limiter.look(rate, "x")
                    assert sooner is not None
                    assert not sooner.remaining
                clock.now = now
        assert refused

    async def test_never_lets_through_much_more_in_any_window(
        self, limiter: RateLimiter, clock: Clock
    ) -> None:
        rate = Rate("chat", "10/minute")
        times = []
        for _ in range(2_000):
            clock.now += 0.25
            if await count_taken(limiter, rate, 1):
                times.append(clock.now)

        most = max(sum(start <= t < start + 60 for t in times) for start in times)
        assert most <= 15
        assert len(times) >= 70

    async def test_forgets_who_has_not_come_for_long(self, clock: Clock) -> None:
        windows = MemoryWindows(clock)
        limiter = RateLimiter(windows)
        for number in range(5_000):
            clock.now += 0.1
            await limiter.take(Rate("chat", "3/minute"), str(number))

        assert len(windows) < 2_000

    async def test_forgetting_starts_anew(self, limiter: RateLimiter) -> None:
        rate = Rate("auth", "3/minute; 5/hour")
        await count_taken(limiter, rate, 9)

        await limiter.forget(rate, "x")

        assert await count_taken(limiter, rate, 9) == 3


@pytest.fixture
def logs() -> Iterator[list[EventDict]]:
    """What is logged, whatever level an earlier test has set."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with capture_logs() as lines:
        yield lines
    structlog.configure(**before)


@needs_redis
class TestRedisWindows:
    @pytest_asyncio.fixture
    async def redis(self) -> AsyncIterator[RedisClient]:
        client = RedisClient(REDIS_URL)
        yield client
        await client.aclose()

    async def test_all_workers_count_together(self, redis: RedisClient) -> None:
        rate, who = Rate("chat", "20/minute"), uuid4().hex
        workers = [RateLimiter(redis.open_windows()) for _ in range(2)]

        taken = await asyncio.gather(*(count_taken(w, rate, 20, who) for w in workers))

        assert sum(taken) == 20
        with pytest.raises(RateLimited) as refused:
            await workers[0].take(rate, who)
        assert 1 <= (refused.value.retry_after or 0) <= 120
        await workers[0].forget(rate, who)
        left = await workers[1].look(rate, who)
        assert left is not None
        assert left.remaining == 20


class TestRedisOutage:
    @pytest_asyncio.fixture
    async def silent_redis(self) -> AsyncIterator[RedisClient]:
        """A Redis that takes connections and never says a word."""

        async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
        client = RedisClient(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
        yield client
        await client.aclose()
        server.close()
        await server.wait_closed()

    async def test_a_silent_redis_lets_requests_through_and_is_logged_once(
        self, silent_redis: RedisClient, logs: list[EventDict]
    ) -> None:
        limiter = RateLimiter(silent_redis.open_windows())

        found = [await limiter.take(Rate("chat", "1/minute"), "x") for _ in range(200)]

        assert found == [None] * 200
        assert [line["event"] for line in logs].count("rate_limits_off") == 1

    async def test_a_dead_redis_lets_requests_through(self) -> None:
        client = RedisClient("redis://127.0.0.1:1/0")
        limiter = RateLimiter(client.open_windows())

        assert await limiter.take(Rate("chat", "1/minute"), "x") is None
        assert await limiter.look(Rate("chat", "1/minute"), "x") is None
        await limiter.forget(Rate("chat", "1/minute"), "x")
        await client.aclose()
