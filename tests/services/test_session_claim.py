"""Tests of `backend/services/session_claim.py`: who holds a session, and until when."""

from datetime import timedelta

import pytest

from backend.core.errors import TurnInProgress
from backend.core.worker import Worker, current_worker, machine_id
from backend.models import MessageStatus
from backend.models.base import utc_now
from backend.services import turn_rows as rows
from backend.services.session_claim import SessionClaims
from tests.databases import on_every_database
from tests.services.turns import CUT, Turns

OURS = Worker("here", 1, 1.0)
DEAD = Worker(machine_id(), 2**30, 1.0)
FOREIGN = Worker("elsewhere", 1, 1.0)
OWNERS: dict[str, object] = {
    "ours": OURS,
    "elsewhere": FOREIGN,
    "living here": current_worker(),
    "dead here": DEAD,
    "unknown": "somebody",
}
SOON, PAST = timedelta(seconds=30), timedelta(seconds=-1)


@on_every_database
class TestIsHeld:
    @pytest.mark.parametrize(
        ("owner", "left", "is_running", "held"),
        [
            ("ours", SOON, True, True),
            ("ours", PAST, True, True),
            ("ours", SOON, False, False),
            ("elsewhere", SOON, False, True),
            ("elsewhere", SOON, True, True),
            ("elsewhere", PAST, False, False),
            ("elsewhere", PAST, True, False),
            ("living here", SOON, False, True),
            ("living here", PAST, False, False),
            ("dead here", SOON, False, False),
            ("unknown", SOON, False, True),
            ("unknown", PAST, False, False),
        ],
    )
    async def test_by_a_worker_that_lives_until_its_time_is_over(
        self, turns: Turns, owner: str, left: timedelta, is_running: bool, held: bool
    ) -> None:
        turn = await turns.begin()
        until, name = utc_now() + left, str(OWNERS[owner])
        await turns.change_session(turn.session_id, running_by=name, running_until=until)
        claims = SessionClaims(OURS, lease_seconds=10)
        claims.running.update({turn.question_id} if is_running else {turn.question_id + 1})

        session = await turns.run(lambda db: rows.find_session(db, turn.session_id))

        assert session is not None
        assert claims.is_held(session) is held

    async def test_by_nobody_once_its_turn_is_over(self, turns: Turns) -> None:
        turn = await turns.ask()
        turns.store.running.add(turn.question_id)

        session = await turns.run(lambda db: rows.find_session(db, turn.session_id))

        assert session is not None
        assert not turns.store.claims.is_held(session)


@on_every_database
class TestTakeOver:
    async def take_over(self, turns: Turns, session_id: str) -> None:
        claims = SessionClaims(FOREIGN, lease_seconds=10)
        session = await turns.run(lambda db: rows.find_session(db, session_id))
        assert session is not None
        await turns.run(lambda db: claims.take_over(db, session))

    async def test_waits_for_a_worker_that_lives(self, turns: Turns) -> None:
        turn = await turns.begin()

        with pytest.raises(TurnInProgress) as refused:
            await self.take_over(turns, turn.session_id)

        assert refused.value.retry_after == 1
        [session] = await turns.sessions()
        assert session.running_question_id == turn.question_id

    async def test_marks_what_a_worker_has_left(self, turns: Turns) -> None:
        turn = await turns.begin()
        await turns.let_run_out(turn)

        await self.take_over(turns, turn.session_id)

        [session] = await turns.sessions()
        assert session.running_question_id is None
        assert [row.status for row in await turns.messages()] == [MessageStatus.COMPLETE, CUT]

    async def test_of_a_free_session_changes_nothing(self, turns: Turns) -> None:
        turn = await turns.ask()
        before = (await turns.sessions(), await turns.messages())

        await self.take_over(turns, turn.session_id)

        assert (await turns.sessions(), await turns.messages()) == before


@on_every_database
@pytest.mark.parametrize("owner", [OURS, FOREIGN])
async def test_a_claim_is_given_back_by_its_owner_alone(turns: Turns, owner: Worker) -> None:
    turn = await turns.begin()
    claims = SessionClaims(owner, lease_seconds=10)

    given = [await turns.run(lambda db: claims.give_back(db, turn)) for _ in range(2)]

    [session] = await turns.sessions()
    assert given == [owner is OURS, False]
    assert (session.running_question_id is None) == (owner is OURS)
