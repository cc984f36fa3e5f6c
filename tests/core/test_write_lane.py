"""Tests of `backend/core/write_lane.py`, on a real file."""

import asyncio
import threading
from asyncio import Future
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from backend.core.errors import DatabaseUnavailable, SessionNotFound
from backend.core.write_lane import WriteLane
from backend.database import Database, build_engine
from backend.models import ChatSession
from tests.service import make_settings


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(build_engine(make_settings(DATABASE_URL=database_url)))
    yield made
    made.dispose()


def add(db: Session, name: str) -> str:
    db.execute(insert(ChatSession).values(id=name))
    return name


def add_object_and_fail(db: Session, name: str) -> None:
    db.add(ChatSession(id=name))
    raise SessionNotFound


def add_object_twice(db: Session, name: str) -> None:
    db.add_all([ChatSession(id=name), ChatSession(id=f"{name}'s friend")])
    db.flush()
    db.add(ChatSession(id=name))


def run_together(database: Database, *changes: Callable[[Session], Any]) -> Future[list[Any]]:
    """Make these changes wait at the same moment, behind one that holds the lane."""
    released = threading.Event()
    gathered = asyncio.gather(
        database.write(lambda _db: released.wait(5)),
        *(database.write(change) for change in changes),
        return_exceptions=True,
    )
    asyncio.get_running_loop().call_later(0.05, released.set)
    return gathered


async def stored(database: Database) -> set[str]:
    return set(await database.read(lambda db: db.scalars(select(ChatSession.id)).all()))


class TestWriteLane:
    async def test_changes_that_wait_together_are_all_stored(self, database: Database) -> None:
        names = [f"s{number}" for number in range(100)]

        [_, *results] = await run_together(database, *(partial(add, name=n) for n in names))

        assert results == names
        assert await stored(database) == set(names)

    async def test_one_that_fails_takes_nothing_of_the_others_along(
        self, database: Database
    ) -> None:
        [_, first, failure, duplicate, last] = await run_together(
            database,
            partial(add, name="first"),
            partial(add_object_and_fail, name="lost"),
            partial(add, name="first"),
            partial(add, name="last"),
        )

        assert (first, last) == ("first", "last")
        assert isinstance(failure, SessionNotFound)
        assert isinstance(duplicate, DBAPIError)
        assert await stored(database) == {"first", "last"}

    async def test_objects_that_cannot_be_stored_take_nothing_of_the_others_along(
        self, database: Database
    ) -> None:
        [_, first, failure, last] = await run_together(
            database,
            partial(add, name="first"),
            partial(add_object_twice, name="lost"),
            partial(add, name="last"),
        )

        assert (first, last) == ("first", "last")
        assert isinstance(failure, DBAPIError)
        assert await stored(database) == {"first", "last"}

    async def test_a_commit_that_fails_fails_all_of_its_batch(self, database: Database) -> None:
        def break_the_transaction(db: Session) -> None:
            db.execute(text("COMMIT"))
            raise SessionNotFound

        [_, *results] = await run_together(
            database, partial(add, name="early"), break_the_transaction, partial(add, name="late")
        )

        assert all(isinstance(result, DatabaseUnavailable) for result in results)
        assert await database.write(partial(add, name="after")) == "after"

    async def test_whoever_went_away_is_not_waited_for(self, database: Database) -> None:
        released = threading.Event()
        holding = asyncio.create_task(database.write(lambda _db: released.wait(5)))
        gone = asyncio.create_task(database.write(partial(add, name="gone")))
        await asyncio.sleep(0.02)
        gone.cancel()
        released.set()
        await holding

        assert await database.write(partial(add, name="next")) == "next"
        with pytest.raises(asyncio.CancelledError):
            await gone

    async def test_what_waits_is_finished_before_it_closes(self, database_url: str) -> None:
        database = Database(build_engine(make_settings(DATABASE_URL=database_url)))
        waiting = [database.write(partial(add, name=f"s{n}")) for n in range(5)]
        tasks = [asyncio.ensure_future(change) for change in waiting]
        await asyncio.sleep(0)

        await asyncio.to_thread(database.dispose)

        assert await asyncio.gather(*tasks) == [f"s{n}" for n in range(5)]

    async def test_whose_turn_comes_too_late_is_told_and_nothing_is_done(
        self, database: Database
    ) -> None:
        lane = WriteLane(database.engine.connect)
        released = threading.Event()
        holding = asyncio.create_task(lane.run(lambda _db: released.wait(5), patience=5))
        await asyncio.sleep(0.02)
        late = asyncio.create_task(lane.run(lambda _db: "done", patience=0.01))
        await asyncio.sleep(0.02)
        released.set()

        with pytest.raises(TimeoutError):
            await late

        await holding
        lane.close()
