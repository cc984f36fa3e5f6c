"""Tests of `backend/services/history.py`: what people and the model are shown of a session."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.core.errors import MessageNotFound
from backend.core.tokens import estimate_tokens
from backend.database import Database
from backend.models import ChatMessage, ChatSession, MessageRole, MessageStatus
from backend.services.history import (
    MODEL_MESSAGES,
    Window,
    read_for_model,
    read_page,
    read_versions,
)

MINE, OTHER = "mine", "other"

Message = dict[str, Any]


def ask(id_: int, *, session_id: str = MINE) -> Message:
    return {"id": id_, "session_id": session_id, "role": MessageRole.USER, "content": f"Q{id_}"}


def answer(
    id_: int,
    *,
    to: int,
    content: str | None = None,
    session_id: str = MINE,
    status: MessageStatus = MessageStatus.COMPLETE,
    is_current: bool = True,
) -> Message:
    return {
        **{"id": id_, "session_id": session_id, "role": MessageRole.ASSISTANT},
        "content": f"A{id_}" if content is None else content,
        **{"question_id": to, "status": status, "is_current": is_current},
    }


def turns(count: int) -> list[Message]:
    """So many turns, with the ids 1 and 2, 3 and 4 and so on."""
    return [one for id_ in range(1, 2 * count, 2) for one in (ask(id_), answer(id_ + 1, to=id_))]


async def add(database: Database, messages: Sequence[Message], **session: Any) -> None:
    def write(db: Session) -> None:
        db.execute(insert(ChatSession).values(id=MINE, **session))
        db.execute(insert(ChatSession).values(id=OTHER))
        for message in messages:
            db.execute(insert(ChatMessage).values(**message))

    await database.write(write)


class TestReadPage:
    @pytest.mark.parametrize(
        ("limit", "before", "ids", "has_more"),
        [
            (9, None, [1, 2, 3, 4, 5, 6], False),
            (6, None, [1, 2, 3, 4, 5, 6], False),
            (5, None, [2, 3, 4, 5, 6], True),
            (1, None, [6], True),
            (3, 5, [2, 3, 4], True),
            (4, 5, [1, 2, 3, 4], False),
            (9, 2, [1], False),
            (9, 1, [], False),
        ],
    )
    async def test_shows_the_newest_before_oldest_first_and_whether_there_are_more(
        self, database: Database, limit: int, before: int | None, ids: list[int], has_more: bool
    ) -> None:
        await add(database, turns(3))

        rows, more = await database.read(
            lambda db: read_page(db.connection(), MINE, limit=limit, before=before)
        )

        assert [row.id for row in rows] == ids
        assert more is has_more

    async def test_shows_no_other_session_no_earlier_version_and_no_answer_without_a_word(
        self, database: Database
    ) -> None:
        retired = answer(2, to=1, is_current=False)
        said = [ask(1), retired, answer(3, to=1), ask(4), answer(5, to=4, content="")]
        elsewhere = [ask(6, session_id=OTHER), answer(7, to=6, session_id=OTHER)]
        await add(database, [*said, *elsewhere])

        rows, _ = await database.read(
            lambda db: read_page(db.connection(), MINE, limit=9, before=None)
        )

        assert [row.content for row in rows] == ["Q1", "A3", "Q4"]

    @pytest.mark.parametrize("status", MessageStatus)
    async def test_a_question_is_as_far_as_its_present_answer(
        self, database: Database, status: MessageStatus
    ) -> None:
        retired = answer(2, to=1, status=MessageStatus.INTERRUPTED, is_current=False)
        await add(database, [ask(1), retired, answer(3, to=1, status=status), ask(4)])

        rows, _ = await database.read(
            lambda db: read_page(db.connection(), MINE, limit=9, before=None)
        )

        assert [(row.id, row.status) for row in rows] == [
            (1, status),
            (3, status),
            (4, MessageStatus.COMPLETE),
        ]


class TestReadVersions:
    @pytest.mark.parametrize("id_", [2, 3, 6])
    async def test_shows_all_written_answers_to_one_question_oldest_first(
        self, database: Database, id_: int
    ) -> None:
        first, second = (answer(n, to=1, is_current=False) for n in (2, 3))
        others = [ask(4), answer(5, to=4)]
        await add(
            database, [ask(1), first, second, *others, answer(6, to=1), answer(7, to=1, content="")]
        )

        rows = await database.read(lambda db: read_versions(db.connection(), MINE, id_))

        assert [row.id for row in rows] == [2, 3, 6]

    @pytest.mark.parametrize("id_", [1, 4, 99])
    async def test_a_question_another_session_s_answer_and_none_have_none(
        self, database: Database, id_: int
    ) -> None:
        elsewhere = [ask(3, session_id=OTHER), answer(4, to=3, session_id=OTHER)]
        await add(database, [*turns(1), *elsewhere])

        with pytest.raises(MessageNotFound):
            await database.read(lambda db: read_versions(db.connection(), MINE, id_))


async def window(database: Database, *, budget: int = 9_999, **more: Any) -> Window:
    def read(db: Session) -> Window:
        session = db.execute(select(ChatSession.__table__).where(ChatSession.id == MINE)).one()
        return read_for_model(db.connection(), session, token_budget=budget, **more)

    return await database.read(read)


async def contents(database: Database, **options: Any) -> list[str]:
    return [said.content for said in (await window(database, **options)).history]


class TestReadForModel:
    async def test_shows_who_said_what_oldest_first(self, database: Database) -> None:
        await add(database, turns(2), summary="Before.")

        found = await window(database)

        assert [(said.role, said.content) for said in found.history] == [
            ("user", "Q1"),
            ("assistant", "A2"),
            ("user", "Q3"),
            ("assistant", "A4"),
        ]
        assert found.summary == "Before."

    async def test_a_session_without_a_word_has_nothing_to_show(self, database: Database) -> None:
        await add(database, [])

        assert await window(database) == Window((), "", None)

    async def test_leaves_out_what_comes_at_or_after_a_message(self, database: Database) -> None:
        await add(database, turns(3))

        assert await contents(database, before=5) == ["Q1", "A2", "Q3", "A4"]
        assert await contents(database, before=4) == ["Q1", "A2"]

    async def test_leaves_out_turns_without_a_whole_or_a_stopped_answer(
        self, database: Database
    ) -> None:
        statuses = enumerate(MessageStatus)
        said = [
            one
            for n, status in statuses
            for one in (ask(10 * n), answer(10 * n + 1, to=10 * n, content=status, status=status))
        ]
        await add(database, [*said, ask(90), ask(91), answer(92, to=91, content="")])

        assert await contents(database) == ["Q10", "complete", "Q20", "stopped"]

    async def test_of_other_sessions_and_earlier_versions_it_shows_nothing(
        self, database: Database
    ) -> None:
        retired = answer(2, to=1, is_current=False)
        elsewhere = [ask(4, session_id=OTHER), answer(5, to=4, session_id=OTHER)]
        await add(database, [ask(1), retired, answer(3, to=1), *elsewhere])

        assert await contents(database) == ["Q1", "A3"]

    @pytest.mark.parametrize(
        ("more_than_two_turns_cost", "shown"),
        [(-1, ["Q5", "A6"]), (0, ["Q3", "A4", "Q5", "A6"]), (1, ["Q3", "A4", "Q5", "A6"])],
    )
    async def test_shows_whole_turns_as_long_as_they_fit(
        self, database: Database, more_than_two_turns_cost: int, shown: list[str]
    ) -> None:
        await add(database, turns(3))
        costs = sum(estimate_tokens(text) for text in ("Q3", "A4", "Q5", "A6"))

        assert await contents(database, budget=costs + more_than_two_turns_cost) == shown

    async def test_a_turn_that_is_too_long_hides_those_before_it(self, database: Database) -> None:
        long = answer(4, to=3, content="long " * 500)
        await add(database, [*turns(1), ask(3), long, ask(5), answer(6, to=5)])

        assert await contents(database, budget=100) == ["Q5", "A6"]

    @pytest.mark.parametrize(
        ("count", "fold_until"), [(20, None), (21, None), (22, None), (23, 6), (30, 20)]
    )
    async def test_folds_when_three_turns_are_shown_no_more(
        self, database: Database, count: int, fold_until: int | None
    ) -> None:
        await add(database, turns(count))

        found = await window(database)

        assert len(found.history) == MODEL_MESSAGES == 40
        assert found.history[-1].content == f"A{2 * count}"
        assert found.fold_until == fold_until

    @pytest.mark.parametrize(
        ("told_until", "fold_until"), [(None, 6), (1, 6), (2, None), (3, None), (6, None)]
    )
    async def test_what_a_summary_tells_is_not_folded_again(
        self, database: Database, told_until: int | None, fold_until: int | None
    ) -> None:
        await add(database, turns(23), summary_until=told_until)

        assert (await window(database)).fold_until == fold_until
