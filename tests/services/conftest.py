"""Fixtures of the tests of services."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from backend.database import Database, build_engine
from tests.fakes.gemini_server import FakeGemini
from tests.service import make_settings
from tests.services.tap import Tap


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
