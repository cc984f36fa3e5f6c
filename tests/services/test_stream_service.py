"""Tests of `backend/services/stream_service.py`: joined late, stopped, taken over, cut off."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from backend.core.errors import TurnInProgress
from backend.core.replay_redis import RedisReplays
from backend.core.worker import Worker, current_worker
from backend.schemas.chat import ChatRequest
from backend.services.chat_service import ChatService
from backend.services.draft_keeper import DraftKeeper
from backend.services.stream_service import Stream, StreamService
from backend.services.turn import Opening
from backend.services.turn_engine import TurnEngine
from backend.services.turn_store import TurnStore
from tests.databases import REDIS_URL, needs_redis, on_every_database
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import PayloadStream
from tests.fakes.gemini_http import Exchange
from tests.fakes.gemini_payloads import candidate, usage
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service
from tests.streams import Part, drain, part_of, read_parts, text_of, types_of

PIECES = ["ค่าเล่าเรียน ", "学费 ", "ကျောင်းလခ ", "🎓 ", "112,000 baht."]
WHOLE = "".join(PIECES)


class Tap:
    """A Gemini whose stream gives a piece only when it is let to."""

    def __init__(self) -> None:
        self._permits = threading.Semaphore(0)

    async def __call__(self, exchange: Exchange) -> None:
        stream = PayloadStream(exchange)
        await stream.open()
        for piece in PIECES:
            while not self._permits.acquire(blocking=False):
                if exchange.reader.at_eof():
                    exchange.hang_up()
                    return
                await asyncio.sleep(0.005)
            await stream.piece(candidate(piece, None))
        await stream.piece(candidate("", "STOP") | {"usageMetadata": usage(output=9)})
        await stream.close()

    def give(self, pieces: int = 1) -> None:
        self._permits.release(pieces)


@pytest.fixture
def tap(fake_gemini: FakeGemini) -> Tap:
    tap = Tap()
    fake_gemini.always(tap)
    return tap


def streams_of(service: Service) -> StreamService:
    found: StreamService = service.app.state.stream_service
    return found


def request(message: str = "How much is the tuition?", **fields: Any) -> ChatRequest:
    return ChatRequest(message=message, **fields)


async def until(stream: Stream, text: str) -> list[Part]:
    """Read on until the answer holds `text`."""
    body = b""
    while text.encode() not in body:
        body += await anext(stream)
    return read_parts(body + b"data: [DONE]\n\n")


async def begun(service: Service, **fields: Any) -> tuple[Stream, str]:
    """A stream that has begun, and its session."""
    stream = await streams_of(service).stream_message(request(**fields))
    [start] = read_parts(await anext(stream) + b"data: [DONE]\n\n")
    return stream, start["messageMetadata"]["session_id"]


@on_every_database
class TestRejoin:
    async def test_at_every_piece_the_whole_answer_is_given(
        self, service: Service, tap: Tap
    ) -> None:
        first, session_id = await begun(service)
        joined = []
        for piece in PIECES:
            stream = await streams_of(service).rejoin(session_id, user_id=None)
            assert stream is not None
            joined.append(asyncio.create_task(drain(stream)))
            tap.give()
            await until(first, piece)

        texts = [text_of(parts) for parts in await asyncio.gather(*joined)]

        assert texts == [WHOLE] * len(PIECES)
        assert await streams_of(service).rejoin(session_id, user_id=None) is None

    async def test_whoever_leaves_takes_nothing_along(self, service: Service, tap: Tap) -> None:
        stream, session_id = await begun(service)
        await stream.aclose()
        again = await streams_of(service).rejoin(session_id, user_id=None)
        assert again is not None
        tap.give(len(PIECES))

        assert text_of(await drain(again)) == WHOLE
        assert (await service.history(session_id))[-1]["content"] == WHOLE

    async def test_an_answer_that_is_not_streamed_comes_when_it_is_there(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.latency = 0.1
        engine = streams_of(service).engine
        opening = Opening("How much is the tuition?", None, None, None)
        turn = await engine.open(lambda db: engine.turn_store.begin(db, opening))
        running = engine.run(turn)

        stream = await streams_of(service).rejoin(turn.session_id, user_id=None)

        assert stream is not None
        assert text_of(await drain(stream)) == (await running.result())["content"]

    async def test_the_same_message_many_times_at_once_is_one_turn(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fields = {"client_message_id": "a-long-enough-message-id"}
        fake_gemini.latency = 0.1

        async def ask() -> list[Part]:
            return await drain(await streams_of(service).stream_message(request(**fields)))

        streamed = await asyncio.gather(*(ask() for _ in range(20)))
        whole = await service.ask(request().message, **fields)

        assert {text_of(parts) for parts in streamed} == {whole["response"]}
        assert len(fake_gemini.requests) == 1
        assert len(await service.stored()) == 2


@on_every_database
class TestStop:
    async def test_closes_the_call_and_keeps_what_is_written(
        self, service: Service, tap: Tap, fake_gemini: FakeGemini
    ) -> None:
        stream, session_id = await begun(service)
        tap.give(2)
        await until(stream, PIECES[1])

        assert await streams_of(service).stop(session_id, user_id=None)

        await fake_gemini.wait_until_closed()
        rest = await drain(stream)
        assert types_of(rest)[-3:] == ["data-suggestions", "abort", "finish"]
        [question, answer] = await service.history(session_id)
        assert answer["content"] == "".join(PIECES[:2])
        assert (question["status"], answer["status"]) == ("stopped", "stopped")

    async def test_the_next_message_knows_what_was_said_before_the_stop(
        self, service: Service, tap: Tap, fake_gemini: FakeGemini
    ) -> None:
        stream, session_id = await begun(service)
        tap.give()
        await until(stream, PIECES[0])
        await streams_of(service).stop(session_id, user_id=None)
        await stream.aclose()
        fake_gemini.always(None)

        await service.ask("And for masters?", session_id=session_id)

        assert PIECES[0].strip() in str(fake_gemini.requests[-1].json())

    async def test_before_the_first_word_nothing_is_shown(self, service: Service, tap: Tap) -> None:
        stream, session_id = await begun(service)

        assert await streams_of(service).stop(session_id, user_id=None)

        assert part_of(await drain(stream), "abort")
        [question] = await service.history(session_id)
        assert question["status"] == "stopped"

    async def test_of_a_whole_answer_is_told_to_whoever_waits(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]
        fake_gemini.always(faults.stall_before_headers)
        body = {"message": "Second", "session_id": session_id}
        waiting = asyncio.create_task(service.client.post("/api/v1/chat/", json=body))
        while len(fake_gemini.requests) < 2:  # noqa: ASYNC110 - it counts in a thread
            await asyncio.sleep(0.01)

        stopped = await service.client.post(f"/api/v1/chat/{session_id}/stop")

        assert stopped.json()["stopped"] is True
        assert (await waiting).json()["code"] == "turn_stopped"

    async def test_erasing_the_session_stops_its_answer(
        self, service: Service, tap: Tap, fake_gemini: FakeGemini
    ) -> None:
        stream, session_id = await begun(service)
        tap.give()
        await until(stream, PIECES[0])

        await service.client.delete(f"/api/v1/chat/{session_id}")

        await fake_gemini.wait_until_closed()
        assert part_of(await drain(stream), "error")
        assert await service.stored() == []


class TestKeepingDrafts:
    async def test_what_is_written_so_far_is_in_the_database(
        self, service: Service, tap: Tap
    ) -> None:
        stream, session_id = await begun(service)
        tap.give(2)
        await until(stream, PIECES[1])
        keeper = DraftKeeper(streams_of(service).engine)

        await keeper.keep()

        [_, answer] = await service.history(session_id)
        assert answer["content"] == "".join(PIECES[:2])
        assert answer["status"] == "pending"
        tap.give(len(PIECES))
        await drain(stream)

    async def test_a_turn_that_ends_is_told_within_the_grace(
        self, service: Service, tap: Tap
    ) -> None:
        stream, session_id = await begun(service)
        tap.give()
        await until(stream, PIECES[0])

        await streams_of(service).engine.drain(0.05)

        assert part_of(await drain(stream), "error")
        [question, answer] = await service.history(session_id)
        assert (answer["content"], answer["status"]) == (PIECES[0], "interrupted")
        assert question["status"] == "interrupted"


@asynccontextmanager
async def second_worker(
    service: Service, *, replays: RedisReplays | None = None
) -> AsyncIterator[StreamService]:
    """Another worker over the same database."""
    engine = streams_of(service).engine
    me = current_worker()
    other = Worker("elsewhere", me.pid + 1, me.started)
    store = TurnStore(other, lease=engine.turn_store._lease, history_token_budget=1_000)
    streams = StreamService(
        TurnEngine(service.database, engine.reply_writer, store), replays=replays
    )
    async with streams.running(grace=0):
        yield streams


@on_every_database
class TestAnotherWorker:
    async def test_gives_the_answer_when_it_is_stored(self, service: Service, tap: Tap) -> None:
        async with second_worker(service) as other:
            first, session_id = await begun(service)
            joined = await other.rejoin(session_id, user_id=None)
            assert joined is not None
            tap.give(len(PIECES))

            assert text_of(await drain(joined)) == WHOLE
            assert await drain(first)

    async def test_stops_an_answer_without_redis(
        self, service: Service, tap: Tap, fake_gemini: FakeGemini
    ) -> None:
        async with second_worker(service) as other:
            stream, session_id = await begun(service)
            tap.give()
            await until(stream, PIECES[0])

            assert await other.stop(session_id, user_id=None)

            tap.give()
            await until(stream, PIECES[1])
            await DraftKeeper(streams_of(service).engine).keep()
            await fake_gemini.wait_until_closed()
            assert part_of(await drain(stream), "abort")
            [question, *_] = await service.history(session_id)
            assert question["status"] == "stopped"

    async def test_refuses_a_second_message_meanwhile(self, service: Service, tap: Tap) -> None:
        async with second_worker(service) as other:
            stream, session_id = await begun(service)

            with pytest.raises(TurnInProgress):
                await other.stream_message(request("Second", session_id=session_id))

            tap.give(len(PIECES))
            await drain(stream)

    async def test_waits_for_the_answer_to_the_same_message(
        self, service: Service, tap: Tap, fake_gemini: FakeGemini
    ) -> None:
        fields = {"client_message_id": "a-long-enough-message-id"}
        async with second_worker(service) as other:
            stream, _ = await begun(service, **fields)
            chat = ChatService(
                service.database,
                other.engine,
                service.app.state.erasure_service,
                turn_seconds=5,
            )
            waiting = asyncio.create_task(chat.process_message(request(**fields)))
            tap.give(len(PIECES))

            assert (await waiting).response == text_of(await drain(stream))
            assert len(fake_gemini.requests) == 1


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

            assert await other.stop(start["messageMetadata"]["session_id"], user_id=None)

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
