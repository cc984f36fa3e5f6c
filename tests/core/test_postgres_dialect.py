"""When PostgreSQL is asked whether a connection lives, and when that is plain without asking."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.pool import QueuePool

from backend.database import build_engine
from tests.service import make_settings

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

_LAST_ASKED = text("SELECT state_change FROM pg_stat_activity WHERE pid = :pid")
_END = text("SELECT pg_terminate_backend(:pid, 2000)")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A pool of one connection."""
    made = build_engine(make_settings(DATABASE_URL=database_url, DB_POOL_SIZE=1, DB_MAX_OVERFLOW=0))
    yield made
    made.dispose()


@pytest.fixture
def onlooker(database_url: str) -> Iterator[Any]:
    """Somebody else on the same server."""
    made = build_engine(make_settings(DATABASE_URL=database_url))
    with made.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")
    made.dispose()


def use(engine: Engine) -> int:
    """Use the connection; its number on the server."""
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT pg_backend_pid()")) or 0)


class TestPing:
    def test_one_lately_in_use_is_taken_without_a_question(
        self, engine: Engine, onlooker: Any
    ) -> None:
        use(engine)
        pid = use(engine)
        before = onlooker.scalar(_LAST_ASKED, {"pid": pid})

        with engine.connect():
            assert onlooker.scalar(_LAST_ASKED, {"pid": pid}) == before

    def test_one_that_was_silent_for_long_is_asked(self, engine: Engine, onlooker: Any) -> None:
        use(engine)
        pid = use(engine)
        before = onlooker.scalar(_LAST_ASKED, {"pid": pid})
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.used_at -= 60

        with engine.connect():
            assert onlooker.scalar(_LAST_ASKED, {"pid": pid}) > before

    def test_one_that_the_server_has_ended_is_replaced_unnoticed(
        self, engine: Engine, onlooker: Any
    ) -> None:
        use(engine)
        pid = use(engine)
        assert onlooker.scalar(_END, {"pid": pid})

        assert use(engine) != pid
        assert isinstance(engine.pool, QueuePool)
        assert engine.pool.checkedout() == 0
