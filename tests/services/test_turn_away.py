"""Tests of `backend/services/turn_engine.py`: a database that is away when it is wanted."""

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from structlog.typing import EventDict

from backend.core.errors import (
    DatabaseUnavailable,
)
from backend.models import MessageStatus
from backend.services.turn import Opening, Turn
from tests.services.answering import (
    AwayDatabase,
    Desk,
    write_whole,
)
from tests.services.turns import WHOLE, Turns


class TestADatabaseThatIsAway:
    async def test_is_waited_for(self, turns: Turns, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("backend.services.turn_engine._RETRY_SECONDS", 0.001)
        database = AwayDatabase(turns.database.engine)
        desk = Desk(turns, write_whole, database=database)
        database.away = 5

        assert (await (await desk.run()).result())["status"] is WHOLE

        assert await desk.answer() == ("Some fees.", WHOLE)
        database.dispose()

    async def test_for_too_long_costs_the_answer(self, turns: Turns, logs: list[EventDict]) -> None:
        database = AwayDatabase(turns.database.engine)
        desk = Desk(turns, write_whole, database=database, patience=-1)
        database.away = 2

        with pytest.raises(DatabaseUnavailable):
            await (await desk.run()).result()

        assert desk.meter.ends == [("failed", "nobody")]
        assert await desk.answer() == ("", MessageStatus.PENDING)
        assert "turn_not_marked" in [line["event"] for line in logs]
        assert "turn_failed" not in [line["event"] for line in logs]
        assert turns.store.running == set()
        database.dispose()

    async def test_when_a_turn_begins_leaves_no_claim_behind(self, turns: Turns) -> None:
        database = AwayDatabase(turns.database.engine)
        desk = Desk(turns, write_whole, database=database)
        database.away = 1

        def begin(db: Connection) -> Turn:
            return turns.store.begin(db, Opening("Fees?", None, None, None))

        with pytest.raises(DatabaseUnavailable):
            await desk.engine.open(begin)

        assert turns.store.running == set()
        assert (await desk.engine.open(begin)).question_id in turns.store.running
        database.dispose()

    async def test_that_lost_a_race_is_asked_once_more(self, turns: Turns) -> None:
        desk = Desk(turns, write_whole)
        tries = []

        def begin(db: Connection) -> Turn:
            tries.append(db)
            if len(tries) == 1:
                raise IntegrityError("INSERT", None, ValueError("twice"))
            return turns.store.begin(db, Opening("Fees?", None, None, None))

        assert (await desk.engine.open(begin)).message == "Fees?"
        assert len(tries) == 2
