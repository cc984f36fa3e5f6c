"""What answers cost: the days' totals, counted when somebody asks for them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import ColumnElement, Row, Select, Table, and_, func, select
from sqlalchemy.orm import Session

from backend.database import Database
from backend.models.base import utc_now
from backend.models.chat import AnsweredBy, ChatMessage, MessageRole, MessageStatus
from backend.schemas.usage import DayUsage, UsageResponse

_table: Final = cast(Table, ChatMessage.__table__)
_messages: Final = _table.c

_LONGEST_TURN: Final = timedelta(hours=1)
"""An answer gets its id with its question and its time when it is written: so far apart at most."""

_SUMMED: Final = (
    "input_tokens",
    "output_tokens",
    "thoughts_tokens",
    "cached_tokens",
    "total_tokens",
    "attempts",
)


class UsageService:
    """Adds up the stored answers; no turn pays for it with an index or a counter."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def read_days(self, days: int) -> UsageResponse:
        """The totals of each of the last `days` UTC days, today included."""
        today = utc_now().date()
        first_day = today - timedelta(days=days - 1)

        def read(db: Session) -> dict[str, Row[Any]]:
            return {str(row.day): row for row in db.execute(_totals(db, first_day))}

        found = await self.database.read(read)
        period = [first_day + timedelta(days=number) for number in range(days)]
        return UsageResponse(days=[_show(day, found.get(day.isoformat())) for day in period])


def _totals(db: Session, first_day: date) -> Select[Any]:
    """One row for each day that had answers."""
    start = datetime(first_day.year, first_day.month, first_day.day, tzinfo=UTC)
    is_postgres = db.get_bind().dialect.name == "postgresql"
    moment = func.timezone("UTC", _messages.timestamp) if is_postgres else _messages.timestamp
    day = func.date(moment)
    is_whole = _messages.status == MessageStatus.COMPLETE
    return (
        select(
            day.label("day"),
            _count(and_(is_whole, _messages.answered_by == AnsweredBy.GEMINI)).label("gemini"),
            _count(and_(is_whole, _messages.answered_by == AnsweredBy.KNOWLEDGE)).label(
                "knowledge"
            ),
            _count(_messages.status == MessageStatus.STOPPED).label("stopped"),
            _count(_messages.status == MessageStatus.INTERRUPTED).label("interrupted"),
            *(_sum(name).label(name) for name in _SUMMED),
        )
        .where(
            _messages.id >= _first_id(db, start - _LONGEST_TURN),
            _messages.role == MessageRole.ASSISTANT,
            _messages.timestamp >= start,
        )
        # By its name: PostgreSQL takes the expression, with values of its own, for another one.
        .group_by("day")
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition)


def _sum(name: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(_messages.usage[name].as_integer()), 0)


def _first_id(db: Session, moment: datetime) -> int:
    """The first message since `moment`: ids grow with time, and the time itself has no index."""
    # Asked for together, SQLite reads all ids for them.
    low, high = (db.scalar(select(edge(_messages.id))) for edge in (func.min, func.max))
    if high is None:
        return 0
    end = high + 1
    while low < end:
        middle = (low + end) // 2
        # There may be gaps: the next message stands for all ids up to its own.
        query = select(_messages.id, _messages.timestamp).where(_messages.id >= middle)
        found = db.execute(query.order_by(_messages.id).limit(1)).first()
        if found is None or found.timestamp >= moment:
            end = middle
        else:
            low = found.id + 1
    return int(low)


def _show(day: date, row: Row[Any] | None) -> DayUsage:
    counted = dict(row._mapping) if row is not None else {}
    counts = {
        name: int(counted.get(name, 0))
        for name in ("gemini", "knowledge", "stopped", "interrupted", *_SUMMED)
    }
    turns = sum(counts[name] for name in ("gemini", "knowledge", "stopped", "interrupted"))
    return DayUsage(date=day, turns=turns, **counts)
