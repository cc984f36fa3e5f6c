"""Tests of `backend/services/preparation.py`."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool
from structlog.typing import EventDict

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


def events_of(logs: list[EventDict]) -> list[str]:
    return [str(line["event"]) for line in logs]


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

    async def test_without_migrations_a_database_that_is_there_is_only_marked(
        self, database: Database, logs: list[EventDict]
    ) -> None:
        marked: list[str] = []

        async def mark() -> None:
            marked.append("interrupted")

        async with Preparation(database, mark, migrates=False).running():
            assert marked == ["interrupted"]

        assert marked == ["interrupted"]
        assert logs == []

    async def test_without_migrations_nothing_is_waited_for(
        self, tmp_path: Path, logs: list[EventDict]
    ) -> None:
        marked: list[str] = []
        away = Database(build_engine(make_settings(DATABASE_URL=f"sqlite:///{tmp_path}/no/x.db")))

        async def mark() -> None:
            marked.append("interrupted")
            await away.read(look)

        async with Preparation(away, mark, migrates=False, pause=0.001).running():
            await asyncio.sleep(0.02)

        assert marked == ["interrupted"]
        assert events_of(logs).count("database_unavailable_at_start") == 1
        away.dispose()

    @pytest.mark.parametrize("is_late", [False, True])
    async def test_a_database_of_another_service_is_left_alone_and_told(
        self, tmp_path: Path, logs: list[EventDict], is_late: bool
    ) -> None:
        folder, marked = tmp_path / "folder", list[str]()
        database = Database(build_engine(make_settings(DATABASE_URL=f"sqlite:///{folder}/x.db")))

        async def mark() -> None:
            marked.append("interrupted")

        def create() -> None:
            folder.mkdir()
            with closing(sqlite3.connect(folder / "x.db")) as foreign:
                foreign.execute("CREATE TABLE alembic_version (version_num TEXT)")
                foreign.execute("INSERT INTO alembic_version VALUES ('foreign')")
                foreign.commit()

        if not is_late:
            create()
        last = "database_not_migrated" if is_late else "database_unavailable_at_start"
        async with (
            asyncio.timeout(10),
            Preparation(database, mark, migrates=True, pause=0.001).running(),
        ):
            if is_late:
                create()
            while last not in events_of(logs):  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.005)

        told = [line for line in logs if line["event"] == "database_unavailable_at_start"]
        assert [line["reason"] == "MigrationFailed" for line in told] == [not is_late]
        assert events_of(logs).count("database_not_migrated") == is_late
        assert marked == []
        database.dispose()

    async def test_readiness_tells_a_database_that_was_not_migrated(self, tmp_path: Path) -> None:
        config = make_settings(
            DATABASE_URL=f"sqlite:///{tmp_path / 'empty.db'}", ENVIRONMENT="production"
        )
        async with run_service(config) as service:
            ready = await service.client.get("/health/ready")

        assert ready.status_code == 503
        assert ready.json()["database"]["detail"] == "The database was not migrated yet."
