"""Tests of `backend/api/allow.py`: a 405 names what the address does know."""

import pytest

from tests.service import Service


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/chat/", "GET, POST"),
        ("PUT", "/api/v1/chat", "GET, POST"),
        ("PUT", "/api/v1/chat/stream", "POST"),
        ("POST", "/api/v1/users/me", "DELETE, GET, PATCH"),
        ("OPTIONS", "/api/v1/knowledge/search", "GET"),
        ("TRACE", "/api/v1/knowledge/au_contacts/campuses", "DELETE, GET, PUT"),
        ("POST", "/health", "GET"),
    ],
)
async def test_a_refused_method_comes_with_all_that_are_allowed(
    offline_service: Service, method: str, path: str, allowed: str
) -> None:
    answer = await offline_service.client.request(method, path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == allowed
