"""Erasure leaves no row and no byte: every table, both databases, the whole SQLite file."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Connection, create_engine, delete, insert, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from backend.core.sqlite_scrub import SqliteScrubber
from backend.models import Base, ChatMessage, ChatSession, MessageRole, User, UserRole
from tests.databases import on_every_database
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service

URL = "/api/v1/chat"
GAP_QUESTION = "Is there a zeppelin dormitory for Xantippe Quux?"

ERASED: Final = {"users", "sign_ins", "one_time_links", "chat_sessions", "chat_messages"}
"""Tables whose rows go with the person, or with the session."""

KEPT: Final = {
    # Masked questions; those that only the erased conversations held go (`gap_erasure`).
    "knowledge_gaps": {
        *("id", "text_key", "topic", "question", "language", "count"),
        *("first_seen", "last_seen", "closed_at", "passages"),
    },
    # Published facts; who edited them is forgotten with the account.
    "knowledge_versions": {
        *("id", "category", "entry_id", "action", "entry", "user_id", "changed_at"),
    },
    # Of passages of the facts, not of questions.
    "knowledge_vectors": {"model", "text_hash", "vector", "created_at"},
    # Ids of administrators and of what they acted on, and nothing they or others wrote.
    "audit_events": {"id", "actor_id", "action", "object_id", "happened_at"},
    "background_tasks": {"name", "held_by", "held_until", "done_at"},
}
"""Tables that stay, with all their columns: a new one must be thought of here first."""


def test_every_table_and_column_has_been_thought_of() -> None:
    tables = Base.metadata.tables

    assert set(tables) == ERASED | set(KEPT)
    assert {name: {column.name for column in tables[name].columns} for name in KEPT} == KEPT


async def dump(service: Service) -> str:
    """Everything in every table."""

    def read(db: Session) -> str:
        rows = [
            f"{name} {row._mapping}"
            for name, table in Base.metadata.tables.items()
            for row in db.execute(select(table))
        ]
        return "\n".join(rows)

    return await service.database.read(read)


async def settle(done: Callable[[], bool]) -> None:
    """Wait for a task that runs beside the requests."""
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(done):  # noqa: ASYNC110 - nothing tells when
            await asyncio.sleep(0.02)


def in_files(database_url: str, words: list[str]) -> list[str]:
    """Which of the words stand in some file of a SQLite database."""
    if not database_url.startswith("sqlite"):
        return []
    file = Path(database_url.removeprefix("sqlite:///"))
    files = [part for part in file.parent.iterdir() if part.name.startswith(file.name)]
    raw = b"".join(part.read_bytes() for part in files)
    return [word for word in words if word.encode() in raw]


async def converse(service: Service, headers: dict[str, str]) -> tuple[str, list[str]]:
    """Leave traces wherever a person can; gives the session and the words to look for."""
    words = [uuid4().hex for _ in range(4)]
    asked = await service.client.post(
        f"{URL}/",
        json={"message": f"Who is {words[0]}?", "client_message_id": f"key-of-{words[1]}"},
        headers=headers,
    )
    body = asked.json()
    url = f"{URL}/{body['session_id']}"
    more = {"message": GAP_QUESTION, "session_id": body["session_id"]}
    await service.client.post(f"{URL}/", json=more, headers=headers)
    await service.client.patch(url, json={"title": words[2]}, headers=headers)
    rating = {"rating": "down", "comment": words[3]}
    feedback = f"{url}/messages/{body['message_id']}/feedback"
    await service.client.put(feedback, json=rating, headers=headers)
    await service.app.state.gap_service.flush()
    found = await dump(service)
    assert all(word in found for word in (*words, "Xantippe"))
    return body["session_id"], [*words, "Xantippe", "xantippe"]


@on_every_database
class TestEraseSession:
    async def test_leaves_no_row_and_no_byte(
        self, offline_service: Service, database_url: str
    ) -> None:
        service = offline_service
        session_id, words = await converse(service, {})

        await service.client.delete(f"{URL}/{session_id}")

        left = await dump(service)
        assert [word for word in (*words, session_id) if word in left] == []
        await settle(lambda: in_files(database_url, words) == [])

    async def test_a_question_that_others_asked_too_stays_counted_less(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        session_id, _ = [(await service.ask(GAP_QUESTION))["session_id"] for _ in range(2)]
        await service.app.state.gap_service.flush()

        await service.client.delete(f"{URL}/{session_id}")

        page = await service.app.state.gap_service.get_page(
            order="newest", status="open", limit=9, cursor=None
        )
        [gap] = [item for item in page.items if "Xantippe" in item.questions[0].text]
        assert gap.count == 1

    async def test_a_question_noted_before_and_written_down_after_leaves_nothing(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        session_id = (await service.ask(GAP_QUESTION))["session_id"]

        await service.client.delete(f"{URL}/{session_id}")
        await service.app.state.gap_service.flush()

        assert "Xantippe" not in await dump(service)


PERSON = {"email": "somebody.special@au.edu", "password": "a long and rare passphrase"}


async def sign_in(service: Service) -> tuple[str, dict[str, str]]:
    """Register and sign in; gives the person's id and the headers of their requests."""
    made = await service.client.post("/api/v1/users/register", json=PERSON)
    form = {"username": PERSON["email"], "password": PERSON["password"]}
    tokens = await service.client.post("/api/v1/users/login", data=form)
    return made.json()["id"], {"Authorization": f"Bearer {tokens.json()['access_token']}"}


async def leave(service: Service, user_id: str, headers: dict[str, str], *, by_admin: bool) -> None:
    """Have the account deleted, by its owner or by an administrator."""
    if by_admin:
        admin = await service.sign_up_admin()
        answer = await service.client.delete(f"/api/v1/users/{user_id}", headers=admin)
    else:
        body = {"password": PERSON["password"]}
        answer = await service.client.request(
            "DELETE", "/api/v1/users/me", json=body, headers=headers
        )
    assert answer.status_code == 200, answer.text


def somebody_waits(connection: Connection) -> bool:
    """Whether another connection to the same database waits for a row that is held."""
    # Not `pg_stat_activity`: a transaction sees that as it was when it first looked.
    waiting = (
        "SELECT count(*) > 0 FROM pg_locks AS wanted JOIN pg_locks AS held USING (pid)"
        " JOIN pg_database ON pg_database.oid = held.database"
        " WHERE NOT wanted.granted AND datname = current_database()"
    )
    return bool(connection.scalar(text(waiting)))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_session_that_is_claimed_meanwhile_stays_with_its_owner(
    offline_service: Service, database_url: str
) -> None:
    service = offline_service
    session_id = (await service.ask("Mine?"))["session_id"]
    owner, headers = await sign_in(service)
    claim = update(ChatSession).where(ChatSession.id == session_id).values(user_id=owner)

    with create_engine(database_url, poolclass=NullPool).connect() as claimant:
        claimant.execute(claim)
        erasing = asyncio.create_task(service.client.delete(f"{URL}/{session_id}"))
        await settle(lambda: somebody_waits(claimant))
        claimant.commit()
        answer = await erasing

    assert answer.status_code == 404
    kept = await service.client.get(f"{URL}/{session_id}/history", headers=headers)
    assert len(kept.json()["messages"]) == 2


@on_every_database
class TestErasePerson:
    @pytest.mark.parametrize("by_admin", [False, True])
    async def test_leaves_no_row_and_no_byte(
        self, offline_service: Service, database_url: str, by_admin: bool
    ) -> None:
        service = offline_service
        user_id, mine = await sign_in(service)
        conversations = [await converse(service, mine) for _ in range(3)]
        other, kept = await converse(service, await service.sign_up("other@au.edu"))

        await leave(service, user_id, mine, by_admin=by_admin)

        words = [word for _, found in conversations for word in found[:4]]
        words.append("somebody.special")
        left = await dump(service)
        assert [word for word in words if word in left] == []
        # The record of what administrators did names whom they did it to.
        assert left.count(user_id) == by_admin
        assert other in left
        assert all(word in left for word in kept[:5])
        await settle(lambda: in_files(database_url, words) == [])

    async def test_during_their_own_running_turn_leaves_nothing(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        user_id, mine = await sign_in(service)
        with fake_gemini.holding():
            running = asyncio.create_task(
                service.client.post(f"{URL}/", json={"message": GAP_QUESTION}, headers=mine)
            )
            await fake_gemini.wait_until_asked()

            await leave(service, user_id, mine, by_admin=False)

            answer: httpx.Response = await running
        await service.app.state.gap_service.flush()
        assert answer.status_code in {401, 404}
        left = await dump(service)
        assert "Xantippe" not in left
        assert "chat_messages" not in left
        assert user_id not in left

    async def test_what_stands_against_it_is_told_before_anything_is_erased(
        self, offline_service: Service
    ) -> None:
        service = offline_service
        _, mine = await sign_in(service)

        def promote(db: Session) -> None:
            db.execute(update(User).values(role=UserRole.ADMIN))

        await service.database.write(promote)
        await service.client.post(f"{URL}/", json={"message": "Mine"}, headers=mine)

        answer = await service.client.request(
            "DELETE", "/api/v1/users/me", json={"password": PERSON["password"]}, headers=mine
        )

        assert answer.status_code == 409
        assert "Mine" in await dump(service)


class TestScrubber:
    async def test_finds_what_the_deletion_itself_leaves_behind(
        self, offline_service: Service, database_url: str
    ) -> None:
        """Without rewriting the file, one in some thousand texts stays in it."""
        service = offline_service
        marks: list[str] = []

        def fill(db: Session) -> None:
            for size in range(60):
                id_, mark = str(uuid4()), uuid4().hex
                marks.append(mark)
                db.execute(insert(ChatSession).values(id=id_, title=mark))
                said: dict[str, Any] = {"session_id": id_, "role": MessageRole.USER}
                db.execute(insert(ChatMessage).values(**said, content=mark * (1 + size % 7) ** 2))

        for _ in range(3):
            await service.database.write(fill)
            await service.database.write(lambda db: db.execute(delete(ChatSession)).close())

        scrubber = SqliteScrubber(Path(database_url.removeprefix("sqlite:///")))
        await settle(scrubber.scrub)

        assert in_files(database_url, marks) == []

    async def test_makes_nobody_wait(self, offline_service: Service, database_url: str) -> None:
        scrubber = SqliteScrubber(Path(database_url.removeprefix("sqlite:///")))
        with offline_service.database.engine.connect() as reader:
            reader.exec_driver_sql("SELECT 1 FROM users").close()
            await offline_service.ask("Hello")

            assert await asyncio.to_thread(scrubber.empty_log) is False
            await offline_service.ask("Hello again")
        await settle(scrubber.empty_log)

    @pytest.mark.parametrize("name", ["missing.db"])
    def test_makes_no_file_where_none_is(self, tmp_path: Path, name: str) -> None:
        assert SqliteScrubber(tmp_path / name).scrub() is True
        assert list(tmp_path.iterdir()) == []
