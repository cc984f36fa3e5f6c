"""What answers cost: with each of them, and by day for administrators."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.models import ChatMessage, ChatSession
from backend.models.base import utc_now
from backend.models.chat import AnsweredBy, MessageRole, MessageStatus
from tests.databases import on_every_database
from tests.fakes.gemini_behaviours import failure, slow_answer, whole_answer
from tests.fakes.gemini_server import FakeGemini
from tests.service import Service
from tests.streams import part_of, read_parts

URL = "/api/v1/chat/usage"
COUNTS = {
    "input_tokens": 100,
    "output_tokens": 20,
    "thoughts_tokens": 3,
    "cached_tokens": 50,
    "total_tokens": 123,
    "attempts": 2,
}


async def read_days(service: Service, days: int) -> list[dict[str, object]]:
    """The days as an administrator sees them."""
    headers = await service.sign_up_admin()
    response = await service.client.get(URL, params={"days": days}, headers=headers)
    assert response.status_code == 200, response.text
    found: list[dict[str, object]] = response.json()["days"]
    return found


async def keep(service: Service, answers: list[tuple[datetime, MessageStatus, AnsweredBy]]) -> None:
    """Store answers of other days; ids leave gaps, as erased conversations do."""

    def add(db: Session) -> None:
        db.execute(insert(ChatSession).values(id="s"))
        for number, (moment, status, answered_by) in enumerate(answers):
            columns = {"timestamp": moment, "status": status, "answered_by": answered_by}
            db.execute(
                insert(ChatMessage).values(
                    id=7 + number * number,
                    session_id="s",
                    role=MessageRole.ASSISTANT,
                    content="x",
                    usage=COUNTS if answered_by is AnsweredBy.GEMINI else None,
                    **columns,
                )
            )

    await service.database.write(add)


@on_every_database
class TestUsageOfAnAnswer:
    async def test_every_answer_tells_its_times(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.script(slow_answer("A slow answer", pieces=3, pause=0.05))

        streamed = await service.client.post("/api/v1/chat/stream", json={"message": "Fees?"})
        whole = (await service.ask("Fees?"))["usage"]

        usage = part_of(read_parts(streamed.content), "finish")["messageMetadata"]["usage"]
        assert 0 <= usage["first_token_ms"] < usage["duration_ms"]
        assert usage["total_tokens"] > 0
        assert whole["first_token_ms"] == whole["duration_ms"] >= 0
        stored = [row.usage for row in await service.stored() if row.role is MessageRole.ASSISTANT]
        assert stored == [usage, whole]

    async def test_an_answer_from_the_facts_tells_how_often_the_model_was_asked(
        self, service: Service, fake_gemini: FakeGemini
    ) -> None:
        fake_gemini.always(failure(500))

        answer = await service.ask("How much is the tuition?")

        assert answer["answered_by"] == "knowledge"
        assert answer["usage"]["attempts"] == len(fake_gemini.requests) > 1
        assert answer["usage"]["total_tokens"] == 0
        assert answer["usage"]["duration_ms"] >= 0


@on_every_database
class TestReadUsage:
    async def test_adds_up_each_day_in_utc(self, service: Service) -> None:
        midnight = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
        second = timedelta(seconds=1)
        whole, gemini = MessageStatus.COMPLETE, AnsweredBy.GEMINI
        old = [(midnight - timedelta(days=90 - n), whole, gemini) for n in range(20)]
        await keep(
            service,
            [
                *old,
                (midnight - timedelta(days=1) - second, whole, gemini),
                (midnight - timedelta(days=1), MessageStatus.STOPPED, gemini),
                (midnight, whole, AnsweredBy.KNOWLEDGE),
                # Written after midnight to a question of before: its id is the older one.
                (midnight - second, MessageStatus.INTERRUPTED, gemini),
                (midnight - second, whole, gemini),
            ],
        )

        [yesterday, today] = await read_days(service, 2)

        assert today == {
            **dict.fromkeys(COUNTS, 0),
            **{"date": midnight.date().isoformat(), "turns": 1, "gemini": 0, "knowledge": 1},
            **{"stopped": 0, "interrupted": 0},
        }
        assert (yesterday["gemini"], yesterday["stopped"], yesterday["interrupted"]) == (1, 1, 1)
        assert (yesterday["turns"], yesterday["total_tokens"]) == (3, 3 * 123)
        assert (yesterday["attempts"], yesterday["cached_tokens"]) == (6, 150)

    @pytest.mark.parametrize("tokens", [10**30, -5, True])
    async def test_absurd_counts_of_the_model_do_not_spoil_the_sums(
        self, service: Service, fake_gemini: FakeGemini, tokens: int
    ) -> None:
        fake_gemini.script(whole_answer("Yes.", metadata={"promptTokenCount": tokens}))

        answer = await service.ask("Is there a library?")

        assert answer["answered_by"] == "gemini"
        assert answer["usage"]["input_tokens"] == 0
        [today] = await read_days(service, days=1)
        assert today["turns"] == 1
        assert today["input_tokens"] == 0

    async def test_shows_days_without_a_turn(self, service: Service) -> None:
        await service.ask("Hello")

        days = await read_days(service, 92)

        assert len(days) == 92
        assert [day["turns"] for day in days] == [0] * 91 + [1]
        assert days[-1]["date"] == datetime.now(UTC).date().isoformat()

    async def test_nothing_was_ever_said(self, service: Service) -> None:
        assert [day["turns"] for day in await read_days(service, 1)] == [0]


class TestRefusals:
    @pytest.mark.parametrize("days", ["0", "93", "-1", "x", "", "1e1", str(2**70)])
    async def test_a_period_that_cannot_be_is_refused(
        self, offline_service: Service, days: str
    ) -> None:
        headers = await offline_service.sign_up_admin()

        answer = await offline_service.client.get(URL, params={"days": days}, headers=headers)

        assert answer.status_code == 422

    async def test_is_for_administrators(self, offline_service: Service) -> None:
        user = await offline_service.sign_up("a@au.edu")

        assert (await offline_service.client.get(URL)).status_code == 401
        assert (await offline_service.client.get(URL, headers=user)).status_code == 403
