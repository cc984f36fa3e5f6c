"""Vectors beside the turns: made once, kept in the database, never needed."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from structlog.typing import EventDict

from backend.core.conversation import HistoryMessage
from backend.core.errors import AssistantUnavailable
from backend.core.gemini_embedding import DIMENSIONS, GeminiEmbedder
from backend.core.gemini_errors import GeminiBadRequest, GeminiUpstreamFailed
from backend.database import Database, build_engine
from backend.models import KnowledgeVector
from backend.services.knowledge_service import KnowledgeService
from backend.services.vector_cache import VectorCache
from backend.services.vector_service import VectorService
from tests.core.gemini_support import gemini_config
from tests.databases import on_every_database
from tests.fakes.gemini_behaviours import failure
from tests.fakes.gemini_embeddings import all_embedded, refused_with, texts_of
from tests.fakes.gemini_faults import stall_before_headers
from tests.fakes.gemini_server import FakeGemini
from tests.service import make_settings

SIZE: Final = 2 * DIMENSIONS


def write(folder: Path, *texts: str) -> None:
    entries = [{"id": f"e{n}", "title": f"T{n}", "text": text} for n, text in enumerate(texts)]
    (folder / "au_life.json").write_text(json.dumps({"entries": entries}))


@pytest.fixture
def knowledge(tmp_path: Path) -> KnowledgeService:
    folder = tmp_path / "facts"
    folder.mkdir()
    write(folder, "The bus leaves at 7:30.", "The pool is free on Sundays.", "Rice from 7:00.")
    return KnowledgeService(folder, token_budget=500)


@asynccontextmanager
async def open_vectors(
    fake: FakeGemini,
    database: Database,
    knowledge: KnowledgeService,
    *,
    model: str = "gemini-embedding-2",
    question_seconds: float = 2.0,
) -> AsyncIterator[VectorService]:
    embedder = GeminiEmbedder(gemini_config(fake), model)
    yield VectorService(embedder, database, knowledge, question_seconds=question_seconds)
    await embedder.aclose()


def asked_for(fake: FakeGemini) -> list[str]:
    return [text for request in fake.embedding_requests for text in texts_of(request.json())]


def events(logs: Sequence[EventDict]) -> list[str]:
    return [str(entry["event"]) for entry in logs]


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if holds():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it does not come about")


async def stored(database: Database) -> int:
    count = select(func.count()).select_from(KnowledgeVector)
    return await database.read(lambda db: db.scalar(count) or 0)


class TestPassages:
    @on_every_database
    async def test_are_asked_for_once_whatever_starts_again(
        self, fake_gemini: FakeGemini, database: Database, knowledge: KnowledgeService
    ) -> None:
        for _ in range(2):
            async with open_vectors(fake_gemini, database, knowledge) as vectors:
                await vectors.refresh()
                assert vectors.status().passages == 3

        assert len(asked_for(fake_gemini)) == 3
        assert await stored(database) == 3

    async def test_that_changed_are_asked_for_alone(
        self,
        fake_gemini: FakeGemini,
        database: Database,
        knowledge: KnowledgeService,
        tmp_path: Path,
    ) -> None:
        async with open_vectors(fake_gemini, database, knowledge) as vectors:
            await vectors.refresh()
            write(tmp_path / "facts", "The bus leaves at 8:15.", "The pool is free on Sundays.")
            knowledge.reload()
            await vectors.refresh()

            assert vectors.status().passages == vectors.status().total == 2

        assert asked_for(fake_gemini)[3:] == ["T0: The bus leaves at 8:15."]

    @on_every_database
    async def test_have_other_vectors_from_another_model(
        self, fake_gemini: FakeGemini, database: Database, knowledge: KnowledgeService
    ) -> None:
        for model in ("gemini-embedding-2", "gemini-embedding-3"):
            async with open_vectors(fake_gemini, database, knowledge, model=model) as vectors:
                await vectors.refresh()

        assert len(asked_for(fake_gemini)) == await stored(database) == 6

    @on_every_database
    async def test_are_made_anew_when_what_is_kept_has_another_size(
        self, fake_gemini: FakeGemini, database: Database, knowledge: KnowledgeService
    ) -> None:
        async with open_vectors(fake_gemini, database, knowledge) as vectors:
            await vectors.refresh()

        def spoil(db: Session) -> None:
            db.execute(update(KnowledgeVector).values(vector=b"short"))

        await database.write(spoil)
        for _ in range(2):
            async with open_vectors(fake_gemini, database, knowledge) as vectors:
                await vectors.refresh()
                assert vectors.status().passages == 3

        assert len(asked_for(fake_gemini)) == 6

    async def test_are_made_without_a_database(
        self, fake_gemini: FakeGemini, knowledge: KnowledgeService, tmp_path: Path
    ) -> None:
        config = make_settings(DATABASE_URL=f"sqlite:///{tmp_path / 'missing' / 'x.db'}")
        away = Database(build_engine(config))
        async with open_vectors(fake_gemini, away, knowledge) as vectors:
            await vectors.refresh()

            assert vectors.status().passages == 3
        away.dispose()

    async def test_do_not_fail_together_with_one_that_is_refused(
        self, fake_gemini: FakeGemini, database: Database, knowledge: KnowledgeService
    ) -> None:
        fake_gemini.embedding = refused_with("pool", failure(400))
        async with open_vectors(fake_gemini, database, knowledge) as vectors:
            vectors.embedder.batch_size = 1
            with pytest.raises(GeminiBadRequest):
                await vectors.refresh()

            assert vectors.status().passages == 2

    async def test_are_not_asked_for_on_and_on_in_an_outage(
        self, fake_gemini: FakeGemini, database: Database, tmp_path: Path
    ) -> None:
        write(tmp_path, *(f"Fact {n}." for n in range(10)))
        fake_gemini.embedding = failure(503)
        knowledge = KnowledgeService(tmp_path, token_budget=500)
        async with open_vectors(fake_gemini, database, knowledge) as vectors:
            vectors.embedder.batch_size = 1
            with pytest.raises(GeminiUpstreamFailed):
                await vectors.refresh()

        assert len(fake_gemini.embedding_requests) == 3

    async def test_come_by_themselves_while_the_service_runs(
        self, fake_gemini: FakeGemini, database: Database, knowledge: KnowledgeService
    ) -> None:
        async with open_vectors(fake_gemini, database, knowledge) as vectors:
            assert await vectors.read_question("The bus?") is None
            async with vectors.running():
                await until(lambda: vectors.status().passages == 3)
                assert await vectors.read_question("The bus?") is not None

    async def test_that_cannot_be_made_are_told_once_and_tried_again_later(
        self,
        fake_gemini: FakeGemini,
        database: Database,
        knowledge: KnowledgeService,
        logs: list[EventDict],
    ) -> None:
        fake_gemini.embedding = failure(401)
        async with open_vectors(fake_gemini, database, knowledge) as vectors:
            async with vectors.running():
                await until(lambda: vectors.status().reason is not None)

            assert vectors.status().reason == "gemini_bad_key"

        assert events(logs) == ["vectors_unavailable"]


class TestCache:
    @on_every_database
    @pytest.mark.parametrize("made", [2, 3, 5, 9])
    async def test_keeps_only_so_many_the_oldest_going_first(
        self, database: Database, made: int
    ) -> None:
        cache = VectorCache(database, "m", max_kept=3)
        names = [f"h{number}" for number in range(made)]
        for name in names:
            await cache.store({name: bytes(SIZE)})
        await cache.forget_oldest()

        found = await cache.read(names, size=SIZE)
        assert sorted(found) == names[-3:]

    @on_every_database
    async def test_is_written_by_several_at_once(self, database: Database) -> None:
        cache = VectorCache(database, "m")
        vectors = {f"h{number}": bytes(SIZE) for number in range(50)}

        await asyncio.gather(*(cache.store(vectors) for _ in range(4)))

        assert await cache.read(list(vectors), size=SIZE) == vectors

    async def test_reads_more_than_a_statement_takes(self, database: Database) -> None:
        cache = VectorCache(database, "m")
        await cache.store({"h1199": bytes(SIZE)})

        found = await cache.read([f"h{number}" for number in range(1_200)], size=SIZE)

        assert list(found) == ["h1199"]


class Failing:
    """An embedder that fails for questions in any way it is told."""

    def __init__(self, embedder: GeminiEmbedder) -> None:
        self.name, self.dimensions, self.batch_size = embedder.name, DIMENSIONS, 20
        self._embedder = embedder
        self.error: Exception | None = None

    async def embed_passages(self, texts: Sequence[str]) -> Any:
        return await self._embedder.embed_passages(texts)

    async def embed_question(self, text: str) -> Any:
        if self.error is not None:
            raise self.error
        return await self._embedder.embed_question(text)

    async def aclose(self) -> None:
        await self._embedder.aclose()


class TestQuestion:
    async def test_is_given_up_in_time_and_told_once(
        self,
        fake_gemini: FakeGemini,
        database: Database,
        knowledge: KnowledgeService,
        logs: list[EventDict],
    ) -> None:
        async with open_vectors(fake_gemini, database, knowledge, question_seconds=0.02) as vectors:
            await vectors.refresh()
            fake_gemini.embedding = stall_before_headers
            found = [await vectors.read_question(f"Bus {n}?") for n in range(10)]

            assert found == [None] * 10
            assert vectors.status().reason == "timeout"

        assert events(logs) == ["vectors_unavailable"]

    async def test_is_not_asked_for_while_the_breaker_is_open(
        self, fake_gemini: FakeGemini, database: Database, knowledge: KnowledgeService
    ) -> None:
        async with open_vectors(fake_gemini, database, knowledge) as vectors:
            await vectors.refresh()
            asked = len(fake_gemini.embedding_requests)
            fake_gemini.embedding = failure(503)
            for number in range(10):
                assert await vectors.read_question(f"Bus {number}?") is None

        assert len(fake_gemini.embedding_requests) - asked == 3

    async def test_has_a_vector_again_after_a_failure(
        self,
        fake_gemini: FakeGemini,
        database: Database,
        knowledge: KnowledgeService,
        logs: list[EventDict],
    ) -> None:
        async with open_vectors(fake_gemini, database, knowledge) as vectors:
            await vectors.refresh()
            fake_gemini.embedding = failure(503)
            assert await vectors.read_question("The bus?") is None
            fake_gemini.embedding = all_embedded()
            assert await vectors.read_question("The bus?") is not None

            assert vectors.status().reason is None
        assert events(logs) == ["vectors_unavailable", "vectors_available"]

    @pytest.mark.parametrize("error", [AssistantUnavailable(), ValueError("odd"), MemoryError()])
    async def test_is_read_by_its_words_whatever_fails(
        self,
        fake_gemini: FakeGemini,
        database: Database,
        knowledge: KnowledgeService,
        error: Exception,
    ) -> None:
        embedder = Failing(GeminiEmbedder(gemini_config(fake_gemini), "gemini-embedding-2"))
        vectors = VectorService(embedder, database, knowledge)
        await vectors.refresh()
        embedder.error = error

        assert await vectors.read_question("The bus?") is None
        await embedder.aclose()

    async def test_is_sent_with_what_it_follows(
        self, fake_gemini: FakeGemini, database: Database, knowledge: KnowledgeService
    ) -> None:
        async with open_vectors(fake_gemini, database, knowledge) as vectors:
            await vectors.refresh()
            await vectors.read_question("And the bus?", [HistoryMessage("user", "The pool?")])

        assert asked_for(fake_gemini)[-1] == "The pool? And the bus?"
