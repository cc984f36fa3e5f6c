"""Who of all workers does a task that is to be done once: a row in the database decides."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, cast

from sqlalchemy import Connection, CursorResult, Table, or_, update
from sqlalchemy.dialects import postgresql, sqlite

from backend.models.background_task import BackgroundTask
from backend.models.base import utc_now

_tasks = cast(Table, BackgroundTask.__table__)
_FREE: Final = {"held_by": None, "held_until": None}


@dataclass(frozen=True, slots=True)
class Lease:
    """A task, the worker that wants to do it, for how long at once and how often at most."""

    name: str
    holder: str
    lasts: timedelta
    every: timedelta

    def take(self, db: Connection) -> bool:
        """Take the task; False when another worker has it, or it was done lately.

        Whoever dies with it loses it after `lasts`.
        """
        insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
        db.execute(insert(_tasks).values(name=self.name).on_conflict_do_nothing())
        now = utc_now()
        free = or_(_tasks.c.held_until.is_(None), _tasks.c.held_until < now)
        due = or_(_tasks.c.done_at.is_(None), _tasks.c.done_at <= now - self.every)
        return self._change(db, free, due, held_by=self.holder, held_until=now + self.lasts)

    def keep(self, db: Connection) -> bool:
        """Hold it for longer; False when it was lost, and nothing more may be done."""
        mine = _tasks.c.held_by == self.holder
        return self._change(db, mine, held_until=utc_now() + self.lasts)

    def finish(self, db: Connection) -> None:
        """Give it back as done."""
        self._change(db, _tasks.c.held_by == self.holder, done_at=utc_now(), **_FREE)

    def _change(self, db: Connection, *conditions: Any, **values: Any) -> bool:
        task = update(_tasks).where(_tasks.c.name == self.name, *conditions)
        return cast(CursorResult[Any], db.execute(task.values(**values))).rowcount == 1
