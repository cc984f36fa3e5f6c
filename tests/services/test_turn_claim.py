"""How long a session stays with a worker that nobody hears of any more, and what follows."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from backend.core.errors import ServiceUnavailable, TurnInProgress
from backend.core.worker import Worker
from backend.database import Database
from backend.models import ChatMessage, ChatSession, MessageStatus
from backend.models.base import utc_now
from backend.services.draft_keeper import DraftKeeper
from backend.services.reply import ReplyWriter
from backend.services.turn import Opening, Turn
from backend.services.turn_engine import TurnEngine
from backend.services.turn_store import LEASE_SECONDS, TurnStore
from tests.databases import on_every_database
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service
from tests.services.answering import AwayDatabase

ASKED = Opening("Tuition?", None, None, "a-long-enough-message-id")


def worker(service: Service, name: str, database: Database | None = None) -> TurnEngine:
    """A worker of another machine over the same database."""
    writer: ReplyWriter = service.app.state.stream_service.engine.reply_writer
    store = TurnStore(Worker(name, 1, 1.0), history_token_budget=1_000)
    return TurnEngine(database or service.database, writer, store)


async def begun(engine: TurnEngine, question: str) -> Turn:
    """A turn that runs in a session of its own."""
    opening = Opening(question, None, None, None)
    return await engine.open(lambda db: engine.turn_store.begin(db, opening))


async def let_run_out(service: Service) -> None:
    """Let the time of all claims pass."""
    past = utc_now() - timedelta(seconds=1)
    await service.database.write(
        lambda db: db.execute(
            update(ChatSession).values(running_until=past, updated_at=ChatSession.updated_at)
        )
    )


async def seconds_left(service: Service) -> float:
    def read(db: Session) -> float:
        session = db.scalars(select(ChatSession)).one()
        assert session.running_until is not None
        return (session.running_until - utc_now()).total_seconds()

    return await service.database.read(read)


async def rows_beside(service: Service, session_id: str) -> list[str]:
    """All rows of all other sessions."""

    def read(db: Session) -> list[str]:
        tables = (ChatSession.__table__, ChatMessage.__table__)
        rows = [row for table in tables for row in db.execute(select(table).order_by(table.c.id))]
        return [str(row) for row in rows if session_id not in row]

    return await service.database.read(read)


def finish(store: TurnStore, db: Connection, turn: Turn) -> None:
    store.finish(db, turn, {"content": "Whole"})


def answer_again(store: TurnStore, db: Connection, turn: Turn) -> None:
    finish(store, db, turn)
    finish(store, db, store.begin_again(db, turn.session_id, None, turn.answer_id))


def let_lie(store: TurnStore, db: Connection, turn: Turn) -> None:
    store.running.discard(turn.question_id)
    assert store.sweep(db) == 1


STEPS: Final[dict[str, Callable[[TurnStore, Connection, Turn], object]]] = {
    "finish": finish,
    "answer again": answer_again,
    "abandon": lambda store, db, turn: store.abandon(db, turn),
    "stop": lambda store, db, turn: store.stop(db, turn),
    "sweep": let_lie,
    "keep a draft": lambda store, db, turn: store.keep_drafts(db, [(turn, "Some")]),
    "renew": lambda store, db, turn: store.claims.renew(db, [turn]),
}
"""All that can happen to a turn that runs."""


@on_every_database
class TestClaim:
    async def test_is_held_for_seconds_by_the_clock_of_the_database(self, service: Service) -> None:
        one = worker(service, "one")
        await one.open(lambda db: one.turn_store.begin(db, ASKED))

        assert LEASE_SECONDS - 8 < await seconds_left(service) < LEASE_SECONDS + 1

    async def test_is_renewed_while_the_answer_is_written(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.latency = 0.5
        one = worker(service, "one")
        turn = await one.open(lambda db: one.turn_store.begin(db, ASKED))
        await let_run_out(service)
        running = one.run(turn)

        await DraftKeeper(one, renew_after=0).renew()

        assert await seconds_left(service) > 0
        assert (await running.result())["content"]

    async def test_is_renewed_no_sooner_than_it_must(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.latency = 0.5
        one = worker(service, "one")
        turn = await one.open(lambda db: one.turn_store.begin(db, ASKED))
        await let_run_out(service)
        running = one.run(turn)

        await DraftKeeper(one).renew()

        assert await seconds_left(service) < 0
        await running.result()

    async def test_is_renewed_again_after_the_database_was_away(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.latency = 0.5
        database = AwayDatabase(service.database.engine)
        one = worker(service, "one", database)
        turn = await one.open(lambda db: one.turn_store.begin(db, ASKED))
        await let_run_out(service)
        running = one.run(turn)
        database.away = 2
        keeper = asyncio.create_task(DraftKeeper(one, interval=0.01, renew_after=0).run())

        while await seconds_left(service) < 0:
            assert not keeper.done()
            assert not running.is_written

        keeper.cancel()
        assert (await running.result())["content"]
        database.dispose()

    async def test_renewing_leaves_one_alone_that_is_another_workers_by_now(
        self, service: Service
    ) -> None:
        one, two = worker(service, "one"), worker(service, "two")
        lost = await one.open(lambda db: one.turn_store.begin(db, ASKED))
        await let_run_out(service)
        taken = await two.open(lambda db: two.turn_store.begin(db, ASKED))
        await let_run_out(service)

        await service.database.write_rows(lambda db: one.turn_store.claims.renew(db, [lost]))

        assert taken.question_id == lost.question_id
        assert await seconds_left(service) < 0


@on_every_database
class TestDraft:
    async def test_is_kept_of_the_turns_that_are_still_this_workers(self, service: Service) -> None:
        one = worker(service, "one")
        store = one.turn_store
        turns = [await begun(one, f"Question {number}") for number in range(4)]
        await service.database.write_rows(lambda db: store.stop(db, turns[1]))
        await service.database.write_rows(lambda db: store.abandon(db, turns[2]))

        lost = await service.database.write_rows(
            lambda db: store.keep_drafts(db, [(turn, "Some") for turn in turns])
        )

        assert lost == {turns[1].answer_id, turns[2].answer_id}
        kept = {message.id: message.content for message in await service.stored()}
        assert [kept[turn.answer_id] for turn in turns] == ["Some", "", "", "Some"]

    async def test_another_workers_is_left_alone(self, service: Service) -> None:
        one, two = worker(service, "one"), worker(service, "two")
        lost = await one.open(lambda db: one.turn_store.begin(db, ASKED))
        await let_run_out(service)
        taken = await two.open(lambda db: two.turn_store.begin(db, ASKED))

        found = await service.database.write_rows(
            lambda db: one.turn_store.keep_drafts(db, [(lost, "Late")])
        )

        assert found == {lost.answer_id}
        kept = {message.id: message.content for message in await service.stored()}
        assert (kept[lost.answer_id], kept[taken.answer_id]) == ("", "")


@on_every_database
async def test_whoever_waits_for_a_whole_answer_is_told_that_it_was_cut_off(
    service: Service, fake_gemini: FakeGemini
) -> None:
    fake_gemini.latency = 2
    engine = worker(service, "one")
    running = engine.run(await begun(engine, "Tuition?"))

    await engine.drain(0.05)

    with pytest.raises(ServiceUnavailable) as refused:
        await running.result()
    assert refused.value.retry_after == 1
    assert [m.status for m in await service.stored()][1] is MessageStatus.INTERRUPTED


@on_every_database
class TestTurnsOfOtherSessions:
    @pytest.mark.parametrize("step", STEPS)
    async def test_run_on_untouched(self, service: Service, step: str) -> None:
        one = worker(service, "one")
        store = one.turn_store
        turns = [await begun(one, f"Question {number}") for number in range(7)]
        turn = turns[3]
        before = await rows_beside(service, turn.session_id)

        await service.database.write_rows(lambda db: STEPS[step](store, db, turn))

        assert await rows_beside(service, turn.session_id) == before


@on_every_database
class TestTakenOver:
    async def test_a_message_sent_again_gets_one_answer_though_the_first_worker_lives(
        self, service: Service
    ) -> None:
        one, two = worker(service, "one"), worker(service, "two")
        lost = await one.open(lambda db: one.turn_store.begin(db, ASKED))
        await let_run_out(service)
        taken = await two.open(lambda db: two.turn_store.begin(db, ASKED))

        with pytest.raises(TurnInProgress) as refused:
            await one.run(lost).result()
        assert refused.value.retry_after == 1
        answer = await two.run(taken).result()

        history = await service.history(lost.session_id)
        assert [m["content"] for m in history] == ["Tuition?", answer["content"]]
        assert history[1]["id"] == taken.answer_id

    async def test_what_is_foreseen_is_no_failure_in_the_log(self, service: Service) -> None:
        one, two = worker(service, "one"), worker(service, "two")
        lost = await one.open(lambda db: one.turn_store.begin(db, ASKED))
        await let_run_out(service)
        taken = await two.open(lambda db: two.turn_store.begin(db, ASKED))

        with capture_logs() as lines:
            runs = (one.run(lost), two.run(taken))
            ends = [await asyncio.gather(run.result(), return_exceptions=True) for run in runs]

        assert isinstance(ends[0][0], TurnInProgress)
        assert "turn_failed" not in [line["event"] for line in lines]

    async def test_a_late_answer_is_filled_in_where_nobody_asked_again(
        self, service: Service
    ) -> None:
        one, two = worker(service, "one"), worker(service, "two")
        late = await one.open(lambda db: one.turn_store.begin(db, ASKED))
        await let_run_out(service)
        other = Opening("Another?", late.session_id, None, None)
        turn = await two.open(lambda db: two.turn_store.begin(db, other))

        await two.run(turn).result()
        await one.run(late).result()

        history = await service.history(late.session_id)
        assert [m["id"] for m in history] == [
            late.question_id,
            late.answer_id,
            turn.question_id,
            turn.answer_id,
        ]
        assert {m["status"] for m in history} == {"complete"}

    async def test_a_worker_of_its_own_never_lets_go(self, service: Service) -> None:
        one = worker(service, "one")
        await one.open(lambda db: one.turn_store.begin(db, ASKED))
        await let_run_out(service)

        again = await one.open(lambda db: one.turn_store.begin(db, ASKED))

        assert again.running
