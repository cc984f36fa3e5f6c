"""Showing the gaps to staff: by topic, in pages, and as a table for their spreadsheets."""

import base64
import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, Row, Subquery, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from backend.core.errors import InvalidRequest
from backend.models.knowledge import KnowledgeGap
from backend.schemas.knowledge_gap import GapList, GapQuestion, GapRead
from backend.utils.helpers import check_text

Order = Literal["newest", "most_asked"]
Status = Literal["open", "closed"]

MAX_KEPT: Final = 10_000
"""Questions. Beyond that the rarest are forgotten, closed ones first."""

MAX_QUESTIONS: Final = 10
"""Wordings shown of one gap, the most frequent first."""

_MAX_COUNT: Final = 2**62
_FORMULA_STARTS: Final = tuple("=+-@\t\r\n|＝＋－＠")
_COLUMNS: Final = ("topic", "question", "language", "count", "first_seen", "last_seen", "closed_at")


def list_gaps(
    db: Session, *, order: Order, status: Status, limit: int, cursor: str | None
) -> GapList:
    """One page of gaps.

    Raises:
        InvalidRequest: the cursor is not one of ours.
    """
    topics = _topics(status)
    rank = topics.c.last_seen if order == "newest" else topics.c.count
    query = select(topics).order_by(rank.desc(), topics.c.topic).limit(limit + 1)
    if cursor is not None:
        value, topic = _read_cursor(cursor, order)
        query = query.where(or_(rank < value, and_(rank == value, topics.c.topic > topic)))
    rows = db.execute(query).all()
    page = rows[:limit]
    wordings = _wordings(db, status, [row.topic for row in page])
    items = [_gap(row, wordings[row.topic]) for row in page]
    more = len(rows) > limit
    return GapList(items=items, next_cursor=_write_cursor(items[-1], order) if more else None)


def export_gaps(db: Session, *, order: Order, status: Status) -> str:
    """All questions as a CSV table; a spreadsheet takes none of its cells for a formula."""
    topics = _topics(status)
    rank = topics.c.last_seen if order == "newest" else topics.c.count
    query = (
        select(KnowledgeGap.__table__)
        .join(topics, topics.c.topic == KnowledgeGap.topic)
        .where(_is(status))
        .order_by(rank.desc(), topics.c.topic, KnowledgeGap.count.desc(), KnowledgeGap.id)
        .limit(MAX_KEPT)
    )
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(_COLUMNS)
    for row in db.execute(query):
        writer.writerow([_cell(row._mapping[name]) for name in _COLUMNS])
    return table.getvalue()


def _topics(status: Status) -> Subquery:
    gap = KnowledgeGap
    return (
        select(
            gap.topic,
            cast(func.sum(gap.count), BigInteger).label("count"),
            func.min(gap.first_seen).label("first_seen"),
            func.max(gap.last_seen).label("last_seen"),
            func.max(gap.closed_at).label("closed_at"),
        )
        .where(_is(status))
        .group_by(gap.topic)
        .subquery()
    )


def _is(status: Status) -> ColumnElement[bool]:
    closed = KnowledgeGap.closed_at
    return closed.is_(None) if status == "open" else closed.is_not(None)


def _wordings(
    db: Session, status: Status, topics: Sequence[str]
) -> defaultdict[str, list[GapQuestion]]:
    query = (
        select(KnowledgeGap.__table__, KnowledgeGap.question.label("text"))
        .where(KnowledgeGap.topic.in_(topics), _is(status))
        .order_by(KnowledgeGap.count.desc(), KnowledgeGap.id)
    )
    found: defaultdict[str, list[GapQuestion]] = defaultdict(list)
    for row in db.execute(query):
        if len(found[row.topic]) < MAX_QUESTIONS:
            found[row.topic].append(GapQuestion.model_validate(row))
    return found


def _gap(row: Row[Any], questions: Iterable[GapQuestion]) -> GapRead:
    values = dict(row._mapping)
    concepts = [] if values["topic"].startswith("text:") else values["topic"].split()
    return GapRead.model_validate({**values, "concepts": concepts, "questions": questions})


def _write_cursor(last: GapRead, order: Order) -> str:
    value = last.last_seen.isoformat() if order == "newest" else last.count
    return base64.urlsafe_b64encode(json.dumps([value, last.topic]).encode()).decode()


def _read_cursor(cursor: str, order: Order) -> tuple[datetime | int, str]:
    try:
        value, topic = json.loads(base64.b64decode(cursor.encode("ascii"), b"-_", validate=True))
        check_text(topic)
        return _read_rank(value, order), topic
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError) as exc:
        raise InvalidRequest("cursor: must be the next_cursor of the page before.") from exc


def _read_rank(value: Any, order: Order) -> datetime | int:
    if order == "most_asked":
        return min(max(int(value), 0), _MAX_COUNT)
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time without its offset")
    return moment


def _cell(value: Any) -> str:
    """A cell as text; what a spreadsheet would compute is quoted."""
    if isinstance(value, datetime):
        return value.isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text
