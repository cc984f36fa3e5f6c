"""The facts that go into the prompt: all of them when they fit, else those that answer."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from backend.core.tokens import estimate_tokens
from backend.services.knowledge.memo import Memo
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Query

if TYPE_CHECKING:
    from backend.services.knowledge.choice import Choice
    from backend.services.knowledge.edition import Edition

CORE_SHARE: Final = 0.5
"""The part of the budget that is the owner's files' before other pages get a place."""

_RESERVE_SCORE: Final = 0.2
"""Share of the best score below which even the owner's passages have no place kept for them."""

_MIN_SCORE: Final = 0.08
"""Share of the best score below which a passage only costs tokens."""

_KEPT_LINES: Final = 1_024
OFF_TOPIC_NOTE: Final = (
    "(None of the facts matches the question, which may not be about the university.)"
)


class Scored(NamedTuple):
    """A passage that matches a question: a tuple, since a hundred are made for each.

    `coverage` is the share of the question that the passage covers; `kinship` the same, but a
    concept of ours that no passage holds hardly counts: asking for it is not off the topic.
    `terms` is what both hold, `place` the passage's place among all.
    """

    passage: Passage
    score: float
    coverage: float
    kinship: float
    place: int
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnowledgeContext:
    """What one question gets: `text` for the prompt, and how it came about.

    `passages` are those in `text`, in its order; `matches` all that match, best first, whether
    they are in `text` or not. `complete` says that the whole knowledge was sent. `edition` is what
    the facts were looked up in: the answer is checked against the same one. `clauses` are what the
    questions of a longer message find by themselves, without a text for the prompt. `made_choice`
    is what `choose` makes of it, once that was asked for.
    """

    text: str
    passages: tuple[Passage, ...]
    token_count: int
    off_topic: bool = False
    complete: bool = False
    matches: tuple[Scored, ...] = ()
    query: Query = field(default_factory=Query)
    edition: "Edition | None" = field(default=None, compare=False, repr=False)
    clauses: "tuple[KnowledgeContext, ...]" = ()
    made_choice: "list[Choice]" = field(default_factory=list, init=False, compare=False, repr=False)


def render_context(
    passages: Sequence[Passage],
    *,
    off_topic: bool = False,
    tell: "Callable[[Passage], str] | None" = None,
) -> str:
    """The facts as the prompt holds them: one a line, numbered, with their source.

    `tell` may know what follows the number; by default it is written anew.
    """
    lines = [
        f"[{number} {told}"
        for number, told in enumerate(map(tell or tell_passage, passages), start=1)
    ]
    return "\n".join([OFF_TOPIC_NOTE, *lines] if off_topic else lines)


def tell_passage(passage: Passage) -> str:
    """One fact as it follows its number: its source, where it matters its date, and its doubts."""
    marks = [_origin(passage)]
    if passage.source.date:
        marks.append(f"as of {passage.source.date}")
    line = f"{', '.join(marks)}] {passage.text}"
    if passage.overruled_by:
        line += " (another source, which stands, says otherwise)"
    if passage.doubtful:
        where = passage.source.url or passage.source.title
        line += f" (not certain, check {where})"
    return line


class Packer:
    """Packs passages into a budget. Keeps each one's line and what it costs: they never change."""

    def __init__(self) -> None:
        self._costs: dict[str, int] = {}
        self._told = Memo[str, str](_KEPT_LINES)

    def tell(self, passage: Passage) -> str:
        """A passage's line after its number."""
        return self._told.get(passage.id) or self._told.keep(passage.id, tell_passage(passage))

    def choose(
        self,
        core: Sequence[Scored],
        others: Sequence[Scored],
        *,
        budget: int,
        spare: Iterable[Passage] = (),
    ) -> list[Passage]:
        """The passages for `budget` tokens, best first, half of it kept for the owner's own.

        `core` and `others` are best first; `spare` passages fill what room is left at the end.
        """
        basket = _Basket(self)
        best = max((found.score for found in (*core[:1], *others[:1])), default=0.0)
        reserved = int(budget * CORE_SHARE) if others else budget
        for found in core:
            if found.score < best * _RESERVE_SCORE:
                break
            basket.add(found.passage, limit=reserved)
        ranked = sorted([*core, *others], key=attrgetter("score"), reverse=True)
        for found in ranked:
            if found.score < best * _MIN_SCORE:
                break
            basket.add(found.passage, limit=budget)
        for passage in spare:
            basket.add(passage, limit=budget)
        ranks = {found.passage.id: found.score for found in ranked}
        return sorted(basket.passages, key=lambda passage: -ranks.get(passage.id, 0.0))

    def cost(self, passage: Passage) -> int:
        """Tokens of a passage's line, its end included."""
        known = self._costs.get(passage.id)
        if known is None:
            line = f"[10 {self.tell(passage)}\n"
            known = self._costs[passage.id] = estimate_tokens(line)
        return known


class _Basket:
    """Passages whose lines fit a budget together."""

    def __init__(self, packer: Packer) -> None:
        self.passages: list[Passage] = []
        self._packer = packer
        self._spent = 0
        self._held: set[str] = set()

    def add(self, passage: Passage, *, limit: int) -> None:
        """Take the passage in if it is new and leaves the basket within `limit` tokens."""
        if passage.id in self._held:
            return
        spent = self._spent + self._packer.cost(passage)
        if spent <= limit:
            self.passages.append(passage)
            self._held.add(passage.id)
            self._spent = spent


def _origin(passage: Passage) -> str:
    if passage.core or passage.source.url is None:
        return passage.category
    return passage.source.url.split("//", 1)[-1].partition("/")[0].removeprefix("www.")
