"""Tests of `backend/services/chat_service.py`: what is stored when something goes wrong."""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest
import pytest_asyncio
from sqlalchemy import Connection, text, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from backend.core.errors import AUGuruError, DatabaseUnavailable
from backend.core.worker import current_worker
from backend.database import Database
from backend.models import ChatSession
from backend.models.base import utc_now
from backend.schemas.chat import ChatRequest
from backend.services.chat_service import ChatService
from backend.services.turn_engine import TurnEngine
from tests.databases import on_every_database
from tests.fakes.gemini_behaviours import whole_answer
from tests.fakes.gemini_http import Exchange
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service, make_settings, run_service

T = TypeVar("T")


async def claim(service: Service, session_id: str, *, by: str, seconds: float) -> None:
    """Leave the claim of a turn behind, as a worker that died leaves it."""
    question = max(m["id"] for m in await service.history(session_id) if m["role"] == "user")

    def leave(db: Session) -> None:
        db.execute(
            update(ChatSession).values(
                running_question_id=question,
                running_by=by,
                running_until=utc_now() + timedelta(seconds=seconds),
            )
        )
        db.execute(text("UPDATE chat_messages SET status = 'pending'"))

    await service.database.write(leave)


@on_every_database
class TestInterruptedTurns:
    async def test_a_claim_of_a_dead_worker_does_not_block_the_session(
        self, service: Service
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]
        dead = f"{current_worker().host}/1/1.00"
        await claim(service, session_id, by=dead, seconds=60)

        await service.ask("Second", session_id=session_id)

        statuses = [m["status"] for m in await service.history(session_id) if m["role"] == "user"]
        assert statuses == ["interrupted", "complete"]

    async def test_a_claim_of_another_machine_holds_until_it_runs_out(
        self, service: Service
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]
        message = {"message": "Second", "session_id": session_id}
        await claim(service, session_id, by="elsewhere/1/1.00", seconds=60)
        held = await service.client.post("/api/v1/chat/", json=message)
        await claim(service, session_id, by="elsewhere/1/1.00", seconds=-1)
        free = await service.client.post("/api/v1/chat/", json=message)

        assert (held.status_code, free.status_code) == (409, 200)

    async def test_the_next_start_marks_what_was_cut_off(
        self, service: Service, database_url: str
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]
        await claim(service, session_id, by=f"{current_worker().host}/1/1.00", seconds=60)

        async with run_service(make_settings(DATABASE_URL=database_url)) as restarted:
            history = await restarted.history(session_id)

        assert history[0]["status"] == "interrupted"

    async def test_a_cut_off_message_is_answered_when_it_is_sent_again(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        key = "a-message-id-that-is-long-enough"
        first = await service.ask("First", client_message_id=key)

        def cut_off(db: Session) -> None:
            db.execute(text("DELETE FROM chat_messages WHERE role = 'assistant'"))
            db.execute(text("UPDATE chat_messages SET status = 'interrupted'"))

        await service.database.write(cut_off)
        again = await service.ask("First", client_message_id=key)

        assert again["session_id"] == first["session_id"]
        history = await service.history(first["session_id"])
        assert [(m["role"], m["status"]) for m in history] == [
            ("user", "complete"),
            ("assistant", "complete"),
        ]
        assert len(fake_gemini.requests) == 2

    async def test_sent_again_after_a_later_turn_it_stands_after_it(self, service: Service) -> None:
        key = "a-message-id-that-is-long-enough"
        session_id = (await service.ask("Cut off", client_message_id=key))["session_id"]

        def cut_off(db: Session) -> None:
            db.execute(text("DELETE FROM chat_messages WHERE role = 'assistant'"))
            db.execute(text("UPDATE chat_messages SET status = 'interrupted'"))

        await service.database.write(cut_off)
        later = await service.ask("Later", session_id=session_id)
        again = await service.ask("Cut off", session_id=session_id, client_message_id=key)

        assert [m["content"] for m in await service.history(session_id)] == [
            *("Cut off", "Later", later["response"]),
            *("Cut off", again["response"]),
        ]


class TestHistoryBudget:
    async def test_only_the_newest_whole_turns_go_to_the_model(
        self, database_url: str, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.answer_with("answer " * 20)
        config = make_settings(
            DATABASE_URL=database_url,
            GEMINI_API_KEY="k",
            GEMINI_BASE_URL=fake_gemini.base_url,
            HISTORY_TOKEN_BUDGET=130,
        )
        async with run_service(config) as service:
            session_id = (await service.ask("question 0 " * 5))["session_id"]
            for number in range(1, 6):
                await service.ask(f"question {number} " * 5, session_id=session_id)

        asked = [r for r in fake_gemini.requests if b"question 5" in r.body]
        sent = asked[0].json()["contents"]
        assert [turn["role"] for turn in sent] == ["user", "model", "user", "model", "user"]
        assert "question 3" in sent[0]["parts"][-1]["text"]


class BreakingDatabase(Database):
    """Loses its connection right after the next commit: done, but nobody is told."""

    breaks = 0

    async def write_rows(self, change: Callable[[Connection], T]) -> T:
        result = await super().write_rows(change)
        if self.breaks:
            self.breaks -= 1
            raise DatabaseUnavailable(retry_after=1)
        return result


@on_every_database
class TestLostCommits:
    @pytest_asyncio.fixture
    async def chat(self, service: Service) -> ChatService:
        running: ChatService = service.app.state.chat_service
        database = BreakingDatabase(service.database.engine)
        engine = TurnEngine(database, running.engine.reply_writer, running.engine.turn_store)
        erasure_service = service.app.state.erasure_service
        return ChatService(database, engine, erasure_service, turn_seconds=3)

    async def test_a_question_whose_commit_was_not_told_blocks_nobody(
        self, chat: ChatService
    ) -> None:
        assert isinstance(chat.database, BreakingDatabase)
        request = ChatRequest(message="First", client_message_id="a-long-enough-message-id")
        chat.database.breaks = 1
        with pytest.raises(DatabaseUnavailable):
            await chat.process_message(request)

        answer = await chat.process_message(request)

        history = await chat.get_history(answer.session_id)
        assert [m.content for m in history.messages] == ["First", answer.response]
        chat.database.dispose()

    async def test_an_answer_whose_commit_was_not_told_is_found(
        self, chat: ChatService, service: Service, fake_gemini: FakeGemini
    ) -> None:
        assert isinstance(chat.database, BreakingDatabase)
        with fake_gemini.holding():
            running = asyncio.create_task(chat.process_message(ChatRequest(message="First")))
            await fake_gemini.wait_until_asked()
            chat.database.breaks = 1

        answer = await running

        messages = await service.history(answer.session_id)
        assert [m["id"] for m in messages][-1] == answer.message_id
        assert len(messages) == 2
        chat.database.dispose()


class TestBrokenDatabase:
    async def test_an_answer_waits_for_a_database_that_is_locked_meanwhile(
        self, service: Service, fake_gemini: FakeGemini, database_url: str
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]
        with fake_gemini.holding():
            running = asyncio.create_task(service.ask("Second", session_id=session_id))
            await fake_gemini.wait_until_asked(2)
            other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(0.2)
        assert not running.done()
        other.execute("ROLLBACK")
        other.close()

        answer = await running

        assert (await service.history(session_id))[-1]["id"] == answer["message_id"]

    async def test_a_lock_that_outlasts_all_patience_costs_the_answer_not_the_question(
        self, service: Service, fake_gemini: FakeGemini, database_url: str
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]
        chat = service.app.state.chat_service
        engine = service.database.engine
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=20")
        database = Database(engine, patience=0.05)
        turns = TurnEngine(
            database, chat.engine.reply_writer, chat.engine.turn_store, store_patience=0.1
        )
        hasty = ChatService(database, turns, chat.erasure_service, turn_seconds=1)
        with fake_gemini.holding():
            running = asyncio.create_task(
                hasty.process_message(ChatRequest(message="Second", session_id=session_id))
            )
            while len(fake_gemini.requests) < 2:
                assert not running.done(), "the question did not come so far"
                await asyncio.sleep(0.01)
            other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable):
            await running
        other.execute("ROLLBACK")
        other.close()

        await service.ask("Third", session_id=session_id)

        said = [(m["content"], m["status"]) for m in await service.history(session_id)]
        assert ("Second", "interrupted") in said
        assert len(said) == 5

    async def test_a_full_disk_is_told_and_nothing_half_is_stored(self, database_url: str) -> None:
        def limit(db: Session, pages: int) -> None:
            db.execute(text(f"PRAGMA max_page_count = {pages}"))

        # The limit holds for a connection, so there is but one.
        config = make_settings(DATABASE_URL=database_url, DB_POOL_SIZE=1, DB_MAX_OVERFLOW=0)
        async with run_service(config) as service:
            session_id = (await service.ask("First"))["session_id"]
            before = await service.stored()
            await service.database.write(lambda db: limit(db, 1))
            refused = [
                await service.client.post(
                    "/api/v1/chat/", json={"message": "x" * 4_000, "session_id": session_id}
                )
                for _ in range(2)
            ]
            stored = await service.stored()
            await service.database.write(lambda db: limit(db, 1_000_000))
            await service.ask("Second", session_id=session_id)

        assert [answer.status_code for answer in refused] == [503, 503]
        assert {answer.json()["code"] for answer in refused} == {"database_unavailable"}
        assert stored == before

    async def test_a_bug_marks_the_question_and_frees_the_session(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session_id = (await service.ask("First"))["session_id"]

        class Broken:
            async def write(self, _turn: object) -> None:
                raise ZeroDivisionError

        monkeypatch.setattr(service.app.state.chat_service.engine, "reply_writer", Broken())
        failed = await service.client.post(
            "/api/v1/chat/", json={"message": "Second", "session_id": session_id}
        )
        monkeypatch.undo()
        await service.ask("Third", session_id=session_id)

        assert failed.status_code == 500
        assert failed.json()["code"] == AUGuruError.code
        statuses = [m["status"] for m in await service.history(session_id) if m["role"] == "user"]
        assert statuses == ["complete", "interrupted", "complete"]


class TestManyAtOnce:
    async def test_waiting_turns_hold_no_connection(
        self, database_url: str, fake_gemini: FakeGemini
    ) -> None:
        config = make_settings(
            DATABASE_URL=database_url,
            GEMINI_API_KEY="k",
            GEMINI_BASE_URL=fake_gemini.base_url,
            DB_POOL_SIZE=2,
            DB_MAX_OVERFLOW=0,
        )
        released = threading.Event()

        async def hold(exchange: Exchange) -> None:
            while not released.is_set():  # noqa: ASYNC110 - set in another thread
                await asyncio.sleep(0.01)
            await whole_answer("At last.")(exchange)

        fake_gemini.always(hold)
        async with run_service(config) as service:
            answers = asyncio.gather(*(service.ask(f"Question {n}") for n in range(100)))
            async with asyncio.timeout(10):
                await fake_gemini.wait_until_asked(100)
            pool = service.database.engine.pool
            assert isinstance(pool, QueuePool)
            in_use = pool.checkedout()
            released.set()
            done = await answers

        assert in_use == 0
        assert len({answer["session_id"] for answer in done}) == 100
