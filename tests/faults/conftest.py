"""Parts of a test's own, and the service that stands on them."""

from collections.abc import Iterator

import pytest

from tests.fakes.gemini_server import FakeGemini
from tests.faults.parts import Postgres, RedisServer, running_postgres, running_redis
from tests.faults.people import answer_in_time

Environment = dict[str, str]


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL that the tests of one file may stop."""
    with running_postgres() as postgres:
        yield postgres


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that one test may kill."""
    with running_redis() as redis:
        yield redis


@pytest.fixture
def environment(database_url: str, fake_gemini: FakeGemini) -> Environment:
    """How the service is started, on a database of its own and a Gemini of its own."""
    fake_gemini.always(answer_in_time)
    return {
        "DATABASE_URL": database_url,
        "GEMINI_API_KEY": "k",
        "GEMINI_BASE_URL": fake_gemini.base_url,
        "RATE_LIMIT_ENABLED": "false",
        "LOG_LEVEL": "ERROR",
    }
