"""Traces, as a collector receives them."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from backend.core.tracing import traces_wanted, tracing
from tests.databases import on_every_database
from tests.fakes.gemini_behaviours import failure
from tests.fakes.gemini_server import FakeGemini
from tests.fakes.otlp import Receiver, otlp_receiver
from tests.processes import ROOT
from tests.service import Service, make_settings, run_service

ASKED_BY = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = {"traceparent": f"00-{ASKED_BY}-00f067aa0ba902b7-01"}


@asynccontextmanager
async def traced_service(
    database_url: str, gemini: FakeGemini, patch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Service, Receiver]]:
    """A service that sends its traces; they are there once it has ended."""
    config = make_settings(
        DATABASE_URL=database_url,
        GEMINI_API_KEY="k",
        GEMINI_BASE_URL=gemini.base_url,
        GEMINI_TIMEOUT_SECONDS=3,
    )
    with otlp_receiver() as receiver:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        async with run_service(config) as service:
            yield service, receiver
        assert receiver.spans


@on_every_database
class TestTraces:
    async def test_of_a_turn_show_what_it_spent_its_time_on(
        self, database_url: str, fake_gemini: FakeGemini, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with traced_service(database_url, fake_gemini, monkeypatch) as (service, receiver):
            answer = await service.client.post(
                "/api/v1/chat/", json={"message": "Tuition?"}, headers=TRACEPARENT
            )
            assert answer.status_code == 200

        [request] = receiver.named("POST /api/v1/chat/")
        within = [span for span in receiver.spans if span.parent == request.id]
        assert request.trace == ASKED_BY
        assert request.attributes["http.response.status_code"] == 200
        assert [span.name for span in within].count("retrieval") == 1
        assert [span.name for span in within].count("upstream") == 1
        writes = [span for span in within if span.attributes.get("db.access") == "write"]
        assert len(writes) == 2
        assert {span.trace for span in within} == {ASKED_BY}
        assert receiver.services == {"au-guru"}


class TestSpans:
    async def test_hold_no_text_and_no_path(
        self, database_url: str, fake_gemini: FakeGemini, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake_gemini.answer_with("a-secret-answer")
        async with traced_service(database_url, fake_gemini, monkeypatch) as (service, receiver):
            asked = await service.ask("a-secret-question")
            session_id = asked["session_id"]
            await service.client.get(f"/api/v1/chat/{session_id}/history?limit=3")
            await service.client.get("/api/v1/knowledge/search?q=a-secret-word")
            await service.client.get("/a-secret-path")

        for word in ("a-secret", session_id, "127.0.0.1"):
            assert word.encode() not in receiver.raw
        assert receiver.named("GET /api/v1/chat/{session_id}/history")
        assert receiver.named("other none")

    async def test_of_what_failed_are_named_by_its_type(
        self, database_url: str, fake_gemini: FakeGemini, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake_gemini.always(failure(400, message="your key a-secret is bad"))
        async with traced_service(database_url, fake_gemini, monkeypatch) as (service, receiver):
            await service.ask("Tuition?")

        [upstream] = receiver.named("upstream")
        assert upstream.failed
        assert upstream.attributes["error.type"] == "GeminiBadRequest"
        assert b"a-secret" not in receiver.raw

    async def test_of_a_stream_belong_to_its_request(
        self, database_url: str, fake_gemini: FakeGemini, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with traced_service(database_url, fake_gemini, monkeypatch) as (service, receiver):
            await service.client.post("/api/v1/chat/stream", json={"message": "Tuition?"})

        [request] = receiver.named("POST /api/v1/chat/stream")
        assert receiver.named("upstream")[0].parent == request.id


class TestWanting:
    @pytest.mark.parametrize(
        ("variables", "wanted"),
        [
            ({}, False),
            ({"OTEL_SERVICE_NAME": "guru"}, False),
            ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
            ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
            ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
            ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}, False),
            ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, False),
        ],
    )
    def test_follows_the_standard_variables(
        self, variables: dict[str, str], *, wanted: bool
    ) -> None:
        assert traces_wanted(variables) is wanted

    def test_nothing_imports_nothing(self) -> None:
        code = "import backend.main, sys; print([n for n in sys.modules if '.sdk' in n])"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )

        assert done.stdout == "[]\n"
        with tracing.span("nothing") as span:
            assert span.tell("so", 1) is span

    async def test_a_collector_that_is_away_disturbs_nobody(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
        async with run_service(make_settings(DATABASE_URL=database_url)) as service:
            await service.ask("Tuition?")
