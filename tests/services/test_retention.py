"""Tests of `backend/services/retention.py` and of the lease it runs under."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.core.worker import Worker
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

OLD = utc_now() - timedelta(days=31)


def retention(service: Service, *, pid: int = 1, days: int = 30) -> RetentionService:
    """The task as one of several workers would run it."""
    worker = Worker("test-machine", pid, 1.0)
    return RetentionService(
        service.database, worker, days=days, scrub=service.app.state.erasure_service.scrub_soon
    )


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
