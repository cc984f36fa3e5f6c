"""Tests of `backend/services/preparation.py`."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from backend.core.errors import DatabaseUnavailable
from backend.database import Database, build_engine
from backend.models import User
from backend.services.preparation import Preparation
from tests.databases import POSTGRES_URL
from tests.service import make_settings, run_service


async def mark_nothing() -> None:
    return None


async def appears(url: str, create: Callable[[], None]) -> bool:
    """Whether a database that is created after the start can be used soon."""
    database = Database(build_engine(make_settings(DATABASE_URL=url)))
    async with Preparation(database, mark_nothing, migrates=True, pause=0.02).running():
        with pytest.raises(DatabaseUnavailable):
            await database.read(look)
        await asyncio.to_thread(create)
        async with asyncio.timeout(30):
            while True:
                with suppress(DatabaseUnavailable):
                    await database.read(look)
                    break
                await asyncio.sleep(0.02)
    database.dispose()
    return True


def look(db: Session) -> None:
    db.scalars(select(User.id)).all()


class TestPreparation:
    async def test_a_file_that_can_be_made_later_is_migrated_then(self, tmp_path: Path) -> None:
        folder = tmp_path / "later"

        assert await appears(f"sqlite:///{folder / 'x.db'}", folder.mkdir)

    @pytest.mark.skipif(not POSTGRES_URL, reason="TEST_POSTGRES_URL is not set")
    async def test_a_database_that_appears_on_the_server_is_migrated_then(self) -> None:
        name = f"au_guru_late_{id(self):x}"
        admin = create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT", poolclass=NullPool)

        def on_server(statement: str) -> None:
            with admin.connect() as connection:
                connection.execute(text(statement))

        url = make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
        try:
            assert await appears(url, lambda: on_server(f'CREATE DATABASE "{name}"'))
        finally:
            on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            admin.dispose()

    async def test_readiness_tells_a_database_that_was_not_migrated(self, tmp_path: Path) -> None:
        config = make_settings(
            DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}", ENVIRONMENT="production"
        )
        async with run_service(config) as service:
            ready = await service.client.get("/health/ready")

        assert ready.status_code == 503
        assert ready.json()["database"]["detail"] == "The database was not migrated yet."
