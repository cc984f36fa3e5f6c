"""The root, health and readiness."""

from pathlib import Path

import pytest

from tests.databases import REDIS_URL, needs_redis
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service, make_settings, run_service


class TestHealth:
    async def test_the_root_says_what_the_plan_says(self, service: Service) -> None:
        assert (await service.client.get("/")).json() == {"message": "AU-GURU API is running"}

    @pytest.mark.parametrize("path", ["/health", "/health/"])
    async def test_health_says_what_the_plan_says(self, service: Service, path: str) -> None:
        assert (await service.client.get(path)).json() == {"status": "healthy"}

    async def test_health_checks_may_come_under_any_host(self, service: Service) -> None:
        answer = await service.client.get("/health", headers={"Host": "probe.example.com"})

        assert answer.status_code == 200


class TestReady:
    async def test_all_parts_are_told(self, service: Service) -> None:
        answer = await service.client.get("/health/ready")

        assert answer.status_code == 200
        body = answer.json()
        assert body["status"] == "ready"
        assert body["database"]["state"] == "ok"
        assert body["knowledge"]["state"] == "ok"
        assert body["gemini"]["state"] == "ok"
        assert body["redis"]["state"] == "off"

    async def test_without_a_key_it_is_ready_all_the_same(self, offline_service: Service) -> None:
        answer = await offline_service.client.get("/health/ready")

        assert answer.status_code == 200
        assert answer.json()["gemini"]["state"] == "off"

    async def test_an_open_breaker_is_told(self, service: Service, fake_gemini: FakeGemini) -> None:
        with fake_gemini.refusing():
            for _ in range(6):
                await service.ask("Hello?")

            answer = await service.client.get("/health/ready")

        assert answer.status_code == 200
        assert answer.json()["gemini"]["state"] == "degraded"

    async def test_a_database_that_is_gone_makes_it_503(self, tmp_path: Path) -> None:
        config = make_settings(DATABASE_URL=f"sqlite:///{tmp_path / 'missing' / 'x.db'}")
        async with run_service(config) as service:
            answer = await service.client.get("/health/ready")
            alive = await service.client.get("/health")
            turn = await service.client.post("/api/v1/chat/", json={"message": "Hello"})

        assert answer.status_code == 503
        assert answer.json()["database"]["state"] == "failed"
        assert "missing" not in answer.text
        assert alive.status_code == 200
        assert turn.status_code == 503
        assert turn.json()["code"] == "database_unavailable"
        assert "retry-after" in turn.headers

    async def test_no_knowledge_at_all_makes_it_503(
        self, database_url: str, tmp_path: Path
    ) -> None:
        empty = tmp_path / "empty"
        empty.mkdir()
        config = make_settings(DATABASE_URL=database_url, KNOWLEDGE_DIR=empty)
        async with run_service(config) as service:
            answer = await service.client.get("/health/ready")

        assert answer.status_code == 503
        assert answer.json()["knowledge"]["state"] == "failed"

    async def test_a_redis_that_is_gone_is_told_but_not_fatal(self, database_url: str) -> None:
        config = make_settings(DATABASE_URL=database_url, REDIS_URL="redis://127.0.0.1:1/0")
        async with run_service(config) as service:
            answer = await service.client.get("/health/ready")

        assert answer.status_code == 200
        assert answer.json()["redis"]["state"] == "degraded"

    @needs_redis
    async def test_a_redis_that_answers_is_ok(self, database_url: str) -> None:
        config = make_settings(DATABASE_URL=database_url, REDIS_URL=REDIS_URL)
        async with run_service(config) as service:
            answer = await service.client.get("/health/ready")

        assert answer.json()["redis"]["state"] == "ok"
