"""Tests of `backend/services/turn_store.py`: how a turn ends, and which answer stands then."""

import pytest

from backend.core.errors import (
    SessionNotFound,
    TurnInProgress,
    TurnStopped,
)
from backend.database import Database
from backend.models import MessageStatus
from backend.services.turn import Turn
from backend.services.turn_rows import messages
from tests.databases import on_every_database
from tests.services.turns import (
    CLIENT_ID,
    CUT,
    ME,
    STOPPED,
    THEY,
    WHOLE,
    Turns,
    add_people,
    turns_of,
)


@on_every_database
class TestFinish:
    async def test_fills_the_answer_in_and_frees_the_session(self, turns: Turns) -> None:
        turn = await turns.begin()
        [before] = await turns.sessions()

        assert await turns.finish(turn) == turn.answer_id

        [session] = await turns.sessions()
        assert session.running_question_id is session.running_by is session.running_until is None
        assert session.updated_at > before.updated_at
        _, answer = await turns.messages()
        assert (answer.content, answer.status, answer.is_current) == ("Some.", WHOLE, True)

    @pytest.mark.parametrize(
        ("standing", "content", "status", "stands"),
        [
            (WHOLE, "New", WHOLE, True),
            (WHOLE, "New", STOPPED, True),
            (WHOLE, "", STOPPED, False),
            (WHOLE, "New", CUT, False),
            (WHOLE, "", CUT, False),
            (STOPPED, "New", CUT, True),
            (CUT, "New", WHOLE, True),
            (CUT, "New", CUT, True),
            (CUT, "New", STOPPED, True),
            (CUT, "", CUT, False),
            (CUT, "", STOPPED, False),
        ],
    )
    async def test_of_two_answers_the_better_one_stands(
        self,
        turns: Turns,
        standing: MessageStatus,
        content: str,
        status: MessageStatus,
        stands: bool,
    ) -> None:
        first = await turns.begin()
        await turns.finish(first, "Old", standing)
        second = await turns.again(first)

        assert await turns.finish(second, content, status) == second.answer_id

        _, old, new = await turns.messages()
        assert (old.is_current, new.is_current) == (not stands, stands)
        assert (old.content, new.content, new.status) == ("Old", content, status)

    async def test_another_answer_stands_where_there_is_none_any_more(self, turns: Turns) -> None:
        first = await turns.begin()
        await turns.cut_off(first)
        second = await turns.again(first)
        gone = messages.delete().where(messages.c.id == first.answer_id)
        await turns.run(lambda db: db.execute(gone).close())

        await turns.finish(second, "", CUT)

        assert (await turns.messages())[-1].is_current

    async def test_one_that_was_stopped_elsewhere_is_not_filled_in(
        self, turns: Turns, database: Database
    ) -> None:
        turn = await turns.begin()
        other = turns_of(database, "elsewhere").store
        await turns.run(lambda db: other.stop(db, turn))

        with pytest.raises(TurnStopped):
            await turns.finish(turn)
        assert (await turns.messages())[1].content == ""

    @pytest.mark.parametrize("rows", ["all", "the answer"])
    async def test_nothing_that_was_erased_comes_back(self, turns: Turns, rows: str) -> None:
        turn = await turns.begin()
        await turns.change_session(turn.session_id, running_by="elsewhere/1/1.00")
        erased = messages.delete()
        if rows == "the answer":
            erased = erased.where(messages.c.id == turn.answer_id)
        await turns.run(lambda db: db.execute(erased).close())

        with pytest.raises(SessionNotFound):
            await turns.finish(turn)

    async def test_one_that_another_worker_has_taken_up_is_not_filled_in(
        self, turns: Turns, database: Database
    ) -> None:
        lost = await turns.begin(client_message_id=CLIENT_ID)
        await turns.let_run_out(lost)
        taken = await turns_of(database, "elsewhere").begin(client_message_id=CLIENT_ID)

        with pytest.raises(TurnInProgress) as refused:
            await turns.finish(lost)
        assert refused.value.retry_after == 1
        assert taken.question_id == lost.question_id
        assert {row.content for row in (await turns.messages())[1:]} == {""}

    async def test_a_second_answer_wants_more_than_one_statement(self, turns: Turns) -> None:
        again = await turns.again(await turns.ask())

        assert not await turns.run(lambda db: turns.store.finish_alone(db, again, {"content": "x"}))
        assert (await turns.messages())[-1].content == ""


@on_every_database
class TestStop:
    async def test_frees_the_session_and_keeps_what_is_written(
        self, turns: Turns, database: Database
    ) -> None:
        turn = await turns.begin()
        other = turns_of(database, "elsewhere").store
        await turns.run(lambda db: turns.store.keep_drafts(db, [(turn, "Half")]))

        await turns.run(lambda db: other.stop(db, turn))

        [session] = await turns.sessions()
        assert session.running_question_id is session.running_by is session.running_until is None
        _, answer = await turns.messages()
        assert (answer.content, answer.status) == ("Half", STOPPED)

    async def test_of_a_turn_that_is_over_changes_nothing(self, turns: Turns) -> None:
        over = await turns.ask()
        running = await turns.begin(session_id=over.session_id)
        before = (await turns.sessions(), await turns.messages())

        await turns.run(lambda db: turns.store.stop(db, over))

        assert (await turns.sessions(), await turns.messages()) == before
        assert running.question_id in turns.store.running

    async def test_of_a_session_that_is_gone_is_nothing(self, turns: Turns) -> None:
        gone = Turn("gone", 1, 2, "x")

        await turns.run(lambda db: turns.store.stop(db, gone))


@on_every_database
class TestFindRunning:
    async def test_is_the_one_that_is_answered_wherever(
        self, turns: Turns, database: Database
    ) -> None:
        turn = await turns.begin(session_id=(await turns.ask()).session_id)

        for worker in (turns, turns_of(database, "elsewhere")):
            assert await find_running(worker, turn, None) == Turn(
                turn.session_id, turn.question_id, turn.answer_id, "", running=True
            )

    @pytest.mark.parametrize("end", ["finish", "cut off", "run out", "erase", "stop"])
    async def test_is_none_once_it_is_over(
        self, turns: Turns, database: Database, end: str
    ) -> None:
        turn = await turns.begin()
        if end == "finish":
            await turns.finish(turn)
        elif end == "cut off":
            await turns.cut_off(turn)
        elif end == "run out":
            await turns.let_run_out(turn)
        elif end == "erase":
            await turns.run(lambda db: db.execute(messages.delete()).close())
        else:
            ended = messages.update().where(messages.c.id == turn.answer_id)
            await turns.run(lambda db: db.execute(ended.values(status=STOPPED)).close())
        other = turns_of(database, "elsewhere")

        assert await find_running(other, turn, None) is None

    async def test_is_the_owner_s_to_know(self, turns: Turns, database: Database) -> None:
        await add_people(database)
        turn = await turns.begin(user_id=ME)

        for stranger in (None, THEY):
            with pytest.raises(SessionNotFound):
                await find_running(turns, turn, stranger)
        assert await find_running(turns, turn, ME) is not None


async def find_running(turns: Turns, turn: Turn, user_id: str | None) -> Turn | None:
    return await turns.run(lambda db: turns.store.find_running(db, turn.session_id, user_id))


@on_every_database
class TestIsBeingWritten:
    async def test_as_long_as_a_worker_that_lives_has_the_claim(
        self, turns: Turns, database: Database
    ) -> None:
        other = turns_of(database, "elsewhere").store
        over = await turns.ask()
        turn = await turns.begin(session_id=over.session_id)
        gone = Turn("gone", turn.question_id, turn.answer_id, "x")

        async def written(asked: Turn) -> bool:
            return await turns.run(lambda db: other.is_being_written(db, asked))

        assert [await written(asked) for asked in (turn, over, gone)] == [True, False, False]
        await turns.let_run_out(turn)
        assert not await written(turn)
        assert await turns.run(lambda db: turns.store.is_being_written(db, turn))
        await turns.finish(turn)
        assert not await written(turn)


@on_every_database
async def test_a_start_marks_those_alone_whose_worker_is_gone(
    turns: Turns, database: Database
) -> None:
    done, lost, also_lost, running = [
        await turns.begin(f"Question {number}") for number in range(4)
    ]
    await turns.finish(done)
    for turn in (lost, also_lost):
        await turns.let_run_out(turn)
    other = turns_of(database, "elsewhere").store

    assert await turns.run(other.sweep) == 2
    assert await turns.run(other.sweep) == 0

    claimed = {row.id for row in await turns.sessions() if row.running_question_id is not None}
    assert claimed == {running.session_id}
    answers = [row.status for row in await turns.messages() if row.question_id]
    assert answers == [WHOLE, CUT, CUT, MessageStatus.PENDING]
