"""Tests of `backend/services/usage_service.py`: the first message of the period among all."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from backend.database import Database
from backend.models import ChatMessage, ChatSession, MessageRole
from backend.models.base import utc_now
from backend.models.chat import AnsweredBy, MessageStatus
from backend.services.usage_service import UsageService
from tests.databases import on_every_database

WHOLE, GEMINI = MessageStatus.COMPLETE, AnsweredBy.GEMINI


async def add(database: Database, moments: list[datetime], *, gap: int = 1) -> None:
    """Answers of these moments, whose ids are so far apart."""
    rows = [
        {
            "id": 5 + number * gap,
            "session_id": "s",
            "role": MessageRole.ASSISTANT,
            "content": "Yes.",
            "timestamp": moment,
            "status": WHOLE,
            "answered_by": GEMINI,
        }
        for number, moment in enumerate(moments)
    ]
    await database.write(lambda db: db.execute(insert(ChatSession).values(id="s")).close())
    if rows:
        await database.write(lambda db: db.execute(insert(ChatMessage), rows).close())


@on_every_database
class TestReadDays:
    @pytest.mark.parametrize("gap", [1, 2, 7])
    @pytest.mark.parametrize(
        ("before", "within"), [(0, 0), (0, 1), (1, 0), (1, 1), (0, 4), (4, 0), (5, 3), (3, 5)]
    )
    async def test_counts_from_the_first_message_of_the_period_on(
        self, database: Database, before: int, within: int, gap: int
    ) -> None:
        midnight = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
        old, today = midnight - timedelta(hours=5), midnight
        await add(database, [old] * before + [today] * within, gap=gap)

        [day] = (await UsageService(database).read_days(1)).days

        assert (day.turns, day.gemini) == (within, within)

    async def test_gives_each_day_its_own_oldest_first(self, database: Database) -> None:
        midnight = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
        days = [midnight - timedelta(days=age) for age in (3, 2, 2, 0, 0, 0)]
        await add(database, days)

        found = (await UsageService(database).read_days(3)).days

        assert [day.turns for day in found] == [2, 0, 3]
        dates = [(midnight - timedelta(days=age)).date() for age in (2, 1, 0)]
        assert [day.date for day in found] == dates
