"""The database: engine, sessions, and one worker-thread hop for each transaction."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from functools import partial
from threading import Event
from time import monotonic
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

from backend.config import settings
from backend.core.database_file import DatabaseFile
from backend.core.engine import BUSY_SECONDS, build_engine, connect_writer
from backend.core.errors import DatabaseNotMigrated, DatabaseUnavailable
from backend.core.tracing import tracing
from backend.core.write_lane import WriteLane
from backend.models.base import Base

__all__ = ["Base", "Database", "SessionLocal", "build_engine", "database", "engine", "get_db"]

T = TypeVar("T")
logger = structlog.get_logger(__name__)

STUCK_SECONDS: Final = 8.0
"""How long a server may take that accepts a transaction: more than its statement timeout."""

_UNDEFINED_TABLE: Final = "42P01"
"""PostgreSQL's word for a table that is not there; SQLite says so in a sentence."""


class Database:
    """Runs transactions off the event loop.

    SQLite has one writer at a time, so all writes go through one lane and wait in order instead
    of for locks. On PostgreSQL there is a thread for each pooled connection, so that no thread
    waits for the pool. What has not begun within `patience` seconds is given up, and what a
    server has not done within `stuck` seconds.
    """

    def __init__(
        self, engine: Engine, *, patience: float = BUSY_SECONDS, stuck: float = STUCK_SECONDS
    ) -> None:
        self.engine = engine
        self._patience = patience
        self._stuck = stuck
        self.SessionLocal = sessionmaker(engine, autoflush=False, expire_on_commit=False)
        self._file = DatabaseFile.of(engine)
        self._threads = ThreadPoolExecutor(_pool_capacity(engine), thread_name_prefix="db")
        self._running: set[Future[Any]] = set()
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._lane: WriteLane | None = None
        if engine.dialect.name == "sqlite":
            self._lane = WriteLane(self._connect_writer)

    async def read(self, query: Callable[[Session], T]) -> T:
        """Run `query` in a read transaction in a worker thread.

        Raises:
            DatabaseUnavailable: the database cannot be reached, is locked or broken.
        """
        with tracing.span("transaction").tell("db.access", "read"), _translated_errors():
            return await self._run(partial(self._read, query))

    async def write(self, change: Callable[[Session], T]) -> T:
        """Run `change` in one transaction and commit it: on disk when this returns.

        Raises:
            DatabaseUnavailable: nothing was stored, except when the connection broke in the very
                commit, where nobody can know.
        """
        return await self.write_rows(partial(_change_in_session, change))

    async def write_rows(self, change: Callable[[Connection], T]) -> T:
        """As `write`, for statements alone: without a session a turn costs a tenth less."""
        with tracing.span("transaction").tell("db.access", "write"), _translated_errors():
            if self._lane is not None:
                return await self._lane.run(change, patience=self._patience)
            given_up = Event()
            try:
                return await self._run(partial(self._change, change, given_up))
            except TimeoutError:
                given_up.set()
                raise

    async def write_alone(self, change: Callable[[Connection], bool]) -> bool:
        """As `write_rows`, for one statement, which is committed as it is done.

        False, with nothing done, where that saves no round trips: on SQLite.
        """
        if self._lane is not None:
            return False
        with tracing.span("transaction").tell("db.access", "write"), _translated_errors():
            return await self._run(partial(self._change_alone, change))

    def is_writable(self) -> bool:
        """Whether the database's file may be written, as far as its permissions tell."""
        return self._file is None or self._file.is_writable()

    def pool_use(self) -> tuple[int, int]:
        """How many connections are taken, and how many there can be."""
        pool = self.engine.pool
        in_use = pool.checkedout() if isinstance(pool, QueuePool) else 0
        return in_use, _pool_capacity(self.engine)

    async def _run(self, transact: Callable[[], T]) -> T:
        deadline = monotonic() + self._patience

        def transact_in_time() -> T:
            if monotonic() > deadline:
                raise TimeoutError
            return transact()

        future = self._threads.submit(transact_in_time)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        async with asyncio.timeout(self._stuck):
            return await asyncio.wrap_future(future)

    def _read(self, query: Callable[[Session], T]) -> T:
        self._check_file()
        with self.SessionLocal() as db:
            return query(db)

    def _change(self, change: Callable[[Connection], T], given_up: Event) -> T:
        """Commit what `change` does, unless a server that came back finds nobody waiting for it."""
        with self.engine.begin() as connection:
            result = change(connection)
            if given_up.is_set():
                raise TimeoutError
            return result

    def _change_alone(self, change: Callable[[Connection], bool]) -> bool:
        with self._autocommit.connect() as connection:
            return change(connection)

    def _connect_writer(self) -> Connection:
        self._check_file()
        return connect_writer(self.engine)

    def _check_file(self) -> None:
        """Go to the file that the path names; what is written elsewhere would be lost."""
        if self._file is not None and self._file.has_moved():
            self.engine.dispose()

    def dispose(self) -> None:
        """Wait for running transactions and close all connections."""
        if self._lane is not None:
            self._lane.close()
        # A thread that waits for a server which never answers must not hold up the end for ever.
        self._threads.shutdown(wait=False, cancel_futures=True)
        wait_for(self._running, timeout=BUSY_SECONDS)
        self.engine.dispose()


def _change_in_session(change: Callable[[Session], T], connection: Connection) -> T:
    """Run a change that wants a session, within the transaction of `connection`.

    In a savepoint: a flush that fails rolls back all that its session has begun.
    """
    with Session(
        connection,
        autoflush=False,
        expire_on_commit=False,
        join_transaction_mode="create_savepoint",
    ) as db:
        result = change(db)
        db.commit()
        return result


def _pool_capacity(engine: Engine) -> int:
    """How many connections there can be at once."""
    pool = engine.pool
    return pool.size() + max(0, pool._max_overflow) if isinstance(pool, QueuePool) else 1


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Translate what the driver and the pool raise, here and nowhere else."""
    try:
        yield
    except (TimeoutError, PoolTimeoutError, DBAPIError, sqlite3.OperationalError) as exc:
        if not _is_outage(exc):
            raise
        logger.warning("database_unavailable", reason=_reason(exc))
        error = DatabaseNotMigrated if _lacks_table(exc) else DatabaseUnavailable
        raise error(retry_after=1) from exc


def _is_outage(exc: Exception) -> bool:
    """Tell a database that cannot serve now from a statement that is wrong."""
    if isinstance(exc, DBAPIError) and exc.statement is None:
        return True  # no connection was made at all
    if isinstance(exc, IntegrityError | DataError):
        return False
    return not isinstance(exc, ProgrammingError) or _lacks_table(exc)


def _lacks_table(exc: Exception) -> bool:
    """Tell a database that was not migrated yet."""
    original = exc.orig if isinstance(exc, DBAPIError) else None
    return getattr(original, "sqlstate", None) == _UNDEFINED_TABLE or (
        isinstance(original, sqlite3.OperationalError) and "no such table" in str(original)
    )


def _reason(exc: Exception) -> str:
    """The driver's own words, without the statement and its parameters."""
    return str(exc.orig if isinstance(exc, DBAPIError) else exc).partition("\n")[0]


engine = build_engine(settings)
database = Database(engine)
SessionLocal = database.SessionLocal


def get_db() -> Iterator[Session]:
    """Yield a session for reading; closing it gives the connection back, nothing is committed.

    Code after the `yield` runs when the client already has its answer, so a commit here would
    promise what is not yet true.
    """
    with SessionLocal() as db:
        yield db
