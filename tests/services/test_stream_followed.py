"""Tests of `backend/services/stream_service.py`: answers of workers that fall silent or go away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import pytest
import pytest_asyncio
from sqlalchemy.orm import Session

from backend.core import ui_stream as frames
from backend.core.errors import DatabaseUnavailable
from backend.core.replay import ReplayLog
from backend.core.replay_redis import RedisReplays
from backend.database import Database
from backend.models import MessageStatus
from backend.services.draft import Draft
from backend.services.reply import Reply
from backend.services.stream_service import StreamService
from backend.services.turn import Turn
from backend.services.turn_rows import messages, sessions
from tests.databases import REDIS_URL, needs_redis
from tests.services.answering import Desk, stay_away, write_whole
from tests.services.turns import CUT, STOPPED, WHOLE, Turns, turns_of
from tests.streams import drain, part_of, read_parts, text_of, types_of

T = TypeVar("T")

SERVICE = "backend.services.stream_service"


class UnsureDatabase(Database):
    """Cannot be reached for the next few reads."""

    away = 0

    async def read(self, query: Callable[[Session], T]) -> T:
        if self.away:
            self.away -= 1
            raise DatabaseUnavailable(retry_after=1)
        return await super().read(query)


@pytest.fixture
def elsewhere(turns: Turns) -> Turns:
    """Another worker, whose answers are followed here."""
    return turns_of(turns.database, "elsewhere")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks as often as tests want it, and waits no longer."""
    for name, seconds in (("_POLL", 0.005), ("_SHOWN", 0.05), ("_CHECK", 0.02), ("_STOP", 0.05)):
        monkeypatch.setattr(f"{SERVICE}.{name}_SECONDS", seconds)


def streams(turns: Turns, replays: RedisReplays | None = None) -> StreamService:
    return StreamService(Desk(turns, write_whole).engine, replays=replays)


async def soon(reading: "asyncio.Task[T]") -> T:
    async with asyncio.timeout(10):
        return await reading


async def drain_raw(pieces: AsyncIterator[bytes]) -> list[bytes]:
    return [piece async for piece in pieces]


@pytest.mark.usefixtures("quick")
class TestWithoutRedis:
    async def test_an_answer_comes_whole_once_it_is_stored(
        self, turns: Turns, elsewhere: Turns
    ) -> None:
        turn = await elsewhere.begin()
        stream = await streams(turns).rejoin(turn.session_id, user_id=None)
        assert stream is not None
        reading = asyncio.create_task(drain_raw(stream))
        await asyncio.sleep(0.03)
        assert not reading.done()

        await elsewhere.finish(turn)

        pieces = await soon(reading)
        assert text_of(read_parts(b"".join(pieces))) == "Some."
        assert frames.KEEP_ALIVE not in pieces

    @pytest.mark.parametrize("end", ["cut off", "erased"])
    async def test_one_that_does_not_come_is_told(
        self, turns: Turns, elsewhere: Turns, end: str
    ) -> None:
        turn = await elsewhere.begin()
        stream = await streams(turns).rejoin(turn.session_id, user_id=None)
        assert stream is not None
        if end == "cut off":
            await elsewhere.cut_off(turn)
        else:
            await turns.run(lambda db: db.execute(messages.delete()).close())
            await turns.run(lambda db: db.execute(sessions.delete()).close())

        assert types_of(await drain(stream)) == ["error"]

    async def test_one_that_was_stopped_is_shown(self, turns: Turns, elsewhere: Turns) -> None:
        turn = await elsewhere.begin()
        stream = await streams(turns).rejoin(turn.session_id, user_id=None)
        assert stream is not None
        await elsewhere.finish(turn, "Half", STOPPED)

        parts = await drain(stream)

        assert text_of(parts) == "Half"
        assert part_of(parts, "abort")

    async def test_a_reader_is_kept_from_falling_asleep(
        self, turns: Turns, elsewhere: Turns, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(f"{SERVICE}.KEEP_ALIVE_SECONDS", 0.03)
        turn = await elsewhere.begin()
        stream = await streams(turns).rejoin(turn.session_id, user_id=None)
        assert stream is not None

        assert [await anext(stream), await anext(stream)] == [frames.KEEP_ALIVE] * 2

        await elsewhere.finish(turn)
        assert text_of(await drain(stream)) == "Some."

    async def test_a_database_that_is_away_ends_no_answer(
        self, turns: Turns, elsewhere: Turns
    ) -> None:
        database = UnsureDatabase(turns.database.engine)
        here = streams(Turns(database, turns.store))
        turn = await elsewhere.begin()
        stream = await here.rejoin(turn.session_id, user_id=None)
        assert stream is not None
        database.away = 3
        reading = asyncio.create_task(drain(stream))
        while database.away:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.005)
        await elsewhere.finish(turn)

        assert text_of(await soon(reading)) == "Some."
        database.dispose()


class TestTheEnd:
    @pytest.mark.parametrize(("grace", "status"), [(10, WHOLE), (0, CUT)])
    async def test_gives_running_turns_so_many_seconds(
        self, turns: Turns, grace: float, status: MessageStatus
    ) -> None:
        async def hurry(turn: Turn, draft: Draft | None) -> Reply:
            await asyncio.sleep(0.05)
            return await write_whole(turn, draft)

        desk = Desk(turns, hurry)
        async with StreamService(desk.engine).running(grace=grace):
            running = await desk.run(streamed=True)

        assert running.task.done()
        assert (await running.result())["status"] is status
        assert (await desk.answer())[1] is status


class TestStop:
    async def test_ends_the_one_answer_that_is_meant(self, turns: Turns) -> None:
        desk = Desk(turns, stay_away)
        here = StreamService(desk.engine)
        runs = [await desk.run(streamed=True) for _ in range(3)]
        await asyncio.sleep(0)
        runs.sort(key=lambda running: running.turn.key)

        here.stop_here("unknown")
        assert [running.ending for running in runs] == [None, None, None]
        here.stop_here(runs[1].turn.key)
        assert [running.ending for running in runs] == [None, STOPPED, None]
        assert await here.stop(runs[0].turn.session_id, user_id=None)
        assert [running.task.done() for running in runs] == [True, True, False]
        assert (await runs[0].result())["status"] is STOPPED

    async def test_of_nothing_is_told(self, turns: Turns) -> None:
        turn = await turns.ask()

        assert not await streams(turns).stop(turn.session_id, user_id=None)
        assert (await turns.messages())[1].status is WHOLE

    async def test_of_another_worker_s_answer_stands_in_the_database(
        self, turns: Turns, elsewhere: Turns
    ) -> None:
        turn = await elsewhere.begin()

        assert await streams(turns).stop(turn.session_id, user_id=None)

        assert (await turns.messages())[1].status is STOPPED

    async def test_nothing_is_rejoined_when_nothing_runs(self, turns: Turns) -> None:
        turn = await turns.ask()

        assert await streams(turns).rejoin(turn.session_id, user_id=None) is None
        assert await streams(turns).rejoin_chat("a-chat-of-nobody-knows", user_id=None) is None

    @pytest.mark.parametrize("streamed", [True, False])
    async def test_an_answer_of_this_worker_is_joined_however_it_is_written(
        self, turns: Turns, quick: None, streamed: bool
    ) -> None:
        release = asyncio.Event()

        async def wait(turn: Turn, draft: Draft | None) -> Reply:
            await release.wait()
            return await write_whole(turn, draft)

        here = StreamService(Desk(turns, wait).engine)
        turn = await turns.begin(chat_id="a-chat-of-this-page")
        running = here.engine.run(turn, streamed=streamed)
        stream = await here.rejoin_chat("a-chat-of-this-page", user_id=None)
        assert stream is not None
        release.set()

        assert text_of(await drain(stream)) == (await running.result())["content"]


@needs_redis
@pytest.mark.usefixtures("quick")
class TestRedis:
    @pytest_asyncio.fixture
    async def replays(self) -> AsyncIterator[RedisReplays]:
        replays = RedisReplays(REDIS_URL, running_seconds=30)
        yield replays
        await replays.aclose()

    async def test_what_is_not_shown_any_more_comes_once_it_is_stored(
        self, turns: Turns, elsewhere: Turns, replays: RedisReplays
    ) -> None:
        turn = await elsewhere.begin()
        start = frames.start(turn.answer_id, turn.session_id)
        shown = start + frames.text_start() + frames.text_delta("So")
        log = ReplayLog()
        log.append(shown)
        replays.publish(turn.key, log)
        stream = await streams(turns, replays).rejoin(turn.session_id, user_id=None)
        assert stream is not None
        reading = asyncio.create_task(drain_raw(stream))
        await asyncio.sleep(0.05)
        assert not reading.done()

        await elsewhere.finish(turn)

        parts = read_parts(b"".join(await soon(reading)))
        assert text_of(parts) == "Some."
        assert types_of(parts).count("start") == types_of(parts).count("finish") == 1
        log.close()

    async def test_an_answer_that_is_over_before_it_is_shown_is_read_from_the_database(
        self, turns: Turns, elsewhere: Turns, replays: RedisReplays
    ) -> None:
        turn = await elsewhere.begin()
        stream = await streams(turns, replays).rejoin(turn.session_id, user_id=None)
        assert stream is not None
        await elsewhere.finish(turn)

        assert text_of(await drain(stream)) == "Some."

    async def test_an_answer_that_is_never_shown_is_read_from_the_database(
        self, turns: Turns, elsewhere: Turns, replays: RedisReplays
    ) -> None:
        turn = await elsewhere.begin()
        stream = await streams(turns, replays).rejoin(turn.session_id, user_id=None)
        assert stream is not None
        reading = asyncio.create_task(drain(stream))
        await asyncio.sleep(0.1)
        await elsewhere.finish(turn)

        assert text_of(await soon(reading)) == "Some."

    async def test_a_worker_that_does_not_stop_in_time_is_stopped_in_the_database(
        self, turns: Turns, elsewhere: Turns, replays: RedisReplays
    ) -> None:
        turn = await elsewhere.begin()
        heard: list[str] = []

        async with asyncio.timeout(10), replays.listening(heard.append):
            while not await replays.stop("?"):  # noqa: ASYNC110 - nothing tells when it listens
                await asyncio.sleep(0.005)
            assert await streams(turns, replays).stop(turn.session_id, user_id=None)

        assert turn.key in heard
        assert (await turns.messages())[1].status is STOPPED

    async def test_where_nobody_listens_it_is_stopped_in_the_database(
        self, turns: Turns, elsewhere: Turns, replays: RedisReplays
    ) -> None:
        turn = await elsewhere.begin()

        assert await streams(turns, replays).stop(turn.session_id, user_id=None)

        assert (await turns.messages())[1].status is STOPPED
