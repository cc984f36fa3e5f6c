"""Fresh real databases, their schema made by Alembic once and emptied or copied for each test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.pool import NullPool

from backend.config import Settings
from backend.database import build_engine
from backend.migration import migrate
from backend.models import Base

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "")

on_every_database = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
needs_redis = pytest.mark.skipif(not REDIS_URL, reason="TEST_REDIS_URL is not set")

_LEAVE: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_COUNT_ANEW: Final = text(
    "SELECT setval(quote_ident(schemaname) || '.' || quote_ident(sequencename), start_value, false)"
    " FROM pg_sequences WHERE last_value IS NOT NULL"
)


def make_schema(url: str) -> None:
    """Run all migrations on an empty database."""
    engine = build_engine(Settings(_env_file=None, DATABASE_URL=url))
    migrate(engine)
    engine.dispose()


def copy_sqlite(template: Path, folder: Path) -> str:
    """A copy of the migrated file for one test."""
    target = folder / "test.db"
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"


@contextmanager
def migrated_postgres() -> Iterator[str]:
    """The URL of a migrated database, dropped at the end of the run."""
    name = f"au_guru_test_{uuid4().hex[:12]}"
    admin = create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        url = make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
        make_schema(url)
        yield url
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


class EmptiedPostgres:
    """One database for one test after the other: emptying it costs a tenth of a new one."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url, poolclass=NullPool)

    def empty(self) -> None:
        """Take away all rows and whoever is still connected; make anew what a test broke."""
        with self._engine.begin() as connection:
            connection.execute(_LEAVE)
        try:
            self._delete_rows()
        except ProgrammingError:
            with self._engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            make_schema(self.url)

    def _delete_rows(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            connection.execute(_COUNT_ANEW)
