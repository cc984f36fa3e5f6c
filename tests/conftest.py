"""What all tests stand on: no way off the machine, a Gemini of our own, a fresh database."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import structlog

from tests.databases import (
    POSTGRES_URL,
    EmptiedPostgres,
    copy_sqlite,
    make_schema,
    migrated_postgres,
)
from tests.fakes.gemini_server import FakeGemini
from tests.fakes.network_guard import install_network_guard
from tests.service import Service, make_settings, run_service

install_network_guard()


@pytest.fixture(autouse=True)
def plain_log() -> Iterator[None]:
    """Whatever level an application sets for itself, the next test hears all."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def fake_gemini() -> Iterator[FakeGemini]:
    """A Gemini upstream on loopback, fresh for this test."""
    with FakeGemini() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    make_schema(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def emptied_postgres() -> Iterator[EmptiedPostgres]:
    """A migrated PostgreSQL database, emptied for each test."""
    with migrated_postgres() as url:
        yield EmptiedPostgres(url)


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> Iterator[str]:
    """A fresh database: SQLite, or both kinds for tests marked `on_every_database`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield copy_sqlite(sqlite_template, tmp_path)
        return
    if not POSTGRES_URL:
        pytest.skip("TEST_POSTGRES_URL is not set")
    postgres: EmptiedPostgres = request.getfixturevalue("emptied_postgres")
    postgres.empty()
    yield postgres.url


@pytest_asyncio.fixture
async def service(database_url: str, fake_gemini: FakeGemini) -> AsyncIterator[Service]:
    """The whole service with a key, its Gemini the fake one."""
    config = make_settings(
        DATABASE_URL=database_url,
        GEMINI_API_KEY="test-key",
        GEMINI_BASE_URL=fake_gemini.base_url,
        GEMINI_TIMEOUT_SECONDS=3,
    )
    async with run_service(config) as running:
        yield running


@pytest_asyncio.fixture
async def offline_service(database_url: str) -> AsyncIterator[Service]:
    """The whole service without a key: it answers from the knowledge."""
    async with run_service(make_settings(DATABASE_URL=database_url)) as running:
        yield running
