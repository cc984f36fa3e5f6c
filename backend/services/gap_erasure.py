"""Taking an erased person's questions back from the list of what the facts do not answer.

That list holds masked questions without their askers. A question that others asked as well stays,
counted less; one that only the erased conversations held goes. Nobody knows any more which of the
erased questions were counted: rather one too many is taken back than one too few.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, Table, bindparam, delete, select, update
from sqlalchemy.orm import Session

from backend.models.chat import ChatMessage
from backend.models.knowledge import KnowledgeGap
from backend.services.knowledge.gap import make_text_key

Askings = Counter[tuple[str, ...]]
"""How often questions were asked, by the keys that each may be kept under, the likelier first."""

_AT_ONCE: Final = 500
_gaps = cast(Table, KnowledgeGap.__table__)
_TAKE_BACK: Final = (
    update(_gaps)
    .where(_gaps.c.text_key == bindparam("key"))
    .values(count=_gaps.c.count - bindparam("times"))
)


def count_askings(questions: Iterable[Row[Any]]) -> Askings:
    """The keys that each question may be kept under, and how often it was asked.

    A follow-up may be kept together with the question before it, or with the one before that when
    it got no answer. The questions come by session, oldest first.
    """
    counts: Askings = Counter()
    before: list[Row[Any]] = []
    for question in questions:
        if before and before[-1].session_id != question.session_id:
            before = []
        followed = [f"{earlier.content} {question.content}" for earlier in reversed(before)]
        counts[tuple(map(make_text_key, (*followed, question.content)))] += 1
        before = [*before[-1:], question]
    return counts


def forget_askings(db: Connection, askings: Askings) -> None:
    """Count the questions less, in one order for all workers, and drop those nobody else asked."""
    kept = _find_kept(db, sorted({key for keys in askings for key in keys}))
    taken_back: Counter[str] = Counter()
    for keys, times in askings.items():
        for key in keys:
            if key in kept:
                taken_back[key] += times
                break
    for key in sorted(taken_back):
        db.execute(_TAKE_BACK, {"key": key, "times": taken_back[key]})
    if taken_back:
        gone = (_gaps.c.text_key == bindparam("key"), _gaps.c.count <= 0)
        db.execute(delete(_gaps).where(*gone), [{"key": key} for key in sorted(taken_back)])


def _find_kept(db: Connection, keys: list[str]) -> set[str]:
    kept: set[str] = set()
    for start in range(0, len(keys), _AT_ONCE):
        chunk = keys[start : start + _AT_ONCE]
        kept |= set(db.scalars(select(_gaps.c.text_key).where(_gaps.c.text_key.in_(chunk))))
    return kept


def still_asked(db: Session, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows of questions that were not erased meanwhile, counted accordingly.

    Locked until they are written down: an erasure comes before that or finds them after it.
    """
    asked = {id_ for row in rows for id_ in row["asked_in"]}
    query = select(ChatMessage.id).where(ChatMessage.id.in_(asked))
    there = set(db.scalars(query.with_for_update(key_share=True, read=True)))
    for row in rows:
        count = sum(id_ in there for id_ in row["asked_in"])
        if count:
            yield {name: row[name] for name in row if name != "asked_in"} | {"count": count}
