"""Tests of `backend/main.py` and of what surrounds every request."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from tests.checks import DOCUMENT, find_drift
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service, make_settings, run_service

ORIGIN = "http://localhost:3000"


class TestCors:
    async def test_a_known_page_may_read_answers_and_their_headers(self, service: Service) -> None:
        answer = await service.client.get("/health", headers={"Origin": ORIGIN})

        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["access-control-allow-credentials"] == "true"
        exposed = answer.headers["access-control-expose-headers"]
        assert {"Retry-After", "X-Request-ID"} <= set(exposed.split(", "))

    async def test_another_page_may_not(self, service: Service) -> None:
        answer = await service.client.get("/health", headers={"Origin": "http://evil.example"})

        assert "access-control-allow-origin" not in answer.headers

    async def test_a_preflight_is_answered(self, service: Service) -> None:
        answer = await service.client.options(
            "/api/v1/chat/",
            headers={
                "Origin": ORIGIN,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type, idempotency-key",
            },
        )

        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == ORIGIN

    async def test_the_setting_decides(self, database_url: str) -> None:
        config = make_settings(DATABASE_URL=database_url, ALLOWED_ORIGINS="https://chat.au.edu")
        async with run_service(config) as service:
            ours = await service.client.get("/", headers={"Origin": "https://chat.au.edu"})
            old = await service.client.get("/", headers={"Origin": ORIGIN})
            host = await service.client.get("/", headers={"Host": "chat.au.edu"})

        assert ours.headers["access-control-allow-origin"] == "https://chat.au.edu"
        assert "access-control-allow-origin" not in old.headers
        assert host.status_code == 200

    async def test_a_page_can_read_an_unexpected_failure(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service.app.state, "chat_service", None)

        answer = await service.client.post(
            "/api/v1/chat/", json={"message": "secret words"}, headers={"Origin": ORIGIN}
        )

        assert answer.status_code == 500
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "internal_error"
        assert "Traceback" not in answer.text
        assert "NoneType" not in answer.text


class TestRequestIds:
    async def test_a_good_one_is_kept(self, service: Service) -> None:
        answer = await service.client.get("/", headers={"X-Request-ID": "abc-1.2_3"})

        assert answer.headers["x-request-id"] == "abc-1.2_3"

    @pytest.mark.parametrize("value", ["", "a b", "x" * 65, "{{7*7}}"])
    async def test_another_is_replaced(self, service: Service, value: str) -> None:
        answer = await service.client.get("/", headers={"X-Request-ID": value})

        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


class TestLogs:
    @pytest.mark.parametrize("form", ["json", "console"])
    async def test_tell_of_requests_but_never_what_people_wrote(
        self, database_url: str, capfd: pytest.CaptureFixture[str], form: str
    ) -> None:
        config = make_settings(DATABASE_URL=database_url, LOG_LEVEL="INFO", LOG_FORMAT=form)
        async with run_service(config) as service:
            session_id = (await service.ask("my very private question"))["session_id"]
            await service.client.get(
                f"/api/v1/chat/{session_id}/history", headers={"Authorization": "Bearer abc.d.e"}
            )
        logs = capfd.readouterr().err

        assert "private" not in logs
        assert "abc.d.e" not in logs
        assert session_id not in logs
        if form == "json":
            lines = [json.loads(line) for line in logs.splitlines()]
            request = next(line for line in lines if line["event"] == "request")
            assert request["status"] == 200
            assert request["request_id"]

    async def test_carry_the_ids_of_request_session_and_user(
        self, database_url: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        config = make_settings(DATABASE_URL=database_url, LOG_LEVEL="INFO", LOG_FORMAT="json")
        async with run_service(config) as service:
            mine = await service.sign_up("somchai@au.edu")
            user_id = (await service.client.get("/api/v1/users/me", headers=mine)).json()["id"]
            asked = await service.client.post("/api/v1/chat", json={"message": "Hi"}, headers=mine)
            session_id = asked.json()["session_id"]
            await service.client.get(f"/api/v1/chat/{session_id}/history", headers=mine)
            await service.client.get("/health")
        lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
        requests = {line["operation"]: line for line in lines if line["event"] == "request"}

        named = hashlib.sha256(session_id.encode()).hexdigest()[:16]
        for operation in ("send_message", "get_chat_history"):
            assert requests[operation]["session_id"] == named
            assert requests[operation]["user_id"] == user_id
        assert requests["send_message"]["request_id"] == asked.headers["x-request-id"]
        assert not {"session_id", "user_id"} & requests["health_check"].keys()

    async def test_of_a_turn_s_own_task_carry_them_too(
        self, database_url: str, fake_gemini: FakeGemini, capfd: pytest.CaptureFixture[str]
    ) -> None:
        config = make_settings(
            DATABASE_URL=database_url,
            GEMINI_API_KEY="k",
            GEMINI_BASE_URL=fake_gemini.base_url,
            LOG_LEVEL="INFO",
            LOG_FORMAT="json",
        )
        fake_gemini.answer_with("It is 987,654 baht.")
        async with run_service(config) as service:
            service.app.state.chat_service.engine.reply_writer.knowledge_service = None
            await service.client.post("/api/v1/chat/stream", json={"message": "Tuition?"})
        lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
        failed = next(line for line in lines if line["event"] == "turn_failed")

        assert re.fullmatch(r"[0-9a-f]{16}", failed["session_id"])
        assert re.fullmatch(r"[0-9a-f]{32}", failed["request_id"])

    @pytest.mark.parametrize("form", ["json", "console"])
    async def test_tell_where_a_bug_is_without_its_variables(
        self,
        database_url: str,
        capfd: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        form: str,
    ) -> None:
        config = make_settings(DATABASE_URL=database_url, LOG_FORMAT=form)
        async with run_service(config) as service:
            broken = service.app.state.chat_service.engine.reply_writer
            monkeypatch.setattr(broken, "knowledge_service", None)
            answer = await service.client.post(
                "/api/v1/chat/", json={"message": "my very private question"}
            )
        logs = capfd.readouterr().err

        assert answer.status_code == 500
        assert "reply.py" in logs
        assert "AttributeError" in logs
        assert "private" not in logs


class TestDocument:
    async def test_swagger_and_the_document_are_served(self, service: Service) -> None:
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert (await service.client.get(path)).status_code == 200

    def test_nothing_committed_has_drifted(self) -> None:
        assert find_drift() == []

    def test_operations_have_stable_names_and_documented_problems(self) -> None:
        document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
        operations = {
            operation["operationId"]: operation
            for path in document["paths"].values()
            for operation in path.values()
        }

        assert {"chat_send_message", "chat_reset_session", "chat_get_chat_history"} <= set(
            operations
        )
        problems = operations["chat_send_message"]["responses"]
        assert {"400", "401", "404", "409", "413", "415", "422", "503"} <= set(problems)
        assert "application/problem+json" in problems["409"]["content"]
        for operation in operations.values():
            assert operation["description"]


class TestStart:
    async def test_development_keeps_its_own_key_beside_the_database(
        self, database_url: str, tmp_path: Path
    ) -> None:
        async with run_service(make_settings(DATABASE_URL=database_url, SECRET_KEY=None)):
            pass

        assert len((tmp_path / "test.secret").read_text()) >= 48

    async def test_an_empty_database_is_migrated_in_development(self, tmp_path: Path) -> None:
        config = make_settings(DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}")
        async with run_service(config) as service:
            assert (await service.ask("Hello"))["session_id"]

    async def test_production_leaves_migrating_to_the_operator(self, tmp_path: Path) -> None:
        config = make_settings(
            DATABASE_URL=f"sqlite:///{tmp_path / 'new.db'}", ENVIRONMENT="production"
        )
        async with run_service(config) as service:
            answer = await service.client.get("/health/ready")

        assert answer.status_code == 503
