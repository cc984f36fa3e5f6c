"""The gaps in the database: what is asked again is counted, what is answered is closed."""

from collections.abc import Sequence
from typing import Any, Final, cast

from sqlalchemy import Row, Table, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.models.base import utc_now
from backend.models.knowledge import KnowledgeGap
from backend.services.gap_erasure import still_asked
from backend.services.gap_list import MAX_KEPT

_gaps: Final = cast(Table, KnowledgeGap.__table__)


def store(db: Session, rows: list[dict[str, Any]]) -> None:
    """Add what was asked to what is kept; of too many the rarest are forgotten."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = insert(_gaps)
    new = added.excluded
    asked = list(still_asked(db, rows))
    if asked:
        db.execute(
            added.on_conflict_do_update(
                index_elements=[_gaps.c.text_key],
                set_={
                    "count": _gaps.c.count + new.count,
                    "last_seen": new.last_seen,
                    "closed_at": None,
                    "passages": new.passages,
                },
            ),
            asked,
        )
    _forget_rarest(db)


def _forget_rarest(db: Session) -> None:
    total = db.scalars(select(func.count()).select_from(KnowledgeGap)).one()
    if total <= MAX_KEPT:
        return
    rarest = (
        select(KnowledgeGap.id)
        .order_by(KnowledgeGap.closed_at.is_(None), KnowledgeGap.count, KnowledgeGap.last_seen)
        .limit(total - MAX_KEPT)
    )
    db.execute(delete(KnowledgeGap).where(KnowledgeGap.id.in_(rarest)))


def read_open(db: Session) -> Sequence[Row[Any]]:
    """The gaps that no fact has closed."""
    return db.execute(select(_gaps).where(_gaps.c.closed_at.is_(None))).all()


def close(db: Session, ids: Sequence[int]) -> None:
    """Close those of the gaps that are still open."""
    db.execute(
        update(KnowledgeGap)
        .where(KnowledgeGap.id.in_(ids), KnowledgeGap.closed_at.is_(None))
        .values(closed_at=utc_now())
    )
