"""Tests of `backend/services/stream_service.py`: joined late, stopped, taken over, cut off."""

import asyncio

import pytest

from backend.core.errors import TurnInProgress, TurnStopped
from backend.models.chat import MessageStatus
from backend.services.chat_service import ChatService
from backend.services.draft_keeper import DraftKeeper
from backend.services.turn import Opening
from tests.databases import on_every_database
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service
from tests.services.tap import PIECES, WHOLE, Tap, begun, request, second_worker, streams_of, until
from tests.streams import Part, drain, part_of, text_of, types_of


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

    async def test_before_its_task_took_a_step_ends_it_all_the_same(self, service: Service) -> None:
        engine = streams_of(service).engine
        opening = Opening("Where is the library?", None, None, None)
        for streamed in (False, True):
            turn = await engine.open(lambda db: engine.turn_store.begin(db, opening))
            running = engine.run(turn, streamed=streamed)
            running.end(MessageStatus.STOPPED)

            if running.draft is None:
                with pytest.raises(TurnStopped):
                    await running.result()
            else:
                assert part_of(await drain(running.draft.log.read()), "abort")

            assert not engine.running
            assert (await service.ask("And now?", session_id=turn.session_id))["response"]

    async def test_of_a_whole_answer_is_told_to_whoever_waits(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]
        fake_gemini.always(faults.stall_before_headers)
        body = {"message": "Second", "session_id": session_id}
        waiting = asyncio.create_task(service.client.post("/api/v1/chat/", json=body))
        await fake_gemini.wait_until_asked(2)

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
        engine = streams_of(service).engine
        [running] = engine.running

        await DraftKeeper(engine).keep()

        [_, answer] = await service.history(session_id)
        assert answer["content"] == "".join(PIECES[:2])
        assert answer["status"] == "pending"
        assert running.ending is None
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
        stored = (await service.stored())[-1]
        assert {stored.usage[name] for name in stored.usage if name.endswith("_tokens")} == {0}
        assert stored.usage["attempts"] == 1


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

    async def test_is_not_waited_for_longer_than_a_turn_may_take(
        self, service: Service, tap: Tap
    ) -> None:
        fields = {"client_message_id": "a-long-enough-message-id"}
        async with second_worker(service) as other:
            stream, _ = await begun(service, **fields)
            erasure = service.app.state.erasure_service
            chat = ChatService(service.database, other.engine, erasure, turn_seconds=0.2)

            with pytest.raises(TurnInProgress) as refused:
                await chat.process_message(request(**fields))

            assert refused.value.retry_after == 1
            tap.give(len(PIECES))
            await drain(stream)
