"""The vectors of passages in the database: made once, for all workers and starts."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import structlog
from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.core.errors import DatabaseUnavailable
from backend.database import Database
from backend.models.vector import KnowledgeVector

MAX_KEPT: Final = 100_000
"""Rows of about a kilobyte; the oldest go first. Texts that came back are read anew."""

_AT_ONCE: Final = 500
"""Hashes in one question: databases bound the parameters of a statement."""

logger = structlog.get_logger(__name__)


class VectorCache:
    """Keeps the vectors of one model.

    A database that is away is no reason to do without vectors: they are made again.
    """

    def __init__(self, database: Database, model: str, *, max_kept: int = MAX_KEPT) -> None:
        self.database = database
        self._model = model
        self._max_kept = max_kept

    async def read(self, hashes: Sequence[str], *, size: int) -> dict[str, bytes]:
        """The vectors among these that are known and have `size` bytes."""
        found: dict[str, bytes] = {}
        for start in range(0, len(hashes), _AT_ONCE):
            chunk = hashes[start : start + _AT_ONCE]
            try:
                found |= await self.database.read(partial(_read, model=self._model, hashes=chunk))
            except DatabaseUnavailable:
                break
        return {key: values for key, values in found.items() if len(values) == size}

    async def store(self, vectors: Mapping[str, bytes]) -> None:
        """Keep what was made; what another worker has just stored stays."""
        try:
            await self.database.write(partial(_store, model=self._model, vectors=vectors))
        except DatabaseUnavailable:
            logger.warning("vectors_not_kept", count=len(vectors))

    async def forget_oldest(self) -> None:
        """Make room when there are too many, of whatever model."""
        try:
            await self.database.write(partial(_forget_oldest, kept=self._max_kept))
        except DatabaseUnavailable:
            logger.warning("vectors_not_forgotten")


def _read(db: Session, *, model: str, hashes: Sequence[str]) -> dict[str, bytes]:
    rows = db.execute(
        select(KnowledgeVector.text_hash, KnowledgeVector.vector).where(
            KnowledgeVector.model == model, KnowledgeVector.text_hash.in_(hashes)
        )
    )
    return {row.text_hash: row.vector for row in rows}


def _store(db: Session, *, model: str, vectors: Mapping[str, bytes]) -> None:
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [
        # In one order for all workers: none waits for another in a ring.
        {"model": model, "text_hash": key, "vector": vectors[key]}
        for key in sorted(vectors)
    ]
    if rows:
        # A vector of another size than the model's now is of no use to anybody.
        added = insert(KnowledgeVector).values(rows)
        db.execute(
            added.on_conflict_do_update(
                index_elements=[KnowledgeVector.model, KnowledgeVector.text_hash],
                set_={"vector": added.excluded.vector},
            )
        )


def _forget_oldest(db: Session, *, kept: int) -> None:
    total = db.scalar(select(func.count()).select_from(KnowledgeVector)) or 0
    if total <= kept:
        return
    key = tuple_(KnowledgeVector.model, KnowledgeVector.text_hash)
    oldest = (
        select(KnowledgeVector.model, KnowledgeVector.text_hash)
        .order_by(KnowledgeVector.created_at)
        .limit(total - kept)
    )
    db.execute(delete(KnowledgeVector).where(key.in_(oldest)))
