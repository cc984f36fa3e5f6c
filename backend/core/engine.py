"""SQLAlchemy's engine for the database that the settings name."""

import sqlite3
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from backend.config import Settings

BUSY_SECONDS: Final = 5.0
"""How long a transaction waits for a lock or a connection before the client is told to retry."""

_STATEMENT_SECONDS: Final = 6
_LOCK_SECONDS: Final = 4


class _SqliteConnection(sqlite3.Connection):
    """Knows whether its next transaction is to write."""

    will_write = False


class SqliteDialect(SQLiteDialect_pysqlite):
    """Begins transactions where they begin, which the driver by itself does not.

    SQLAlchemy's documents do it by an event of the engine: while one is listened for, every
    statement of every transaction asks for listeners, a tenth of what it costs.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Take the write lock at once if the transaction is to write.

        One that reads first and writes then can fail as stale without being able to wait.
        """
        connection: Any = dbapi_connection.driver_connection
        writes, connection.will_write = connection.will_write, False
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


registry.register("sqlite.au_guru", __name__, SqliteDialect.__name__)
registry.register("postgresql.au_guru", "backend.core.postgres_dialect", "PostgresDialect")


def build_engine(config: Settings) -> Engine:
    """Make an engine for `config.DATABASE_URL`; nothing is opened until it is used."""
    url = make_url(config.DATABASE_URL)
    if url.get_backend_name() == "sqlite":
        made = create_engine(
            url.set(drivername="sqlite+au_guru"),
            pool_size=config.DB_POOL_SIZE,
            max_overflow=config.DB_MAX_OVERFLOW,
            pool_timeout=BUSY_SECONDS,
            # Whoever gives a connection back has ended its transaction.
            pool_reset_on_return=None,
            hide_parameters=True,
            connect_args={
                "check_same_thread": False,
                "timeout": BUSY_SECONDS,
                "factory": _SqliteConnection,
            },
        )
        event.listen(made, "connect", _prepare_sqlite)
        return made
    return create_engine(
        url.set(drivername="postgresql+au_guru"),
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


def connect_writer(engine: Engine) -> Connection:
    """A connection whose next transaction takes SQLite's write lock as it begins."""
    connection = engine.connect()
    driver_connection = connection.connection.driver_connection
    if isinstance(driver_connection, _SqliteConnection):
        driver_connection.will_write = True
    return connection


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Set what must hold for every connection.

    `synchronous=FULL`: NORMAL syncs none of the acknowledged turns in WAL mode, so that a power
    cut would lose them. `isolation_level=None` leaves BEGIN to the dialect.
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
