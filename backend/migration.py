"""Bringing the database to the schema this code was written for."""

import re
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, inspect, text

_ROOT: Final = Path(__file__).resolve().parent.parent
_REVISION: Final = re.compile(r'^revision = "(\w+)"', re.MULTILINE)
_BUILDS_ON: Final = re.compile(r'^down_revision = "(\w+)"', re.MULTILINE)


class MigrationFailed(Exception):
    """The migrations and the database do not fit: it is newer than this code, or foreign."""


def migrate_if_behind(engine: Engine) -> None:
    """Upgrade the database unless it is current already. Blocks."""
    if not _is_current(engine):
        migrate(engine)


def migrate(engine: Engine, revision: str = "head") -> None:
    """Upgrade (or, given an older revision, downgrade) the database. Blocks.

    Raises:
        MigrationFailed: the database stands at a revision that this code does not know.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config(_ROOT / "alembic.ini")
    config.attributes["engine"] = engine
    run = command.downgrade if revision == "base" else command.upgrade
    try:
        run(config, revision)
    except CommandError as exc:
        raise MigrationFailed(str(exc)) from exc


def is_known(revision: str) -> bool:
    """Whether this code can bring a database from `revision` to its own schema."""
    return revision in _revisions(_read_files())


def _newest() -> str:
    """The revision that no other one builds on; files need not be numbered in their order."""
    files = _read_files()
    [newest] = _revisions(files) - {name for file in files for name in _BUILDS_ON.findall(file)}
    return newest


def _read_files() -> list[str]:
    return [file.read_text("utf-8") for file in (_ROOT / "alembic/versions").glob("*.py")]


def _revisions(files: list[str]) -> set[str]:
    return {name for file in files for name in _REVISION.findall(file)}


def _is_current(engine: Engine) -> bool:
    """Read the files' own words: a start need not import Alembic to find nothing to do."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return (
            _newest() in connection.scalars(text("SELECT version_num FROM alembic_version")).all()
        )
