"""Fixtures of the tests of services."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from structlog.testing import capture_logs
from structlog.typing import EventDict

from backend.core.security import PasswordHasher
from backend.database import Database, build_engine
from tests.fakes.gemini_server import FakeGemini
from tests.service import CHEAP, make_settings
from tests.services.post import OddDatabase, Post
from tests.services.tap import Tap
from tests.services.turns import Turns, turns_of


@pytest.fixture
def tap(fake_gemini: FakeGemini) -> Tap:
    tap = Tap()
    fake_gemini.always(tap)
    return tap


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database without a service around it."""
    made = Database(build_engine(make_settings(DATABASE_URL=database_url)))
    yield made
    made.dispose()


@pytest_asyncio.fixture
async def post(database_url: str) -> AsyncIterator[Post]:
    """Services that send links, over a fresh database."""
    odd = OddDatabase(build_engine(make_settings(DATABASE_URL=database_url)))
    hasher = PasswordHasher(CHEAP)
    yield Post(odd, hasher)
    hasher.close()
    odd.dispose()


@pytest.fixture
def turns(database: Database) -> Turns:
    """A worker over that database."""
    return turns_of(database)


@pytest.fixture
def logs() -> Iterator[list[EventDict]]:
    """What is logged."""
    with capture_logs() as lines:
        yield lines
