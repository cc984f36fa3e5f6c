"""The transactions of a turn, and what keeps a message from being asked twice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row

from backend.core.errors import SessionNotFound, TurnInProgress, TurnStopped
from backend.core.worker import Worker
from backend.models.chat import MessageStatus
from backend.services import turn_rows as rows
from backend.services.history import Window, read_for_model
from backend.services.session_claim import SessionClaims
from backend.services.turn import Opening, Turn, find_owned_session
from backend.services.turn_at_once import ask_at_once, can_at_once, finish_at_once
from backend.services.turn_opening import (
    drop_turn,
    find_last_question,
    find_question,
    find_session,
    new_answer,
    new_question,
    new_session,
    take_up_question,
)

LEASE_SECONDS: Final = 10.0
"""How long a session stays claimed by a worker of another machine that nobody hears of any more."""

_NOTHING_SAID: Final = Window()
_ANSWERED: Final = frozenset({MessageStatus.COMPLETE, MessageStatus.STOPPED})


class TurnStore:
    """The transactions of turns; each public method is one, run on a worker thread.

    A session is claimed for `lease_seconds` while its question is answered, and for longer as
    often as the claim is renewed. `running` holds the questions that this process answers.
    """

    def __init__(
        self,
        worker: Worker,
        *,
        history_token_budget: int,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self.claims = SessionClaims(worker, lease_seconds=lease_seconds)
        self.running = self.claims.running
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
            made = new_session(opening)
            return self._ask(db, opening, made["id"], session=made)
        earlier = find_question(db, session.id, opening)
        known = None if earlier is None else self._answered(db, session, earlier)
        if known is not None:
            return known
        self.claims.take_over(db, session)
        if opening.replaces is not None and earlier is None:
            drop_turn(db, session.id, opening.replaces)
        window = read_for_model(db, session, token_budget=self._history_token_budget)
        asked = None if earlier is None else take_up_question(db, session.id, earlier)
        return _remember(self._ask(db, opening, session.id, asked=asked), window)

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
        self.claims.take_over(db, session)
        question = find_last_question(db, session_id, answer_id)
        window = read_for_model(
            db, session, before=question.id, token_budget=self._history_token_budget
        )
        answer = {**new_answer(session_id, is_current=False), "question_id": question.id}
        new_id = rows.add_message(db, answer)
        turn = Turn(session_id, question.id, new_id, question.content, is_again=True)
        return self.claims.claim(db, _remember(turn, window))

    def finish(self, db: Connection, turn: Turn, answer: Mapping[str, Any]) -> int:
        """Store the answer and free the session; returns the answer's id.

        Raises:
            SessionNotFound: the session was deleted meanwhile; nothing of it may come back.
            TurnStopped: somebody has stopped the turn from another worker.
            TurnInProgress: the claim ran out, and another worker answers or has answered.
        """
        if not self.claims.give_back(db, turn):
            self._check_lost(db, turn)
        if turn.is_again and not _surpasses(
            answer, rows.find_standing_answer(db, turn.question_id)
        ):
            rows.set_answer(db, turn.answer_id, answer)
            return turn.answer_id
        rows.set_answer(db, turn.answer_id, _as_current(answer))
        if turn.is_again:
            rows.retire_answers(db, turn.question_id, but=turn.answer_id)
        return turn.answer_id

    def finish_alone(self, db: Connection, turn: Turn, answer: Mapping[str, Any]) -> bool:
        """As `finish`, by one statement that wants no transaction around it.

        False, with nothing done, when there is more to do: for a second answer, and when the claim
        is gone.
        """
        if turn.is_again:
            return False
        return finish_at_once(db, self.claims.on(turn), turn.answer_id, _as_current(answer))

    def keep_drafts(self, db: Connection, written: Sequence[tuple[Turn, str]]) -> set[int]:
        """Store what is written so far; returns the ids of answers that are no longer ours."""
        drafts = [
            {**self.claims.on(turn), "answer": turn.answer_id, "text": text}
            for turn, text in written
        ]
        if rows.keep_drafts(db, drafts) == len(drafts):
            return set()
        return {draft["answer"] for draft in drafts if not rows.keep_drafts(db, [draft])}

    def abandon(self, db: Connection, turn: Turn) -> None:
        """Free the session of a turn that gets no answer; its question stays, marked."""
        rows.end_answers(db, turn.question_id, MessageStatus.INTERRUPTED)
        self.claims.give_back(db, turn)

    def stop(self, db: Connection, turn: Turn) -> None:
        """End a turn of another worker, which notices it when it next stores something."""
        session = rows.find_session(db, turn.session_id, lock=True)
        if session is not None and session.running_question_id == turn.question_id:
            self.claims.end(db, session, MessageStatus.STOPPED)

    def find_running(self, db: Connection, session_id: str, user_id: str | None) -> Turn | None:
        """The turn that runs in a session, here or in another worker.

        Raises:
            SessionNotFound: there is none, or it is somebody else's.
        """
        session = find_owned_session(db, session_id, user_id)
        if not self.claims.is_held(session):
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
        return self.claims.is_held(session)

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
            session
            for session in rows.find_claimed_sessions(db)
            if not self.claims.is_held(session)
        ]
        for session in dead:
            self.claims.end(db, session, MessageStatus.INTERRUPTED)
        return len(dead)

    def find_answer(self, db: Connection, turn: Turn) -> Row[Any] | None:
        """The stored answer of a turn, whatever became of it; None when it was deleted."""
        return rows.find_message(db, turn.session_id, turn.answer_id)

    def _answered(self, db: Connection, session: Row[Any], question: Row[Any]) -> Turn | None:
        """The same message's earlier turn; None when it got no answer and is to be asked again."""
        answer = rows.find_answer(db, question.id)
        if answer is None:
            return None
        turn = Turn(session.id, question.id, answer.id, question.content)
        if answer.status in _ANSWERED and answer.is_current:
            return replace(turn, answer=answer)
        if self.claims.is_held(session) and session.running_question_id == question.id:
            return replace(turn, running=True)
        standing = rows.find_standing_answer(db, question.id)
        if standing is None or standing.status not in _ANSWERED:
            return None
        return replace(turn, answer_id=standing.id, answer=standing)

    def _ask(
        self,
        db: Connection,
        opening: Opening,
        session_id: str,
        *,
        session: Mapping[str, Any] | None = None,
        asked: int | None = None,
    ) -> Turn:
        """Store the question and claim its session; `session` are the columns of a new one.

        The question is already stored when it was `asked` before.
        """
        question, answer = new_question(session_id, opening), new_answer(session_id)
        if asked is None and can_at_once(db):
            ids = ask_at_once(db, question, answer, self.claims.of(session_id), session)
            self.running.add(ids[0])
            return Turn(session_id, *ids, opening.message)
        if session is not None:
            rows.add_session(db, session)
        question_id = rows.add_message(db, question) if asked is None else asked
        answer_id = rows.add_message(db, {**answer, "question_id": question_id})
        return self.claims.claim(db, Turn(session_id, question_id, answer_id, opening.message))

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


def _surpasses(answer: Mapping[str, Any], standing: Row[Any] | None) -> bool:
    """Whether an answer written anew takes the place of the one that stands.

    One without a word does not, nor half a one that broke off where a whole one stands; what its
    reader has stopped does, for that is what he sees.
    """
    status = answer.get("status", MessageStatus.COMPLETE)
    if standing is None or status is MessageStatus.COMPLETE:
        return True
    if not answer["content"]:
        return False
    return status is MessageStatus.STOPPED or standing.status is not MessageStatus.COMPLETE


def _as_current(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {"status": MessageStatus.COMPLETE, "is_current": True, **answer}


def _remember(turn: Turn, window: Window) -> Turn:
    return replace(
        turn, history=window.history, summary=window.summary, fold_until=window.fold_until
    )
