"""Fresh real databases, their schema made by Alembic once and copied for each test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from backend.config import Settings
from backend.database import build_engine
from backend.migration import migrate

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "")

on_every_database = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
needs_redis = pytest.mark.skipif(not REDIS_URL, reason="TEST_REDIS_URL is not set")


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
def postgres_template() -> Iterator[str]:
    """The name of a migrated database to copy from, dropped at the end of the run."""
    with _temporary_database("au_guru_template") as name:
        make_schema(_url_of(name))
        yield name


@contextmanager
def copy_postgres(template: str) -> Iterator[str]:
    """The URL of a copy for one test, dropped after it."""
    with _temporary_database("au_guru_test", template) as name:
        yield _url_of(name)


@contextmanager
def _temporary_database(prefix: str, template: str = "template1") -> Iterator[str]:
    name = f"{prefix}_{uuid4().hex[:12]}"
    admin = _admin()
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    try:
        yield name
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        admin.dispose()


def _admin() -> Engine:
    return create_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT", poolclass=NullPool)


def _url_of(name: str) -> str:
    return make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
