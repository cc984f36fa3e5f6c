"""`python -m backend create-admin`: the first administrator, and any later one."""

import asyncio
import getpass
import os
import sys
from typing import Final, TextIO

from pydantic import SecretStr, ValidationError
from sqlalchemy.exc import DBAPIError

from backend.config import Environment, Settings
from backend.core.errors import AUGuruError
from backend.core.security import PasswordHasher
from backend.database import Database, build_engine
from backend.migration import MigrationFailed, migrate_if_behind
from backend.schemas.user import UserCreate, normalize_email
from backend.services.erasure import ErasureService
from backend.services.user_admin import UserAdmin

PASSWORD_VARIABLE: Final = "ADMIN_PASSWORD"  # noqa: S105 - a name, not a secret


class BadInput(Exception):
    """What was given cannot be used; the message is one line for the terminal."""


def create_admin(config: Settings, email: str, *, answers: TextIO = sys.stdin) -> str:
    """Make or promote the administrator `email`; returns the line that tells what was done.

    The password comes from the environment, from a pipe, or is asked twice on a terminal. Without
    one an account that exists keeps its own.

    Raises:
        BadInput: for whatever cannot be used or done, in one line.
    """
    try:
        address = normalize_email(email)
    except ValueError:
        raise BadInput(f"{email!r} is not an e-mail address.") from None
    password = _check(address, _read_password(answers))
    try:
        return asyncio.run(_promote(config, address, password))
    except (AUGuruError, MigrationFailed) as exc:
        raise BadInput(str(exc).partition("\n")[0]) from None
    except DBAPIError as exc:
        raise BadInput(f"The database cannot be used: {exc.orig}".partition("\n")[0]) from None


def _read_password(answers: TextIO) -> str:
    """The password; empty when none is given."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    if not answers.isatty():
        return answers.readline().rstrip("\r\n")
    password = getpass.getpass("Password (empty keeps the one of an account that exists): ")
    if password and getpass.getpass("Once more: ") != password:
        raise BadInput("The two passwords differ.")
    return password


def _check(email: str, password: str) -> str | None:
    """The password as it is stored; the rules are those of everybody's."""
    if not password:
        return None
    try:
        account = UserCreate(email=email, password=SecretStr(password))
    except ValidationError as exc:
        words = exc.errors(include_input=False, include_url=False)[0]["msg"]
        raise BadInput(f"The password {words.removeprefix('Value error, ')}.") from None
    return account.password.get_secret_value()


async def _promote(config: Settings, email: str, password: str | None) -> str:
    database = Database(build_engine(config))
    hasher = PasswordHasher()
    try:
        if config.ENVIRONMENT is Environment.DEVELOPMENT:
            await asyncio.to_thread(migrate_if_behind, database.engine)
        administrators = UserAdmin(database, hasher, ErasureService(database))
        was_there = await administrators.make_administrator(email, password)
    finally:
        hasher.close()
        database.dispose()
    if not was_there:
        return f"{email} is an administrator now."
    kept = "keeps its password" if password is None else "has the new password"
    return f"{email} had an account: it is an administrator's now and {kept}."
