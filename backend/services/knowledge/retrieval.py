"""From a question and what was said before it to the facts that answer."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from backend.core.conversation import HistoryMessage
from backend.core.tokens import estimate_tokens
from backend.services.knowledge.clauses import read_clauses
from backend.services.knowledge.context import (
    OFF_TOPIC_NOTE,
    KnowledgeContext,
    Packer,
    Scored,
    render_context,
)
from backend.services.knowledge.followup import read_conversation
from backend.services.knowledge.library import Library
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.query import Query
from backend.services.knowledge.ranking import Stand, merge, rank

if TYPE_CHECKING:
    from backend.services.knowledge.vectors import QuestionVector

OFF_TOPIC_COVERAGE: Final = 0.36
"""Share of what a question says that the best passage must cover; less is another subject."""

CONTACTS_SHARE: Final = 0.1
"""Part of the budget that the campus phones may take with every question: the model is told to
give them when the facts do not answer, and must not give them from memory."""

_LEAST_COST: Final = 24
"""Tokens that a line of the context takes at the least."""

_NOTE_COST: Final = estimate_tokens(f"{OFF_TOPIC_NOTE}\n")

_LEAST_HITS: Final = 8
_MOST_HITS: Final = 16
"""Passages that are found for one of several questions."""

_FOREIGN_MASS: Final = 3.0
"""A plainly foreign word outweighs what the rest of a question happens to share with the facts."""


class Retriever:
    """Finds facts in one library. Holds no state of its own but what it has computed from it."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._packer = Packer()

    def find(
        self,
        message: str,
        history: Sequence[HistoryMessage],
        *,
        budget: int,
        today: date,
        vector: "QuestionVector | None" = None,
    ) -> KnowledgeContext:
        """The facts for a question, within `budget` tokens."""
        query = read_conversation(self.library.analyser, message, history)
        most = max(_LEAST_HITS, budget // _LEAST_COST)
        core, others = (rank([stand], query, today, most=most) for stand in self._stands[:2])
        bound = rank(self._stands[2:], query, today, most=most)
        matches = tuple(merge([core, others, bound]))
        clauses = tuple(self._find_clauses(message, history, today))
        off_topic = is_off_topic(query, matches) and not any(map(_is_ours, clauses))
        if off_topic:
            room, complete = budget - _NOTE_COST, False
            passages = self._packer.choose([], [], budget=room, spare=self._contacts)
        else:
            if vector is not None:
                core, others = vector.rank(self.library, core, others, today)
            beside = merge([others, bound]) if bound else others
            passages, complete = self._choose(core, beside, budget=budget, today=today)
        text = render_context(passages, off_topic=off_topic, tell=self._packer.tell)
        return KnowledgeContext(
            text=text,
            passages=tuple(passages),
            token_count=estimate_tokens(text),
            off_topic=off_topic,
            complete=complete,
            matches=matches,
            query=query,
            clauses=clauses,
        )

    def _find_clauses(
        self, message: str, history: Sequence[HistoryMessage], today: date
    ) -> Iterator[KnowledgeContext]:
        """What each question of a longer message finds, in the light of what is said before it."""
        for *before, asked in read_clauses(message):
            said = [*history, *(HistoryMessage("user", piece) for piece in before)]
            query = read_conversation(self.library.analyser, asked, said)
            ranked = (rank([stand], query, today, most=_MOST_HITS) for stand in self._stands)
            matches = tuple(merge(ranked)[:_MOST_HITS])
            off_topic = is_off_topic(query, matches)
            yield KnowledgeContext("", (), 0, off_topic=off_topic, matches=matches, query=query)

    def search(
        self, message: str, *, limit: int, category: str | None, today: date
    ) -> tuple[Scored, ...]:
        """The passages that match best, of all or of one category, best first."""
        query = read_conversation(self.library.analyser, message, ())
        found = []
        for stand in self._stands:
            within = None if category is None else stand.shelf.ranges.get(category, range(0))
            if within is None or within:
                found.append(rank([stand], query, today, most=limit, within=within))
        return tuple(merge(found)[:limit])

    @cached_property
    def _contacts(self) -> list[Passage]:
        return list(dict.fromkeys(phone.passage for phone in self.library.phones))

    @cached_property
    def _contacts_cost(self) -> int:
        return estimate_tokens(render_context(self._contacts))

    @cached_property
    def _whole(self) -> tuple[Passage, ...]:
        return self.library.passages

    @cached_property
    def _whole_cost(self) -> int:
        return estimate_tokens(render_context(self._whole))

    def _choose(
        self, core: Sequence[Scored], others: Sequence[Scored], *, budget: int, today: date
    ) -> tuple[list[Passage], bool]:
        # Each passage costs a token at the very least: working out what many cost takes seconds.
        if self.library.size <= budget and not self.library.volumes and self._whole_cost <= budget:
            return [passage for passage in self._whole if not passage.is_expired(today)], True
        reserve = self._contacts_cost if self._contacts_cost <= budget * CONTACTS_SHARE else 0
        spare = self._siblings(core)
        chosen = self._packer.choose(core, others, budget=budget - reserve, spare=spare)
        if reserve:
            held = {passage.id for passage in chosen}
            chosen += [passage for passage in self._contacts if passage.id not in held]
        return chosen, False

    def _siblings(self, core: Sequence[Scored]) -> list[Passage]:
        """What stands beside the best of the owner's passages in its file; else the contacts."""
        if not core or core[0].passage.parent is None:
            return self._contacts
        return self._children.get(core[0].passage.parent, [])

    @cached_property
    def _children(self) -> dict[str, list[Passage]]:
        children: dict[str, list[Passage]] = defaultdict(list)
        for passage in self.library.core.passages:
            if passage.parent is not None:
                children[passage.parent].append(passage)
        return children

    @cached_property
    def _stands(self) -> list[Stand]:
        """The shelves, each with the places of its passages among all."""
        shelves = self.library.shelves
        firsts = accumulate((shelf.index.size for shelf in shelves), initial=0)
        return [Stand(shelf, first) for shelf, first in zip(shelves, firsts, strict=False)]


def is_off_topic(query: Query, matches: Sequence[Scored]) -> bool:
    """Whether a question that finds these passages is about something else than the university."""
    if query.elsewhere:
        return True
    if query.decided or not (query.terms or query.foreign):
        return False
    if not query.foreign and (query.anchored or query.follows or query.bare):
        return False
    best = max((found.kinship for found in matches), default=0.0)
    weight = 1.0 if query.anchored else _FOREIGN_MASS
    # Whoever misspells one word after the other says less than the words seem to say.
    least = OFF_TOPIC_COVERAGE * max(0.4, 1 - 0.2 * max(0, query.unknown - 1))
    return best / (1 + weight * query.foreign) < least


def _is_ours(clause: KnowledgeContext) -> bool:
    """Whether one of several questions is about the university, whatever else the message tells."""
    return clause.query.anchored and not clause.off_topic
