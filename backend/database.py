"""The database: engine, sessions, and one worker-thread hop for each transaction."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from backend.config import Settings, settings
from backend.core.errors import DatabaseNotMigrated, DatabaseUnavailable
from backend.core.write_lane import WriteLane
from backend.models.base import Base

__all__ = ["Base", "Database", "SessionLocal", "build_engine", "database", "engine", "get_db"]

T = TypeVar("T")
logger = structlog.get_logger(__name__)

STUCK_SECONDS: Final = 8.0
"""How long a server may take that accepts a transaction: more than its statement timeout."""

_STATEMENT_SECONDS: Final = 6
_LOCK_SECONDS: Final = 4

_UNDEFINED_TABLE: Final = "42P01"
"""PostgreSQL's word for a table that is not there; SQLite says so in a sentence."""

_SQLITE_HEAD: Final = b"SQLite format 3\0"

BUSY_SECONDS: Final = 5.0
"""How long a transaction waits for a lock or a connection before the client is told to retry."""


def build_engine(config: Settings) -> Engine:
    """Make an engine for `config.DATABASE_URL`; nothing is opened until it is used."""
    url = make_url(config.DATABASE_URL)
    if url.get_backend_name() == "sqlite":
        made = create_engine(
            url,
            pool_size=config.DB_POOL_SIZE,
            max_overflow=config.DB_MAX_OVERFLOW,
            pool_timeout=BUSY_SECONDS,
            hide_parameters=True,
            connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
        )
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
        return made
    return create_engine(
        url,
        pool_size=config.DB_POOL_SIZE,
        max_overflow=config.DB_MAX_OVERFLOW,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "connect_timeout": int(BUSY_SECONDS),
            # A line that went dead is noticed by the system, not after its two hours.
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            "options": f"-c lock_timeout={_LOCK_SECONDS}s "
            f"-c statement_timeout={_STATEMENT_SECONDS}s "
            "-c idle_in_transaction_session_timeout=30s -c timezone=UTC",
        },
    )


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Set what must hold for every connection.

    `synchronous=FULL`: NORMAL syncs none of the acknowledged turns in WAL mode, so that a power
    cut would lose them. `isolation_level=None` leaves BEGIN to `_begin_sqlite`.
    """
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once in the write lane.

    A transaction that reads first and writes then can fail as stale without being able to wait.
    """
    writes = connection.get_execution_options().get("lane") == "write"
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


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
        self._writer = engine.execution_options(lane="write")
        self._lane: WriteLane | None = None
        if engine.dialect.name == "sqlite":
            self._lane = WriteLane(self._connect_writer)

    async def read(self, query: Callable[[Session], T]) -> T:
        """Run `query` in a read transaction in a worker thread.

        Raises:
            DatabaseUnavailable: the database cannot be reached, is locked or broken.
        """
        with _translated_errors():
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
        with _translated_errors():
            if self._lane is not None:
                return await self._lane.run(change, patience=self._patience)
            given_up = Event()
            try:
                return await self._run(partial(self._change, change, given_up))
            except TimeoutError:
                given_up.set()
                raise

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

    def _connect_writer(self) -> Connection:
        self._check_file()
        return self._writer.connect()

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


class DatabaseFile:
    """The SQLite file behind an engine, watched for being deleted or replaced under it.

    SQLite goes on writing to a deleted file without a word: such turns would be acknowledged and
    gone with the process.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity: tuple[int, int] | None = None

    @classmethod
    def of(cls, engine: Engine) -> "DatabaseFile | None":
        """The file of `engine`; None for a database server."""
        if engine.dialect.name != "sqlite":
            return None
        return cls(Path(engine.url.database or ""))

    def has_moved(self) -> bool:
        """True once after another file took its place.

        Raises:
            TimeoutError: it was there and is gone.
        """
        try:
            found = self._path.stat()
        except OSError as exc:
            if self._identity is None:
                return False  # not made yet: connecting makes it, or tells why not
            raise TimeoutError("the database file is gone") from exc
        identity = (found.st_dev, found.st_ino)
        moved = self._identity not in {None, identity}
        self._identity = identity
        return moved

    def fault(self) -> str | None:
        """Why this can never be a database, whoever waits; None when it is or may become one."""
        if self._path.is_dir():
            return f"{self._path} is a folder"
        if not self._path.parent.is_dir():
            return f"there is no folder {self._path.parent}"
        try:
            with self._path.open("rb") as file:
                head = file.read(len(_SQLITE_HEAD))
        except FileNotFoundError:
            return None
        except OSError as exc:
            return f"{self._path} cannot be read: {exc.strerror}"
        return None if head in {b"", _SQLITE_HEAD} else f"{self._path} is no SQLite database"

    def is_writable(self) -> bool:
        """Whether permissions let this process write the file and its folder."""
        return os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK)


def _pool_capacity(engine: Engine) -> int:
    """How many connections there can be at once."""
    pool = engine.pool
    return pool.size() + max(0, pool._max_overflow) if isinstance(pool, QueuePool) else 1


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Translate what the driver and the pool raise, here and nowhere else."""
    try:
        yield
    except (TimeoutError, PoolTimeoutError, DBAPIError) as exc:
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
