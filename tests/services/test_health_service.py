"""Tests of `backend/services/health_service.py`: what is told of each part, and what counts."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from backend.core.errors import AssistantUnavailable
from backend.core.gemini import GeminiConfig, build_gemini_client
from backend.core.redis_client import RedisClient
from backend.database import Database, build_engine
from backend.schemas.health import ReadyResponse
from backend.services import health_service as module
from backend.services.health_service import HealthService
from backend.services.knowledge_service import KnowledgeService
from backend.services.meaning import MeaningReader, VectorStatus, WordsAlone
from tests.core.gemini_support import ask, gemini_config
from tests.fakes.gemini_server import FakeGemini
from tests.service import make_settings

T = TypeVar("T")

FACT = {"entries": [{"id": "bus", "title": "Bus", "text": "It leaves at 7:30."}]}


class ReadOnlyDatabase(Database):
    """Its file belongs to somebody else; who may do everything cannot try it otherwise."""

    def is_writable(self) -> bool:
        return False


class SlowDatabase(Database):
    """Takes longer to answer than anybody waits."""

    async def read(self, query: Callable[[Session], T]) -> T:
        await asyncio.sleep(5)
        return await super().read(query)


class Reader(WordsAlone):
    """Tells of vectors that there are none of."""

    def __init__(self, status: VectorStatus) -> None:
        super().__init__()
        self._status = status


def know(folder: Path, **files: object) -> KnowledgeService:
    """Facts in a folder of their own; texts are written as they are."""
    folder.mkdir()
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}.json").write_text(text)
    return KnowledgeService(folder, token_budget=500)


@pytest.fixture
def knowledge(tmp_path: Path) -> KnowledgeService:
    return know(tmp_path / "facts", a=FACT)


NO_GEMINI = build_gemini_client(GeminiConfig())


async def check(
    database: Database,
    knowledge: KnowledgeService,
    *,
    redis: RedisClient | None = None,
    reader: MeaningReader | None = None,
) -> ReadyResponse:
    reader = reader or WordsAlone()
    return await HealthService(database, knowledge, NO_GEMINI, redis, reader).check()


def told(parts: ReadyResponse, name: str) -> tuple[str, str | None]:
    part = getattr(parts, name)
    return part.state, part.detail


class TestDatabase:
    async def test_that_works_is_ready_whatever_else_is_off(
        self, database: Database, knowledge: KnowledgeService
    ) -> None:
        parts = await check(database, knowledge)

        assert parts.status == "ready"
        assert told(parts, "database") == ("ok", None)
        assert told(parts, "redis") == ("off", "REDIS_URL is not set.")
        assert told(parts, "gemini") == ("off", "GEMINI_API_KEY is not set.")

    @pytest.mark.usefixtures("database_url")
    @pytest.mark.parametrize(
        ("kind", "file", "detail"),
        [
            (Database, "new.db", "The database was not migrated yet."),
            (Database, "missing/new.db", "The database does not answer."),
            (SlowDatabase, "test.db", "The database does not answer."),
            (ReadOnlyDatabase, "test.db", "The database cannot be written."),
        ],
    )
    async def test_that_is_of_no_use_is_not_ready(
        self,
        knowledge: KnowledgeService,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        kind: type[Database],
        file: str,
        detail: str,
    ) -> None:
        monkeypatch.setattr(module, "PING_SECONDS", 0.1)
        engine = build_engine(make_settings(DATABASE_URL=f"sqlite:///{tmp_path / file}"))
        broken = kind(engine)

        parts = await check(broken, knowledge)

        assert parts.status == "not_ready"
        assert told(parts, "database") == ("failed", detail)
        broken.dispose()


class TestKnowledge:
    async def test_tells_how_many_facts_there_are(
        self, database: Database, knowledge: KnowledgeService
    ) -> None:
        assert told(await check(database, knowledge), "knowledge") == ("ok", "1 facts.")

    async def test_without_a_fact_is_not_ready(self, database: Database, tmp_path: Path) -> None:
        parts = await check(database, know(tmp_path / "none", a={"entries": []}))

        assert parts.status == "not_ready"
        assert told(parts, "knowledge") == ("failed", "There are no facts to answer from.")

    async def test_with_broken_files_is_ready_and_names_each_once(
        self, database: Database, tmp_path: Path
    ) -> None:
        broken = {"entries": [{"id": "x"}, {"id": "y"}]}
        parts = await check(database, know(tmp_path / "broken", z="{", a=FACT, b=broken))

        assert parts.status == "ready"
        assert told(parts, "knowledge") == ("degraded", "Trouble with: b.json, z.json.")


class TestGemini:
    async def test_is_named_until_it_is_not_asked_any_more(
        self, database: Database, knowledge: KnowledgeService, fake_gemini: FakeGemini
    ) -> None:
        client = build_gemini_client(gemini_config(fake_gemini, breaker_misconfigured_seconds=60.0))
        health = HealthService(database, knowledge, client, None, WordsAlone())
        works = await health.check()
        with fake_gemini.refusing():
            for _ in range(6):
                with pytest.raises(AssistantUnavailable):
                    await ask(client)

            fails = await health.check()

        assert told(works, "gemini") == ("ok", "gemini-test")
        assert fails.status == "ready"
        state, detail = told(fails, "gemini")
        assert state == "degraded"
        assert detail is not None
        assert detail.startswith("Not asked now: ")
        await client.aclose()


class TestVectors:
    @pytest.mark.parametrize(
        ("status", "state", "detail"),
        [
            (VectorStatus(reason="EMBEDDER is off."), "off", "EMBEDDER is off."),
            (VectorStatus("m", 2, 3), "ok", "2 of 3 facts have a vector, m."),
            (VectorStatus("m", 2, 3, "busy"), "degraded", "2 of 3 facts have a vector: busy."),
        ],
    )
    async def test_are_told_with_what_is_wrong_and_are_not_needed(
        self,
        database: Database,
        knowledge: KnowledgeService,
        status: VectorStatus,
        state: str,
        detail: str,
    ) -> None:
        parts = await check(database, knowledge, reader=Reader(status))

        assert parts.status == "ready"
        assert told(parts, "vectors") == (state, detail)


async def test_a_redis_that_is_gone_is_told_and_is_not_needed(
    database: Database, knowledge: KnowledgeService
) -> None:
    redis = RedisClient("redis://127.0.0.1:1/0")

    parts = await check(database, knowledge, redis=redis)

    assert parts.status == "ready"
    assert told(parts, "redis") == ("degraded", "Redis does not answer.")
    await redis.aclose()
