"""Tests of `backend/services/metrics_service.py`: what is told of the parts, and when they fail."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import insert

from backend.core.gemini import GeminiConfig, build_gemini_client
from backend.core.prometheus import PrometheusMeter
from backend.database import Database, build_engine
from backend.models import KnowledgeGap
from backend.models.base import utc_now
from backend.services.knowledge_service import KnowledgeService
from backend.services.metrics_service import MetricsService
from tests.metrics import Metrics, read_metrics
from tests.service import make_settings
from tests.services.answering import Desk, stay_away, write_whole
from tests.services.turns import Turns

MODULE = "backend.services.metrics_service"


def metrics_of(desk: Desk, folder: Path) -> MetricsService:
    return MetricsService(
        PrometheusMeter(version="1", python="3", database="sqlite"),
        desk.engine,
        build_gemini_client(GeminiConfig()),
        KnowledgeService(folder, token_budget=500),
    )


async def told(metrics: MetricsService) -> Metrics:
    text, media_type = await metrics.render()
    assert media_type.startswith("text/plain")
    return read_metrics(text.decode())


class TestRender:
    async def test_counts_the_turns_that_run(self, turns: Turns, tmp_path: Path) -> None:
        desk = Desk(turns, stay_away)
        metrics = metrics_of(desk, tmp_path)
        for streamed in (True, False, True):
            await desk.run(streamed=streamed)

        found = await told(metrics)
        await desk.engine.drain(0)
        after = await told(metrics)

        assert (found["turns_running"], found["streams_running"]) == (3, 2)
        assert (after["turns_running"], after["streams_running"]) == (0, 0)
        assert found["workers"] == 1

    async def test_tells_of_no_knowledge(self, turns: Turns, tmp_path: Path) -> None:
        (tmp_path / "au_life.json").write_text("{")
        metrics = metrics_of(Desk(turns, write_whole), tmp_path)

        found = await told(metrics)

        assert (found["knowledge_facts"], found["knowledge_problems"]) == (0, 1)
        version = int(metrics.knowledge_service.version[:12] or "0", 16)
        assert found["knowledge_version"] == found["knowledge_version_lowest"] == version
        states = ("closed", "open", "half-open")
        assert {found[f'gemini_breaker_workers{{state="{state}"}}'] for state in states} <= {0, 1}

    async def test_counts_open_questions_alone_and_seldom(
        self, turns: Turns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def add(key: str, *, is_open: bool) -> None:
            gap = {"text_key": key, "topic": key, "question": key, "language": "en"}
            now = utc_now()
            seen = {"count": 1, "first_seen": now, "last_seen": now, "passages": []}
            closed = {"closed_at": None if is_open else now}
            asked = insert(KnowledgeGap).values(**gap, **seen, **closed)
            await turns.database.write(lambda db: db.execute(asked).close())

        metrics = metrics_of(Desk(turns, write_whole), tmp_path)
        for number in range(3):
            await add(f"q{number}", is_open=number > 0)
        first = await told(metrics)
        await add("another", is_open=True)
        soon = await told(metrics)
        monkeypatch.setattr(f"{MODULE}._GAPS_EVERY_SECONDS", 0)
        later = await told(metrics)

        counts = [found["knowledge_gaps_open"] for found in (first, soon, later)]
        assert counts == [2, 2, 3]

    async def test_does_without_a_database_that_is_away(self, turns: Turns, tmp_path: Path) -> None:
        away = Database(build_engine(make_settings(DATABASE_URL=f"sqlite:///{tmp_path}/no/x.db")))

        found = await told(metrics_of(Desk(Turns(away, turns.store), write_whole), tmp_path))

        assert found["workers"] == 1
        assert "knowledge_gaps_open" not in found
        away.dispose()

    async def test_tells_how_much_memory_is_in_use_where_that_is_known(
        self, turns: Turns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        metrics = metrics_of(Desk(turns, write_whole), tmp_path)
        (tmp_path / "statm").write_text("900 300 70 1 0 80 0\n")

        monkeypatch.setattr(f"{MODULE}._STATM", tmp_path / "statm")
        assert (await told(metrics))["resident_bytes"] == 300 * 4_096
        monkeypatch.setattr(f"{MODULE}._STATM", tmp_path / "missing")
        assert (await told(metrics))["resident_bytes"] == 0


class TestRunning:
    async def test_looks_at_the_loop_again_and_again(
        self, turns: Turns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(f"{MODULE}._EVERY_SECONDS", 0.001)
        metrics = metrics_of(Desk(turns, write_whole), tmp_path)
        looks = 0.0

        async with asyncio.timeout(10), metrics.running():
            while looks < 3:
                await asyncio.sleep(0.005)
                looks = (await told(metrics))["event_loop_lag_seconds_count"]

        over = (await told(metrics))["event_loop_lag_seconds_count"]
        await asyncio.sleep(0.01)
        found = await told(metrics)
        assert found["event_loop_lag_seconds_count"] == over
        assert 0 <= found["event_loop_lag_seconds_sum"] < 10
