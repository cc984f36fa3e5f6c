"""Tests of `backend/services/gap_service.py`: when gaps are closed by new facts."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.database import Database
from backend.models import KnowledgeGap
from backend.models.base import utc_now
from backend.services import gap_service as module
from backend.services.gap_service import GapService
from backend.services.knowledge.gap import answering
from backend.services.knowledge_service import KnowledgeService


class Facts:
    """A folder of facts in which some questions are answered, and gaps beside it."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self.write()
        self.knowledge = KnowledgeService(folder, token_budget=500)
        self.gaps = GapService(database, self.knowledge)

    def write(self, *words: str) -> None:
        """Have a fact for each of the words, and one more."""
        entries = [
            {"id": word, "title": word.title(), "text": f"The {word} opens at 8:00."}
            for word in ("gate", *words)
        ]
        (self._folder / "a.json").write_text(json.dumps({"entries": entries}))

    async def miss(self, *words: str, passages: Sequence[str] = ()) -> None:
        """Keep that somebody asked for each of the words."""
        past = utc_now() - timedelta(hours=1)

        def add(db: Session) -> None:
            for word in words:
                row = {"text_key": word, "topic": word, "question": f"Is there a {word}?"}
                seen = {"first_seen": past, "last_seen": past, "passages": list(passages)}
                db.execute(insert(KnowledgeGap).values(language="en", count=1, **row, **seen))

        await self._database.write(add)

    async def still_open(self) -> list[str]:
        query = select(KnowledgeGap.topic).where(KnowledgeGap.closed_at.is_(None))
        ordered = query.order_by(KnowledgeGap.id)
        return list(await self._database.read(lambda db: db.scalars(ordered).all()))


@pytest.fixture
def facts(tmp_path: Path, database: Database) -> Facts:
    folder = tmp_path / "facts"
    folder.mkdir()
    return Facts(folder, database)


WORDS = ("zoo", "pool", "cinema", "bakery", "chapel")


class TestRecheck:
    @pytest.mark.parametrize("chunk", [1, 2, 4, 5, 100])
    async def test_closes_what_new_facts_answer_however_much_is_open(
        self, facts: Facts, chunk: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "_CHUNK", chunk)
        await facts.miss(*WORDS)
        await facts.gaps.recheck()
        before = await facts.still_open()

        facts.write("zoo", "pool", "chapel")
        facts.knowledge.reload()
        await facts.gaps.recheck()

        assert before == list(WORDS)
        assert await facts.still_open() == ["cinema", "bakery"]

    async def test_what_did_not_answer_before_does_not_close_it(self, facts: Facts) -> None:
        facts.write("pool")
        facts.knowledge.reload()
        context = facts.knowledge.get_context("Is there a pool?")
        await facts.miss("pool", passages=answering(context))

        await facts.gaps.recheck()

        assert await facts.still_open() == ["pool"]

    @pytest.mark.parametrize("way", ["page", "table"])
    async def test_whoever_reads_sees_what_is_open_now(self, facts: Facts, way: str) -> None:
        await facts.miss("pool", "zoo")
        facts.write("pool")
        facts.knowledge.reload()

        if way == "page":
            page = await facts.gaps.get_page(order="newest", status="open", limit=9, cursor=None)
            found = [item.topic for item in page.items]
        else:
            lines = (await facts.gaps.export(order="newest", status="open")).splitlines()
            found = [line.partition(",")[0] for line in lines[1:]]

        assert found == ["zoo"]
