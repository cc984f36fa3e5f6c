"""Checks of `make check` that no ready tool makes: the API document and the migrations.

`python -m tests.checks --write` brings `openapi.json` up to date.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from backend.config import Settings
from backend.database import build_engine
from backend.main import create_app
from backend.migration import migrate
from tests.lock import find_lock_drift

ROOT: Final = Path(__file__).resolve().parent.parent
DOCUMENT: Final = ROOT / "openapi.json"


def render_document() -> str:
    """The API document as it is committed."""
    app = create_app(Settings(_env_file=None))
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def find_drift() -> list[str]:
    """What is committed but no longer true."""
    drift = []
    if not DOCUMENT.exists() or DOCUMENT.read_text(encoding="utf-8") != render_document():
        drift.append("openapi.json is not current: run `make openapi`")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = {line.partition("=")[0] for line in example.splitlines() if "=" in line}
    drift += [
        f".env.example has no line for {name}"
        for name in Settings.model_fields
        if name not in named
    ]
    drift += find_lock_drift()
    with tempfile.TemporaryDirectory() as folder:
        engine = build_engine(Settings(_env_file=None, DATABASE_URL=f"sqlite:///{folder}/x.db"))
        migrate(engine)
        config = Config(ROOT / "alembic.ini")
        config.attributes["engine"] = engine
        try:
            command.check(config)
        except CommandError as exc:
            drift.append(f"the migrations do not make the models: {exc}")
        engine.dispose()
    return drift


def main() -> int:
    """Write the document, or tell what has drifted; the status is 1 when something has."""
    if "--write" in sys.argv:
        DOCUMENT.write_text(render_document(), encoding="utf-8")
        return 0
    drift = find_drift()
    sys.stdout.write("".join(f"{line}\n" for line in drift))
    return 1 if drift else 0


if __name__ == "__main__":
    sys.exit(main())
