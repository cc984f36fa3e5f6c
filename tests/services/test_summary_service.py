"""Tests of `backend/services/summary_service.py`: what is folded into a summary, and when."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session
from structlog.typing import EventDict

from backend.core.errors import DatabaseUnavailable
from backend.core.gemini import GeminiConfig, build_gemini_client
from backend.database import Database
from backend.models import ChatMessage, ChatSession, MessageRole, MessageStatus
from backend.services.summary_service import SummaryService
from backend.services.turn import Turn
from backend.services.turn_rows import messages
from tests.core.gemini_support import open_client
from tests.databases import on_every_database
from tests.fakes.gemini_server import FakeGemini
from tests.services.turns import CUT, STOPPED, T, Turns

START = datetime(2026, 11, 1, tzinfo=UTC)
USER, ASSISTANT = MessageRole.USER, MessageRole.ASSISTANT
PENDING = MessageStatus.PENDING
ALL = 10**6


async def add(
    turns: Turns, session_id: str, said: list[tuple[MessageRole, str]], **columns: Any
) -> None:
    """A session in which this was said; the ids of its messages count on from those before."""
    moments = {"created_at": START, "updated_at": START}
    session = {"id": session_id, **moments, **columns}
    rows = [{"session_id": session_id, "role": role, "content": text} for role, text in said]
    await turns.database.write(lambda db: db.execute(insert(ChatSession), [session]).close())
    if rows:
        await turns.database.write(lambda db: db.execute(insert(ChatMessage), rows).close())


def asked(count: int) -> list[tuple[MessageRole, str]]:
    """So many questions, each with its answer."""
    return [
        said
        for number in range(count)
        for said in ((USER, f"Question {number}?"), (ASSISTANT, f"Answer {number}."))
    ]


async def change(turns: Turns, content: str, **columns: Any) -> None:
    """Change the message that says this."""
    changed = messages.update().where(messages.c.content == content)
    await turns.run(lambda db: db.execute(changed.values(**columns)).close())


async def fold(turns: Turns, session_id: str = "s", until: int = ALL) -> str | None:
    """Fold without a model; gives the summary of the session."""
    keeper = SummaryService(turns.database, build_gemini_client(GeminiConfig()))
    keeper.fold_soon(Turn(session_id, 1, 2, "x", fold_until=until))
    await keeper.settle()
    found = {row.id: row for row in await turns.sessions()}
    summary: str | None = found[session_id].summary if session_id in found else None
    return summary


@on_every_database
class TestWhatIsFolded:
    @pytest.mark.parametrize(
        ("count", "summary"),
        [
            (0, None),
            (2, None),
            (3, "- Question 0?\n- Question 1?\n- Question 2?"),
            (4, "- Question 0?\n- Question 1?\n- Question 2?\n- Question 3?"),
        ],
    )
    async def test_are_three_questions_or_more(
        self, turns: Turns, count: int, summary: str | None
    ) -> None:
        await add(turns, "before", asked(1))
        await add(turns, "s", asked(count))
        await add(turns, "t", asked(5))

        assert await fold(turns) == summary

        sessions = {row.id: row for row in await turns.sessions()}
        assert sessions["before"].summary is sessions["t"].summary is None
        assert sessions["s"].updated_at == START
        last = max((row.id for row in await turns.messages() if row.session_id == "s"), default=0)
        assert sessions["s"].summary_until == (last if summary else None)

    @pytest.mark.parametrize(
        ("until", "count"), [(4, None), (5, 3), (6, 3), (7, 4), (8, 4), (ALL, 5)]
    )
    async def test_reach_as_far_as_the_model_is_not_shown_them(
        self, turns: Turns, until: int, count: int | None
    ) -> None:
        await add(turns, "s", asked(5))

        summary = await fold(turns, until=until)

        assert (summary.count("\n") + 1 if summary else None) == count

    async def test_begin_where_the_summary_ends(self, turns: Turns) -> None:
        await add(turns, "s", asked(6), summary="Wants an MBA.", summary_until=4)

        assert await fold(turns) == "Wants an MBA.\n" + "\n".join(
            f"- Question {number}?" for number in range(2, 6)
        )
        assert await fold(turns) == (await turns.sessions())[0].summary

    async def test_are_twenty_messages_at_once(self, turns: Turns) -> None:
        await add(turns, "s", asked(12))

        await fold(turns)
        assert (await turns.sessions())[0].summary_until == 20

    async def test_leave_a_question_that_is_parted_from_its_answer(self, turns: Turns) -> None:
        await add(turns, "s", [(USER, "Alone?"), *asked(12)])

        await fold(turns)
        assert (await turns.sessions())[0].summary_until == 19

    async def test_of_a_session_that_is_gone_is_nothing(self, turns: Turns) -> None:
        assert await fold(turns, "gone") is None


class TestWhatTheModelIsTold:
    async def told(self, turns: Turns, fake: FakeGemini) -> str:
        async with open_client(fake) as client:
            keeper = SummaryService(turns.database, client)
            keeper.fold_soon(Turn("s", 1, 2, "x", fold_until=ALL))
            await keeper.settle()
        [request] = fake.requests
        return str(request.json()["contents"])

    async def test_is_what_was_said_and_stands(self, turns: Turns, fake_gemini: FakeGemini) -> None:
        fake_gemini.answer_with("  Noted.\n")
        await add(turns, "s", asked(6), summary="Before.", summary_until=0)
        await change(turns, "Answer 1.", status=STOPPED)
        await change(turns, "Answer 2.", status=CUT)
        await change(turns, "Answer 3.", status=PENDING)
        await change(turns, "Answer 4.", is_current=False)
        await change(turns, "Question 5?", status=CUT)

        text = await self.told(turns, fake_gemini)

        assert [f"Question {number}?" in text for number in range(6)] == [True] * 6
        answers = [f"Answer {number}." in text for number in range(6)]
        assert answers == [True, True, False, False, False, True]
        assert text.index("Before.") < text.index("Question 0?") < text.index("Answer 0.")
        assert (await turns.sessions())[0].summary == "Noted."

    @pytest.mark.parametrize(("length", "is_whole"), [(500, True), (501, False)])
    async def test_is_the_beginning_of_what_is_long(
        self, turns: Turns, fake_gemini: FakeGemini, length: int, is_whole: bool
    ) -> None:
        await add(turns, "s", [(USER, "x" * length), *asked(3)])

        text = await self.told(turns, fake_gemini)

        assert ("x" * length in text) == is_whole
        assert "x" * 499 in text
        assert ("x…" in text) != is_whole


class UnreadableDatabase(Database):
    """Cannot be read."""

    async def read(self, query: Callable[[Session], T]) -> T:
        raise DatabaseUnavailable(retry_after=1)


class TestFoldSoon:
    async def test_needs_something_to_fold(self, turns: Turns) -> None:
        await add(turns, "s", asked(3))
        keeper = SummaryService(turns.database, build_gemini_client(GeminiConfig()))

        keeper.fold_soon(Turn("s", 1, 2, "x"))
        await keeper.settle()

        assert (await turns.sessions())[0].summary is None

    async def test_folds_a_session_once_at_a_time(
        self, turns: Turns, fake_gemini: FakeGemini
    ) -> None:
        await add(turns, "s", asked(3))
        async with open_client(fake_gemini) as client:
            keeper = SummaryService(turns.database, client)
            for _ in range(3):
                keeper.fold_soon(Turn("s", 1, 2, "x", fold_until=ALL))
            await keeper.settle()

        assert len(fake_gemini.requests) == 1

    async def test_what_another_worker_has_folded_meanwhile_stands(
        self, turns: Turns, fake_gemini: FakeGemini
    ) -> None:
        await add(turns, "s", asked(3))
        async with open_client(fake_gemini) as client:
            keeper = SummaryService(turns.database, client)
            with fake_gemini.holding():
                keeper.fold_soon(Turn("s", 1, 2, "x", fold_until=ALL))
                await fake_gemini.wait_until_asked()
                await turns.change_session("s", summary="Theirs.", summary_until=2)
            await keeper.settle()

        session = (await turns.sessions())[0]
        assert (session.summary, session.summary_until) == ("Theirs.", 2)

    async def test_a_database_that_is_away_is_told(
        self, turns: Turns, logs: list[EventDict]
    ) -> None:
        away = UnreadableDatabase(turns.database.engine)
        keeper = SummaryService(away, build_gemini_client(GeminiConfig()))

        keeper.fold_soon(Turn("s", 1, 2, "x", fold_until=ALL))
        await keeper.settle()

        assert [line["event"] for line in logs] == ["summary_not_kept"]
        away.dispose()

    async def test_a_fault_is_told_and_the_next_one_is_made(
        self, turns: Turns, logs: list[EventDict], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await add(turns, "s", asked(3))
        keeper = SummaryService(turns.database, build_gemini_client(GeminiConfig()))
        turn = Turn("s", 1, 2, "x", fold_until=ALL)
        with monkeypatch.context() as patched:
            patched.setattr("backend.services.summary_service.fold_titles", None)
            keeper.fold_soon(turn)
            await keeper.settle()
        await asyncio.sleep(0)
        keeper.fold_soon(turn)
        await keeper.settle()

        assert [line["event"] for line in logs] == ["summary_failed"]
        assert (await turns.sessions())[0].summary is not None

    async def test_what_is_not_done_at_the_end_is_left(
        self, turns: Turns, fake_gemini: FakeGemini, logs: list[EventDict]
    ) -> None:
        await add(turns, "s", asked(3))
        async with open_client(fake_gemini) as client:
            keeper = SummaryService(turns.database, client)
            with fake_gemini.holding():
                async with keeper.running():
                    keeper.fold_soon(Turn("s", 1, 2, "x", fold_until=ALL))
                    await fake_gemini.wait_until_asked()

        assert (await turns.sessions())[0].summary is None
        assert "summary_failed" not in [line["event"] for line in logs]
