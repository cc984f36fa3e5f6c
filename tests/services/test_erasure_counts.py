"""Tests of `backend/services/erasure.py`: whose questions go, and what is asked in the meantime."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from backend.core.errors import SessionNotFound
from backend.database import Database, build_engine
from backend.models import ChatMessage, ChatSession, KnowledgeGap, MessageRole, User
from backend.models.base import utc_now
from backend.services import erasure as module
from backend.services.erasure import SESSIONS_AT_ONCE, ErasureService
from backend.services.knowledge.gap import make_text_key
from tests.databases import on_every_database
from tests.service import make_settings

T = TypeVar("T")


class BusyDatabase(Database):
    """Something is asked right after the next look at it."""

    meanwhile: Callable[[Session], None] | None = None

    async def read(self, query: Callable[[Session], T]) -> T:
        found = await super().read(query)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await self.write(meanwhile)
        return found


def say(db: Session, session_id: str, texts: Sequence[str]) -> None:
    """Ask questions in a session; each is answered with another one's words."""
    for text in texts:
        for role, content in ((MessageRole.USER, text), (MessageRole.ASSISTANT, "other")):
            said = {"session_id": session_id, "role": role, "content": content}
            db.execute(insert(ChatMessage).values(**said))


async def open_session(
    database: Database, id_: str, *texts: str, user_id: str | None = None
) -> None:
    def add(db: Session) -> None:
        db.execute(insert(ChatSession).values(id=id_, user_id=user_id))
        say(db, id_, texts)

    await database.write(add)


async def keep(database: Database, **counts: int) -> None:
    """Keep how often questions were asked; a line stands for a blank."""
    now = utc_now()

    def add(db: Session) -> None:
        for name, count in counts.items():
            text = name.replace("_", " ")
            row = {"text_key": make_text_key(text), "topic": name, "question": text}
            seen = {"language": "en", "first_seen": now, "last_seen": now, "passages": []}
            db.execute(insert(KnowledgeGap).values(count=count, **row, **seen))

    await database.write(add)


async def left(database: Database) -> dict[str, int]:
    query = select(KnowledgeGap.topic, KnowledgeGap.count)
    return dict(await database.read(lambda db: db.execute(query).all()))


async def sessions(database: Database) -> set[str]:
    query = select(ChatSession.id)
    return set(await database.read(lambda db: db.scalars(query).all()))


@pytest.fixture
def busy(database_url: str) -> Any:
    made = BusyDatabase(build_engine(make_settings(DATABASE_URL=database_url)))
    yield made
    made.dispose()


@on_every_database
class TestEraseSession:
    async def test_counts_each_of_its_questions_once_less(self, busy: BusyDatabase) -> None:
        await open_session(busy, "mine", "a", "b", "c", "a")
        await open_session(busy, "other", "a", "b", "c")
        await keep(busy, a=4, b=2, c=1, other=1)

        await ErasureService(busy).erase_session("mine", user_id=None)

        assert await left(busy) == {"a": 2, "b": 1, "other": 1}
        assert await sessions(busy) == {"other"}

    @pytest.mark.parametrize("before", [[], ["a"], ["a", "b"], ["a", "b", "c"]])
    async def test_counts_what_is_asked_meanwhile_as_well(
        self, busy: BusyDatabase, before: list[str]
    ) -> None:
        await open_session(busy, "mine", *before)
        await keep(busy, a=2, b=2, c=2, d=2, e=1)
        busy.meanwhile = lambda db: say(db, "mine", ["d", "e"])

        await ErasureService(busy).erase_session("mine", user_id=None)

        asked = dict.fromkeys([*before, "d"], 1)
        assert await left(busy) == {"a": 2, "b": 2, "c": 2} | asked

    async def test_finds_what_it_may_have_followed(self, busy: BusyDatabase) -> None:
        await open_session(busy, "mine", "a", "b")
        await keep(busy, a_c=1, c_d=1, b_d=1, a_b=1, a_d=1)
        busy.meanwhile = lambda db: say(db, "mine", ["c", "d"])

        await ErasureService(busy).erase_session("mine", user_id=None)

        assert await left(busy) == {"b_d": 1, "a_d": 1}

    async def test_of_somebody_else_erases_nothing(self, busy: BusyDatabase) -> None:
        await busy.write(
            lambda db: db.execute(
                insert(User).values(id="ann", email="ann", password_hash="!")
            ).close()
        )
        await open_session(busy, "hers", "a", user_id="ann")
        await keep(busy, a=1)

        with pytest.raises(SessionNotFound):
            await ErasureService(busy).erase_session("hers", user_id="bob")

        assert await left(busy) == {"a": 1}
        assert await sessions(busy) == {"hers"}


@on_every_database
class TestErasePerson:
    @pytest.mark.parametrize("at_once", [1, 2, 3, 20])
    async def test_erases_all_of_their_sessions_and_the_account_at_last(
        self, busy: BusyDatabase, at_once: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "SESSIONS_AT_ONCE", at_once)
        people = [{"id": id_, "email": id_, "password_hash": "!"} for id_ in ("ann", "bob", "cat")]
        await busy.write(lambda db: db.execute(insert(User), people).close())
        for owner in ("ann", "bob", "cat", None):
            for number in range(3):
                await open_session(busy, f"{owner}{number}", "a", user_id=owner)
        await keep(busy, a=12)
        seen: list[int] = []

        def count(db: Session) -> None:
            seen.append(len(db.scalars(select(ChatSession.id)).all()))

        def delete_account(db: Session) -> None:
            count(db)
            db.execute(delete(User).where(User.id == "bob"))

        await ErasureService(busy).erase_person("bob", check=count, delete_account=delete_account)

        assert seen == [12, 9]
        assert await sessions(busy) == {
            f"{who}{n}" for who in ("ann", "cat", None) for n in range(3)
        }
        assert await left(busy) == {"a": 9}
        assert SESSIONS_AT_ONCE == 20
