"""Downloading conversations, over HTTP."""

import json
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.models import ChatMessage, MessageRole
from backend.services.session_export import SessionExport
from tests.databases import on_every_database
from tests.service import Service

URL = "/api/v1/chat"


async def fill(service: Service, session_id: str, count: int) -> None:
    """Put many more messages into a session."""

    def add(db: Session) -> None:
        rows = [
            {"session_id": session_id, "role": MessageRole.USER, "content": f"Message {number}"}
            for number in range(count)
        ]
        if rows:
            db.execute(insert(ChatMessage), rows)

    await service.database.write(add)


@on_every_database
class TestJson:
    async def test_holds_all_that_was_said(self, offline_service: Service) -> None:
        service = offline_service
        asked = await service.ask("ค่าเทอม MBA เท่าไหร่")
        url = f"{URL}/{asked['session_id']}"
        await service.client.put(
            f"{url}/messages/{asked['message_id']}/feedback",
            json={"rating": "down", "comment": "Too short"},
        )

        answer = await service.client.get(f"{url}/export")

        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["content-disposition"].startswith('attachment; filename="au-guru-20')
        body = answer.json()
        assert body["title"] == "ค่าเทอม MBA เท่าไหร่"
        history = await service.history(asked["session_id"])
        kept = [{name: said[name] for name in history[0]} for said in body["messages"]]
        assert kept == history
        assert body["messages"][1]["feedback_comment"] == "Too short"
        assert body["messages"][1]["answered_by"] == "knowledge"

    @pytest.mark.parametrize("count", [0, 198, 199, 450])
    async def test_a_long_one_comes_in_pages_without_gap_or_repeat(
        self, offline_service: Service, count: int
    ) -> None:
        session_id = (await offline_service.ask("Hello"))["session_id"]
        await fill(offline_service, session_id, count)

        answer = await offline_service.client.get(f"{URL}/{session_id}/export")

        contents = [said["content"] for said in answer.json()["messages"]]
        assert contents[2:] == [f"Message {number}" for number in range(count)]

    async def test_all_sessions_of_a_person_are_one_list(
        self, offline_service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backend.services.session_export.PAGE", 2)
        service = offline_service
        mine = await service.sign_up("a@au.edu")
        export = SessionExport(service.database)
        user_id = await _id_of(service, mine)
        assert [piece async for piece in export.write_all(user_id)] == ["[]"]
        for number in range(5):
            sent = {"message": f"Question {number}"}
            await service.client.post(f"{URL}/", json=sent, headers=mine)
        await service.ask("Nobody's")

        sessions = json.loads("".join([piece async for piece in export.write_all(user_id)]))

        asked = sorted(session["messages"][0]["content"] for session in sessions)
        assert asked == [f"Question {number}" for number in range(5)]
        assert {len(session["messages"]) for session in sessions} == {2}


async def _id_of(service: Service, headers: dict[str, str]) -> str:
    answer = await service.client.get("/api/v1/users/me", headers=headers)
    return str(answer.json()["id"])


@on_every_database
class TestMarkdown:
    async def test_reads_as_a_conversation(self, offline_service: Service) -> None:
        asked = await offline_service.ask("How much is *the* MBA?")

        answer = await offline_service.client.get(
            f"{URL}/{asked['session_id']}/export", params={"format": "markdown"}
        )

        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        assert answer.headers["content-disposition"].endswith('.md"')
        lines = answer.text.split("\n")
        assert lines[0] == "# How much is \\*the\\* MBA?"
        assert "> How much is \\*the\\* MBA?" in lines
        assert any(line.startswith("**AU-GURU** · ") for line in lines)
        assert "Sources:" in lines


class TestForeignExports:
    @pytest.mark.parametrize("format_", ["json", "markdown"])
    async def test_are_not_found(self, offline_service: Service, format_: str) -> None:
        service = offline_service
        mine, other = [await service.sign_up(f"{name}@au.edu") for name in "ab"]
        sent = await service.client.post(f"{URL}/", json={"message": "Hi"}, headers=mine)
        url = f"{URL}/{sent.json()['session_id']}/export"
        params: dict[str, Any] = {"format": format_}

        for headers in (other, {}, await service.sign_up_admin()):
            answer = await service.client.get(url, params=params, headers=headers)
            assert answer.status_code == 404
        assert (await service.client.get(url, params=params, headers=mine)).status_code == 200

    async def test_an_unknown_format_is_refused(self, offline_service: Service) -> None:
        session_id = (await offline_service.ask("Hi"))["session_id"]

        answer = await offline_service.client.get(f"{URL}/{session_id}/export?format=exe")

        assert answer.status_code == 422
