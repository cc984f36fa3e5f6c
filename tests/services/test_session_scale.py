"""What a page of a list or a history costs, however much there is: counted work, not time."""

import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import delete, event, insert
from sqlalchemy.orm import Session

from backend.models import AnsweredBy, Base, ChatMessage, ChatSession, MessageRole, User
from backend.models.base import utc_now
from backend.services.session_service import SEARCHED, SessionService
from backend.services.usage_service import UsageService
from tests.databases import on_every_database
from tests.service import Service

MOST_GROWTH = 1.5
DEPTH = 5
"""Pages, or steps: a larger index has a level or two more."""
LARGE = [
    pytest.param(2_000, 1_000, id="thousands"),
    pytest.param(100_000, 10_000, id="full", marks=pytest.mark.stress),
]


async def add_person(service: Service, sessions: int) -> str:
    """A person with so many sessions, a minute apart."""
    user_id, now = str(uuid4()), utc_now()
    person = insert(User).values(id=user_id, email=user_id, password_hash="!")
    await service.database.write(lambda db: db.execute(person).close())
    rows = [
        {"id": str(uuid4()), "user_id": user_id, "title": f"Title {number}", "updated_at": at}
        for number in range(sessions)
        for at in (now - timedelta(minutes=number),)
    ]
    await add_rows(service, ChatSession, rows)
    return user_id


async def add_conversation(service: Service, messages: int) -> str:
    """An anonymous session with so many messages."""
    id_ = str(uuid4())
    rows = [
        {"session_id": id_, "role": MessageRole.USER, "content": f"Message {number}"}
        for number in range(messages)
    ]
    await add_rows(service, ChatSession, [{"id": id_}])
    await add_rows(service, ChatMessage, rows)
    return id_


async def add_answers(service: Service, answers: int, *, age: timedelta) -> None:
    """So many answers that are so old, in a session of their own."""
    id_ = str(uuid4())
    row = {
        "session_id": id_,
        "role": MessageRole.ASSISTANT,
        "content": "Yes.",
        "timestamp": utc_now() - age,
        "answered_by": AnsweredBy.GEMINI,
    }
    await add_rows(service, ChatSession, [{"id": id_}])
    await add_rows(service, ChatMessage, [row] * answers)


async def clear_answers(service: Service) -> None:
    await service.database.write(lambda db: db.execute(delete(ChatMessage)).close())


async def add_rows(service: Service, table: type[Base], rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 2_000):
        chunk = rows[start : start + 2_000]

        def add(db: Session, chunk: list[dict[str, Any]] = chunk) -> None:
            db.execute(insert(table), chunk)

        await service.database.write(add)


async def cost(service: Service, url: str, work: Callable[[], Awaitable[Any]]) -> int:
    """What the statements of `work` cost: steps of SQLite's machine, pages that PostgreSQL read."""
    found: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        found.append((statement, parameters))

    engine = service.database.engine
    event.listen(engine, "before_cursor_execute", note)
    await work()
    event.remove(engine, "before_cursor_execute", note)
    counted = _count_steps if url.startswith("sqlite") else _count_pages
    selects = [one for one in found if one[0].startswith("SELECT")]
    assert selects
    return counted(url, selects)


def _count_steps(url: str, statements: list[tuple[str, Any]]) -> int:
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("ANALYZE")
    connection.set_progress_handler(step, 1)
    for statement, parameters in statements:
        connection.execute(statement, parameters).fetchall()
    connection.close()
    return steps


def _count_pages(url: str, statements: list[tuple[str, Any]]) -> int:
    pages = 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE chat_sessions, chat_messages")
        for statement, parameters in statements:
            explained = connection.execute(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}".encode(), parameters
            ).fetchone()
            assert explained is not None
            plan = explained[0][0]["Plan"]
            pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return pages


@on_every_database
@pytest.mark.parametrize(("sessions", "messages"), LARGE)
class TestScale:
    async def test_a_page_of_the_list_costs_the_same_among_however_many(
        self, offline_service: Service, database_url: str, sessions: int, messages: int
    ) -> None:
        few = await add_person(offline_service, 100)
        many = await add_person(offline_service, sessions)
        service = SessionService(offline_service.database)

        async def page(user_id: str, cursor: str | None = None) -> str | None:
            found = await service.list_sessions(user_id, limit=50, cursor=cursor)
            assert len(found.items) == 50
            return found.next_cursor

        small = await cost(offline_service, database_url, lambda: page(few))
        large = await cost(offline_service, database_url, lambda: page(many))
        cursor = await page(many)
        second = await cost(offline_service, database_url, lambda: page(many, cursor))

        assert large < MOST_GROWTH * small + DEPTH
        assert second < MOST_GROWTH * small + DEPTH

    async def test_a_page_of_a_long_history_costs_what_one_of_a_short_one_does(
        self, offline_service: Service, database_url: str, sessions: int, messages: int
    ) -> None:
        short = await add_conversation(offline_service, 21)
        long = await add_conversation(offline_service, messages)
        chat = offline_service.app.state.chat_service

        async def page(session_id: str) -> None:
            assert (await chat.get_history(session_id, limit=20)).has_more

        small = await cost(offline_service, database_url, lambda: page(short))
        large = await cost(offline_service, database_url, lambda: page(long))

        assert large < MOST_GROWTH * small + DEPTH

    async def test_a_week_s_totals_cost_the_same_after_however_many_older_answers(
        self, offline_service: Service, database_url: str, sessions: int, messages: int
    ) -> None:
        usage = UsageService(offline_service.database)

        async def week() -> None:
            assert sum(day.turns for day in (await usage.read_days(7)).days) == 5

        await add_answers(offline_service, 200, age=timedelta(days=99))
        await add_answers(offline_service, 5, age=timedelta(0))
        small = await cost(offline_service, database_url, week)
        await clear_answers(offline_service)
        await add_answers(offline_service, messages, age=timedelta(days=99))
        await add_answers(offline_service, 5, age=timedelta(0))
        large = await cost(offline_service, database_url, week)

        # The first of the week is looked for among all: one look more for twice as many.
        assert large < 2 * small + DEPTH

    async def test_a_search_reads_a_bounded_part_and_stops_at_a_full_page(
        self, offline_service: Service, database_url: str, sessions: int, messages: int
    ) -> None:
        many = await add_person(offline_service, sessions)
        service = SessionService(offline_service.database)

        found = await service.list_sessions(many, limit=50, q="title 19")
        nothing = await service.list_sessions(many, limit=50, q="zebra")

        assert len(found.items) == 50
        assert nothing.items == []
        assert (nothing.next_cursor is not None) == (sessions > SEARCHED)
