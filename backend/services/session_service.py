"""A person's conversations: listed, searched, named and taken over."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Row,
    Table,
    Tuple,
    and_,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from backend.core.cursor import read_cursor, write_cursor
from backend.database import Database
from backend.models.base import UTCDateTime
from backend.models.chat import ChatMessage, ChatSession, MessageRole
from backend.schemas.session import SessionList, SessionRead
from backend.services.turn import find_owned_session

SEARCHED: Final = 10_000
"""Sessions that a page of a search looks through: about 50 ms on SQLite, 200 ms on PostgreSQL."""

MAX_WORDS: Final = 8
"""Words of a search that count."""

_sessions = cast(Table, ChatSession.__table__)
_messages = cast(Table, ChatMessage.__table__)
_ENTRY: Final[tuple[ColumnElement[Any], ...]] = (
    _sessions.c.id.label("session_id"),
    _sessions.c.title,
    _sessions.c.created_at,
    _sessions.c.updated_at,
)
_PLACE: Final = (_sessions.c.updated_at, _sessions.c.id)
_NEWEST_FIRST: Final = (_sessions.c.updated_at.desc(), _sessions.c.id.desc())


class SessionService:
    """Shows people their own conversations and lets them change what they are called."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def list_sessions(
        self, user_id: str, *, limit: int, cursor: str | None = None, q: str | None = None
    ) -> SessionList:
        """The user's sessions, the one that was last talked in first; no message is read for it.

        With `q` only those whose title, or one of the user's own messages, holds all its words. A
        page of a search looks through `SEARCHED` sessions at most, so that it may be short, or
        empty, and yet have a next one.

        Raises:
            InvalidRequest: the cursor is not the user's, or altered.
        """
        mine = select(*_ENTRY).where(_sessions.c.user_id == user_id).order_by(*_NEWEST_FIRST)
        if cursor is not None:
            mine = mine.where(tuple_(*_PLACE) < _read_place(cursor, user_id))

        def read(db: Session) -> tuple[Sequence[Row[Any]], Row[Any] | None]:
            end = None
            query = mine
            if q is not None:
                end = db.execute(mine.offset(SEARCHED - 1).limit(1)).first()
                query = query.where(_holds(q))
            if end is not None:
                query = query.where(tuple_(*_PLACE) >= _place(end.updated_at, end.session_id))
            rows = db.connection().execute(query.limit(limit + 1)).all()
            return rows[:limit], rows[limit - 1] if len(rows) > limit else end

        rows, last = await self.database.read(read)
        return SessionList(
            items=[_show(row) for row in rows],
            next_cursor=None if last is None else _write_place(last, user_id),
        )

    async def rename_session(
        self, session_id: str, title: str, *, user_id: str | None
    ) -> SessionRead:
        """Call a session something else; it keeps its place in the list.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """

        def rename(db: Session) -> Row[Any]:
            find_owned_session(db.connection(), session_id, user_id, lock=True)
            _change(db, session_id, title=title)
            return _read(db, session_id)

        return _show(await self.database.write(rename))

    async def claim_session(self, session_id: str, *, user_id: str) -> SessionRead:
        """Make an anonymous session the user's own, once and for all.

        Claiming one's own again changes nothing. The key of its first message stays: the owner's
        chat page goes on finding the session under the name that it made up before signing in.

        Raises:
            SessionNotFound: there is none, or somebody else was first.
        """

        def claim(db: Session) -> Row[Any]:
            session = find_owned_session(db.connection(), session_id, user_id, lock=True)
            if session.user_id is None:
                _change(db, session_id, user_id=user_id)
            return _read(db, session_id)

        return _show(await self.database.write(claim))


def _write_place(last: Row[Any], user_id: str) -> str:
    return write_cursor([last.updated_at.isoformat(), last.session_id], scope=_scope(user_id))


def _read_place(cursor: str, user_id: str) -> Tuple:
    moment, session_id = read_cursor(cursor, scope=_scope(user_id))
    return _place(datetime.fromisoformat(moment), session_id)


def _place(moment: datetime, session_id: str) -> Tuple:
    return tuple_(literal(moment, UTCDateTime()), literal(session_id))


def _scope(user_id: str) -> str:
    return f"sessions of {user_id}"


def _holds(q: str) -> ColumnElement[bool]:
    """Whether the title or a question holds all words.

    No index on what was said, in any language: SQLite's trigrams keep erased text in their
    segments, find no word of two characters (most of Chinese) and cost every turn; PostgreSQL's
    need an extension. A search reads the asker's own questions only, newest session first, until
    the page is full. The scalar subquery, unlike EXISTS, can never become a scan of all messages.
    """
    words = q.split()[:MAX_WORDS]
    question = (
        select(literal(1))
        .where(
            _messages.c.session_id == _sessions.c.id,
            _messages.c.role == MessageRole.USER,
            _contains(_messages.c.content, words),
        )
        .limit(1)
        .scalar_subquery()
    )
    return or_(_contains(_sessions.c.title, words), question.is_not(None))


def _contains(column: ColumnElement[str], words: list[str]) -> ColumnElement[bool]:
    """Whether the column holds each of the words, however their accents were typed."""
    return and_(
        *(
            or_(*(column.icontains(form, autoescape=True) for form in _forms(word)))
            for word in words
        )
    )


def _forms(word: str) -> list[str]:
    forms = {word, unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word)}
    return sorted(forms)


def _change(db: Session, session_id: str, **values: str | None) -> None:
    """Change a session without moving it in the list."""
    changed = db.execute(
        update(_sessions)
        .where(_sessions.c.id == session_id)
        .values(**values, updated_at=_sessions.c.updated_at)
    )
    assert cast(CursorResult[Any], changed).rowcount == 1  # noqa: S101 - it is locked


def _read(db: Session, session_id: str) -> Row[Any]:
    return db.execute(select(*_ENTRY).where(_sessions.c.id == session_id)).one()


def _show(row: Row[Any]) -> SessionRead:
    return SessionRead.model_validate({**row._mapping, "title": row.title or ""})
