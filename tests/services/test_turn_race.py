"""Tests of `backend/services/turn_store.py` and others: two at once do one after the other."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from backend.core.errors import SessionNotFound, TurnInProgress
from backend.services.session_service import SessionService
from tests.services.test_erasure import settle, somebody_waits
from tests.services.turns import CLIENT_ID, ME, STOPPED, THEY, Turns, add_people, turns_of

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""SQLite has one writer at a time."""

Late = Callable[[Turns, str], Awaitable[object]]


@pytest.mark.parametrize(
    "late",
    [
        lambda turns, session_id: turns.begin("Late?", session_id=session_id),
        lambda turns, _id: turns.begin("Late?", client_message_id=CLIENT_ID),
        lambda turns, session_id: turns.run(
            lambda db: turns.store.begin_again(db, session_id, None, None)
        ),
    ],
    ids=["by the session", "by the first message", "again"],
)
async def test_a_session_is_claimed_by_the_first(
    turns: Turns, database_url: str, late: Late
) -> None:
    turn = await turns.begin("Late?", client_message_id=CLIENT_ID)
    await turns.cut_off(turn)
    first = turns_of(turns.database, "elsewhere").store

    with create_engine(database_url, poolclass=NullPool).connect() as connection:
        first.begin_again(connection, turn.session_id, None, None)
        waiting = asyncio.ensure_future(late(turns, turn.session_id))
        await settle(lambda: somebody_waits(connection) or waiting.done())
        connection.commit()
        [outcome] = await asyncio.gather(waiting, return_exceptions=True)

    assert isinstance(outcome, TurnInProgress) or getattr(outcome, "running", False)
    assert len(await turns.messages()) == 3


async def test_a_turn_that_ends_meanwhile_is_not_stopped(turns: Turns, database_url: str) -> None:
    turn = await turns.begin()
    other = turns_of(turns.database, "elsewhere").store

    with create_engine(database_url, poolclass=NullPool).connect() as connection:
        turns.store.finish(connection, turn, {"content": "Some."})
        stopping = asyncio.create_task(turns.run(lambda db: other.stop(db, turn)))
        await settle(lambda: somebody_waits(connection) or stopping.done())
        connection.commit()
        await stopping

    assert STOPPED not in {row.status for row in await turns.messages()}


@pytest.mark.parametrize("what", ["rename", "claim"])
async def test_a_session_that_is_claimed_meanwhile_is_somebody_else_s(
    turns: Turns, database_url: str, what: str
) -> None:
    await add_people(turns.database)
    session_id = (await turns.ask("Fees?")).session_id
    service = SessionService(turns.database)

    async def change() -> object:
        if what == "rename":
            return await service.rename_session(session_id, "Mine", user_id=THEY)
        return await service.claim_session(session_id, user_id=THEY)

    with create_engine(database_url, poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql("UPDATE chat_sessions SET user_id = %s", (ME,))
        changing = asyncio.create_task(change())
        await settle(lambda: somebody_waits(connection) or changing.done())
        connection.commit()
        with pytest.raises(SessionNotFound):
            await changing

    [session] = await turns.sessions()
    assert (session.user_id, session.title) == (ME, "Fees?")
