"""A PostgreSQL that takes connections and statements, and answers nothing for a while."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

import pytest
from sqlalchemy import make_url, select, text
from sqlalchemy.orm import Session

from backend.core.errors import DatabaseUnavailable
from backend.database import Database, build_engine
from backend.models import ChatSession
from tests.service import make_settings

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Line:
    """Passes on what comes, or keeps what the server says until it may speak again."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._speaks = asyncio.Event()
        self._speaks.set()

    def fall_silent(self) -> None:
        self._speaks.clear()

    def speak(self) -> None:
        self._speaks.set()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, questions = await asyncio.open_connection(*self._target)
        await asyncio.gather(self._pass(reader, questions), self._pass(answers, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while piece := await reader.read(65_536):
                await self._speaks.wait()
                writer.write(piece)
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def database_behind(url: str) -> AsyncIterator[tuple[Database, Line]]:
    target = make_url(url)
    line = Line(target.host or "127.0.0.1", target.port or 5432)
    server = await asyncio.start_server(line.connect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    through = target.set(host="127.0.0.1", port=port).render_as_string(hide_password=False)
    database = Database(build_engine(make_settings(DATABASE_URL=through)), stuck=0.2)
    try:
        yield database, line
    finally:
        line.speak()
        await asyncio.to_thread(database.dispose)
        server.close()
        await server.wait_closed()


def add(db: Session) -> None:
    db.execute(
        text("INSERT INTO chat_sessions (id, created_at, updated_at) VALUES ('s', now(), now())")
    )


async def test_a_change_is_refused_soon_and_not_made_when_the_server_comes_back(
    database_url: str,
) -> None:
    async with database_behind(database_url) as (database, line):
        await asyncio.to_thread(open_connection, database)
        line.fall_silent()
        started = monotonic()

        with pytest.raises(DatabaseUnavailable) as refused:
            await database.write(add)

        assert monotonic() - started < 4
        assert refused.value.retry_after
    # The server has spoken again, and the change's thread has come to its end.
    direct = Database(build_engine(make_settings(DATABASE_URL=database_url)))
    assert await direct.read(lambda db: list(db.scalars(select(ChatSession.id)))) == []
    direct.dispose()


def open_connection(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
