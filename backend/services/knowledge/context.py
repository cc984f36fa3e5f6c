"""The facts that go into the prompt: all of them when they fit, else those that answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from backend.core.tokens import estimate_tokens
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Query

CORE_SHARE: Final = 0.5
"""The part of the budget that is the owner's files' before other pages get a place."""

OFF_TOPIC_NOTE: Final = (
    "(None of the facts matches the question, which may not be about the university.)"
)


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage that matches a question.

    `coverage` is the share of the question that the passage covers, `terms` what both hold,
    `place` the passage's place among all.
    """

    passage: Passage
    score: float
    coverage: float
    place: int
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnowledgeContext:
    """What one question gets: `text` for the prompt, and how it came about.

    `passages` are those in `text`, in its order; `matches` all that match, best first, whether
    they are in `text` or not. `complete` says that the whole knowledge was sent.
    """

    text: str
    passages: tuple[Passage, ...]
    token_count: int
    off_topic: bool = False
    complete: bool = False
    matches: tuple[Scored, ...] = ()
    query: Query = field(default_factory=Query)


def render_context(passages: Sequence[Passage], *, off_topic: bool = False) -> str:
    """The facts as the prompt holds them: one a line, numbered, with their source."""
    lines = [render_line(number, passage) for number, passage in enumerate(passages, start=1)]
    return "\n".join([OFF_TOPIC_NOTE, *lines] if off_topic else lines)


def render_line(number: int, passage: Passage) -> str:
    """One fact with its number, its source and, where it matters, its date and doubts."""
    marks = [_origin(passage)]
    if passage.source.date:
        marks.append(f"as of {passage.source.date}")
    line = f"[{number} {', '.join(marks)}] {passage.text}"
    if passage.overruled_by:
        line += " (another source, which stands, says otherwise)"
    if passage.doubtful:
        where = passage.source.url or passage.source.title
        line += f" (not certain, check {where})"
    return line


def choose(
    core: Sequence[Scored], others: Sequence[Scored], *, budget: int, spare: Iterable[Passage] = ()
) -> list[Passage]:
    """The passages for the budget, best first, at least half of it for the owner's own.

    `spare` passages fill what room is left.
    """
    basket = _Basket(budget)
    for scored in core:
        basket.add(scored.passage, limit=int(budget * CORE_SHARE) if others else budget)
    for scored in sorted([*core, *others], key=lambda found: -found.score):
        basket.add(scored.passage)
    for passage in spare:
        basket.add(passage)
    ranks = {found.passage.id: found.score for found in (*core, *others)}
    return sorted(basket.passages, key=lambda passage: -ranks.get(passage.id, 0.0))


class _Basket:
    """Passages whose lines fit the budget together."""

    def __init__(self, budget: int) -> None:
        self.passages: list[Passage] = []
        self._budget = budget
        self._spent = 0
        self._held: set[str] = set()

    def add(self, passage: Passage, *, limit: int | None = None) -> None:
        """Take the passage in if it is new and fits."""
        if passage.id in self._held:
            return
        cost = estimate_tokens(render_line(10, passage) + "\n")
        if self._spent + cost <= (self._budget if limit is None else limit):
            self.passages.append(passage)
            self._held.add(passage.id)
            self._spent += cost


def _origin(passage: Passage) -> str:
    if passage.core or passage.source.url is None:
        return passage.category
    return passage.source.url.split("//", 1)[-1].split("/", 1)[0].removeprefix("www.")
