"""Tests of `backend/services/vector_service.py` and `vector_cache.py`: what is asked, what kept."""

import json
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from structlog.typing import EventDict

from backend.core.errors import AssistantUnavailable
from backend.database import Database, build_engine
from backend.services.knowledge_service import KnowledgeService
from backend.services.vector_cache import VectorCache
from backend.services.vector_service import VectorService
from tests.databases import on_every_database
from tests.service import make_settings
from tests.services.test_vector_service import until

SIZE: Final = 8


class Scripted:
    """An embedder that notes what it is asked for, and fails when it is told to."""

    name = "scripted/4"
    dimensions = 4
    batch_size = 1

    def __init__(self, failing: Sequence[int] = ()) -> None:
        self.calls: list[list[str]] = []
        self.questions: list[str] = []
        self.failing = set(failing)
        self.error: Exception = AssistantUnavailable()
        self.is_closed = False
        self.when_asked: Callable[[int], object] = lambda _call: None

    async def embed_passages(self, texts: Sequence[str]) -> Any:
        call = len(self.calls)
        self.calls.append(list(texts))
        self.when_asked(call)
        if call in self.failing:
            raise self.error
        return np.eye(4, dtype=np.float32)[[number % 4 for number in range(len(texts))]]

    async def embed_question(self, text: str) -> Any:
        self.questions.append(text)
        return np.eye(4, dtype=np.float32)[0]

    async def aclose(self) -> None:
        self.is_closed = True


def write(folder: Path, numbers: Sequence[int]) -> None:
    entries = [{"id": f"e{n}", "title": f"T{n}", "text": f"Fact {n}."} for n in numbers]
    (folder / "au_life.json").write_text(json.dumps({"entries": entries}))


def knowing(folder: Path, count: int) -> KnowledgeService:
    """A knowledge of so many facts."""
    if count:
        write(folder, range(count))
    return KnowledgeService(folder, token_budget=500)


class TestRefresh:
    @pytest.mark.parametrize(
        ("failing", "calls", "made"),
        [
            ([], 8, 8),
            ([7], 8, 7),
            ([0, 1], 8, 6),
            ([0, 1, 3, 4, 6, 7], 8, 2),
            ([0, 1, 2], 3, 0),
            ([0, 2, 3, 4], 5, 1),
            ([5, 6, 7], 8, 5),
        ],
    )
    async def test_goes_on_until_three_in_a_row_have_failed(
        self, database: Database, tmp_path: Path, failing: list[int], calls: int, made: int
    ) -> None:
        embedder = Scripted(failing)
        vectors = VectorService(embedder, database, knowing(tmp_path, 8))

        with pytest.raises(AssistantUnavailable) if failing else nullcontext():
            await vectors.refresh()

        status = vectors.status()
        assert (len(embedder.calls), status.passages, status.total) == (calls, made, 8)

    async def test_asks_next_time_for_what_failed_alone(
        self, database: Database, tmp_path: Path
    ) -> None:
        embedder = Scripted([1, 2])
        vectors = VectorService(embedder, database, knowing(tmp_path, 4))
        with pytest.raises(AssistantUnavailable):
            await vectors.refresh()
        failed = [text for call in embedder.calls[1:3] for text in call]

        for _ in range(3):
            await vectors.refresh()

        assert [text for call in embedder.calls[4:] for text in call] == failed
        assert vectors.status().passages == 4

    @pytest.mark.parametrize(
        ("size", "calls"), [(1, [1] * 6), (2, [2, 2, 2]), (4, [4, 2]), (6, [6]), (7, [6])]
    )
    async def test_asks_for_no_more_at_once_than_the_model_takes(
        self, database: Database, tmp_path: Path, size: int, calls: list[int]
    ) -> None:
        embedder = Scripted()
        embedder.batch_size = size
        vectors = VectorService(embedder, database, knowing(tmp_path, 6))

        await vectors.refresh()

        assert [len(call) for call in embedder.calls] == calls
        assert len({text for call in embedder.calls for text in call}) == 6

    async def test_leaves_off_when_the_facts_have_changed_meanwhile(
        self, database: Database, tmp_path: Path
    ) -> None:
        knowledge = knowing(tmp_path, 5)
        embedder = Scripted()
        vectors = VectorService(embedder, database, knowledge)

        def change(call: int) -> None:
            if call == 1:
                write(tmp_path, [0, 1, 2, 9])
                knowledge.reload()

        embedder.when_asked = change
        await vectors.refresh()
        before = len(embedder.calls)
        await vectors.refresh()

        texts = [text for call in embedder.calls for text in call]
        assert before == 2
        assert len(texts) == len(set(texts)) == 4
        assert vectors.status().passages == 4

    async def test_of_nothing_asks_for_nothing(self, database: Database, tmp_path: Path) -> None:
        embedder = Scripted()
        vectors = VectorService(embedder, database, knowing(tmp_path, 0))

        await vectors.refresh()

        assert await vectors.read_question("The bus?") is None
        assert (embedder.calls, embedder.questions) == ([], [])
        assert (vectors.status().passages, vectors.status().total) == (0, 0)


class TestStatus:
    async def test_tells_the_model_and_what_is_wrong(
        self, database: Database, tmp_path: Path
    ) -> None:
        vectors = VectorService(Scripted(), database, knowing(tmp_path, 2))
        before = vectors.status()
        assert await vectors.read_question("The bus?") is None
        await vectors.refresh()
        after = vectors.status()

        assert (before.model, before.passages, before.total) == ("scripted/4", 0, 2)
        assert (after.model, after.passages, after.total) == ("scripted/4", 2, 2)
        assert before.reason is after.reason is None
        assert await vectors.read_question("The bus?") is not None


class TestRunning:
    async def test_a_fault_of_ours_is_logged_and_ends_nothing(
        self, database: Database, tmp_path: Path, logs: list[EventDict]
    ) -> None:
        embedder = Scripted([0])
        embedder.error = ValueError("odd")
        vectors = VectorService(embedder, database, knowing(tmp_path, 1))

        async with vectors.running():
            await until(lambda: bool(logs))

        assert [line["event"] for line in logs] == ["vectors_not_made"]
        assert embedder.is_closed

    async def test_an_outage_is_waited_for_and_over_when_it_ends(
        self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backend.services.vector_service._FIRST_PAUSE", 0.01)
        embedder = Scripted([0, 1, 2])
        vectors = VectorService(embedder, database, knowing(tmp_path, 1))

        reasons: list[str | None] = []
        embedder.when_asked = lambda _call: reasons.append(vectors.status().reason)
        async with vectors.running():
            await until(lambda: len(reasons) == 4 and vectors.status().reason is None)

        assert reasons == [None, *[AssistantUnavailable.code] * 3]
        assert len(embedder.calls) == 4

    async def test_new_facts_are_seen_by_themselves(
        self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("backend.services.vector_service._EVERY_SECONDS", 0.01)
        knowledge = knowing(tmp_path, 1)
        vectors = VectorService(Scripted(), database, knowledge)

        async with vectors.running():
            await until(lambda: vectors.status().passages == 1)
            write(tmp_path, range(3))
            knowledge.reload()
            await until(lambda: vectors.status().passages == 3)


@on_every_database
class TestCache:
    async def test_finds_each_of_many_and_nothing_else(self, database: Database) -> None:
        cache = VectorCache(database, "m")
        names = [f"h{number}" for number in range(1_001)]
        kept = {name: name.encode().ljust(SIZE) for name in names[::100]}
        kept |= {name: name.encode().ljust(SIZE) for name in names[499:501]}
        await cache.store(kept)

        assert await cache.read(names, size=SIZE) == kept
        assert await cache.read(["h499"], size=SIZE) == {"h499": kept["h499"]}
        assert await cache.read([], size=SIZE) == {}

    async def test_keeps_models_apart(self, database: Database) -> None:
        ours, theirs = VectorCache(database, "m"), VectorCache(database, "n")
        await ours.store({"a": b"a" * SIZE, "b": b"b" * SIZE})
        await theirs.store({"b": b"B" * SIZE})

        assert await ours.read(["a", "b"], size=SIZE) == {"a": b"a" * SIZE, "b": b"b" * SIZE}
        assert await theirs.read(["a", "b"], size=SIZE) == {"b": b"B" * SIZE}

    async def test_gives_no_vector_of_another_size_and_replaces_it(
        self, database: Database
    ) -> None:
        cache = VectorCache(database, "m")
        await cache.store({"short": b"a" * (SIZE - 1), "long": b"a" * (SIZE + 1)})
        assert await cache.read(["short", "long"], size=SIZE) == {}

        await cache.store({"short": b"b" * SIZE})
        await cache.store({})

        assert await cache.read(["short", "long"], size=SIZE) == {"short": b"b" * SIZE}


async def test_without_a_database_nothing_is_kept_and_nothing_fails(
    tmp_path: Path, logs: list[EventDict]
) -> None:
    away = Database(build_engine(make_settings(DATABASE_URL=f"sqlite:///{tmp_path}/no/x.db")))
    cache = VectorCache(away, "m")

    await cache.store({"a": b"a"})
    await cache.forget_oldest()

    assert await cache.read(["a"], size=1) == {}
    assert [line["event"] for line in logs if line["event"].startswith("vectors")] == [
        "vectors_not_kept",
        "vectors_not_forgotten",
    ]
    away.dispose()
