"""Tests of `backend/services/turn_engine.py`: how long turns took, how they ended, what is told."""

import asyncio
from time import monotonic
from typing import Any, Final

import pytest
from structlog.testing import capture_logs

from backend.core.errors import (
    AUGuruError,
    ServiceUnavailable,
    SessionNotFound,
    TurnStopped,
)
from backend.database import Database
from backend.models import MessageStatus
from backend.services.draft import Draft
from backend.services.reply import Reply
from backend.services.turn import Turn
from backend.services.turn_engine import RunningTurn
from backend.services.turn_rows import messages, sessions
from tests.services.answering import (
    Desk,
    break_off,
    go_wrong,
    shown,
    stay_away,
    write_nothing,
    write_whole,
)
from tests.services.turns import CUT, STOPPED, WHOLE, Turns
from tests.streams import part_of, text_of

TURN: Final = Turn("s", 1, 2, "Fees?")


class TestTimes:
    def test_are_milliseconds_since_the_question(self) -> None:
        draft = Draft(TURN)
        running = RunningTurn(TURN, draft, started_at=monotonic() - 2.0)
        draft.begun_at = running.started_at + 0.5

        times = running.times()

        assert times["first_token_ms"] == 500
        assert 2_000 <= times["duration_ms"] < 3_000

    @pytest.mark.parametrize("draft", [None, Draft(TURN)], ids=["whole", "without a word"])
    def test_of_an_answer_that_comes_at_once_are_one(self, draft: Draft | None) -> None:
        running = RunningTurn(TURN, draft, started_at=monotonic() - 2.0)

        times = running.times()

        assert times["first_token_ms"] == times["duration_ms"] >= 2_000


class TestRun:
    @pytest.mark.parametrize("streamed", [False, True])
    async def test_a_whole_answer_is_stored_and_told(self, turns: Turns, streamed: bool) -> None:
        desk = Desk(turns, write_whole)
        running = await desk.run(streamed=streamed)
        assert desk.engine.running == [running]
        assert desk.engine.find(running.turn) is running

        answer = await running.result()

        assert await desk.answer() == ("Some fees.", WHOLE)
        assert (answer["id"], answer["session_id"]) == (
            running.turn.answer_id,
            running.turn.session_id,
        )
        assert (answer["content"], answer["status"]) == ("Some fees.", WHOLE)
        assert set(answer["usage"]) >= {"attempts", "first_token_ms", "duration_ms"}
        assert answer["usage"]["attempts"] == 3
        assert desk.stored == [running.turn]
        assert desk.engine.running == []
        assert desk.engine.find(running.turn) is None
        assert turns.store.running == set()
        assert desk.meter.ends == [("complete", "knowledge")]
        [(seconds, first_word)] = desk.meter.seconds
        assert seconds == answer["usage"]["duration_ms"] / 1_000
        expected = answer["usage"]["first_token_ms"] / 1_000 if streamed else None
        assert first_word == expected
        if streamed:
            parts = await shown(running)
            assert text_of(parts) == "Some fees."
            assert part_of(parts, "finish")["messageMetadata"]["status"] == "complete"

    async def test_a_stream_without_a_word_has_no_first_one(self, turns: Turns) -> None:
        desk = Desk(turns, write_nothing)

        await (await desk.run(streamed=True)).result()

        [(seconds, first_word)] = desk.meter.seconds
        assert seconds is not None
        assert first_word is None

    async def test_its_times_are_told_in_seconds(self, turns: Turns) -> None:
        desk = Desk(turns, write_whole)
        running = await desk.run(streamed=True)
        running.started_at -= 20
        await running.result()

        [(whole, first_word)] = desk.meter.seconds
        assert whole is not None
        assert first_word is not None
        assert 20 <= first_word <= whole < 80

    async def test_an_answer_that_broke_off_is_kept_and_told(self, turns: Turns) -> None:
        desk = Desk(turns, break_off)
        whole = await desk.run()
        with pytest.raises(ServiceUnavailable) as refused:
            await whole.result()
        assert refused.value.retry_after == 1
        assert await desk.answer() == ("Some", CUT)

        streamed = await desk.run(streamed=True)
        parts = await shown(streamed)

        assert part_of(parts, "error")
        assert not [part for part in parts if part["type"] == "finish"]
        assert (await streamed.result())["status"] is CUT
        assert desk.meter.ends == [("interrupted", "knowledge")] * 2
        assert len(desk.stored) == 2

    async def test_a_fault_marks_the_turn_and_is_logged(self, turns: Turns) -> None:
        desk = Desk(turns, go_wrong)

        with capture_logs() as lines:
            whole, streamed = await desk.run(), await desk.run(streamed=True)
            for running in (whole, streamed):
                with pytest.raises(ZeroDivisionError):
                    await running.result()

        assert part_of(await shown(streamed), "error")
        assert await desk.answer() == ("", CUT)
        assert [session.running_by for session in await turns.sessions()] == [None, None]
        assert desk.meter.ends == [("failed", "nobody")] * 2
        assert [line["event"] for line in lines].count("turn_failed") == 2
        assert desk.stored == []
        assert desk.engine.running == []
        assert turns.store.running == set()

    async def test_what_was_erased_meanwhile_is_no_failure(self, turns: Turns) -> None:
        desk = Desk(turns, write_whole)
        turn = await turns.begin()
        await turns.run(lambda db: db.execute(messages.delete()).close())
        await turns.run(lambda db: db.execute(sessions.delete()).close())

        with capture_logs() as lines:
            running = desk.engine.run(turn, streamed=True)
            with pytest.raises(SessionNotFound):
                await running.result()

        assert part_of(await shown(running), "error")["errorText"] == SessionNotFound().detail
        assert desk.meter.ends == [("erased", "nobody")]
        assert "turn_failed" not in [line["event"] for line in lines]
        assert await turns.messages() == []

    async def test_one_that_was_stopped_elsewhere_ends_as_stopped(self, turns: Turns) -> None:
        desk = Desk(turns, write_whole)
        turn = await turns.begin()
        await turns.run(lambda db: turns.store.stop(db, turn))

        running = desk.engine.run(turn, streamed=True)

        with pytest.raises(TurnStopped):
            await running.result()
        parts = await shown(running)
        assert part_of(parts, "abort")
        assert not [part for part in parts if part["type"] == "error"]
        assert await desk.answer() == ("", STOPPED)


class TestEnd:
    @pytest.mark.parametrize(
        ("status", "error"), [(STOPPED, TurnStopped), (CUT, ServiceUnavailable)]
    )
    async def test_of_a_whole_answer_is_told_to_who_waits(
        self, turns: Turns, status: MessageStatus, error: type[AUGuruError]
    ) -> None:
        desk = Desk(turns, stay_away)
        running = await desk.run()
        await asyncio.sleep(0)
        running.end(status)

        with pytest.raises(error):
            await running.result()

        assert await desk.answer() == ("", status)
        assert desk.meter.ends == [(status.value, "gemini")]

    @pytest.mark.parametrize(("status", "last"), [(STOPPED, "abort"), (CUT, "error")])
    async def test_of_a_stream_keeps_what_is_written(
        self, turns: Turns, status: MessageStatus, last: str
    ) -> None:
        desk = Desk(turns, stay_away)
        running = await desk.run(streamed=True)
        await asyncio.sleep(0)
        for end in (status, STOPPED, CUT):
            running.end(end)

        answer = await running.result()

        assert (answer["content"], answer["status"]) == ("Some", status)
        assert await desk.answer() == ("Some", status)
        assert part_of(await shown(running), last)
        assert desk.meter.ends == [(status.value, "gemini")]

    @pytest.mark.parametrize("streamed", [False, True])
    async def test_before_the_first_step_leaves_nothing_running(
        self, turns: Turns, streamed: bool
    ) -> None:
        desk = Desk(turns, stay_away)
        running = await desk.run(streamed=streamed)
        running.end(STOPPED)

        await asyncio.wait([running.task])

        assert desk.engine.running == []
        assert turns.store.running == set()
        [session] = await turns.sessions()
        assert session.running_by is None
        assert (await desk.answer())[1] is STOPPED
        assert desk.meter.ends == [("stopped", "gemini")]

    async def test_comes_too_late_for_what_is_written(self, turns: Turns) -> None:
        desk = Desk(turns, write_whole)
        running = await desk.run()
        while not running.is_written:  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0)
        running.end(STOPPED)

        assert (await running.result())["status"] is WHOLE
        assert running.ending is None

    async def test_of_a_session_is_that_of_its_turn_alone(self, turns: Turns) -> None:
        desk = Desk(turns, stay_away)
        runs = [await desk.run(streamed=True) for _ in range(3)]
        await asyncio.sleep(0)
        runs.sort(key=lambda running: running.turn.session_id)

        desk.engine.end_session(runs[1].turn.session_id)

        assert [running.ending for running in runs] == [None, STOPPED, None]
        await desk.engine.drain(0)
        assert [running.ending for running in runs] == [CUT, STOPPED, CUT]
        assert desk.engine.running == []

    async def test_from_outside_marks_the_turn(self, turns: Turns) -> None:
        desk = Desk(turns, stay_away)
        running = await desk.run(streamed=True)
        await asyncio.sleep(0)
        running.task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await running.task

        assert part_of(await shown(running), "error")
        assert await desk.answer() == ("", CUT)
        assert desk.meter.ends == [("failed", "nobody")]
        assert desk.engine.running == []

    async def test_whoever_waits_and_goes_takes_nothing_along(
        self, turns: Turns, database: Database
    ) -> None:
        release = asyncio.Event()

        async def wait(turn: Turn, draft: Draft | None) -> Reply:
            await release.wait()
            return await write_whole(turn, draft)

        desk = Desk(turns, wait)
        running = await desk.run()
        waiting: asyncio.Task[Any] = asyncio.ensure_future(running.result())
        await asyncio.sleep(0)
        waiting.cancel()
        release.set()

        assert (await running.result())["content"] == "Some fees."
        assert waiting.cancelled()


class TestDrain:
    async def test_lets_those_end_that_do_in_time(self, turns: Turns) -> None:
        async def hurry(turn: Turn, draft: Draft | None) -> Reply:
            await asyncio.sleep(0.02)
            return await write_whole(turn, draft)

        desk = Desk(turns, hurry)
        running = await desk.run()

        await desk.engine.drain(10)

        assert running.task.done()
        assert await desk.answer() == ("Some fees.", WHOLE)
        await desk.engine.drain(10)
