"""Tests of `backend/services/lease.py`: of several workers one does a task, whenever it is due."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.database import Database
from backend.models import BackgroundTask
from backend.models.base import utc_now
from backend.services.lease import Lease
from tests.databases import on_every_database

LASTS, EVERY = timedelta(minutes=5), timedelta(hours=1)
SOON = timedelta(seconds=5)


def lease(holder: str, name: str = "clean") -> Lease:
    return Lease(name, holder, lasts=LASTS, every=EVERY)


MINE, OTHERS = lease("me"), lease("another")


async def make(database: Database, **columns: Any) -> None:
    """Put the task into a state, and another one beside it that nobody has ever done."""
    for task in (MINE, lease("a third", "count")):
        await database.write_rows(task.take)
    change = update(BackgroundTask).where(BackgroundTask.name == "clean").values(**columns)
    await database.write(lambda db: db.execute(change).close())


async def read(database: Database, name: str = "clean") -> BackgroundTask:
    def find(db: Session) -> BackgroundTask:
        return db.scalars(select(BackgroundTask).where(BackgroundTask.name == name)).one()

    return await database.read(find)


def is_in(moment: datetime | None, wait: timedelta) -> bool:
    """Whether the moment is so far away, give or take what a slow machine needs."""
    return moment is not None and abs(moment - utc_now() - wait) < timedelta(seconds=60)


@on_every_database
class TestTake:
    async def test_a_task_that_was_never_done_is_taken_once(self, database: Database) -> None:
        first, second = [await database.write_rows(one.take) for one in (MINE, OTHERS)]

        task = await read(database)
        assert (first, second) == (True, False)
        assert (task.held_by, task.done_at) == ("me", None)
        assert is_in(task.held_until, LASTS)

    @pytest.mark.parametrize(
        ("held", "done", "is_taken"),
        [
            (None, None, True),
            (SOON, None, False),
            (-SOON, None, True),
            (None, -EVERY - SOON, True),
            (None, -EVERY + SOON, False),
            (None, timedelta(0), False),
            (-SOON, -EVERY - SOON, True),
            (SOON, -EVERY - SOON, False),
            (-SOON, -EVERY + SOON, False),
        ],
    )
    async def test_it_must_be_free_and_due(
        self,
        database: Database,
        held: timedelta | None,
        done: timedelta | None,
        is_taken: bool,
    ) -> None:
        now = utc_now()
        await make(
            database,
            held_by="me",
            held_until=None if held is None else now + held,
            done_at=None if done is None else now + done,
        )

        assert await database.write_rows(OTHERS.take) is is_taken

        assert (await read(database)).held_by == ("another" if is_taken else "me")
        assert (await read(database, "count")).held_by == "a third"


@on_every_database
class TestKeep:
    async def test_holds_it_for_longer(self, database: Database) -> None:
        await make(database, held_until=utc_now() + SOON)

        assert await database.write_rows(MINE.keep) is True

        assert is_in((await read(database)).held_until, LASTS)

    async def test_what_was_lost_stays_with_whoever_has_it(self, database: Database) -> None:
        soon = utc_now() + SOON
        await make(database, held_by="another", held_until=soon)

        assert await database.write_rows(MINE.keep) is False

        assert (await read(database)).held_until == soon


@on_every_database
class TestFinish:
    async def test_gives_it_back_as_done(self, database: Database) -> None:
        await make(database, held_by="me")

        await database.write_rows(MINE.finish)

        task = await read(database)
        assert (task.held_by, task.held_until) == (None, None)
        assert is_in(task.done_at, timedelta(0))
        assert (await read(database, "count")).held_by == "a third"
        assert await database.write_rows(OTHERS.take) is False

    async def test_what_was_lost_is_not_done(self, database: Database) -> None:
        await make(database, held_by="another")

        await database.write_rows(MINE.finish)

        task = await read(database)
        assert (task.held_by, task.done_at) == ("another", None)
