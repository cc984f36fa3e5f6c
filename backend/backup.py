"""Backup and restore of the whole database: `python -m backend backup FILE`, `restore FILE`.

Both may run while the service does: a backup is what was committed at one moment, and a restore
is one transaction, so that readers see all of the old or all of the new. SQLite needs nothing
but Python; for PostgreSQL its own tools do the work (`pg_dump`, `pg_restore`, `psql`).
"""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Final

from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from backend.core.database_file import DatabaseFile
from backend.database import Base
from backend.migration import MigrationFailed, is_known, migrate

_BUSY_SECONDS: Final = 30.0
_OWN_TABLES: Final = ("alembic_version", *sorted(Base.metadata.tables))
_DROP: Final = f"DROP TABLE IF EXISTS {', '.join(_OWN_TABLES)} CASCADE"
_HELD: Final = "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM chat_sessions)"


class BackupFailed(Exception):
    """What cannot be backed up or restored, in one line for the terminal."""


def back_up(engine: Engine, file: Path) -> None:
    """Write all that is committed into a new `file`, readable by its owner only.

    Raises:
        BackupFailed: nothing stands in `file`.
    """
    with _new_file(file) as partial:
        if engine.dialect.name == "sqlite":
            _copy_sqlite(_path_of(engine), partial)
        else:
            tables = [f"--table=public.{name}" for name in _OWN_TABLES]
            _run_tool("pg_dump", engine, "--format=custom", f"--file={partial}", *tables)


def restore(engine: Engine, file: Path, *, replace: bool) -> None:
    """Make the database what it was when `file` was written, then bring it to this schema.

    Raises:
        BackupFailed: the database is as it was before.
    """
    if not file.is_file():
        raise BackupFailed(f"There is no file {file}.")
    is_sqlite = engine.dialect.name == "sqlite"
    revision = _sqlite_revision(file) if is_sqlite else _postgres_revision(engine, file)
    if not is_known(revision):
        raise BackupFailed(f"{file} comes from a newer version of the service ({revision}).")
    if not replace and _holds_people(engine):
        raise BackupFailed("The database holds conversations or accounts: --replace erases them.")
    if is_sqlite:
        _restore_sqlite(file, _path_of(engine))
    else:
        _restore_postgres(engine, file)
    try:
        migrate(engine)
    except (MigrationFailed, DBAPIError) as exc:
        raise BackupFailed(f"Restored, but not brought to this schema: {exc}") from exc


@contextmanager
def _new_file(file: Path) -> Iterator[Path]:
    """A file beside `file` that takes its name once it is whole and on disk."""
    try:
        if file.exists():
            raise BackupFailed(f"{file} is there already.")
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            partial = Path(folder) / "partial"
            yield partial
            partial.chmod(0o600)
            with partial.open("rb") as written:
                os.fsync(written.fileno())
            partial.replace(file)
    except OSError as exc:
        raise BackupFailed(f"{file}: {exc.strerror}") from exc


def _copy_sqlite(path: Path, target: Path) -> None:
    """VACUUM INTO reads one moment and blocks no writer; what was erased does not come along."""
    fault = None if path.exists() else f"there is no file {path}"
    fault = fault or DatabaseFile(path).fault()
    if fault is not None:
        raise BackupFailed(f"DATABASE_URL: {fault}")
    with _translated(path), closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as source:
        source.execute("VACUUM INTO ?", [str(target)])
    _sqlite_revision(target)


def _sqlite_revision(file: Path) -> str:
    """The schema of a sound SQLite file."""
    with (
        _translated(file),
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db,
    ):
        [found] = db.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise BackupFailed(f"{file} is damaged: {found}")
        row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def _restore_sqlite(file: Path, path: Path) -> None:
    """Put the file's pages in the place of the database's, in one transaction of its own."""
    deadline = monotonic() + _BUSY_SECONDS

    def check_patience(_status: int, _remaining: int, _total: int) -> None:
        if monotonic() > deadline:
            raise BackupFailed(f"{path} is locked by another process.")

    with (
        _translated(path),
        closing(sqlite3.connect(file)) as source,
        closing(sqlite3.connect(path, timeout=_BUSY_SECONDS)) as target,
    ):
        source.backup(target, progress=check_patience)


@contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as exc:
        raise BackupFailed(f"{file}: {exc}") from exc


def _postgres_revision(engine: Engine, file: Path) -> str:
    """The schema of a PostgreSQL backup, from its one row in a table of one column."""
    script = _run_tool(
        "pg_restore", engine, "--data-only", "--table=alembic_version", "--file=-", str(file)
    )
    _, _, rows = script.partition("FROM stdin;\n")
    return rows.partition("\n")[0]


def _restore_postgres(engine: Engine, file: Path) -> None:
    """Drop our tables and make them anew, in one transaction."""
    with tempfile.TemporaryDirectory() as folder:
        script = f"{folder}/restore.sql"
        options = ("--no-owner", "--no-privileges")
        _run_tool("pg_restore", engine, *options, f"--file={script}", str(file))
        _run_tool(
            "psql",
            engine,
            *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
            *("--command=SET lock_timeout = '30s'", f"--command={_DROP}", f"--file={script}"),
        )


def _run_tool(name: str, engine: Engine, *arguments: str) -> str:
    """Run one of PostgreSQL's tools; the password travels in the environment, where none looks."""
    program = shutil.which(name)
    if program is None:
        raise BackupFailed(f"{name} is not installed (Debian: postgresql-client).")
    url = make_url(engine.url).set(drivername="postgresql")
    environment = dict(os.environ)
    if url.password:
        environment["PGPASSWORD"] = str(url.password)
    address = url._replace(password=None).render_as_string(hide_password=False)
    connection = [] if name == "pg_restore" else [f"--dbname={address}"]
    done = subprocess.run(  # noqa: S603 - the tools of PostgreSQL, by their full paths
        [program, *connection, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        told = done.stderr.strip().splitlines() or ["it gave no reason"]
        raise BackupFailed(f"{name}: {told[0]}")
    return done.stdout


def _holds_people(engine: Engine) -> bool:
    """Whether anything would be lost; an empty or new database holds nothing."""
    if engine.dialect.name == "sqlite" and not _path_of(engine).exists():
        return False
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(text(_HELD)))
    except DBAPIError as exc:
        if exc.connection_invalidated or exc.statement is None:
            raise BackupFailed(f"The database cannot be reached: {exc.orig}") from exc
        return False


def _path_of(engine: Engine) -> Path:
    return Path(engine.url.database or "")
