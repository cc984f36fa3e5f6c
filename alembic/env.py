"""Runs migrations on the database that the settings name, one process at a time."""

from typing import Final

from alembic import context
from sqlalchemy import Connection, Engine, text

from backend.config import settings
from backend.database import build_engine
from backend.models import Base

_LOCK_KEY: Final = 5_413_286_117
"""Any number: workers that start at once wait for each other on PostgreSQL."""


def _configure(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=True,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=False,
    )


def _run(engine: Engine) -> None:
    with engine.execution_options(lane="write").connect() as connection:
        try:
            _prepare(connection)
            _configure(connection)
            context.run_migrations()
            connection.commit()
        finally:
            # The service goes on with the same pool: on a connection without foreign keys
            # whatever it deletes would leave its parts behind.
            connection.invalidate()


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Rebuilding a table drops the old one, which would cascade to its children.
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        # The limits on statements are those of turns; a large table takes longer.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = '1min'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})


def _run_offline() -> None:
    context.configure(url=settings.DATABASE_URL, target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    _run_offline()
else:
    given = context.config.attributes.get("engine")
    _run(given if given is not None else build_engine(settings))
