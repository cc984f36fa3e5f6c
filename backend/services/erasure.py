"""Erasing conversations: their rows, the questions kept of them, and their traces in the file."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, cast

import structlog
from sqlalchemy import ColumnElement, Connection, Row, Table, delete, select
from sqlalchemy.orm import Session

from backend.core.sqlite_scrub import SqliteScrubber
from backend.database import Database
from backend.models.chat import ChatMessage, ChatSession, MessageRole
from backend.services.gap_erasure import count_askings, forget_askings
from backend.services.turn import find_owned_session

SESSIONS_AT_ONCE: Final = 20
_RETRY_SECONDS: Final = 0.5

_sessions = cast(Table, ChatSession.__table__)
_messages = cast(Table, ChatMessage.__table__)
logger = structlog.get_logger(__name__)


class ErasureService:
    """Erases for good what its owner wants gone.

    On SQLite a task then cleans the file, beside the requests (`SqliteScrubber`); PostgreSQL
    overwrites what is deleted when its autovacuum comes by.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        url = database.engine.url
        is_file = url.get_backend_name() == "sqlite"
        self._scrubber = SqliteScrubber(Path(url.database or "")) if is_file else None
        self._wanted = asyncio.Event()

    async def erase_session(self, session_id: str, *, user_id: str | None) -> None:
        """Erase one session with all its messages.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """

        def check(db: Connection) -> None:
            find_owned_session(db, session_id, user_id, lock=True)

        await self._erase([session_id], check)
        self.scrub_soon()

    async def erase_person(
        self,
        user_id: str,
        *,
        check: Callable[[Session], None],
        delete_account: Callable[[Session], None],
    ) -> None:
        """Erase all sessions of a person, a few at a time so that nobody else has to wait, and
        the account at last: what is cut off in between can be asked for again.

        `check` raises what stands against it, before anything is erased.
        """
        await self.database.write(check)
        mine = select(_sessions.c.id).where(_sessions.c.user_id == user_id).limit(SESSIONS_AT_ONCE)
        while ids := await self.database.read(lambda db: db.scalars(mine).all()):
            await self._erase(ids, lambda _db: None)
        await self.database.write(delete_account)
        self.scrub_soon()

    def scrub_soon(self) -> None:
        """Have the database's file cleaned of what was deleted from it."""
        self._wanted.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Clean the file whenever that is wanted, until the context ends."""
        if self._scrubber is None:
            yield
            return
        task = asyncio.create_task(self._run(self._scrubber))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self, scrubber: SqliteScrubber) -> None:
        scrub = scrubber.empty_log  # for what a crash has left in it
        while True:
            try:
                if await asyncio.to_thread(scrub):
                    await self._wanted.wait()
                    self._wanted.clear()
                    scrub = scrubber.scrub
                    continue
            except Exception:
                # A file that is broken or gone is told by readiness; the task outlives it.
                logger.exception("file_not_scrubbed")
            await asyncio.sleep(_RETRY_SECONDS)

    async def _erase(self, ids: Sequence[str], check: Callable[[Connection], None]) -> None:
        """Erase sessions, and their questions from the list of what the facts do not answer."""

        def read(db: Session) -> Sequence[Row[Any]]:
            return _read_questions(db.connection(), ids, after=0)

        asked = await self.database.read(read)
        askings = await asyncio.to_thread(count_askings, asked)
        last = max((question.id for question in asked), default=0)

        def erase(db: Connection) -> None:
            check(db)
            # What was asked since it was read, seen after what it may follow.
            newer = _read_questions(db, ids, after=last)
            since = count_askings([*asked[-2:], *newer]) - count_askings(asked[-2:])
            db.execute(delete(_sessions).where(_sessions.c.id.in_(ids)))
            forget_askings(db, askings + since)

        await self.database.write_rows(erase)


def _read_questions(db: Connection, ids: Sequence[str], *, after: int) -> Sequence[Row[Any]]:
    """The questions of these sessions in the order in which each one's were asked."""
    columns: tuple[ColumnElement[Any], ...] = (
        _messages.c.id,
        _messages.c.session_id,
        _messages.c.content,
        _messages.c.status,
    )
    query = select(*columns).where(
        _messages.c.session_id.in_(ids),
        _messages.c.role == MessageRole.USER,
        _messages.c.id > after,
    )
    return db.execute(query.order_by(_messages.c.session_id, _messages.c.id)).all()
