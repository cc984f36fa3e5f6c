"""Tests of `backend/services/turn_opening.py`: which rows a message finds, and which it may not."""

from typing import Any

import pytest

from backend.core.errors import (
    IdempotencyKeyReused,
    MessageNotFound,
    NotTheLastTurn,
    SessionNotFound,
    TurnInProgress,
)
from backend.database import Database
from backend.schemas.chat import ChatRequest
from backend.services.turn import Opening
from backend.services.turn_opening import opening_of
from tests.databases import on_every_database
from tests.services.turns import CLIENT_ID, ME, THEY, Turns, add_people

NO_ID: dict[str, Any] = {"client_message_id": None}
BY: dict[str, dict[str, Any]] = {
    "its id": {},
    "its first message": {"client_message_id": CLIENT_ID},
    "its chat": {"chat_id": CLIENT_ID},
}


def test_a_request_is_read_as_it_is() -> None:
    request = ChatRequest(message="Fees?", session_id="s", client_message_id="m")

    assert opening_of(request, ME) == Opening("Fees?", "s", ME, "m")


@on_every_database
class TestFindSession:
    @pytest.mark.parametrize(
        ("by", "owner", "asker", "found"),
        [
            ("its id", None, None, "it"),
            ("its id", None, ME, "it"),
            ("its id", ME, ME, "it"),
            ("its id", ME, THEY, "refused"),
            ("its id", ME, None, "refused"),
            ("its first message", None, None, "it"),
            ("its first message", None, ME, "none"),
            ("its first message", ME, ME, "it"),
            ("its first message", ME, THEY, "none"),
            ("its first message", ME, None, "none"),
            ("its chat", None, None, "it"),
            ("its chat", None, ME, "it"),
            ("its chat", ME, ME, "it"),
            ("its chat", ME, THEY, "none"),
            ("its chat", ME, None, "none"),
        ],
    )
    async def test_is_for_its_owner_or_for_all(
        self,
        turns: Turns,
        database: Database,
        by: str,
        owner: str | None,
        asker: str | None,
        found: str,
    ) -> None:
        await add_people(database)
        await turns.ask("Elsewhere?")
        session_id = (await turns.ask(user_id=owner, **BY[by])).session_id
        named = session_id if by == "its id" else None
        opening = Opening("More?", named, asker, **{**NO_ID, **BY[by]})

        assert await find(turns, opening) == {"it": session_id}.get(found, found)

    @pytest.mark.parametrize(
        ("by", "asker", "found"),
        [
            ("its first message", None, "refused"),
            ("its first message", ME, "none"),
            ("its chat", None, "refused"),
            ("its chat", ME, "it"),
            ("its chat", THEY, "none"),
        ],
    )
    async def test_that_was_claimed_is_the_owner_s(
        self, turns: Turns, database: Database, by: str, asker: str | None, found: str
    ) -> None:
        await add_people(database)
        session_id = (await turns.ask(**BY[by])).session_id
        await turns.change_session(session_id, user_id=ME)
        opening = Opening("More?", None, asker, **{**NO_ID, **BY[by]})

        assert await find(turns, opening) == {"it": session_id}.get(found, found)

    async def test_is_found_by_its_id_before_its_chat(self, turns: Turns) -> None:
        first = await turns.ask()
        chat = await turns.ask(chat_id=CLIENT_ID)

        by_both = Opening("More?", first.session_id, None, None, chat_id=CLIENT_ID)
        by_chat = Opening("More?", "unknown", None, None, chat_id=CLIENT_ID)

        assert await find(turns, by_both) == first.session_id
        assert await find(turns, by_chat) == chat.session_id


async def find(turns: Turns, opening: Opening) -> str:
    try:
        return await turns.run(lambda db: turns.store.find_session(db, opening)) or "none"
    except SessionNotFound:
        return "refused"


@on_every_database
class TestAnIdThatCameBefore:
    async def test_with_another_message_is_refused(self, turns: Turns) -> None:
        first = await turns.ask(client_message_id=CLIENT_ID)

        with pytest.raises(IdempotencyKeyReused):
            await turns.begin("Other?", session_id=first.session_id, client_message_id=CLIENT_ID)
        assert len(await turns.messages()) == 2

    async def test_with_another_message_is_an_edit_where_it_says_so(self, turns: Turns) -> None:
        first = await turns.ask("First?")
        last = await turns.ask("Last?", session_id=first.session_id, client_message_id=CLIENT_ID)
        fields: dict[str, Any] = {"session_id": first.session_id, "client_message_id": CLIENT_ID}

        edited = await turns.begin("Other?", is_edit=True, **fields)
        await turns.finish(edited)
        again = await turns.begin("Other?", is_edit=True, **fields)

        assert [said.content for said in edited.history] == ["First?", "Some."]
        assert [row.content for row in await turns.messages()] == [
            *("First?", "Some."),
            *("Other?", "Some."),
        ]
        assert again.answer is not None
        assert again.question_id == edited.question_id > last.question_id

    async def test_counts_in_its_own_session_alone(self, turns: Turns) -> None:
        short = {"client_message_id": "1"}
        first = await turns.ask("First?", **short)
        second = await turns.ask("Second?", **short)

        again = await turns.begin("First?", session_id=first.session_id, **short)

        assert second.session_id != first.session_id
        assert again.answer is not None
        assert again.question_id == first.question_id


@on_every_database
class TestAnEdit:
    async def test_takes_the_place_of_the_last_question_and_its_answers(self, turns: Turns) -> None:
        first = await turns.ask("First?")
        last = await turns.ask("Last?", session_id=first.session_id)
        await turns.finish(await turns.again(last), "Anew.")

        edited = await turns.ask("Other?", session_id=first.session_id, replaces=last.question_id)

        assert [row.content for row in await turns.messages()] == [
            *("First?", "Some."),
            *("Other?", "Some."),
        ]
        assert [said.content for said in edited.history] == ["First?", "Some."]

    async def test_that_is_sent_again_replaces_nothing_more(self, turns: Turns) -> None:
        first = await turns.ask("First?")
        fields: dict[str, Any] = {
            "session_id": first.session_id,
            "client_message_id": CLIENT_ID,
            "replaces": first.question_id,
        }
        edited = await turns.ask("Other?", **fields)

        again = await turns.begin("Other?", **fields)

        assert again.question_id == edited.question_id
        assert again.answer is not None
        assert len(await turns.messages()) == 2

    async def test_is_of_the_last_question_alone(self, turns: Turns) -> None:
        elsewhere = await turns.ask("Elsewhere?")
        first = await turns.ask("First?")
        last = await turns.ask("Last?", session_id=first.session_id)
        before = await turns.messages()

        async def edit(replaces: int) -> None:
            await turns.begin("Other?", session_id=first.session_id, replaces=replaces)

        with pytest.raises(NotTheLastTurn):
            await edit(first.question_id)
        for message_id in (elsewhere.question_id, first.answer_id, last.answer_id, 0, 99):
            with pytest.raises(MessageNotFound):
                await edit(message_id)
        assert await turns.messages() == before

    async def test_waits_for_the_turn_that_runs(self, turns: Turns) -> None:
        turn = await turns.begin()

        with pytest.raises(TurnInProgress):
            await turns.begin("Other?", session_id=turn.session_id, replaces=turn.question_id)
        assert len(await turns.messages()) == 2
