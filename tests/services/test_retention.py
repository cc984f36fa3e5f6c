"""Tests of `backend/services/retention.py` and of the lease it runs under."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.orm import Session
from structlog.typing import EventDict

from backend.core.worker import Worker
from backend.database import Database, build_engine
from backend.models import (
    BackgroundTask,
    ChatMessage,
    ChatSession,
    KnowledgeGap,
    MessageRole,
    User,
)
from backend.models.base import utc_now
from backend.services.retention import RetentionService
from tests.databases import on_every_database
from tests.service import Service, make_settings, run_service
from tests.services.turns import Turns

T = TypeVar("T")

OLD = utc_now() - timedelta(days=31)


def retention(service: Service, *, pid: int = 1, days: int = 30) -> RetentionService:
    """The task as one of several workers would run it."""
    worker = Worker("test-machine", pid, 1.0)
    return RetentionService(
        service.database, worker, days=days, scrub=service.app.state.erasure_service.scrub_soon
    )


def task(database: Database, scrub: Callable[[], None] = lambda: None) -> RetentionService:
    """The task over a database without a service."""
    return RetentionService(database, Worker("test-machine", 1, 1.0), days=30, scrub=scrub)


class StolenDatabase(Database):
    """Loses the lease of the task after its first batch."""

    writes = 0

    async def write_rows(self, change: Callable[[Connection], T]) -> T:
        result = await super().write_rows(change)
        self.writes += 1
        if self.writes == 2:
            steal = update(BackgroundTask).values(held_by="another")
            await super().write_rows(lambda db: db.execute(steal).close())
        return result


async def add_session(service: Service, *, messages: int = 2, **columns: Any) -> str:
    """Put a session there that was last used a month ago."""
    id_ = str(uuid4())

    def add(db: Session) -> None:
        values = {"created_at": OLD, "updated_at": OLD, **columns}
        db.execute(insert(ChatSession).values(id=id_, **values))
        for _ in range(messages):
            said = {"session_id": id_, "role": MessageRole.USER, "content": "Old words"}
            db.execute(insert(ChatMessage).values(**said))

    await service.database.write(add)
    return id_


async def kept(service: Service) -> set[str]:
    def read(db: Session) -> Sequence[str]:
        return db.scalars(select(ChatSession.id)).all()

    return set(await service.database.read(read))


@on_every_database
class TestEraseOld:
    async def test_erases_old_anonymous_sessions_with_their_messages(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        for _ in range(25):
            await add_session(service)
        now = utc_now()
        recent = await add_session(service, updated_at=now)
        new = await add_session(service, created_at=now, updated_at=now)

        assert await retention(service).erase_old() == 25

        assert await kept(service) == {recent, new}
        assert len(await service.stored()) == 4

    async def test_spares_peoples_own_sessions_and_running_turns(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        await service.sign_up("a@au.edu")
        user_id = await service.database.read(lambda db: db.scalar(select(User.id)))
        soon = utc_now() + timedelta(minutes=1)
        mine = await add_session(service, user_id=user_id)
        running = await add_session(service, running_question_id=1, running_until=soon)
        await add_session(service, running_question_id=1, running_until=OLD)

        assert await retention(service).erase_old() == 1

        assert await kept(service) == {mine, running}

    @pytest.mark.parametrize(
        ("begun", "used", "is_kept"),
        [(31, 31, False), (31, 29, True), (29, 29, True), (400, 31, False), (400, 0, True)],
    )
    async def test_counts_the_days_since_it_was_last_used(
        self, turns: Turns, begun: int, used: int, is_kept: bool
    ) -> None:
        now = utc_now()
        begun_at, used_at = now - timedelta(days=begun), now - timedelta(days=used)
        session_id = (await turns.ask()).session_id
        await turns.change_session(session_id, created_at=begun_at, updated_at=used_at)

        assert await task(turns.database).erase_old() == 1 - is_kept

        assert [row.id for row in await turns.sessions()] == [session_id] * is_kept
        assert len(await turns.messages()) == 2 * is_kept

    async def test_passes_by_those_that_it_must_keep(
        self, turns: Turns, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backend.services.retention.SESSIONS_AT_ONCE", 2)
        now = utc_now()
        for number in range(7):
            turn = await turns.ask(f"Question {number}?")
            moments = {"created_at": OLD + timedelta(minutes=number), "updated_at": OLD}
            if number in {0, 3, 4}:
                moments["updated_at"] = now
            await turns.change_session(turn.session_id, **moments)

        assert await task(turns.database).erase_old() == 4

        left = {row.title for row in await turns.sessions()}
        assert left == {"Question 0?", "Question 3?", "Question 4?"}

    @pytest.mark.parametrize("what", ["nothing", "a session", "a question"])
    async def test_cleans_the_file_when_anything_was_erased(self, turns: Turns, what: str) -> None:
        cleaned: list[str] = []
        turn = await turns.ask()
        if what == "a session":
            await turns.change_session(turn.session_id, created_at=OLD, updated_at=OLD)
        if what == "a question":
            gap = {"text_key": "x", "topic": "x", "question": "x", "language": "en"}
            seen = {"count": 1, "first_seen": OLD, "last_seen": OLD, "passages": []}
            asked = insert(KnowledgeGap).values(**gap, **seen)
            await turns.database.write(lambda db: db.execute(asked).close())

        await task(turns.database, scrub=lambda: cleaned.append("once")).erase_old()

        assert cleaned == ([] if what == "nothing" else ["once"])

    async def test_goes_no_further_when_it_is_another_worker_s_turn(
        self, turns: Turns, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backend.services.retention.SESSIONS_AT_ONCE", 2)
        database = StolenDatabase(turns.database.engine)
        for _ in range(3):
            turn = await turns.ask()
            await turns.change_session(turn.session_id, created_at=OLD, updated_at=OLD)

        assert await task(database).erase_old() == 2

        assert len(await turns.sessions()) == 1
        database.dispose()

    async def test_takes_a_long_session_in_parts(
        self, offline_service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backend.services.retention.MESSAGES_AT_ONCE", 3)
        await add_session(offline_service, messages=10)

        assert await retention(offline_service).erase_old() == 1

        assert await offline_service.stored() == []

    async def test_forgets_questions_that_nobody_asks_any_more(
        self, offline_service: Service
    ) -> None:
        def add(db: Session) -> None:
            for key, moment in (("old", OLD), ("new", utc_now())):
                gap = {"text_key": key, "topic": key, "question": key, "language": "en"}
                seen = {"count": 1, "first_seen": OLD, "last_seen": moment, "passages": []}
                db.execute(insert(KnowledgeGap).values(**gap, **seen))

        await offline_service.database.write(add)

        await retention(offline_service).erase_old()

        left = await offline_service.database.read(
            lambda db: db.scalars(select(KnowledgeGap.text_key)).all()
        )
        assert left == ["new"]


@on_every_database
class TestLease:
    async def test_of_many_workers_one_does_it(self, offline_service: Service) -> None:
        await add_session(offline_service)
        workers = [retention(offline_service, pid=pid) for pid in range(5)]

        results = await asyncio.gather(*(worker.erase_old() for worker in workers))

        assert sorted(results, key=str) == [1, None, None, None, None]
        assert await retention(offline_service, pid=9).erase_old() is None

    async def test_another_one_takes_over_from_a_worker_that_died(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        dead = retention(service)
        await service.database.write_rows(dead._lease.take)
        await add_session(service)
        assert await retention(service, pid=2).erase_old() is None

        def run_out(db: Session) -> None:
            db.execute(update(BackgroundTask).values(held_until=OLD))

        await service.database.write(run_out)

        assert await retention(service, pid=2).erase_old() == 1
        assert await service.database.write_rows(dead._lease.keep) is False


class TestRunning:
    async def test_the_service_erases_at_its_start_what_is_due(self, database_url: str) -> None:
        async with run_service(make_settings(DATABASE_URL=database_url)) as service:
            await add_session(service)
            await asyncio.sleep(0.1)
            assert len(await kept(service)) == 1  # without the setting everything is kept

        config = make_settings(DATABASE_URL=database_url, SESSION_RETENTION_DAYS=30)
        async with run_service(config) as service, asyncio.timeout(10):
            while await kept(service):  # noqa: ASYNC110 - nothing tells when
                await asyncio.sleep(0.01)

    async def test_tells_how_many_and_goes_on_whatever_happens(
        self, turns: Turns, logs: list[EventDict]
    ) -> None:
        async def told(retention: RetentionService, event: str) -> EventDict:
            async with asyncio.timeout(10), retention.running():
                while not logs or logs[-1]["event"] != event:  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.005)
            return logs[-1]

        def fail() -> None:
            raise ZeroDivisionError

        away = Database(build_engine(make_settings(DATABASE_URL="sqlite:////nowhere/x.db")))
        await told(task(away), "retention_waits_for_database")
        away.dispose()
        turn = await turns.ask()
        await turns.change_session(turn.session_id, created_at=OLD, updated_at=OLD)
        line = await told(task(turns.database), "old_sessions_erased")
        assert line["count"] == 1
        turn = await turns.ask()
        await turns.change_session(turn.session_id, created_at=OLD, updated_at=OLD)
        await turns.database.write(lambda db: db.execute(delete(BackgroundTask)).close())
        await told(task(turns.database, scrub=fail), "retention_failed")

    async def test_with_no_days_nothing_goes(self, turns: Turns, logs: list[EventDict]) -> None:
        turn = await turns.ask()
        await turns.change_session(turn.session_id, created_at=OLD, updated_at=OLD)
        worker = Worker("test-machine", 1, 1.0)
        never = RetentionService(turns.database, worker, days=0, scrub=lambda: None)

        async with never.running():
            await asyncio.sleep(0.05)

        assert len(await turns.sessions()) == 1
        assert logs == []
