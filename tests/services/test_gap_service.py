"""Tests of `backend/services/gap_service.py`; what is told of gaps is tried over HTTP."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.models import KnowledgeGap
from backend.models.base import utc_now
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
