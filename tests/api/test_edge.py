"""Tests of `backend/api/edge.py`: what every answer carries, and where requests come from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from tests.service import Service, make_settings, run_service

ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


@asynccontextmanager
async def client_from(
    service: Service, address: str, *, uvicorn: bool = False
) -> AsyncIterator[httpx.AsyncClient]:
    """A client at that address; behind uvicorn's own reading of headers, as it starts by itself."""
    app = ProxyHeadersMiddleware(service.app, ["127.0.0.1", "::1"]) if uvicorn else service.app  # type: ignore[arg-type]  # it types ASGI more narrowly
    transport = httpx.ASGITransport(app, client=(address, 4711), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


class TestHeaders:
    @pytest.mark.parametrize(
        ("method", "path", "headers", "status"),
        [
            ("GET", "/health", {}, 200),
            ("GET", "/nothing", {}, 404),
            ("PUT", "/health", {}, 405),
            ("GET", "/health/ready", {"Host": "evil.example.com"}, 200),
            ("GET", "/api/v1/knowledge/", {"Host": "evil.example.com"}, 400),
            ("POST", "/api/v1/chat/", {"Content-Type": "application/json"}, 422),
            ("POST", "/api/v1/chat/", {"Content-Length": "999999999"}, 413),
            ("GET", f"/api/v1/chat/{UUID(int=1)}/history", {"Authorization": "Bearer x"}, 401),
            (
                "OPTIONS",
                "/api/v1/chat/",
                {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"},
                200,
            ),
        ],
    )
    async def test_every_answer_is_closed_to_frames_sniffing_and_scripts(
        self,
        offline_service: Service,
        method: str,
        path: str,
        headers: dict[str, str],
        status: int,
    ) -> None:
        response = await offline_service.client.request(method, path, headers=headers)

        assert response.status_code == status
        assert {name: response.headers.get(name) for name in ALWAYS} == ALWAYS
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy

    async def test_an_unexpected_failure_carries_them_too(
        self, offline_service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(offline_service.app.state, "knowledge_service")

        response = await offline_service.client.get("/api/v1/knowledge/")

        assert response.status_code == 500
        assert {name: response.headers.get(name) for name in ALWAYS} == ALWAYS

    async def test_what_people_said_is_not_kept_anywhere_and_facts_may_be(
        self, offline_service: Service
    ) -> None:
        client = offline_service.client
        session = (await offline_service.ask("Hello"))["session_id"]
        history = await client.get(f"/api/v1/chat/{session}/history")
        facts = await client.get("/api/v1/knowledge/au_tuitions")

        assert history.headers["cache-control"] == "no-store"
        assert "cache-control" not in facts.headers
        assert facts.headers["etag"]

    @pytest.mark.parametrize(
        ("environment", "scheme", "sent"),
        [
            ("production", "https", True),
            ("production", "http", False),
            ("development", "https", False),
        ],
    )
    async def test_browsers_are_told_to_stay_with_https_in_production(
        self, database_url: str, environment: str, scheme: str, sent: bool
    ) -> None:
        config = make_settings(
            DATABASE_URL=database_url, ENVIRONMENT=environment, TRUSTED_PROXIES="10.0.0.1"
        )
        async with run_service(config) as service, client_from(service, "10.0.0.1") as client:
            response = await client.get("/health", headers={"X-Forwarded-Proto": scheme})

        assert ("strict-transport-security" in response.headers) is sent


class TestClientAddress:
    """Told by the limits: each address has one request."""

    @pytest.mark.parametrize("uvicorn", [False, True])
    @pytest.mark.parametrize("trusted", ["", "10.0.0.1"])
    @pytest.mark.parametrize("header", ["6.6.6.{}", "6.6.6.{}:99", "1.1.1.1, 6.6.6.{}, 127.0.0.1"])
    async def test_a_header_from_a_process_that_is_not_named_changes_nothing(
        self, database_url: str, uvicorn: bool, trusted: str, header: str
    ) -> None:
        config = make_settings(
            DATABASE_URL=database_url, RATE_LIMIT_READ="1/hour", TRUSTED_PROXIES=trusted
        )
        async with (
            run_service(config) as service,
            client_from(service, "127.0.0.1", uvicorn=uvicorn) as client,
        ):
            statuses = await search_twice(client, header)

        assert statuses == [200, 429]

    @pytest.mark.parametrize("uvicorn", [False, True])
    async def test_a_named_proxy_tells_clients_apart(
        self, database_url: str, uvicorn: bool
    ) -> None:
        config = make_settings(
            DATABASE_URL=database_url,
            RATE_LIMIT_READ="1/hour",
            TRUSTED_PROXIES="127.0.0.0/8, 10.0.0.1",
        )
        async with (
            run_service(config) as service,
            client_from(service, "127.0.0.1", uvicorn=uvicorn) as client,
        ):
            assert await search_twice(client, "6.6.6.{}") == [200, 200]
            assert await search_twice(client, "6.6.7.{}, 10.0.0.1") == [200, 200]
            assert await search_twice(client, "7.7.7.{}, 8.8.8.8") == [200, 429]
            same_network = await search_twice(client, "2001:db8:1:1::{}")

        assert same_network == [200, 429]

    async def test_a_forged_scheme_from_loopback_is_not_https(self, database_url: str) -> None:
        config = make_settings(DATABASE_URL=database_url, ENVIRONMENT="production")
        async with (
            run_service(config) as service,
            client_from(service, "127.0.0.1", uvicorn=True) as client,
        ):
            response = await client.get("/health", headers={"X-Forwarded-Proto": "https"})

        assert "strict-transport-security" not in response.headers


async def search_twice(client: httpx.AsyncClient, header: str) -> list[int]:
    statuses = []
    for number in (1, 2):
        headers = {"X-Forwarded-For": header.format(number)}
        response = await client.get("/api/v1/knowledge/search?q=mba", headers=headers)
        statuses.append(response.status_code)
    return statuses


class TestMethods:
    @pytest.mark.parametrize("path", ["/health", "/docs", "/api/v1/knowledge/au_tuitions"])
    async def test_head_answers_like_get_without_the_body(
        self, offline_service: Service, path: str
    ) -> None:
        got = await offline_service.client.get(path)
        head = await offline_service.client.head(path)

        assert (head.status_code, head.content) == (200, b"")
        volatile = {"x-request-id"}
        for name in set(got.headers) - volatile:
            assert head.headers.get(name) == got.headers[name], name

    async def test_head_changes_nothing_where_there_is_no_get(
        self, offline_service: Service
    ) -> None:
        assert (await offline_service.client.head("/api/v1/users/me/password")).status_code == 405

    async def test_a_refused_preflight_is_a_problem_document(
        self, offline_service: Service
    ) -> None:
        response = await offline_service.client.options(
            "/api/v1/chat/",
            headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
        )

        assert response.status_code == 400
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] == "origin_not_allowed"
        assert "access-control-allow-origin" not in response.headers
        assert "Origin" in response.headers["vary"]
