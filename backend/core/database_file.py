"""The SQLite file behind an engine."""

import os
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

_HEAD: Final = b"SQLite format 3\0"


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
                head = file.read(len(_HEAD))
        except FileNotFoundError:
            return None
        except OSError as exc:
            return f"{self._path} cannot be read: {exc.strerror}"
        return None if head in {b"", _HEAD} else f"{self._path} is no SQLite database"

    def is_writable(self) -> bool:
        """Whether permissions let this process write the file and its folder."""
        return os.access(self._path, os.W_OK) and os.access(self._path.parent, os.W_OK)
