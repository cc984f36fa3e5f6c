"""Tests of `backend/services/gap_erasure.py`: what erased questions leave of the counted ones."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.database import Database
from backend.models import ChatMessage, ChatSession, KnowledgeGap, MessageRole
from backend.models.base import utc_now
from backend.services import gap_erasure as module
from backend.services.gap_erasure import Askings, count_askings, forget_askings, still_asked
from backend.services.knowledge.gap import make_text_key
from tests.databases import on_every_database


class Question(NamedTuple):
    """A row of a question, with the columns that are looked at."""

    session_id: str
    content: str


def keys(*texts: str) -> tuple[str, ...]:
    return tuple(map(make_text_key, texts))


def count(*questions: tuple[str, str]) -> Askings:
    rows: list[Any] = [Question(*question) for question in questions]
    return count_askings(rows)


class TestCountAskings:
    def test_nothing_asked_is_nothing_counted(self) -> None:
        assert count() == Counter()

    def test_a_question_may_follow_one_or_the_one_before_that(self) -> None:
        found = count(("s", "a"), ("s", "b"), ("s", "c"), ("s", "d"))

        assert found == {
            keys("a"): 1,
            keys("a b", "b"): 1,
            keys("b c", "a c", "c"): 1,
            keys("c d", "b d", "d"): 1,
        }

    def test_a_question_follows_none_of_another_session(self) -> None:
        found = count(("s", "a"), ("s", "b"), ("t", "c"), ("t", "d"))

        assert found == {
            keys("a"): 1,
            keys("a b", "b"): 1,
            keys("c"): 1,
            keys("c d", "d"): 1,
        }

    def test_what_is_asked_again_is_counted_again(self) -> None:
        assert count(("s", "a"), ("t", "A?"), ("u", "a")) == {keys("a"): 3}


async def keep(database: Database, counts: dict[str, int]) -> None:
    """Keep questions that were asked so often; their keys are their texts."""
    now = utc_now()

    def add(db: Session) -> None:
        for text, asked in counts.items():
            row = {"text_key": text, "topic": text, "question": text, "language": "en"}
            seen = {"first_seen": now, "last_seen": now, "passages": []}
            db.execute(insert(KnowledgeGap).values(count=asked, **row, **seen))

    await database.write(add)


async def kept(database: Database) -> dict[str, int]:
    query = select(KnowledgeGap.text_key, KnowledgeGap.count)
    return dict(await database.read(lambda db: db.execute(query).all()))


@on_every_database
class TestForgetAskings:
    @pytest.mark.parametrize(
        ("askings", "left"),
        [
            ({}, {"a": 1, "b": 2, "c": 3}),
            ({("a",): 1}, {"b": 2, "c": 3}),
            ({("b",): 1}, {"a": 1, "b": 1, "c": 3}),
            ({("a",): 2}, {"b": 2, "c": 3}),
            ({("c",): 2, ("b",): 2}, {"a": 1, "c": 1}),
            ({("x",): 1}, {"a": 1, "b": 2, "c": 3}),
            ({("x", "c"): 1}, {"a": 1, "b": 2, "c": 2}),
            ({("b", "c"): 1}, {"a": 1, "b": 1, "c": 3}),
            ({("b", "c"): 1, ("c", "b"): 1, ("x", "b"): 1}, {"a": 1, "c": 2}),
        ],
    )
    async def test_counts_each_once_less_under_the_likeliest_key_that_is_kept(
        self, database: Database, askings: dict[tuple[str, ...], int], left: dict[str, int]
    ) -> None:
        await keep(database, {"a": 1, "b": 2, "c": 3})

        await database.write_rows(lambda db: forget_askings(db, Counter(askings)))

        assert await kept(database) == left

    async def test_finds_them_among_more_than_are_looked_up_at_once(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "_AT_ONCE", 2)
        names = list("abcdefg")
        await keep(database, dict.fromkeys(names, 1))

        askings: Askings = Counter({(name,): 1 for name in names[:5]})
        await database.write_rows(lambda db: forget_askings(db, askings))

        assert await kept(database) == {"f": 1, "g": 1}


def row(key: str, asked_in: Sequence[int]) -> dict[str, Any]:
    return {"text_key": key, "topic": "t", "asked_in": list(asked_in)}


@on_every_database
class TestStillAsked:
    async def test_counts_the_questions_that_are_still_there(self, database: Database) -> None:
        def add(db: Session) -> None:
            db.execute(insert(ChatSession).values(id="s"))
            for id_ in (1, 2, 3):
                said = {"session_id": "s", "role": MessageRole.USER, "content": "?"}
                db.execute(insert(ChatMessage).values(id=id_, **said))

        await database.write(add)
        rows = [row("a", [1, 7, 2]), row("b", [8, 9]), row("c", [3]), row("d", [])]

        found = await database.write(lambda db: list(still_asked(db, rows)))

        assert found == [
            {"text_key": "a", "topic": "t", "count": 2},
            {"text_key": "c", "topic": "t", "count": 1},
        ]
