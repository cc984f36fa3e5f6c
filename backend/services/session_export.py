"""Conversations as files, read and written in pages: a long one takes no more memory."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any, Final, Literal, cast

from sqlalchemy import Row, Table, select
from sqlalchemy.orm import Session

from backend.database import Database
from backend.models.chat import ChatMessage, ChatSession
from backend.schemas.session import ArchivedMessage, ArchivedSession
from backend.services.markdown import write_heading, write_message
from backend.services.turn import find_owned_session

PAGE: Final = 200
"""Messages, or sessions, that are read at once."""

Format = Literal["json", "markdown"]
_sessions = cast(Table, ChatSession.__table__)
_messages = cast(Table, ChatMessage.__table__)


class SessionExport:
    """Hands conversations to their owner as text, piece by piece.

    Each page is a transaction of its own: nothing is held while a slow reader reads. What is
    erased meanwhile is left out.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    async def find(self, session_id: str, *, user_id: str | None) -> ArchivedSession:
        """The session that is to be exported.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """
        return await self.database.read(
            lambda db: _show(find_owned_session(db.connection(), session_id, user_id))
        )

    def write(self, session: ArchivedSession, file_format: Format) -> AsyncIterator[str]:
        """The pieces of the file."""
        if file_format == "json":
            return self._write_json(session)
        return self._write_markdown(session)

    async def write_all(self, user_id: str) -> AsyncIterator[str]:
        """All of a person's conversations: the pieces of one JSON list, oldest first."""
        separator = "["
        last = ""
        while sessions := await self.database.read(
            partial(_read_sessions, user_id=user_id, after=last)
        ):
            for session in sessions:
                yield separator
                separator = ",\n"
                async for piece in self._write_json(session):
                    yield piece
            last = sessions[-1].session_id
        yield "]" if separator != "[" else "[]"

    async def _write_json(self, session: ArchivedSession) -> AsyncIterator[str]:
        yield session.model_dump_json()[:-1] + ',"messages":['
        separator = "\n"
        async for page in self._pages(session, ArchivedMessage.model_dump_json):
            yield separator + ",\n".join(page)
            separator = ",\n"
        yield "\n]}"

    async def _write_markdown(self, session: ArchivedSession) -> AsyncIterator[str]:
        yield write_heading(session)
        async for page in self._pages(session, _write_current):
            yield "".join(page)

    async def _pages(
        self, session: ArchivedSession, write: Callable[[ArchivedMessage], str]
    ) -> AsyncIterator[list[str]]:
        last = 0

        def read(db: Session) -> tuple[list[str], int]:
            rows = _read_messages(db, session.session_id, last)
            return [write(_archive(row)) for row in rows], rows[-1].id if rows else last

        while True:
            page, last = await self.database.read(read)
            if not page:
                return
            yield page


def _write_current(message: ArchivedMessage) -> str:
    """People read the answers that stand; programs get the earlier versions as well."""
    return write_message(message) if message.is_current else ""


def _read_messages(db: Session, session_id: str, after: int) -> Sequence[Row[Any]]:
    query = select(_messages).where(
        _messages.c.session_id == session_id, _messages.c.id > after, _messages.c.content != ""
    )
    return db.execute(query.order_by(_messages.c.id).limit(PAGE)).all()


def _read_sessions(db: Session, user_id: str, after: str) -> list[ArchivedSession]:
    """By id: it never changes, while a session that is talked in moves in every other order."""
    query = select(_sessions).where(_sessions.c.user_id == user_id, _sessions.c.id > after)
    return [_show(row) for row in db.execute(query.order_by(_sessions.c.id).limit(PAGE))]


def _archive(row: Row[Any]) -> ArchivedMessage:
    return ArchivedMessage.model_validate(row)


def _show(row: Row[Any]) -> ArchivedSession:
    return ArchivedSession(
        session_id=row.id,
        title=row.title or "",
        created_at=row.created_at,
        updated_at=row.updated_at,
        summary=row.summary,
    )
