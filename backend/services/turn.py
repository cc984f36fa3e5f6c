"""What a turn is: a message with where it belongs, and the rows it has."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row

from backend.core.conversation import HistoryMessage
from backend.core.errors import SessionNotFound
from backend.services import turn_rows as rows

MIN_ORIGIN_KEY_LENGTH: Final = 16
"""Characters. A shorter client id may be "1" in two browsers: it counts within a session only."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What is asked: a message, in which session, by whom, under which id of the client's.

    `chat_id` is a name that the client made up for the session. An edit of the last question
    `replaces` it, or `is_edit` when it keeps the question's own client id.
    """

    message: str
    session_id: str | None
    user_id: str | None
    client_message_id: str | None
    chat_id: str | None = None
    replaces: int | None = None
    is_edit: bool = False

    @property
    def origin_keys(self) -> list[str]:
        """Find the session that the same client has made before; the first is stored with one.

        A chat that was begun before signing in is found under the anonymous key as well.
        """
        name = self.chat_id or self.client_message_id or ""
        if len(name) < MIN_ORIGIN_KEY_LENGTH:
            return []
        owners = {self.user_id: None, None: None} if self.chat_id else {self.user_id: None}
        return [hashlib.sha256(f"{owner}\n{name}".encode()).hexdigest() for owner in owners]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that is stored and claimed for this process, and the row of its answer.

    When the same message came before, `answer` is its stored answer, or `running` says that it is
    being answered right now, here or by another worker.

    `history` are the newest turns, whole, and `summary` what was said before. Once the turn is
    stored, what was said up to `fold_until` is to be folded into the summary.
    """

    session_id: str
    question_id: int
    answer_id: int
    message: str
    history: tuple[HistoryMessage, ...] = ()
    answer: Row[Any] | None = None
    running: bool = False
    is_again: bool = False
    summary: str = ""
    fold_until: int | None = None

    @property
    def memory(self) -> tuple[HistoryMessage, ...]:
        """What the model is told of the conversation: the summary, then the newest turns."""
        if not self.summary:
            return self.history
        return (HistoryMessage("summary", self.summary), *self.history)

    @property
    def key(self) -> str:
        """Names the running answer among all workers."""
        return f"{self.session_id}:{self.answer_id}"


def find_owned_session(
    db: Connection, session_id: str, user_id: str | None, *, lock: bool = False
) -> Row[Any]:
    """The session, if it is anonymous or the user's own; `lock` it before it is changed.

    Raises:
        SessionNotFound: there is none, or it is somebody else's: nobody learns which.
    """
    session = rows.find_session(db, session_id, lock=lock)
    if session is None or session.user_id not in {None, user_id}:
        raise SessionNotFound
    return session
