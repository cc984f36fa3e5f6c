"""Which worker answers in which session: claims that are kept in the database."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row

from backend.core.errors import TurnInProgress
from backend.core.worker import Worker
from backend.models.base import utc_now
from backend.models.chat import MessageStatus
from backend.services import turn_rows as rows
from backend.services.turn import Turn


class SessionClaims:
    """The claims of one worker on the sessions that it answers in.

    One lasts `lease_seconds`, and longer as often as it is renewed. `running` holds the questions
    that this process answers: a claim of its own that is not among them is a leftover.
    """

    def __init__(self, worker: Worker, *, lease_seconds: float) -> None:
        self._name = str(worker)
        self._lease_seconds = lease_seconds
        self.running: set[int] = set()

    def is_held(self, session: Row[Any]) -> bool:
        """Whether a turn of the session is being answered by a worker that still lives."""
        if session.running_question_id is None:
            return False
        if session.running_by == self._name:
            return session.running_question_id in self.running
        if session.running_until <= session.read_at:
            return False
        owner = Worker.parse(session.running_by)
        return owner is None or not owner.is_dead()

    def take_over(self, db: Connection, session: Row[Any]) -> None:
        """Make sure that nobody answers in the session; what a dead worker left is marked.

        Raises:
            TurnInProgress: somebody does.
        """
        if self.is_held(session):
            raise TurnInProgress(retry_after=1)
        if session.running_question_id is not None:
            self.end(db, session, MessageStatus.INTERRUPTED)

    def end(self, db: Connection, session: Row[Any], status: MessageStatus) -> None:
        """Give the claim of another worker back and mark its answer."""
        question_id = session.running_question_id
        rows.end_answers(db, question_id, status)
        owner = session.running_by
        rows.free_session(
            db, {"session": session.id, "question": question_id, "owner": owner, "now": utc_now()}
        )

    def claim(self, db: Connection, turn: Turn) -> Turn:
        """Claim the session of a turn."""
        # Before the commit: a second message must not take this claim for a leftover.
        self.running.add(turn.question_id)
        rows.claim_session(db, {**self.of(turn.session_id), "question": turn.question_id})
        return turn

    def of(self, session_id: str) -> dict[str, Any]:
        """What a statement must know that claims a session for a question."""
        return {
            "session": session_id,
            "owner": self._name,
            "lease_seconds": self._lease_seconds,
            "now": utc_now(),
        }

    def on(self, turn: Turn) -> dict[str, Any]:
        """What a statement must know that gives the claim on a turn back."""
        return {
            "session": turn.session_id,
            "question": turn.question_id,
            "owner": self._name,
            "now": utc_now(),
        }

    def give_back(self, db: Connection, turn: Turn) -> bool:
        """Free the session of a turn; False when the claim is no longer this worker's."""
        return rows.free_session(db, self.on(turn))

    def renew(self, db: Connection, turns: Iterable[Turn]) -> None:
        """Claim the sessions of turns that go on for longer."""
        claims = [(turn.session_id, turn.question_id) for turn in turns]
        rows.renew_claims(db, claims, self._name, seconds=self._lease_seconds)
