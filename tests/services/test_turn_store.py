"""Tests of `backend/services/turn_store.py`: what each transaction of a turn leaves behind."""

import pytest

from backend.core.errors import (
    MessageNotFound,
    NotTheLastTurn,
    SessionNotFound,
    TurnInProgress,
)
from backend.database import Database
from backend.models import MessageRole, MessageStatus
from backend.services.turn import Turn
from backend.services.turn_rows import messages
from tests.databases import on_every_database
from tests.services.turns import (
    CLIENT_ID,
    CUT,
    ME,
    STOPPED,
    THEY,
    UNKNOWN,
    WHOLE,
    Turns,
    add_people,
)


@on_every_database
class TestBegin:
    async def test_stores_the_question_with_room_for_its_answer(self, turns: Turns) -> None:
        turn = await turns.begin("How much\nis it?", client_message_id=CLIENT_ID)

        [session] = await turns.sessions()
        question, answer = await turns.messages()
        assert turn == Turn(session.id, question.id, answer.id, "How much\nis it?")
        assert (session.title, session.user_id) == ("How much is it?", None)
        assert session.running_question_id == question.id
        assert turns.store.running == {question.id}
        assert (question.role, question.content) == (MessageRole.USER, "How much\nis it?")
        assert (question.client_message_id, question.status) == (CLIENT_ID, WHOLE)
        assert (answer.role, answer.content) == (MessageRole.ASSISTANT, "")
        assert (answer.question_id, answer.status) == (question.id, MessageStatus.PENDING)
        assert question.is_current
        assert answer.is_current
        assert session.created_at <= question.timestamp <= answer.timestamp

    async def test_goes_on_with_what_was_said(self, turns: Turns) -> None:
        first = await turns.ask("First?")

        second = await turns.begin("Second?", session_id=first.session_id)

        assert second.session_id == first.session_id
        assert [said.content for said in second.history] == ["First?", "Some."]
        assert turns.store.running == {second.question_id}
        [session] = await turns.sessions()
        assert session.title == "First?"

    async def test_an_unknown_session_is_made_under_a_name_of_our_own(self, turns: Turns) -> None:
        turn = await turns.begin(session_id=UNKNOWN)

        assert turn.session_id != UNKNOWN

    async def test_is_refused_while_another_message_is_answered(self, turns: Turns) -> None:
        first = await turns.begin(client_message_id=CLIENT_ID)

        with pytest.raises(TurnInProgress) as refused:
            await turns.begin("Other?", session_id=first.session_id)

        assert refused.value.retry_after == 1
        assert len(await turns.messages()) == 2


@on_every_database
class TestTheSameMessage:
    @pytest.mark.parametrize("status", [WHOLE, STOPPED])
    async def test_gets_the_answer_that_is_stored(
        self, turns: Turns, status: MessageStatus
    ) -> None:
        first = await turns.begin(client_message_id=CLIENT_ID)
        await turns.finish(first, "Some.", status)

        again = await turns.begin(client_message_id=CLIENT_ID)

        assert again.answer is not None
        assert (again.answer.id, again.answer.content) == (first.answer_id, "Some.")
        assert (again.question_id, again.answer_id) == (first.question_id, first.answer_id)
        assert not again.running
        assert len(await turns.messages()) == 2
        assert turns.store.running == set()

    async def test_is_told_to_run_while_it_does(self, turns: Turns) -> None:
        first = await turns.begin(client_message_id=CLIENT_ID)

        again = await turns.begin(client_message_id=CLIENT_ID)

        assert again.running
        assert again.answer is None
        assert (again.question_id, again.answer_id) == (first.question_id, first.answer_id)

    async def test_without_an_id_is_another_one(self, turns: Turns) -> None:
        first = await turns.ask()

        again = await turns.begin(session_id=first.session_id)

        assert again.answer is None
        assert again.question_id > first.answer_id

    async def test_that_was_cut_off_is_taken_up(self, turns: Turns) -> None:
        first = await turns.begin(client_message_id=CLIENT_ID)
        await turns.cut_off(first)

        again = await turns.begin(client_message_id=CLIENT_ID)

        assert again.answer is None
        assert not again.running
        assert again.question_id == first.question_id
        assert again.answer_id > first.answer_id
        _, old, new = await turns.messages()
        assert (old.is_current, old.status) == (False, CUT)
        assert (new.is_current, new.status) == (True, MessageStatus.PENDING)

    async def test_that_was_cut_off_before_others_is_asked_anew(self, turns: Turns) -> None:
        first = await turns.begin("First?", client_message_id=CLIENT_ID)
        await turns.cut_off(first)
        later = await turns.ask("Later?", session_id=first.session_id)

        again = await turns.begin(
            "First?", session_id=first.session_id, client_message_id=CLIENT_ID
        )

        assert again.question_id > later.answer_id
        assert [said.content for said in again.history] == ["Later?", "Some."]
        question, old, *_ = await turns.messages()
        assert question.client_message_id is None
        assert old.is_current

    async def test_while_it_is_answered_anew_is_told_to_run(self, turns: Turns) -> None:
        first = await turns.ask(client_message_id=CLIENT_ID)
        second = await turns.again(first)

        again = await turns.begin(client_message_id=CLIENT_ID)

        assert again.running
        assert again.answer_id == second.answer_id

    async def test_gets_the_answer_that_stands_when_the_newer_one_was_cut_off(
        self, turns: Turns
    ) -> None:
        first = await turns.ask(client_message_id=CLIENT_ID)
        await turns.cut_off(await turns.again(first))

        again = await turns.begin(client_message_id=CLIENT_ID)

        assert again.answer is not None
        assert again.answer.id == again.answer_id == first.answer_id

    async def test_gets_the_newer_answer_that_stands(self, turns: Turns) -> None:
        first = await turns.ask(client_message_id=CLIENT_ID)
        second = await turns.again(first)
        await turns.finish(second, "Other.")

        again = await turns.begin(client_message_id=CLIENT_ID)

        assert again.answer is not None
        assert again.answer.id == again.answer_id == second.answer_id

    async def test_is_taken_up_when_all_its_answers_were_cut_off(self, turns: Turns) -> None:
        first = await turns.begin(client_message_id=CLIENT_ID)
        await turns.finish(first, "Half", CUT)
        await turns.cut_off(await turns.again(first))

        again = await turns.begin(client_message_id=CLIENT_ID)

        assert again.answer is None
        assert again.question_id == first.question_id


@on_every_database
class TestBeginAgain:
    async def test_claims_the_last_question_for_another_answer(self, turns: Turns) -> None:
        first = await turns.ask("First?")
        last = await turns.ask("Last?", session_id=first.session_id)

        for answer_id in (None, last.answer_id):
            again = await turns.again(first, answer_id)

            assert again.is_again
            assert (again.question_id, again.message) == (last.question_id, "Last?")
            assert [said.content for said in again.history] == ["First?", "Some."]
            assert turns.store.running == {last.question_id}
            answer = (await turns.messages())[-1]
            assert answer.id == again.answer_id > last.answer_id
            assert (answer.question_id, answer.is_current) == (last.question_id, False)
            assert (answer.content, answer.status) == ("", MessageStatus.PENDING)
            await turns.cut_off(again)

    async def test_takes_no_earlier_answer_no_question_and_none_of_elsewhere(
        self, turns: Turns
    ) -> None:
        elsewhere = await turns.ask("Elsewhere?")
        first = await turns.ask("First?")
        last = await turns.ask("Last?", session_id=first.session_id)

        with pytest.raises(NotTheLastTurn):
            await turns.again(first, first.answer_id)
        for answer_id in (elsewhere.answer_id, first.question_id, last.question_id, 0, 99):
            with pytest.raises(MessageNotFound):
                await turns.again(first, answer_id)
        assert len(await turns.messages()) == 6

    async def test_takes_any_answer_of_the_last_question(self, turns: Turns) -> None:
        first = await turns.ask()
        second = await turns.again(first)
        await turns.finish(second)

        for answer_id in (first.answer_id, second.answer_id):
            again = await turns.again(first, answer_id)
            assert again.question_id == first.question_id
            await turns.cut_off(again)

    async def test_there_must_be_something_to_answer(self, turns: Turns) -> None:
        turn = await turns.ask()
        await turns.run(lambda db: db.execute(messages.delete()).close())

        for answer_id in (None, turn.answer_id):
            with pytest.raises(MessageNotFound):
                await turns.again(turn, answer_id)

    async def test_waits_for_the_turn_that_runs(self, turns: Turns) -> None:
        turn = await turns.begin()

        with pytest.raises(TurnInProgress):
            await turns.again(turn)

    async def test_is_for_the_owner(self, turns: Turns, database: Database) -> None:
        await add_people(database)
        turn = await turns.ask(user_id=ME)

        for stranger in (None, THEY):
            with pytest.raises(SessionNotFound):
                await turns.again(turn, user_id=stranger)
        assert (await turns.again(turn, user_id=ME)).question_id == turn.question_id
