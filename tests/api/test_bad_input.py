"""Bad input gets a clear 4xx problem document and changes nothing."""

import json
from typing import Any

import httpx
import pytest

from tests.service import Service

CHAT = "/api/v1/chat/"
JSON = {"Content-Type": "application/json"}

BODIES = {
    "no message": b"{}",
    "empty": b'{"message": ""}',
    "blank": b'{"message": " \\n\\t "}',
    "only invisible": json.dumps({"message": "\u200b\u2060 "}).encode(),
    "4,001 characters": json.dumps({"message": "x" * 4_001}).encode(),
    "4,001 Thai characters": json.dumps({"message": "ก" * 4_001}).encode(),
    "a NUL": b'{"message": "a\\u0000b"}',
    "half a surrogate pair": b'{"message": "a\\ud800b"}',
    "half a pair in the id": b'{"message": "a", "session_id": "\\udfff"}',
    "a NUL in the id": b'{"message": "a", "session_id": "a\\u0000"}',
    "an endless id of blanks": json.dumps({"message": "a", "session_id": "x" + " " * 128}).encode(),
    "an endless id": json.dumps({"message": "a", "session_id": "x" * 129}).encode(),
    "a blank message id": b'{"message": "a", "client_message_id": ""}',
    "a message id with spaces": b'{"message": "a", "client_message_id": "a b"}',
    "only fillers": json.dumps({"message": "\u3164\u2800\ufe0f"}).encode(),
    "NaN": b'{"message": NaN}',
    "NaN elsewhere": b'{"message": "a", "x": NaN}',
    "a number beyond all bounds": b'{"message": "a", "x": [1e999]}',
    "Infinity": b'{"message": "a", "session_id": -Infinity}',
    "a number": b'{"message": 5}',
    "a list": b'{"message": ["a"]}',
    "null": b'{"message": null}',
    "a bare string": b'"hello"',
    "a bare list": b"[1]",
    "bare null": b"null",
    "half a document": b'{"message": "a',
    "not JSON": b"message=a",
    "no body": b"",
    "not UTF-8": b'{"message": "\xff\xfe"}',
    "100,000 levels": b"[" * 100_000,
    "100,000 closed levels": b'{"message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "a number of 5,000 digits": b'{"message": ' + b"9" * 5_000 + b"}",
    "1 MB": b'{"message": "' + b"x" * 1_000_000 + b'"}',
}


def assert_problem(answer: httpx.Response, *, statuses: range = range(400, 500)) -> dict[str, Any]:
    """A problem document that a person and a program can read."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["code"]
    assert problem["title"]
    assert problem["detail"]
    assert answer.headers["x-request-id"]
    return problem


class TestBodies:
    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
    async def test_is_refused_and_nothing_is_stored(self, service: Service, body: bytes) -> None:
        answer = await service.client.post(CHAT, content=body, headers=JSON)

        assert_problem(answer)
        assert await service.stored() == []

    @pytest.mark.parametrize(
        "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "x"]
    )
    async def test_json_under_another_name_is_refused(
        self, service: Service, media_type: str
    ) -> None:
        answer = await service.client.post(
            CHAT, content=b'{"message": "a"}', headers={"Content-Type": media_type}
        )

        assert assert_problem(answer)["code"] == "unsupported_media_type"
        assert await service.stored() == []

    async def test_a_body_that_grows_too_large_on_the_way_is_refused(
        self, service: Service
    ) -> None:
        async def pieces() -> Any:
            for _ in range(20):
                yield b"x" * 50_000

        answer = await service.client.post(CHAT, content=pieces(), headers=JSON)

        assert assert_problem(answer)["code"] == "body_too_large"

    async def test_a_chunked_body_within_the_limit_is_read(self, service: Service) -> None:
        async def pieces() -> Any:
            yield b'{"mess'
            yield b'age": "Hello"}'

        answer = await service.client.post(CHAT, content=pieces(), headers=JSON)

        assert answer.status_code == 200

    async def test_exactly_4000_characters_after_trimming_are_taken(self, service: Service) -> None:
        answer = await service.ask("  " + "ก" * 4_000 + "\n")

        assert len((await service.history(answer["session_id"]))[0]["content"]) == 4_000

    async def test_unknown_fields_are_ignored(self, service: Service) -> None:
        assert (await service.ask("Hello", newer_field={"a": 1}))["response"]

    async def test_the_answer_names_the_field_but_not_its_value(self, service: Service) -> None:
        answer = await service.client.post(CHAT, json={"message": {"my": "secret"}})

        problem = assert_problem(answer)
        assert problem["errors"][0]["loc"] == ["body", "message"]
        assert "secret" not in answer.text

    async def test_a_bad_idempotency_key_is_refused(self, service: Service) -> None:
        answer = await service.client.post(
            CHAT, json={"message": "a"}, headers={"Idempotency-Key": "x" * 129}
        )

        assert_problem(answer)
        assert await service.stored() == []


IDS = ["x", "%00", "..%2f..%2fetc", "%ff", "' OR 1=1 --", "a" * 5_000, "ไทย", "%F0%9F%98%80"]


class TestIds:
    @pytest.mark.parametrize("id_", IDS)
    async def test_what_is_no_id_is_404(self, service: Service, id_: str) -> None:
        url = f"/api/v1/chat/{id_}"
        answers = [await service.client.get(f"{url}/history"), await service.client.delete(url)]

        for answer in answers:
            assert_problem(answer, statuses=range(404, 405))

    @pytest.mark.parametrize(
        "query",
        [
            *("limit=0", "limit=201", "limit=x", "limit=1e3", "limit=NaN", "limit=%00"),
            *("before=0", "before=-1", "before=x", "before=99999999999999999999"),
        ],
    )
    async def test_a_bad_page_is_refused(self, service: Service, query: str) -> None:
        session_id = (await service.ask("Hi"))["session_id"]

        answer = await service.client.get(f"/api/v1/chat/{session_id}/history?{query}")

        assert assert_problem(answer)["code"] == "invalid_request"

    @pytest.mark.parametrize(
        ("method", "path", "content"),
        [
            ("GET", "knowledge/search", {"params": {"q": "fee" + " " * 498}}),
            ("GET", "knowledge/preview", {"params": {"q": "\t" + "x" * 4_000}}),
            ("GET", "users/", {"params": {"q": " " * 500 + "a"}}),
            ("GET", f"chat/stream/{'x' * 120}{'%20' * 9}/stream", {}),
            ("PATCH", "users/me", {"json": {"full_name": "Somchai" + " " * 194}}),
            ("POST", "users/password-reset", {"json": {"email": " " * 313 + "a@au.edu"}}),
            ("POST", "chat/stream", {"json": {"message": "a", "session_id": "x" + " " * 128}}),
        ],
    )
    async def test_blanks_count_where_the_document_bounds_a_text(
        self, service: Service, method: str, path: str, content: dict[str, Any]
    ) -> None:
        admin = await service.sign_up_admin()
        answer = await service.client.request(method, f"/api/v1/{path}", headers=admin, **content)

        assert assert_problem(answer)["code"] == "invalid_request"

    async def test_an_unknown_path_and_a_wrong_method_are_problems_too(
        self, service: Service
    ) -> None:
        assert_problem(await service.client.get("/nothing/here"), statuses=range(404, 405))
        wrong = await service.client.put(CHAT, json={})
        assert assert_problem(wrong)["code"] == "method_not_allowed"


class TestHosts:
    @pytest.mark.parametrize(
        "host",
        [
            "evil.example",
            "localhost.evil.example",
            "a b",
            "127.0.0.1@evil",
            "",
            "x/y",
            "[1]",
            "[:::]",
            "..",
        ],
    )
    @pytest.mark.parametrize("path", ["/", CHAT, "/api/v1/knowledge/"])
    async def test_a_forged_host_is_refused(self, service: Service, host: str, path: str) -> None:
        method = "POST" if path == CHAT else "GET"

        answer = await service.client.request(
            method, path, json={"message": "a"}, headers={"Host": host}
        )

        assert assert_problem(answer)["code"] == "unknown_host"
        assert await service.stored() == []

    @pytest.mark.parametrize(
        "host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "backend", "app.localhost"]
    )
    async def test_our_own_names_are_served(self, service: Service, host: str) -> None:
        assert (await service.client.get("/", headers={"Host": host})).status_code == 200
