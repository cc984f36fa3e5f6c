"""Tests of `backend/services/draft_keeper.py`: which drafts are stored, which claims renewed."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.core.worker import Worker
from backend.models import ChatMessage, ChatSession, MessageStatus
from backend.models.base import utc_now
from backend.services import draft_keeper as module
from backend.services.draft_keeper import RENEW_SECONDS, DraftKeeper
from backend.services.turn import Opening
from backend.services.turn_engine import RunningTurn, TurnEngine
from backend.services.turn_store import TurnStore
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service

TURNS: Final = 5


class Writing:
    """A worker that writes five answers, as far as the test says."""

    def __init__(self, service: Service) -> None:
        writer = service.app.state.stream_service.engine.reply_writer
        store = TurnStore(Worker("elsewhere", 1, 1.0), history_token_budget=1_000)
        self._service = service
        self.engine = TurnEngine(service.database, writer, store)
        self.turns: list[RunningTurn] = []

    async def begin(self, *, streamed: bool = True) -> RunningTurn:
        opening = Opening("Tuition?", None, None, None)
        turn = await self.engine.open(lambda db: self.engine.turn_store.begin(db, opening))
        running = self.engine.run(turn, streamed=streamed)
        self.turns.append(running)
        return running

    def say(self, words: Sequence[str]) -> None:
        """Write a word more in each of the first answers; nothing where it is empty."""
        for running, word in zip(self.turns, words, strict=False):
            if word and running.draft:
                running.draft.add(word)

    async def stored(self) -> list[str]:
        """What is stored of each answer."""
        kept = {message.id: message.content for message in await self._service.stored()}
        return [kept[running.turn.answer_id] for running in self.turns]

    async def lose(self) -> None:
        """Have another text in the place of all that was stored."""
        lost = update(ChatMessage).where(ChatMessage.question_id.is_not(None))
        await self._service.database.write(
            lambda db: db.execute(lost.values(content="Lost")).close()
        )

    async def let_run_out(self) -> None:
        past = utc_now() - timedelta(seconds=1)
        out = update(ChatSession).values(running_until=past)
        await self._service.database.write(lambda db: db.execute(out).close())

    async def held(self) -> list[bool]:
        """Whether each session is still held."""

        def read(db: Session) -> dict[str, datetime | None]:
            rows = db.execute(select(ChatSession.id, ChatSession.running_until))
            return {id_: until for id_, until in rows}  # noqa: C416 - rows are no pairs to mypy

        until = await self._service.database.read(read)
        ends = [until[running.turn.session_id] for running in self.turns]
        return [end is not None and end > utc_now() for end in ends]


@pytest_asyncio.fixture
async def writing(service: Service, fake_gemini: FakeGemini) -> AsyncIterator[Writing]:
    fake_gemini.latency = 30
    writing = Writing(service)
    for _ in range(TURNS):
        await writing.begin()
    yield writing
    await writing.engine.drain(0)


class TestKeep:
    @pytest.mark.parametrize("batch", [1, 2, 4, 5, 50])
    async def test_stores_every_draft_that_has_a_word(
        self, writing: Writing, batch: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "_BATCH", batch)
        writing.say(["a", "b", "", "d", "e"])

        await DraftKeeper(writing.engine).keep()

        assert await writing.stored() == ["a", "b", "", "d", "e"]

    async def test_stores_those_again_that_have_grown(self, writing: Writing) -> None:
        keeper = DraftKeeper(writing.engine)
        writing.say(["a", "b", "", "d"])
        await keeper.keep()
        await writing.lose()
        writing.say(["A", "", "C"])

        await keeper.keep()

        assert await writing.stored() == ["aA", "Lost", "C", "Lost", "Lost"]

    async def test_leaves_whole_answers_and_those_that_are_stored_alone(
        self, writing: Writing
    ) -> None:
        writing.turns[1].is_written = True
        await writing.begin(streamed=False)
        writing.say(["a", "b"])

        await DraftKeeper(writing.engine).keep()

        assert await writing.stored() == ["a", "", "", "", "", ""]
        writing.turns[1].is_written = False

    async def test_ends_those_that_were_stopped_by_another_worker(self, writing: Writing) -> None:
        writing.say("abcde")
        store, stopped = writing.engine.turn_store, writing.turns[1].turn
        await writing.engine.database.write_rows(lambda db: store.stop(db, stopped))

        await DraftKeeper(writing.engine).keep()

        endings = [running.ending for running in writing.turns]
        assert endings == [None, MessageStatus.STOPPED, None, None, None]


class TestRenew:
    @pytest.mark.parametrize("batch", [1, 2, 4, 5, 50])
    async def test_holds_every_session_whose_claim_is_old(
        self, writing: Writing, batch: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "_BATCH", batch)
        for running, age in zip(writing.turns, (9, 1, 4, 9, 9), strict=True):
            running.started_at = monotonic() - age
        await writing.let_run_out()

        await DraftKeeper(writing.engine).renew()

        assert await writing.held() == [True, False, True, True, True]
        assert RENEW_SECONDS == 3

    async def test_a_claim_that_was_renewed_is_new(self, writing: Writing) -> None:
        keeper = DraftKeeper(writing.engine)
        writing.turns[0].started_at -= 9
        await keeper.renew()
        await writing.let_run_out()

        await keeper.renew()

        assert await writing.held() == [False] * TURNS
