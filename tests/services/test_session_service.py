"""Tests of `backend/services/session_service.py`: pages of lists and of searches."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert

from backend.core.errors import InvalidRequest, SessionNotFound
from backend.database import Database
from backend.models import ChatMessage, ChatSession, MessageRole
from backend.services.session_service import MAX_WORDS, SessionService
from tests.databases import on_every_database
from tests.services.turns import ME, THEY, add_people

START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest_asyncio.fixture
async def sessions(database: Database) -> SessionService:
    await add_people(database)
    return SessionService(database)


async def add(sessions: SessionService, *titles: str | None, **columns: Any) -> None:
    """Sessions of mine named s0, s1 and so on, each a minute after the one before."""
    rows = [
        {
            "id": f"s{number}",
            "user_id": ME,
            "title": title,
            "created_at": START,
            "updated_at": START + timedelta(minutes=number),
            **columns,
        }
        for number, title in enumerate(titles)
    ]
    if rows:
        await sessions.database.write(lambda db: db.execute(insert(ChatSession), rows).close())


async def say(sessions: SessionService, session_id: str, role: MessageRole, text: str) -> None:
    row = {"session_id": session_id, "role": role, "content": text}
    await sessions.database.write(lambda db: db.execute(insert(ChatMessage), [row]).close())


async def pages(
    sessions: SessionService, limit: int, q: str | None = None, *, user_id: str = ME
) -> list[list[str]]:
    """The ids of each page, to the end."""
    found: list[list[str]] = []
    cursor: str | None = None
    while not found or cursor is not None:
        page = await sessions.list_sessions(user_id, limit=limit, cursor=cursor, q=q)
        found.append([item.session_id for item in page.items])
        cursor = page.next_cursor
    return found


@on_every_database
class TestListSessions:
    @pytest.mark.parametrize(
        ("count", "expected"),
        [
            (0, [[]]),
            (1, [["s0"]]),
            (2, [["s1", "s0"]]),
            (3, [["s2", "s1"], ["s0"]]),
            (4, [["s3", "s2"], ["s1", "s0"]]),
        ],
    )
    async def test_goes_on_as_long_as_there_are_more(
        self, sessions: SessionService, count: int, expected: list[list[str]]
    ) -> None:
        await add(sessions, *["Fees"] * count)

        assert await pages(sessions, 2) == expected
        assert await pages(sessions, 2, user_id=THEY) == [[]]

    async def test_of_the_same_moment_each_is_shown_once(self, sessions: SessionService) -> None:
        await add(sessions, *["Fees"] * 5, updated_at=START)

        assert await pages(sessions, 2) == [["s4", "s3"], ["s2", "s1"], ["s0"]]
        assert await pages(sessions, 2, "fees") == [["s4", "s3"], ["s2", "s1"], ["s0"]]

    async def test_one_without_a_title_is_shown_with_none(self, sessions: SessionService) -> None:
        await add(sessions, None)

        [item] = (await sessions.list_sessions(ME, limit=1)).items

        assert item.title == ""
        assert (item.created_at, item.updated_at) == (START, START)

    async def test_a_place_in_somebody_s_list_is_none_in_another_s(
        self, sessions: SessionService
    ) -> None:
        await add(sessions, "Fees", "Fees")
        cursor = (await sessions.list_sessions(ME, limit=1)).next_cursor

        with pytest.raises(InvalidRequest):
            await sessions.list_sessions(THEY, limit=1, cursor=cursor)


@on_every_database
class TestSearch:
    @pytest.mark.parametrize(
        ("titles", "expected"),
        [
            ("", [[]]),
            ("---", [[], []]),
            ("--", [[]]),
            ("-------", [[], [], []]),
            ("z------", [[], [], ["s0"]]),
            ("-z-----", [[], ["s1"], []]),
            ("---z---", [[], ["s3"], []]),
            ("----z--", [["s4"], [], []]),
            ("------z", [["s6"], [], []]),
            ("zzz", [["s2", "s1"], ["s0"]]),
            ("-zz", [["s2", "s1"], []]),
            ("zz", [["s1", "s0"]]),
            ("zzzzz", [["s4", "s3"], ["s2", "s1"], ["s0"]]),
        ],
    )
    async def test_looks_through_three_at_once_and_shows_two(
        self,
        sessions: SessionService,
        monkeypatch: pytest.MonkeyPatch,
        titles: str,
        expected: list[list[str]],
    ) -> None:
        monkeypatch.setattr("backend.services.session_service.SEARCHED", 3)
        await add(sessions, *titles)

        assert await pages(sessions, 2, "Z") == expected

    async def test_wants_all_words_in_the_title_or_in_one_question(
        self, sessions: SessionService
    ) -> None:
        await add(sessions, "Fees of the MBA", "Fees", None)
        await say(sessions, "s1", MessageRole.USER, "And for the MBA?")
        await say(sessions, "s1", MessageRole.ASSISTANT, "Fees, MBA: some.")
        await say(sessions, "s2", MessageRole.USER, "MBA fees?")

        assert await pages(sessions, 9, "mba fees") == [["s2", "s0"]]
        assert await pages(sessions, 9, "mba") == [["s2", "s1", "s0"]]
        assert await pages(sessions, 9, "some") == [[]]

    async def test_counts_eight_words(self, sessions: SessionService) -> None:
        words = [f"w{number}" for number in range(MAX_WORDS)]
        await add(sessions, " ".join(words))

        assert MAX_WORDS == 8
        assert await pages(sessions, 9, " ".join([*words, "other"])) == [["s0"]]
        assert await pages(sessions, 9, " ".join([*words[1:], "other"])) == [[]]


@on_every_database
class TestOnesOwn:
    async def test_is_renamed_without_moving(self, sessions: SessionService) -> None:
        await add(sessions, "Fees", "Buses")

        renamed = await sessions.rename_session("s0", "Costs", user_id=ME)

        items = (await sessions.list_sessions(ME, limit=9)).items
        assert [item.title for item in items] == ["Buses", "Costs"]
        assert items[1] == renamed
        assert renamed.updated_at == START

    async def test_is_claimed_once(self, sessions: SessionService) -> None:
        await add(sessions, "Fees", user_id=None)

        claimed = await sessions.claim_session("s0", user_id=ME)
        again = await sessions.claim_session("s0", user_id=ME)

        assert claimed == again
        assert claimed.updated_at == START
        assert await pages(sessions, 9) == [["s0"]]
        with pytest.raises(SessionNotFound):
            await sessions.claim_session("s0", user_id=THEY)
        with pytest.raises(SessionNotFound):
            await sessions.rename_session("s0", "Mine", user_id=THEY)
