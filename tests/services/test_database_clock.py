"""Tests of `backend/services/database_clock.py`: the database's present moment, and later ones."""

from datetime import timedelta

import pytest
from sqlalchemy import literal_column, select

from backend.database import Database
from backend.models.base import utc_now
from backend.services.database_clock import NOW, clock
from tests.databases import on_every_database


@on_every_database
@pytest.mark.parametrize("seconds", [0, 90, -3_600])
async def test_tells_the_moment_in_so_many_seconds(database: Database, seconds: int) -> None:
    before = utc_now()

    moment = await database.read(lambda db: db.scalar(select(clock(literal_column(str(seconds))))))

    assert moment is not None
    # SQLite's clock has no microseconds.
    assert before - timedelta(milliseconds=1) <= moment - timedelta(seconds=seconds) <= utc_now()


@on_every_database
async def test_now_is_this_moment(database: Database) -> None:
    before = utc_now()

    moment = await database.read(lambda db: db.scalar(select(NOW)))

    assert moment is not None
    assert before - timedelta(milliseconds=1) <= moment <= utc_now()
