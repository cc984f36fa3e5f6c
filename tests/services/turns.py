"""The transactions of turns over a bare database, without a service around them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, insert, update

from backend.core.worker import Worker
from backend.database import Database
from backend.models import MessageStatus, User
from backend.models.base import utc_now
from backend.services.turn import Opening, Turn
from backend.services.turn_rows import messages, sessions
from backend.services.turn_store import TurnStore

T = TypeVar("T")

ME, THEY = "me", "they"
CLIENT_ID = "an-id-that-is-long-enough"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
WHOLE, STOPPED, CUT = MessageStatus.COMPLETE, MessageStatus.STOPPED, MessageStatus.INTERRUPTED


@dataclass(frozen=True, slots=True)
class Turns:
    """What one worker does to the turns of a database."""

    database: Database
    store: TurnStore

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await self.database.write_rows(work)

    async def begin(
        self,
        message: str = "Fees?",
        *,
        session_id: str | None = None,
        user_id: str | None = None,
        client_message_id: str | None = None,
        **fields: Any,
    ) -> Turn:
        opening = Opening(message, session_id, user_id, client_message_id, **fields)
        return await self.run(lambda db: self.store.begin(db, opening))

    async def finish(
        self, turn: Turn, content: str = "Some.", status: MessageStatus = WHOLE
    ) -> int:
        columns = {"content": content, "status": status}
        found = await self.run(lambda db: self.store.finish(db, turn, columns))
        self.store.running.discard(turn.question_id)
        return found

    async def ask(self, message: str = "Fees?", **fields: Any) -> Turn:
        """A turn from its beginning to its end."""
        turn = await self.begin(message, **fields)
        await self.finish(turn)
        return turn

    async def cut_off(self, turn: Turn) -> None:
        """A turn that its worker could not answer."""
        await self.run(lambda db: self.store.abandon(db, turn))
        self.store.running.discard(turn.question_id)

    async def again(
        self, turn: Turn, answer_id: int | None = None, *, user_id: str | None = None
    ) -> Turn:
        return await self.run(
            lambda db: self.store.begin_again(db, turn.session_id, user_id, answer_id)
        )

    async def messages(self) -> list[Row[Any]]:
        """All of them, oldest first."""
        query = messages.select().order_by(messages.c.id)
        return await self.run(lambda db: list(db.execute(query)))

    async def sessions(self) -> list[Row[Any]]:
        """All of them, in no order."""
        return await self.run(lambda db: list(db.execute(sessions.select())))

    async def change_session(self, session_id: str, **columns: Any) -> None:
        """Bring a session about that was left so by others."""
        change = update(sessions).where(sessions.c.id == session_id)
        await self.run(lambda db: db.execute(change.values(**columns)).close())

    async def let_run_out(self, turn: Turn) -> None:
        """Let the time of a claim pass."""
        past = utc_now() - timedelta(seconds=1)
        await self.change_session(turn.session_id, running_until=past)


def turns_of(database: Database, worker: str = "here") -> Turns:
    """A worker of a machine of that name."""
    return Turns(database, TurnStore(Worker(worker, 1, 1.0), history_token_budget=1_000))


async def add_people(database: Database) -> None:
    rows = [{"id": id_, "email": f"{id_}@au.edu", "password_hash": "!"} for id_ in (ME, THEY)]
    await database.write(lambda db: db.execute(insert(User), rows).close())
