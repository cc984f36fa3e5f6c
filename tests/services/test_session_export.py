"""Tests of `backend/services/session_export.py`: files that are whole, however they are paged."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert

from backend.core.errors import SessionNotFound
from backend.database import Database
from backend.models import ChatMessage, ChatSession, MessageRole
from backend.services.session_export import Format, SessionExport
from tests.databases import on_every_database
from tests.services.turns import ME, THEY, add_people

START = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)


@pytest_asyncio.fixture
async def export(database: Database, monkeypatch: pytest.MonkeyPatch) -> SessionExport:
    """An export that reads two rows at once."""
    monkeypatch.setattr("backend.services.session_export.PAGE", 2)
    await add_people(database)
    return SessionExport(database)


async def add(
    export: SessionExport, session_id: str, *said: str, owner: str | None = ME, **columns: Any
) -> None:
    """A session in which a person said this."""
    moments = {"created_at": START, "updated_at": START}
    session = {"id": session_id, "user_id": owner, **moments, **columns}
    rows = [
        {
            "session_id": session_id,
            "role": MessageRole.USER,
            "content": text,
            "timestamp": START,
            "is_current": text != "Earlier",
        }
        for text in said
    ]
    await export.database.write(lambda db: db.execute(insert(ChatSession), [session]).close())
    if rows:
        await export.database.write(lambda db: db.execute(insert(ChatMessage), rows).close())


async def written(export: SessionExport, session_id: str, file_format: Format) -> str:
    session = await export.find(session_id, user_id=ME)
    return "".join([piece async for piece in export.write(session, file_format)])


@on_every_database
class TestWrite:
    @pytest.mark.parametrize("count", range(6))
    async def test_holds_each_message_once_in_its_order(
        self, export: SessionExport, count: int
    ) -> None:
        said = [f"Message {number}" for number in range(count)]
        await add(export, "s", *said)
        await add(export, "other", "Elsewhere")

        body = json.loads(await written(export, "s", "json"))
        lines = (await written(export, "s", "markdown")).split("\n")

        assert [message["content"] for message in body["messages"]] == said
        assert [line for line in lines if line.startswith("> ")] == [f"> {text}" for text in said]

    async def test_tells_of_the_session(self, export: SessionExport) -> None:
        await add(export, "s", title="Fees", summary="About fees.")

        assert json.loads(await written(export, "s", "json")) == {
            "session_id": "s",
            "title": "Fees",
            "created_at": "2026-11-01T08:30:00Z",
            "updated_at": "2026-11-01T08:30:00Z",
            "summary": "About fees.",
            "messages": [],
        }
        assert await written(export, "s", "markdown") == "# Fees\n\n2026-11-01 08:30 UTC\n"

    async def test_one_without_a_title_has_an_empty_one(self, export: SessionExport) -> None:
        await add(export, "s")

        assert json.loads(await written(export, "s", "json"))["title"] == ""

    async def test_earlier_versions_are_for_programs_and_what_is_empty_for_nobody(
        self, export: SessionExport
    ) -> None:
        await add(export, "s", "First", "Earlier", "", "Last")

        body = json.loads(await written(export, "s", "json"))
        text = await written(export, "s", "markdown")

        contents = [(said["content"], said["is_current"]) for said in body["messages"]]
        assert contents == [("First", True), ("Earlier", False), ("Last", True)]
        assert [line for line in text.split("\n") if line[:1] == ">"] == ["> First", "> Last"]

    async def test_is_for_the_owner(self, export: SessionExport) -> None:
        await add(export, "s")

        for stranger in (None, THEY):
            with pytest.raises(SessionNotFound):
                await export.find("s", user_id=stranger)
        with pytest.raises(SessionNotFound):
            await export.find("unknown", user_id=ME)


@on_every_database
class TestWriteAll:
    @pytest.mark.parametrize("count", range(6))
    async def test_is_one_list_of_all_that_is_a_person_s(
        self, export: SessionExport, count: int
    ) -> None:
        for number in range(count):
            await add(export, f"s{number}", *["Hello", "Again", "Bye"][:number])
        await add(export, "theirs", "Private", owner=THEY)
        await add(export, "nobody-s", "Public", owner=None)

        sessions = json.loads("".join([piece async for piece in export.write_all(ME)]))

        assert [session["session_id"] for session in sessions] == [f"s{n}" for n in range(count)]
        assert [len(session["messages"]) for session in sessions] == [0, 1, 2, 3, 3][:count]
