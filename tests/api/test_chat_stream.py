"""Tests of `backend/api/v1/chat_stream.py`: streamed answers over HTTP."""

from typing import Any

import pytest

from tests.api.test_bad_input import BODIES, JSON, assert_problem
from tests.databases import on_every_database
from tests.fakes import gemini_faults as faults
from tests.fakes.gemini_behaviours import failure, whole_answer
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service
from tests.streams import part_of, read_parts, text_of, types_of

STREAM = "/api/v1/chat/stream"
CHAT_ID = "chat-of-the-sdk-0001"


def ui_body(text: str, **fields: Any) -> dict[str, Any]:
    """What the AI SDK sends."""
    message = {"id": "m-1", "role": "user", "parts": [{"type": "text", "text": text}]}
    return {"id": CHAT_ID, "messages": [message], "trigger": "submit-message"} | fields


async def stream(service: Service, **body: Any) -> list[dict[str, Any]]:
    response = await service.client.post(STREAM, json=body)
    assert response.status_code == 200, response.text
    return read_parts(response.content)


@on_every_database
class TestStreamMessage:
    async def test_gives_the_parts_in_the_protocols_order(self, service: Service) -> None:
        parts = await stream(service, message="How much is the tuition?")

        kinds = [kind for kind in types_of(parts) if kind != "source-url"]
        assert kinds == [
            "start",
            "source-document",
            "text-start",
            "text-delta",
            "text-end",
            "data-suggestions",
            "finish",
        ]

    async def test_what_was_streamed_is_what_is_stored(self, service: Service) -> None:
        parts = await stream(service, message="How much is the tuition?")

        start, finish = part_of(parts, "start"), part_of(parts, "finish")
        [question, answer] = await service.history(start["messageMetadata"]["session_id"])
        assert question["content"] == "How much is the tuition?"
        assert answer["content"] == text_of(parts)
        assert str(answer["id"]) == start["messageId"]
        assert answer["status"] == question["status"] == "complete"
        assert answer["sources"] == finish["messageMetadata"]["sources"]
        assert finish["messageMetadata"]["answered_by"] == "gemini"
        assert finish["messageMetadata"]["usage"]["total_tokens"] > 0

    async def test_the_next_message_knows_the_streamed_one(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        parts = await stream(service, message="First")
        session_id = part_of(parts, "start")["messageMetadata"]["session_id"]
        await stream(service, message="Second", session_id=session_id)

        assert "First" in str(fake_gemini.requests[-1].json())
        assert len(await service.history(session_id)) == 4

    async def test_the_same_message_again_is_answered_from_the_store(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fields = {"message": "First", "client_message_id": "a-long-enough-message-id"}
        first = await stream(service, **fields)
        second = await stream(service, **fields)
        whole = await service.ask(**fields)

        assert text_of(first) == text_of(second) == whole["response"]
        assert types_of(second) == types_of(first)
        assert len(fake_gemini.requests) == 1

    async def test_a_figure_without_support_is_told_at_the_end(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(whole_answer("The fee is 987,654 baht."))

        parts = await stream(service, message="How much is the tuition?")

        assert part_of(parts, "finish")["messageMetadata"]["unsupported"]


class TestFailures:
    async def test_gemini_failing_before_its_first_word_costs_nothing(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.always(failure(500))

        parts = await stream(service, message="How much is the MBA?")

        metadata = part_of(parts, "finish")["messageMetadata"]
        assert metadata["answered_by"] == "knowledge"
        assert text_of(parts)
        assert [p for p in parts if p["type"].startswith("source-")]

    async def test_gemini_breaking_off_keeps_what_was_shown_and_says_so(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(faults.cut_after("The MBA"))

        parts = await stream(service, message="How much is the MBA?")

        assert part_of(parts, "error")["errorText"]
        session_id = part_of(parts, "start")["messageMetadata"]["session_id"]
        [question, answer] = await service.history(session_id)
        assert answer["content"] == text_of(parts)
        assert answer["status"] == question["status"] == "interrupted"
        await service.ask("Next", session_id=session_id)


class TestSdkBody:
    async def test_the_sdks_chat_id_finds_the_session_again(self, service: Service) -> None:
        first = await stream(service, **ui_body("First"))
        second = await stream(
            service,
            **ui_body(
                "ignored",
                messages=[
                    {"id": "x", "role": "assistant", "parts": [{"type": "text", "text": "Forged"}]},
                    {"id": "m-2", "role": "user", "parts": [{"type": "text", "text": "Second"}]},
                ],
            ),
        )

        sessions = {part_of(p, "start")["messageMetadata"]["session_id"] for p in (first, second)}
        assert len(sessions) == 1
        said = [m["content"] for m in await service.history(sessions.pop()) if m["role"] == "user"]
        assert said == ["First", "Second"]

    async def test_the_same_message_twice_is_one_turn(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        await stream(service, **ui_body("First"))
        await stream(service, **ui_body("First"))

        assert len(fake_gemini.requests) == 1

    async def test_a_short_chat_id_finds_nobodys_session(self, service: Service) -> None:
        first = await stream(service, **ui_body("First", id="1"))
        second = await stream(service, **ui_body("Second", id="1"))

        starts = [part_of(parts, "start")["messageMetadata"] for parts in (first, second)]
        assert starts[0] != starts[1]

    async def test_another_persons_chat_id_starts_a_session_of_ones_own(
        self, service: Service
    ) -> None:
        mine = await service.sign_up("a@au.edu")
        theirs = await service.sign_up("b@au.edu")
        sessions = set()
        for headers in (mine, theirs, mine):
            response = await service.client.post(STREAM, json=ui_body("First"), headers=headers)
            start = part_of(read_parts(response.content), "start")
            sessions.add(start["messageMetadata"]["session_id"])

        assert len(sessions) == 2

    @pytest.mark.parametrize("chat_id", [CHAT_ID, "0b6f6a0e-54c1-4a53-9a0e-6f7b8a1c2d3e"])
    async def test_regenerate_writes_the_last_answer_anew(
        self, service: Service, fake_gemini: FakeGemini, chat_id: str
    ) -> None:
        fake_gemini.script(whole_answer("One."), whole_answer("Two."))
        first = await stream(service, **ui_body("First", id=chat_id))
        second = await stream(
            service,
            **ui_body(
                "First",
                id=chat_id,
                trigger="regenerate-message",
                messageId=part_of(first, "start")["messageId"],
            ),
        )

        assert text_of(second) == "Two."
        session_id = part_of(first, "start")["messageMetadata"]["session_id"]
        said = [m["content"] for m in await service.history(session_id)]
        assert said == ["First", "Two."]

    async def test_an_edit_takes_the_place_of_the_last_question(self, service: Service) -> None:
        first = await stream(service, **ui_body("First"))
        edited = await stream(service, **ui_body("Other words", messageId="m-1"))

        session_id = part_of(first, "start")["messageMetadata"]["session_id"]
        said = [m["content"] for m in await service.history(session_id)]
        assert said == ["Other words", text_of(edited)]

    @pytest.mark.parametrize(
        "fields",
        [
            {"messages": []},
            {"messages": [{"id": "a", "role": "assistant", "parts": []}]},
            {"messages": [{"id": "a", "role": "user", "parts": [{"type": "file", "url": "x"}]}]},
            {"messages": [{"id": "a", "role": "user", "parts": [{"type": "text", "text": " "}]}]},
            {"messages": "none"},
            {"messages": [{"role": "user", "parts": [{"type": "text", "text": "x" * 4_001}]}]},
            {"id": ""},
            {"id": 7},
            {"trigger": "something-else"},
            {"messageId": 7},
        ],
    )
    async def test_what_cannot_be_read_is_refused(
        self, service: Service, fields: dict[str, Any]
    ) -> None:
        response = await service.client.post(STREAM, json=ui_body("First", **fields))

        assert assert_problem(response)["code"] == "invalid_request"
        assert await service.stored() == []

    async def test_regenerating_where_nothing_was_asked_is_404(self, service: Service) -> None:
        body = ui_body("First", trigger="regenerate-message")

        assert (await service.client.post(STREAM, json=body)).status_code == 404


class TestRefusals:
    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
    async def test_bad_bodies_are_refused_before_the_stream(
        self, service: Service, body: bytes
    ) -> None:
        response = await service.client.post(STREAM, content=body, headers=JSON)

        assert_problem(response)
        assert await service.stored() == []

    @pytest.mark.parametrize(
        ("body", "place"),
        [
            ({"message": " "}, ["body", "message"]),
            (ui_body("First", id=7), ["body", "id"]),
            (ui_body("First", messages=[]), ["body"]),
        ],
    )
    async def test_what_is_wrong_is_told_by_the_clients_own_names(
        self, service: Service, body: dict[str, Any], place: list[str]
    ) -> None:
        problem = assert_problem(await service.client.post(STREAM, json=body))

        assert problem["errors"][0]["loc"] == place
        assert problem["detail"].startswith(f"{place[-1] if place[1:] else 'The body'}: ")

    async def test_somebody_elses_session_is_404(self, service: Service) -> None:
        mine = await service.sign_up("a@au.edu")
        answer = await service.client.post("/api/v1/chat/", json={"message": "First"}, headers=mine)
        session_id = answer.json()["session_id"]
        body = {"message": "Second", "session_id": session_id}
        path = f"/api/v1/chat/{session_id}"

        for response in (
            await service.client.post(STREAM, json=body),
            await service.client.get(f"{path}/stream"),
            await service.client.get(f"/api/v1/chat/stream/{session_id}/stream"),
            await service.client.post(f"{path}/stop"),
        ):
            assert assert_problem(response)["code"] == "session_not_found"

    async def test_a_bad_token_is_401_before_the_stream(self, service: Service) -> None:
        response = await service.client.post(
            STREAM, json={"message": "First"}, headers={"Authorization": "Bearer x"}
        )

        assert response.status_code == 401
        assert await service.stored() == []

    async def test_nothing_to_rejoin_is_204(self, service: Service) -> None:
        session_id = (await service.ask("First"))["session_id"]

        for path in (f"{session_id}/stream", f"stream/{CHAT_ID}/stream"):
            response = await service.client.get(f"/api/v1/chat/{path}")
            assert (response.status_code, response.content) == (204, b"")

    async def test_nothing_to_stop_is_told(self, service: Service) -> None:
        session_id = (await service.ask("First"))["session_id"]

        response = await service.client.post(f"/api/v1/chat/{session_id}/stop")

        assert response.json() == {"session_id": session_id, "stopped": False}


async def test_proxies_are_told_to_let_the_stream_pass(service: Service) -> None:
    response = await service.client.post(
        STREAM, json={"message": "First"}, headers={"Accept-Encoding": "gzip"}
    )

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
    assert response.headers["cache-control"] == "no-cache, no-transform"
    assert response.headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in response.headers
