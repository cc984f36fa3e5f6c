"""The files in `deploy/`: they fit the service, and nginx lets streams through."""

import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from backend.config import Settings
from backend.server import KEPT_ALIVE_SECONDS
from tests.fakes.gemini_behaviours import slow_answer
from tests.fakes.gemini_server import FakeGemini
from tests.nginx import deployed_nginx
from tests.processes import ROOT, free_port, serve
from tests.service import Service
from tests.streams import read_parts, text_of

ALERTS = ROOT / "deploy" / "prometheus-alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"
MANUAL = ROOT / "docs" / "operations.md"
_METRIC = re.compile(r"\bau_guru_[a-z_]+\b")
needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load(ALERTS.read_text())["groups"]
    return list(group["rules"])


def metrics_in(file: Path) -> set[str]:
    return set(_METRIC.findall(file.read_text()))


async def exported(service: Service) -> set[str]:
    """Every name that a series of the service can have."""
    text = (await service.client.get("/metrics")).text
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    parts = {"histogram": ("_bucket", "_sum", "_count")}
    return {name + part for name, kind in kinds.items() for part in parts.get(kind, ("",))}


def test_nginx_gives_up_idle_connections_before_the_service_does() -> None:
    kept = re.search(r"keepalive_timeout (\d+)s;", (ROOT / "deploy" / "nginx.conf").read_text())

    assert kept is not None
    assert int(kept[1]) < KEPT_ALIVE_SECONDS


class TestMonitoring:
    @pytest.mark.parametrize("file", [ALERTS, DASHBOARD], ids=lambda file: file.name)
    async def test_files_name_only_metrics_that_there_are(
        self, offline_service: Service, file: Path
    ) -> None:
        named = metrics_in(file)

        assert named
        assert named - await exported(offline_service) == set()

    async def test_every_metric_is_on_the_dashboard(self, offline_service: Service) -> None:
        shown = metrics_in(DASHBOARD)
        unused = {
            name
            for name in await exported(offline_service)
            if not shown & {name, re.sub("_(sum|count)$", "_bucket", name)}
        }

        assert unused == set()

    def test_every_alert_is_explained_and_no_other(self) -> None:
        headings = re.findall(r"^### (AuGuru\w+)$", MANUAL.read_text(), re.MULTILINE)

        assert headings == [rule["alert"] for rule in alerts()]

    def test_every_alert_says_how_bad_it_is(self) -> None:
        for rule in alerts():
            assert rule["labels"]["severity"] in {"critical", "warning", "info"}
            assert rule["annotations"]["summary"]

    def test_panels_stand_beside_each_other(self) -> None:
        panels = json.loads(DASHBOARD.read_text())["panels"]
        places = [(place["x"], place["y"]) for place in (panel["gridPos"] for panel in panels)]

        assert len(set(places)) == len(places)
        assert len({panel["id"] for panel in panels}) == len(panels)


class TestCompose:
    """No Docker engine runs in the tests, so what the files say is checked at least."""

    def test_the_image_holds_every_file_the_service_needs(self) -> None:
        dockerfile = (ROOT / "Dockerfile").read_text()
        ignored = (ROOT / ".dockerignore").read_text().splitlines()

        for name in ("backend", "data", "alembic", "alembic.ini", "requirements*.lock"):
            assert f"COPY {name} " in dockerfile
            assert f"!{name}" in ignored
        command = json.loads(dockerfile.rpartition("CMD ")[2])
        assert command[:4] == ["python", "-m", "backend", "serve"]

    def test_sets_only_what_the_service_knows(self) -> None:
        services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
        names = services["service"]["environment"].keys()
        example = (ROOT / ".env.example").read_text()

        assert {name for name in names if name[:5] != "OTEL_"} <= set(Settings.model_fields)
        assert [name for name in names if f"{name}=" not in example] == []

    def test_mounts_the_nginx_that_is_tried_here(self) -> None:
        services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
        [mount] = services["nginx"]["volumes"]

        assert mount.startswith("./deploy/nginx.conf:/etc/nginx/conf.d/")


@needs_nginx
class TestNginx:
    def test_tells_in_the_service_s_words_that_it_is_away(self, tmp_path: Path) -> None:
        with deployed_nginx(tmp_path, f"127.0.0.1:{free_port()}") as url:
            answers = [
                httpx.post(f"{url}/api/v1/chat/stream", json={"message": "Hi"}, trust_env=False),
                httpx.get(f"{url}/health/ready", trust_env=False),
            ]

        for answer in answers:
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["retry-after"] == "2"
            assert answer.json()["code"] == "service_unavailable"

    @pytest.mark.stress
    async def test_holds_nothing_of_a_stream_back(
        self, database_url: str, fake_gemini: FakeGemini, tmp_path: Path
    ) -> None:
        said = "ค่าเล่าเรียน 学费 is 112,000 baht."
        fake_gemini.always(slow_answer(said, pieces=6, pause=0.3))
        moments, body = [], b""
        with (
            serve(
                DATABASE_URL=database_url,
                GEMINI_API_KEY="k",
                GEMINI_BASE_URL=fake_gemini.base_url,
                TRUSTED_PROXIES="127.0.0.1",
                RATE_LIMIT_CHAT="1/minute",
            ) as server,
            deployed_nginx(tmp_path, f"127.0.0.1:{server.port}") as url,
        ):
            async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
                gzip = {"Accept-Encoding": "gzip"}
                asking = client.stream(
                    "POST", "/api/v1/chat/stream", json={"message": "Tuition?"}, headers=gzip
                )
                async with asking as response:
                    async for piece in response.aiter_bytes():
                        moments.append(time.monotonic())
                        body += piece
                categories = await client.get("/api/v1/knowledge/", headers=gzip)
                metrics = [await client.get(path) for path in ("/metrics", "/metrics/")]
                others = {"X-Forwarded-For": "203.0.113.9"}
                again, elsewhere = [
                    await client.post("/api/v1/chat/", json={"message": "Hi"}, headers=headers)
                    for headers in ({}, others)
                ]

        assert text_of(read_parts(body)) == said
        assert len(moments) >= 4  # held back, all would come at one; a busy machine joins some
        assert moments[-1] - moments[0] > 0.4
        assert categories.headers["content-encoding"] == "gzip"
        assert [answer.status_code for answer in metrics] == [404, 404]
        assert (again.status_code, elsewhere.status_code) == (429, 200)
