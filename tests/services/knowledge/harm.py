"""What happens to files: every way in which one can be broken."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from backend.services.knowledge.plain_file import MAX_FILE_BYTES

Harm = Callable[[Path], None]


def phone(number: str) -> dict[str, Any]:
    """The document of a file that says one number."""
    return {"offices": [{"name": "Library Office", "phone": number}]}


def tear(path: Path) -> None:
    """Leave it half written."""
    path.write_bytes(path.read_bytes()[:-20])


def empty(path: Path) -> None:
    """Leave nothing in it."""
    path.write_bytes(b"")


def garble(path: Path) -> None:
    """Write what is no text."""
    path.write_bytes(b"\xff\x00" * 100)


def blow_up(path: Path) -> None:
    """Make it larger than any file may be."""
    os.truncate(path, MAX_FILE_BYTES + 1)


def bury(path: Path) -> None:
    """Nest it deeper than any parser goes."""
    path.write_text('{"a":' * 50_000 + "1" + "}" * 50_000)


def remove(path: Path) -> None:
    """Take it away."""
    path.unlink()


def lead_away(path: Path) -> None:
    """Put a link to another folder's file in its place."""
    outside = path.parent.parent / f"{path.parent.name}-outside.json"
    outside.write_text(json.dumps(phone("666")))
    path.unlink()
    path.symlink_to(outside)


def lead_nowhere(path: Path) -> None:
    """Put a link to nothing in its place."""
    path.unlink()
    path.symlink_to("nowhere.json")


def replace_by_folder(path: Path) -> None:
    """Put a folder in its place."""
    path.unlink()
    path.mkdir()


def replace_by_pipe(path: Path) -> None:
    """Put a pipe in its place, which whoever opens waits for."""
    path.unlink()
    os.mkfifo(path)


def annul(path: Path) -> None:
    """Write over it what an export that failed leaves."""
    path.write_text("null")


def remove_folder(path: Path) -> None:
    """Take the whole folder away."""
    path.parent.rename(_moved(path))


HARM: Final[dict[Harm, str]] = {
    tear: "column",
    empty: "Expecting value",
    garble: "is not UTF-8",
    blow_up: "is larger than 64 MB",
    bury: "is nested too deeply",
    annul: "holds one value instead of facts",
    remove: "No such file",
    lead_away: "leads out of the folder",
    lead_nowhere: "No such file",
    replace_by_folder: "is not a plain file",
    replace_by_pipe: "is not a plain file",
    remove_folder: "No such file",
}
"""Each harm, and what is told of it."""


def mend(path: Path, document: Any) -> None:
    """Put a sound file where a broken one was."""
    if _moved(path).exists():
        _moved(path).rename(path.parent)
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    path.write_text(json.dumps(document))


def _moved(path: Path) -> Path:
    return path.parent.with_name(f"{path.parent.name}-moved")
