"""Questions that may be asked next: only such as the knowledge answers."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.core.language import Language
from backend.services.knowledge.edition import Edition
from backend.services.knowledge.text import fold
from backend.services.knowledge_service import KnowledgeContext, KnowledgeService, Passage
from backend.services.turn import Turn

MAX_SUGGESTIONS: Final = 3
_TOKEN_BUDGET: Final = 200
_BANK: Final = Path(__file__).parent / "knowledge" / "suggested_questions.json"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question, as it is written and folded, and what the knowledge has for it."""

    text: str
    folded: str
    concepts: frozenset[str]
    passage: Passage


class Suggester:
    """Offers the questions of a fixed list whose facts the knowledge holds.

    Which ones it holds is found out once for each edition and language.
    """

    def __init__(self, knowledge_service: KnowledgeService) -> None:
        self._knowledge = knowledge_service
        self._edition: Edition | None = None
        self._answerable: dict[Language, tuple[Suggestion, ...]] = {}

    def suggest(
        self, turn: Turn, context: KnowledgeContext, language: Language, told: Iterable[Passage]
    ) -> list[str]:
        """Up to three questions near to what was asked, none of them asked or `told` already."""
        used = {passage.id for passage in told}
        asked = {fold(turn.message)}
        asked.update(fold(said.content) for said in turn.history if said.role == "user")
        concepts = frozenset(context.query.concepts)
        category = context.matches[0].passage.category if context.matches else None

        def distance(offered: Suggestion) -> int:
            near = 2 * len(offered.concepts & concepts)
            return -near - (offered.passage.category == category)

        chosen: list[str] = []
        for offered in sorted(self._find_answerable(context, language), key=distance):
            if offered.passage.id in used or offered.folded in asked:
                continue
            used.add(offered.passage.id)
            chosen.append(offered.text)
            if len(chosen) == MAX_SUGGESTIONS:
                break
        return chosen

    def _find_answerable(
        self, context: KnowledgeContext, language: Language
    ) -> tuple[Suggestion, ...]:
        if context.edition is not self._edition:
            self._edition = context.edition
            self._answerable = {}
        if language not in self._answerable:
            self._answerable[language] = tuple(self._try_all(language))
        return self._answerable[language]

    def _try_all(self, language: Language) -> Iterable[Suggestion]:
        for question in json.loads(_BANK.read_text("utf-8")):
            text = question[language.value]
            context = self._knowledge.get_context(text, token_budget=_TOKEN_BUDGET)
            answer = self._knowledge.likely_passages(context)
            if answer:
                yield Suggestion(text, fold(text), frozenset(context.query.concepts), answer[0])
