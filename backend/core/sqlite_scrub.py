"""Making SQLite forget: what was deleted is to be in none of its files any more."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Final

WAIT_SECONDS: Final = 0.05
"""How long it waits for others; it comes back later rather than make them wait."""

MAX_VACUUM_BYTES: Final = 64 * 2**20
"""A larger file is not rewritten by itself: that takes as much memory, and a second."""

_SHARE: Final = 100
"""Rewriting takes at most one part in this many of the time."""


class SqliteScrubber:
    """Empties the write-ahead log, and rewrites the file, after something was erased.

    `secure_delete` overwrites what is deleted where it stands. Two copies escape it: those in the
    log, until it is emptied, and, in one of some thousand deletions, what SQLite left in the gap
    of a page when it moved entries from page to page. Only a rewritten file is free of these.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rest_until = 0.0

    def scrub(self) -> bool:
        """Do both; False when somebody else was in the way, or it is too soon. Blocks."""
        return self._attempt(lambda connection: self._rewrite(connection) and _empty(connection))

    def empty_log(self) -> bool:
        """Empty the log alone; False when somebody else was in the way. Blocks."""
        return self._attempt(_empty)

    def _attempt(self, work: Callable[[sqlite3.Connection], bool]) -> bool:
        if not self._path.exists():
            return True
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        with closing(
            sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS, isolation_level=None)
        ) as connection:
            try:
                return work(connection)
            except sqlite3.OperationalError:
                return False  # locked

    def _rewrite(self, connection: sqlite3.Connection) -> bool:
        if self._path.stat().st_size > MAX_VACUUM_BYTES:
            return True
        began = monotonic()
        if began < self._rest_until:
            _empty(connection)
            return False
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("VACUUM")
        now = monotonic()
        self._rest_until = now + _SHARE * (now - began)
        return True


def _empty(connection: sqlite3.Connection) -> bool:
    # Copies most of the log while others go on writing: emptying it is short then.
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
