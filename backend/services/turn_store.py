"""The transactions of a turn, and what keeps a message from being asked twice."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row

from backend.core.errors import SessionNotFound, TurnInProgress, TurnStopped
from backend.core.worker import Worker
from backend.models.base import utc_now
from backend.models.chat import MessageStatus
from backend.services import turn_rows as rows
from backend.services.history import Window, read_for_model
from backend.services.turn import Opening, Turn, find_owned_session
from backend.services.turn_opening import (
    add_answer,
    add_question,
    add_question_again,
    add_session,
    drop_turn,
    find_last_question,
    find_question,
    find_session,
)

LEASE_SECONDS: Final = 10.0
"""How long a session stays claimed by a worker of another machine that nobody hears of any more."""

_NOTHING_SAID: Final = Window()
_ANSWERED: Final = frozenset({MessageStatus.COMPLETE, MessageStatus.STOPPED})


class TurnStore:
    """The transactions of turns; each public method is one, run on a worker thread.

    A session is claimed for `lease_seconds` while its question is answered, and for longer as
    often as the claim is renewed. `running` holds the questions that this process answers: a
    claim of its own that is not among them is a leftover.
    """

    def __init__(
        self,
        worker: Worker,
        *,
        history_token_budget: int,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._name = str(worker)
        self.running: set[int] = set()
        self._lease_seconds = lease_seconds
        self._history_token_budget = history_token_budget

    def begin(self, db: Connection, opening: Opening) -> Turn:
        """Find or make the session, claim it and store the question.

        Raises:
            SessionNotFound: the session belongs to somebody else.
            TurnInProgress: another message of the session is being answered.
            IdempotencyKeyReused: the client's message id came before with another message.
            NotTheLastTurn: the question that is edited is not the last one.
        """
        session = find_session(db, opening)
        if session is None:
            session_id = add_session(db, opening)
            return self._ask(db, session_id, add_question(db, session_id, opening), opening)
        earlier = find_question(db, session.id, opening)
        known = None if earlier is None else self._answered(db, session, earlier)
        if known is not None:
            return known
        self._take_over(db, session)
        if opening.replaces is not None and earlier is None:
            drop_turn(db, session.id, opening.replaces)
        window = read_for_model(db, session, token_budget=self._history_token_budget)
        question_id = add_question_again(db, session.id, earlier, opening)
        return self._ask(db, session.id, question_id, opening, window)

    def begin_again(
        self, db: Connection, session_id: str, user_id: str | None, answer_id: int | None
    ) -> Turn:
        """Claim the last question once more, for another answer to it; None names the last answer.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
            MessageNotFound: the session has no such answer.
            NotTheLastTurn: more has been said after it.
            TurnInProgress: a message of the session is being answered.
        """
        session = find_owned_session(db, session_id, user_id, lock=True)
        self._take_over(db, session)
        question = find_last_question(db, session_id, answer_id)
        window = read_for_model(
            db, session, before=question.id, token_budget=self._history_token_budget
        )
        new_id = add_answer(db, session_id, question.id, is_current=False)
        turn = Turn(session_id, question.id, new_id, question.content, is_again=True)
        return self._claim(db, _remember(turn, window))

    def finish(self, db: Connection, turn: Turn, answer: Mapping[str, Any]) -> int:
        """Store the answer and free the session; returns the answer's id.

        Raises:
            SessionNotFound: the session was deleted meanwhile; nothing of it may come back.
            TurnStopped: somebody has stopped the turn from another worker.
            TurnInProgress: the claim ran out, and another worker answers or has answered.
        """
        if not self._free(db, turn):
            self._check_lost(db, turn)
        rows.set_answer(
            db, turn.answer_id, {"status": MessageStatus.COMPLETE, "is_current": True, **answer}
        )
        if turn.is_again:
            rows.retire_answers(db, turn.question_id, but=turn.answer_id)
        return turn.answer_id

    def keep_draft(self, db: Connection, turn: Turn, text: str) -> bool:
        """Store what is written so far; False when the turn is no longer this worker's."""
        if not rows.holds_session(db, turn.session_id, turn.question_id, self._name):
            return False
        rows.set_answer(db, turn.answer_id, {"content": text})
        return True

    def renew(self, db: Connection, turns: Iterable[Turn]) -> None:
        """Claim the sessions of turns that go on for longer."""
        claims = [(turn.session_id, turn.question_id) for turn in turns]
        rows.renew_claims(db, claims, self._name, seconds=self._lease_seconds)

    def abandon(self, db: Connection, turn: Turn) -> None:
        """Free the session of a turn that gets no answer; its question stays, marked."""
        rows.end_answers(db, turn.question_id, MessageStatus.INTERRUPTED)
        self._free(db, turn)

    def stop(self, db: Connection, turn: Turn) -> None:
        """End a turn of another worker, which notices it when it next stores something."""
        session = rows.find_session(db, turn.session_id, lock=True)
        if session is not None and session.running_question_id == turn.question_id:
            self._end(db, session, MessageStatus.STOPPED)

    def find_running(self, db: Connection, session_id: str, user_id: str | None) -> Turn | None:
        """The turn that runs in a session, here or in another worker.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """
        session = find_owned_session(db, session_id, user_id)
        if not self.is_running(session):
            return None
        answer = rows.find_answer(db, session.running_question_id)
        if answer is None or answer.status is not MessageStatus.PENDING:
            return None
        return Turn(session_id, session.running_question_id, answer.id, "", running=True)

    def is_being_written(self, db: Connection, turn: Turn) -> bool:
        """Whether a worker that lives still answers this turn."""
        session = rows.find_session(db, turn.session_id)
        if session is None or session.running_question_id != turn.question_id:
            return False
        return self.is_running(session)

    def find_session(self, db: Connection, opening: Opening) -> str | None:
        """The id of the session that a client means, by whichever name it has for it.

        Raises:
            SessionNotFound: it is somebody else's.
        """
        session = find_session(db, opening)
        return None if session is None else str(session.id)

    def sweep(self, db: Connection) -> int:
        """Mark the turns whose worker is gone as interrupted; returns how many there were."""
        dead = [
            session for session in rows.find_claimed_sessions(db) if not self.is_running(session)
        ]
        for session in dead:
            self._end(db, session, MessageStatus.INTERRUPTED)
        return len(dead)

    def find_answer(self, db: Connection, turn: Turn) -> Row[Any] | None:
        """The stored answer of a turn, whatever became of it; None when it was deleted."""
        return rows.find_message(db, turn.session_id, turn.answer_id)

    def is_running(self, session: Row[Any]) -> bool:
        """Whether a turn of the session is being answered by a worker that still lives."""
        if session.running_question_id is None:
            return False
        if session.running_by == self._name:
            return session.running_question_id in self.running
        if session.running_until <= session.read_at:
            return False
        owner = Worker.parse(session.running_by)
        return owner is None or not owner.is_dead()

    def _answered(self, db: Connection, session: Row[Any], question: Row[Any]) -> Turn | None:
        """The same message's earlier turn; None when it got no answer and is to be asked again."""
        answer = rows.find_answer(db, question.id)
        if answer is None:
            return None
        turn = Turn(session.id, question.id, answer.id, question.content)
        if answer.status in _ANSWERED:
            return replace(turn, answer=answer)
        if self.is_running(session) and session.running_question_id == question.id:
            return replace(turn, running=True)
        return None

    def _take_over(self, db: Connection, session: Row[Any]) -> None:
        """Make sure that nobody answers in the session; what a dead worker left is marked."""
        if self.is_running(session):
            raise TurnInProgress(retry_after=1)
        if session.running_question_id is not None:
            self._end(db, session, MessageStatus.INTERRUPTED)

    def _end(self, db: Connection, session: Row[Any], status: MessageStatus) -> None:
        """Give the claim of another worker back and mark its answer."""
        question_id = session.running_question_id
        rows.end_answers(db, question_id, status)
        rows.free_session(db, session.id, question_id, session.running_by, now=utc_now())

    def _ask(
        self,
        db: Connection,
        session_id: str,
        question_id: int,
        opening: Opening,
        window: Window = _NOTHING_SAID,
    ) -> Turn:
        answer_id = add_answer(db, session_id, question_id)
        turn = Turn(session_id, question_id, answer_id, opening.message)
        return self._claim(db, _remember(turn, window))

    def _claim(self, db: Connection, turn: Turn) -> Turn:
        # Before the commit: a second message must not take this claim for a leftover.
        self.running.add(turn.question_id)
        rows.claim_session(
            db,
            turn.session_id,
            turn.question_id,
            self._name,
            seconds=self._lease_seconds,
            now=utc_now(),
        )
        return turn

    def _check_lost(self, db: Connection, turn: Turn) -> None:
        """Tell whether the answer of a turn whose claim is gone can be filled in all the same.

        A connection that broke in the commit may have stored it already, and a claim that ran out
        leaves its place, unless another worker has taken the question up.
        """
        stored = rows.find_message(db, turn.session_id, turn.answer_id)
        newest = rows.find_answer(db, turn.question_id)
        if stored is None or newest is None:
            raise SessionNotFound
        if stored.status is MessageStatus.STOPPED:
            raise TurnStopped
        if newest.id != turn.answer_id:
            raise TurnInProgress(retry_after=1)

    def _free(self, db: Connection, turn: Turn) -> bool:
        return rows.free_session(db, turn.session_id, turn.question_id, self._name, now=utc_now())


def _remember(turn: Turn, window: Window) -> Turn:
    return replace(
        turn, history=window.history, summary=window.summary, fold_until=window.fold_until
    )
