"""Tests of `backend/services/gap_service.py`; what is told of gaps is tried over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.core.breaks import Breaks
from backend.core.language import Language
from backend.models import KnowledgeGap
from backend.models.base import utc_now
from backend.services import gap_service as subject
from backend.services.gap_service import GapService
from backend.services.turn import Turn
from tests.databases import on_every_database
from tests.service import Service

ASKED_NOW = "Is there a zeppelin dormitory for Xantippe Quux?"


async def keep(service: Service, name: str, *, count: int, days: int, closed: bool = False) -> None:
    """Store a gap that was last seen so many days ago."""
    seen = utc_now() - timedelta(days=days)
    row = {
        **{"text_key": name, "topic": name, "question": name, "language": "en", "count": count},
        **{"first_seen": seen, "last_seen": seen, "closed_at": seen if closed else None},
        "passages": [],
    }

    def add(db: Session) -> None:
        db.execute(insert(KnowledgeGap).values(row))

    await service.database.write(add)


async def kept(service: Service) -> set[str]:
    query = select(KnowledgeGap.question)
    return set(await service.database.read(lambda db: db.scalars(query).all()))


@on_every_database
class TestTheMostThatAreKept:
    @pytest.mark.parametrize(
        ("most", "left"),
        [
            (5, {"answered", "often", "seldom", "long ago", ASKED_NOW}),
            (4, {"often", "seldom", "long ago", ASKED_NOW}),
            (3, {"often", "seldom", ASKED_NOW}),
            (2, {"often", ASKED_NOW}),
            (1, {"often"}),
        ],
    )
    async def test_beyond_it_go_those_that_are_answered_then_the_rarest_then_the_oldest(
        self,
        offline_service: Service,
        monkeypatch: pytest.MonkeyPatch,
        most: int,
        left: set[str],
    ) -> None:
        monkeypatch.setattr("backend.services.gap_store.MAX_KEPT", most)
        await keep(offline_service, "answered", count=9, days=0, closed=True)
        await keep(offline_service, "often", count=3, days=9)
        await keep(offline_service, "seldom", count=1, days=1)
        await keep(offline_service, "long ago", count=1, days=5)
        await offline_service.ask(ASKED_NOW)

        await offline_service.app.state.gap_service.flush()

        assert await kept(offline_service) == left


UNKNOWN = ("Zeppelin dormitory?", "Is there a llama club?", "Who teaches Klingon?")


class Noting:
    """A service of gaps whose breaks never end by themselves, and turns to note in it."""

    def __init__(self, service: Service, question_id: int) -> None:
        self.knowledge = service.app.state.knowledge_service
        self.gaps = GapService(service.database, self.knowledge, breaks=Breaks(1e-9))
        self._question_id = question_id

    def note(self, *questions: str) -> None:
        for question in questions:
            turn = Turn("session", self._question_id, self._question_id, question)
            context = self.knowledge.get_context(question)
            self.gaps.note(turn, context, Language.ENGLISH, ())


@pytest_asyncio.fixture
async def noting(
    offline_service: Service, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Noting]:
    monkeypatch.setattr(subject, "_EVERY_SECONDS", 0.01)
    answer = await offline_service.ask("Hello")
    yield Noting(offline_service, answer["message_id"])


class TestBreaksBetweenNotes:
    async def test_end_when_somebody_reads(self, offline_service: Service, noting: Noting) -> None:
        async with noting.gaps.running():
            noting.note(*UNKNOWN)
            await asyncio.sleep(0.3)
            assert await kept(offline_service) == set()

            await asyncio.wait_for(noting.gaps.flush(), 10)

            assert await kept(offline_service) == set(UNKNOWN)

    async def test_end_with_the_service_which_loses_none(
        self, offline_service: Service, noting: Noting
    ) -> None:
        async with asyncio.timeout(10), noting.gaps.running():
            noting.note(*UNKNOWN[:2])
            await asyncio.sleep(0.3)
            noting.note(UNKNOWN[2])

        assert await kept(offline_service) == set(UNKNOWN)

    async def test_end_when_too_many_wait(
        self, offline_service: Service, noting: Noting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(subject, "_MANY_WAITING", 3)
        async with noting.gaps.running():
            noting.note(*UNKNOWN[:2])
            await asyncio.sleep(0.3)

            noting.note(*UNKNOWN[2:] * 3)

            async with asyncio.timeout(10):
                while not await kept(offline_service):  # noqa: ASYNC110 - nothing tells when
                    await asyncio.sleep(0.01)
