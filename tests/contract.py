"""Whether the running service keeps what its API document says: schemathesis, all checks.

`python -m tests.contract` (part of `make check`) tries a few examples of each operation on SQLite;
`--examples 200 --database postgresql://… --workers 2` more of them, elsewhere.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from backend.config import Settings
from backend.core.auth import Claims, TokenService, TokenType
from backend.database import build_engine
from backend.migration import migrate
from backend.models import SignIn, User, UserRole
from backend.models.base import utc_now
from tests.processes import ROOT, ServerProcess, serve

CONFIG: Final = Path(__file__).with_name("schemathesis.toml")
SECRET: Final = "a-secret-of-the-tests-that-is-long-enough"
_DAY: Final = timedelta(days=1)
_SIGN_OUT: Final = "/logout"


def keeps_contract(
    database_url: str, *, examples: int, is_random: bool = True, workers: int = 1
) -> bool:
    """Try every operation as a visitor and as an administrator; what is wrong is printed.

    Unless it `is_random`, the examples are the same each time: a check of every change must not
    fail for what the change has not touched.

    Signing out comes last, with a sign-in of its own: it would end that of all others.
    """
    engine = build_engine(Settings(_env_file=None, DATABASE_URL=database_url))
    migrate(engine)
    with tempfile.TemporaryDirectory() as folder:
        facts = shutil.copytree(ROOT / "data", Path(folder) / "facts")
        settings = {
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET,
            "KNOWLEDGE_DIR": str(facts),
            "RATE_LIMIT_ENABLED": "false",
        }
        how = ["--generation-database", "none"] if is_random else ["--generation-deterministic"]
        with serve("--workers", str(workers), **settings) as server:
            runs = [
                _run(server, folder, examples, how),
                _run(
                    server,
                    folder,
                    examples,
                    [*how, *_as(engine), "--exclude-path-regex", _SIGN_OUT],
                ),
                _run(
                    server,
                    folder,
                    examples,
                    [*how, *_as(engine), "--include-path-regex", _SIGN_OUT],
                ),
            ]
    engine.dispose()
    return not any(runs)


def _run(server: ServerProcess, folder: str, examples: int, options: list[str]) -> int:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
        *("run", f"{server.url}/openapi.json", "--checks", "all", "--continue-on-failure"),
        *("--max-examples", str(examples), *options),
    ]
    return subprocess.run(command, cwd=folder, check=False).returncode


def _as(engine: Engine) -> list[str]:
    """The option that makes all requests a new administrator's."""
    claims = Claims(user_id=str(uuid4()), sign_in_id=str(uuid4()), version=0)
    with Session(engine) as db:
        db.execute(
            insert(User).values(
                id=claims.user_id,
                email=f"{claims.user_id}@au.edu",
                password_hash="!",
                role=UserRole.ADMIN,
            )
        )
        place = {"id": claims.sign_in_id, "user_id": claims.user_id, "token_hash": ""}
        db.execute(insert(SignIn).values(expires_at=utc_now() + _DAY, **place))
        db.commit()
    token = TokenService(SECRET).create(TokenType.ACCESS, claims, lifetime=_DAY)
    return ["--header", f"Authorization: Bearer {token.text}"]


def main() -> int:
    """Run from the command line; the status is 1 when the contract is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=3, help="of each operation, at most")
    parser.add_argument("--database", help="an empty one; a new SQLite file unless given")
    parser.add_argument("--workers", type=int, default=1, help="processes that serve")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{folder}/contract.db"
        kept = keeps_contract(
            url, examples=options.examples, is_random=False, workers=options.workers
        )
        return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
