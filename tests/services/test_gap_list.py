"""Tests of `backend/services/gap_list.py`: the order, the pages and the table of gaps."""

import base64
import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.core.errors import InvalidRequest
from backend.database import Database
from backend.models import KnowledgeGap
from backend.schemas.knowledge_gap import GapList
from backend.services import gap_list as module
from backend.services.gap_list import MAX_QUESTIONS, Order, Status, export_gaps, list_gaps
from tests.databases import on_every_database

DAY = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)


def gap(
    topic: str, question: str, *, count: int = 1, day: int = 0, closed: int | None = None
) -> dict[str, Any]:
    """A wording that was first seen on the first and last on a later day."""
    return {
        **{"topic": topic, "question": question, "text_key": question, "language": "en"},
        **{"count": count, "first_seen": DAY - timedelta(days=1)},
        "last_seen": DAY + timedelta(days=day),
        "closed_at": None if closed is None else DAY + timedelta(days=closed),
        "passages": [],
    }


async def keep(database: Database, gaps: Sequence[dict[str, Any]]) -> None:
    def add(db: Session) -> None:
        for values in gaps:
            db.execute(insert(KnowledgeGap).values(**values))

    await database.write(add)


async def page(
    database: Database,
    *,
    order: Order = "newest",
    status: Status = "open",
    limit: int = 9,
    cursor: str | None = None,
) -> GapList:
    return await database.read(
        lambda db: list_gaps(db, order=order, status=status, limit=limit, cursor=cursor)
    )


async def topics(database: Database, **options: Any) -> list[str]:
    return [item.topic for item in (await page(database, **options)).items]


async def table(
    database: Database, *, order: Order = "newest", status: Status = "open"
) -> list[dict[str, str]]:
    text = await database.read(lambda db: export_gaps(db, order=order, status=status))
    return list(csv.DictReader(io.StringIO(text)))


FEW = [
    gap("often", "How often?", count=5, day=1),
    gap("late", "How late?", count=2, day=9),
    gap("late", "So late?", count=1, day=3),
    gap("also", "And also?", count=3, day=9),
    gap("shut", "Is it shut?", count=8, day=4, closed=5),
    gap("late", "Was it late?", count=9, day=10, closed=11),
]


@on_every_database
class TestListGaps:
    @pytest.mark.parametrize(
        ("order", "status", "expected"),
        [
            ("newest", "open", ["also", "late", "often"]),
            ("most_asked", "open", ["often", "also", "late"]),
            ("newest", "closed", ["late", "shut"]),
            ("most_asked", "closed", ["late", "shut"]),
        ],
    )
    async def test_begins_with_the_first_of_its_order(
        self, database: Database, order: Order, status: Status, expected: list[str]
    ) -> None:
        await keep(database, FEW)

        assert await topics(database, order=order, status=status) == expected

    async def test_tells_of_all_wordings_together(self, database: Database) -> None:
        await keep(database, [*FEW, gap("text:abc def", "Odd?", day=-9)])

        items = {item.topic: item for item in (await page(database)).items}
        [closed] = [gap for gap in (await page(database, status="closed")).items if gap.count == 9]

        late = items["late"]
        assert (late.count, late.first_seen) == (3, DAY - timedelta(days=1))
        assert (late.last_seen, late.closed_at) == (DAY + timedelta(days=9), None)
        assert [(said.text, said.count) for said in late.questions] == [
            ("How late?", 2),
            ("So late?", 1),
        ]
        assert closed.closed_at == DAY + timedelta(days=11)
        assert [said.text for said in closed.questions] == ["Was it late?"]

    async def test_names_the_concepts_of_a_topic_that_has_any(self, database: Database) -> None:
        await keep(database, [gap("dormitory price", "A?", day=1), gap("text:abc def", "B?")])

        found = [item.concepts for item in (await page(database)).items]

        assert found == [["dormitory", "price"], []]

    async def test_shows_the_most_frequent_wordings_only(self, database: Database) -> None:
        await keep(database, [gap("t", f"Q{n}?", count=n + 1) for n in range(MAX_QUESTIONS + 1)])

        [item] = (await page(database)).items

        assert MAX_QUESTIONS == 10
        assert [said.count for said in item.questions] == list(range(11, 1, -1))
        assert item.count == sum(range(12))

    @pytest.mark.parametrize("order", ["newest", "most_asked"])
    @pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
    async def test_pages_follow_one_another_without_a_gap_where_several_are_alike(
        self, database: Database, order: Order, limit: int
    ) -> None:
        alike = [gap(name, f"{name}?", count=2, day=2) for name in "dbca"]
        await keep(database, [gap("z", "z?", count=3, day=3), *alike, gap("y", "y?")])
        pages: list[list[str]] = []
        cursor = None
        while not pages or cursor:
            found = await page(database, order=order, limit=limit, cursor=cursor)
            pages.append([item.topic for item in found.items])
            cursor = found.next_cursor

        whole = list("zabcdy")
        assert pages == [whole[at : at + limit] for at in range(0, len(whole), limit)]

    async def test_a_count_that_no_gap_has_is_a_place_in_the_order_as_well(
        self, database: Database
    ) -> None:
        """Cursors may be held for long, or be made up: none of them is too much for a database."""
        await keep(database, [gap("t", "Q?", count=3)])

        for value, expected in [("1e300", ["t"]), ("4", ["t"]), ("3", []), ("-1e300", [])]:
            cursor = base64.urlsafe_b64encode(f'[{value}, "x"]'.encode()).decode()
            assert await topics(database, order="most_asked", cursor=cursor) == expected

    @pytest.mark.parametrize(
        ("order", "text"),
        [
            ("newest", '["2026-11-01T12:30:00", "t"]'),
            ("newest", '["yesterday", "t"]'),
            ("newest", '[3, "t"]'),
            ("most_asked", '["many", "t"]'),
            ("most_asked", '[1e999, "t"]'),
            ("most_asked", "[3]"),
            ("most_asked", '[3, "t", 1]'),
            ("most_asked", "[3, 4]"),
            ("most_asked", r'[3, "\u0000"]'),
            ("most_asked", "3"),
            ("most_asked", "null"),
            ("most_asked", "[" * 100_000),
            ("most_asked", ""),
        ],
    )
    async def test_what_is_no_place_in_the_order_is_refused(
        self, database: Database, order: Order, text: str
    ) -> None:
        cursor = base64.urlsafe_b64encode(text.encode()).decode()

        with pytest.raises(InvalidRequest):
            await page(database, order=order, cursor=cursor)

    @pytest.mark.parametrize("odd", ["!", " ", "\n", "ก", "="])
    async def test_a_cursor_with_another_character_in_it_is_refused(
        self, database: Database, odd: str
    ) -> None:
        cursor = base64.urlsafe_b64encode(b'[3, "t"]').decode()
        await page(database, order="most_asked", cursor=cursor)

        with pytest.raises(InvalidRequest):
            await page(database, order="most_asked", cursor=cursor[:4] + odd + cursor[4:])


@on_every_database
class TestExportGaps:
    async def test_holds_every_wording_in_the_order_of_the_pages(self, database: Database) -> None:
        await keep(database, FEW)

        newest = [row["question"] for row in await table(database)]
        most_asked = [row["question"] for row in await table(database, order="most_asked")]
        closed = [row["question"] for row in await table(database, status="closed")]

        assert newest == ["And also?", "How late?", "So late?", "How often?"]
        assert most_asked == ["How often?", "And also?", "How late?", "So late?"]
        assert closed == ["Was it late?", "Is it shut?"]

    async def test_tells_all_of_a_wording(self, database: Database) -> None:
        await keep(database, [gap("t", "Q?", count=3, day=2, closed=4)])

        [row] = await table(database, status="closed")

        assert await table(database) == []
        assert row == {
            "topic": "t",
            "question": "Q?",
            "language": "en",
            "count": "3",
            "first_seen": "2026-10-31T12:30:00+00:00",
            "last_seen": "2026-11-03T12:30:00+00:00",
            "closed_at": "2026-11-05T12:30:00+00:00",
        }

    async def test_holds_no_more_than_are_kept(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MAX_KEPT", 3)
        await keep(database, FEW)

        assert len(await table(database)) == 3

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "|", *"＝＋－＠"])
    async def test_quotes_what_a_spreadsheet_would_compute(
        self, database: Database, start: str
    ) -> None:
        texts = [f"{start}1", f"  {start}1", f"1{start}", f"x {start}1"]
        await keep(database, [gap("t", text, count=9 - n) for n, text in enumerate(texts)])

        found = [row["question"] for row in await table(database)]

        assert found == [f"'{texts[0]}", f"'{texts[1]}", texts[2], texts[3]]

    async def test_what_is_open_was_closed_at_no_time(self, database: Database) -> None:
        await keep(database, [gap("t", "Q?")])

        [row] = await table(database)

        assert row["closed_at"] == ""
