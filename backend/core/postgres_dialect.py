"""SQLAlchemy's dialect for psycopg, without round trips that tell nothing."""

from select import POLLIN, poll
from time import monotonic
from typing import Any, Final

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

_FRESH_SECONDS: Final = 15.0
"""A line that was silent for longer may have been forgotten by something between."""


class PostgresDialect(PGDialect_psycopg):
    """Takes a connection that was lately in use for alive until the server says otherwise.

    A server that ends a connection says so, which stands on the line then; one that is cut off
    without a word fails the next statement, as it would have failed a statement after a ping.
    """

    supports_statement_cache = True

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Whether the connection can be used; asks the server only when there is a doubt."""
        now = monotonic()
        last, dbapi_connection.used_at = getattr(dbapi_connection, "used_at", 0.0), now
        if now - last < _FRESH_SECONDS and not _has_come(dbapi_connection.fileno()):
            return True
        return bool(super().do_ping(dbapi_connection))  # type: ignore[no-untyped-call]  # theirs


def _has_come(descriptor: int) -> bool:
    """Whether anything is to be read: an idle connection only hears of its end, or of settings."""
    waiting = poll()
    waiting.register(descriptor, POLLIN)
    return bool(waiting.poll(0))
