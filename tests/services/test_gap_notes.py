"""Tests of `backend/services/gap_service.py`: what the notes of turns become."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from backend.core.conversation import HistoryMessage
from backend.core.errors import DatabaseUnavailable
from backend.core.language import Language
from backend.database import Database, build_engine
from backend.models import ChatMessage, ChatSession, KnowledgeGap, MessageRole
from backend.models.base import utc_now
from backend.services import gap_service as module
from backend.services.gap_service import GapService
from backend.services.knowledge_service import Passage
from backend.services.turn import Turn
from tests.service import make_settings
from tests.services.figures.conftest import shipped_service

T = TypeVar("T")

PRICE, SAME_PRICE = "Dormitory price?", "dormitory PRICE"
LINE, PARKING = "Is there a LINE account?", "Is there parking?"
ANSWERED = "How much is the MBA?"
FOLLOW_UP = "And for Suvarnabhumi?"


class FailingDatabase(Database):
    """Cannot store anything as often as it is told."""

    failures: list[Exception]

    async def write(self, change: Callable[[Session], T]) -> T:
        if self.failures:
            raise self.failures.pop()
        return await super().write(change)


@pytest_asyncio.fixture
async def database(database_url: str) -> Any:
    """A database in which twenty questions were asked."""
    made = FailingDatabase(build_engine(make_settings(DATABASE_URL=database_url)))
    made.failures = []

    def add(db: Session) -> None:
        db.execute(insert(ChatSession).values(id="s"))
        said = {"session_id": "s", "role": MessageRole.USER, "content": "?"}
        db.execute(insert(ChatMessage), [{"id": id_, **said} for id_ in range(1, 21)])

    await made.write(add)
    yield made
    made.dispose()


class Notes:
    """Notes turns, each question under an id of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.knowledge = shipped_service()
        self.gaps = GapService(database, self.knowledge)
        self._asked = 0

    def note(
        self,
        message: str,
        *earlier: str,
        cited: tuple[Passage, ...] | None = None,
        language: Language = Language.ENGLISH,
    ) -> datetime:
        """Note a question after others of its session; gives a moment after that."""
        self._asked += 1
        said = [HistoryMessage(role, text) for text in earlier for role in ("user", "assistant")]
        turn = Turn("s", self._asked, self._asked, message, tuple(said))
        context = self.knowledge.get_context(message, history=said)
        self.gaps.note(turn, context, language, cited)
        return utc_now()

    async def rows(self) -> list[dict[str, Any]]:
        return await kept(self.database)

    async def counts(self) -> dict[str, int]:
        """How often each question is kept, once all that was noted is written down."""
        await self.gaps.flush()
        return {row["question"]: row["count"] for row in await self.rows()}


async def kept(database: Database) -> list[dict[str, Any]]:
    query = select(KnowledgeGap.__table__).order_by(KnowledgeGap.id)
    return await database.read(lambda db: [dict(row._mapping) for row in db.execute(query)])


@pytest.fixture
def notes(database: Database) -> Notes:
    return Notes(database)


class TestWhatIsKept:
    async def test_each_different_question_that_no_fact_answers(self, notes: Notes) -> None:
        for message in (LINE, ANSWERED, PRICE, LINE, "Hello", SAME_PRICE, LINE):
            notes.note(message)

        assert await notes.counts() == {LINE: 3, PRICE: 2}

    async def test_what_the_model_answers_from_no_fact(self, notes: Notes) -> None:
        found = notes.knowledge.likely_passages(notes.knowledge.get_context(ANSWERED))
        notes.note(ANSWERED, cited=())
        notes.note(ANSWERED, cited=found[:1])
        notes.note(ANSWERED, cited=None)
        notes.note(ANSWERED, cited=())

        assert await notes.counts() == {ANSWERED: 2}

    async def test_nothing_of_what_is_not_about_the_university(self, notes: Notes) -> None:
        notes.note("Who won the football world cup?", cited=())

        assert await notes.counts() == {}

    async def test_when_it_was_first_and_last_asked(self, notes: Notes) -> None:
        moments = [utc_now(), *map(notes.note, (PRICE, SAME_PRICE, PRICE))]
        await notes.gaps.flush()

        [row] = await notes.rows()

        assert moments[0] <= row["first_seen"] <= moments[1]
        assert moments[2] <= row["last_seen"] <= moments[3]
        assert row["closed_at"] is None

    async def test_what_is_asked_again_later_is_counted_with_it(self, notes: Notes) -> None:
        notes.note(PRICE)
        first = await notes.counts()
        [before] = await notes.rows()
        asked = utc_now()
        notes.note(SAME_PRICE, language=Language.THAI)
        notes.note(SAME_PRICE, language=Language.THAI)

        assert first == {PRICE: 1}
        assert await notes.counts() == {PRICE: 3}
        [after] = await notes.rows()
        assert after["last_seen"] >= asked
        assert {**after, "count": 1, "last_seen": before["last_seen"]} == before

    async def test_in_the_language_that_it_was_answered_in(self, notes: Notes) -> None:
        notes.note(LINE, language=Language.CHINESE)
        await notes.gaps.flush()

        assert [row["language"] for row in await notes.rows()] == ["zh"]


class TestFollowUps:
    async def test_are_kept_with_the_question_that_they_follow(self, notes: Notes) -> None:
        notes.note(FOLLOW_UP, "Hello", LINE)
        notes.note(FOLLOW_UP, "Hello", LINE)
        notes.note(FOLLOW_UP, LINE, PARKING)

        assert await notes.counts() == {
            f"{LINE} {FOLLOW_UP}": 2,
            f"{PARKING} {FOLLOW_UP}": 1,
        }

    async def test_what_stands_alone_is_kept_alone(self, notes: Notes) -> None:
        whole = "What is the university's LINE account?"
        notes.note(PARKING, "Hello")
        notes.note(whole, "What is the phone number of Hua Mak?")

        assert await notes.counts() == {PARKING: 1, whole: 1}


class TestFlush:
    async def test_what_cannot_be_stored_is_kept_in_its_order(
        self, notes: Notes, database: FailingDatabase
    ) -> None:
        notes.note(PRICE)
        notes.note(LINE)
        database.failures = [DatabaseUnavailable(retry_after=1)]
        with pytest.raises(DatabaseUnavailable):
            await notes.gaps.flush()
        notes.note(SAME_PRICE)

        assert await notes.counts() == {PRICE: 2, LINE: 1}

    async def test_stores_nothing_twice(self, notes: Notes) -> None:
        notes.note(PRICE)
        await notes.gaps.flush()

        assert await notes.counts() == {PRICE: 1}

    async def test_of_too_many_the_oldest_are_lost(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MAX_WAITING", 2)
        notes = Notes(database)
        for message in (PRICE, LINE, PARKING):
            notes.note(message)

        assert set(await notes.counts()) == {LINE, PARKING}


class TestRunning:
    @pytest.mark.parametrize(
        ("failure", "is_odd"),
        [(DatabaseUnavailable(retry_after=1), False), (ValueError("odd"), True)],
    )
    async def test_goes_on_after_notes_that_cannot_be_kept(
        self,
        database: FailingDatabase,
        failure: Exception,
        is_odd: bool,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(module, "_EVERY_SECONDS", 0.01)
        notes = Notes(database)
        with capture_logs() as lines:
            async with asyncio.timeout(10), notes.gaps.running():
                database.failures = [failure]
                notes.note(PRICE)
                while database.failures:  # noqa: ASYNC110 - nothing tells when
                    await asyncio.sleep(0.01)
                notes.note(LINE)
                while not await notes.rows():  # noqa: ASYNC110 - nothing tells when
                    await asyncio.sleep(0.01)

        assert [line["log_level"] == "error" for line in lines] == [is_odd]
        assert LINE in {row["question"] for row in await notes.rows()}

    async def test_writes_down_at_its_end_what_is_left(self, notes: Notes) -> None:
        async with notes.gaps.running():
            notes.note(PRICE)

        assert [row["question"] for row in await notes.rows()] == [PRICE]
