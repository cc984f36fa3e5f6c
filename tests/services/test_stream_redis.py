"""Tests of `backend/services/stream_service.py`: what workers tell each other through Redis."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from backend.core.replay_redis import RedisReplays
from backend.services.stream_service import StreamService
from tests.databases import REDIS_URL, needs_redis
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service
from tests.services.tap import PIECES, WHOLE, Tap, request, second_worker, streams_of, until
from tests.streams import drain, part_of, read_parts, text_of


@needs_redis
class TestRedis:
    @pytest.fixture
    async def replays(self) -> AsyncIterator[RedisReplays]:
        replays = RedisReplays(REDIS_URL, running_seconds=30)
        yield replays
        await replays.aclose()

    async def test_another_worker_reads_along(
        self, service: Service, tap: Tap, replays: RedisReplays
    ) -> None:
        mine = StreamService(streams_of(service).engine, replays=replays)
        own = RedisReplays(REDIS_URL, running_seconds=30)
        async with second_worker(service, replays=own) as other:
            first = await mine.stream_message(request())
            [start] = read_parts(await anext(first) + b"data: [DONE]\n\n")
            session_id = start["messageMetadata"]["session_id"]
            joined = await other.rejoin(session_id, user_id=None)
            assert joined is not None
            tap.give()
            await until(first, PIECES[0])
            assert text_of(await until(joined, PIECES[0])) == PIECES[0]
            tap.give(len(PIECES))

            own_end, other_end = await drain(first), await drain(joined)
            assert text_of(own_end) == text_of(other_end) == "".join(PIECES[1:])
            assert part_of(own_end, "finish") == part_of(other_end, "finish")

    async def test_another_worker_finds_what_is_shown_a_moment_later(
        self, service: Service, tap: Tap, replays: RedisReplays
    ) -> None:
        unseen = streams_of(service)
        own = RedisReplays(REDIS_URL, running_seconds=30)
        async with second_worker(service, replays=own) as other:
            first = await unseen.stream_message(request())
            [start] = read_parts(await anext(first) + b"data: [DONE]\n\n")
            joined = await other.rejoin(start["messageMetadata"]["session_id"], user_id=None)
            assert joined is not None
            reading = asyncio.create_task(until(joined, PIECES[0]))
            await asyncio.sleep(0)

            [running] = unseen.engine.running
            assert running.draft is not None
            replays.publish(running.turn.key, running.draft.log)
            tap.give()
            assert text_of(await reading) == PIECES[0]

            tap.give(len(PIECES))
            assert text_of(await drain(joined)) == "".join(PIECES[1:])
            await drain(first)

    async def test_another_worker_stops_at_once(
        self, service: Service, tap: Tap, replays: RedisReplays, fake_gemini: FakeGemini
    ) -> None:
        mine = StreamService(streams_of(service).engine, replays=replays)
        own = RedisReplays(REDIS_URL, running_seconds=30)
        async with mine.running(grace=0), second_worker(service, replays=own) as other:
            first = await mine.stream_message(request())
            [start] = read_parts(await anext(first) + b"data: [DONE]\n\n")
            tap.give()
            await until(first, PIECES[0])

            session_id = start["messageMetadata"]["session_id"]
            assert await other.stop(session_id, user_id=None)

            [question, _] = await service.history(session_id)
            assert question["status"] == "stopped"
            await fake_gemini.wait_until_closed()
            assert part_of(await drain(first), "abort")


class TestWithoutRedis:
    async def test_the_answer_goes_on(self, service: Service, tap: Tap) -> None:
        gone = RedisReplays("redis://127.0.0.1:1/0", running_seconds=30)
        mine = StreamService(streams_of(service).engine, replays=gone)
        stream = await mine.stream_message(request())
        tap.give(len(PIECES))

        assert text_of(await drain(stream)) == WHOLE
        await gone.aclose()
