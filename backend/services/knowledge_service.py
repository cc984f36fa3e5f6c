"""The university's facts: what a question gets, what an answer rests on, what can be looked up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from backend.core.conversation import HistoryMessage
from backend.core.language import Language
from backend.services.knowledge.answers import AnswerWriter, KnowledgeAnswer
from backend.services.knowledge.checking import Finding, check_library
from backend.services.knowledge.citations import Citer
from backend.services.knowledge.context import KnowledgeContext, Scored
from backend.services.knowledge.library import Library
from backend.services.knowledge.loader import Category, FileProblem
from backend.services.knowledge.passage import Passage, Source
from backend.services.knowledge.retrieval import Retriever

__all__ = [
    "Category",
    "FileProblem",
    "Finding",
    "KnowledgeAnswer",
    "KnowledgeContext",
    "KnowledgeService",
    "KnowledgeStatus",
    "Passage",
    "Scored",
    "Source",
]

_BANGKOK: Final = timezone(timedelta(hours=7))


def _today() -> date:
    """The date at the university."""
    return datetime.now(_BANGKOK).date()


@dataclass(frozen=True, slots=True)
class KnowledgeStatus:
    """The state of the knowledge; it is of use (`ok`) as long as there is any fact."""

    ok: bool
    categories: int
    facts: int
    expired: int
    problems: tuple[FileProblem, ...]


class KnowledgeService:
    """Answers from one folder of facts, read when the service is made.

    Safe to use from several threads: everything is looked up in one library object that is
    replaced as a whole. `today` decides which dated facts still hold.
    """

    def __init__(
        self, directory: Path, *, token_budget: int, today: Callable[[], date] = _today
    ) -> None:
        self._token_budget = token_budget
        self._today = today
        self._retriever = Retriever(Library.open(directory))
        self._citer = Citer(self._retriever.library)

    def get_context(
        self,
        message: str,
        *,
        history: Sequence[HistoryMessage] = (),
        token_budget: int | None = None,
    ) -> KnowledgeContext:
        """The facts for a question, within the budget; all of them when they fit."""
        budget = self._token_budget if token_budget is None else token_budget
        return self._retriever.find(message, history, budget=budget, today=self._today())

    def compose_answer(
        self, message: str, context: KnowledgeContext, language: Language
    ) -> KnowledgeAnswer:
        """An answer of the facts themselves, or an honest word that they do not say."""
        return AnswerWriter(self._retriever.library, language).write(message, context)

    def cite(self, answer: str, context: KnowledgeContext) -> tuple[Passage, ...]:
        """The given passages that an answer draws on, best first, at most five."""
        return self._citer.cite(answer, context)

    def get_categories(self) -> tuple[Category, ...]:
        """All categories, in the order of their names."""
        return self._retriever.library.categories

    def get_category(self, name: str) -> Category:
        """One category.

        Raises:
            CategoryNotFound: there is none of that name.
        """
        return self._retriever.library.category(name)

    def get_fact(self, category: str, fact_id: str) -> Passage:
        """One fact.

        Raises:
            CategoryNotFound: there is no such category.
            FactNotFound: the category has no such fact.
        """
        return self._retriever.library.fact(category, fact_id)

    def status(self) -> KnowledgeStatus:
        """How much there is, and what is wrong with which file."""
        library = self._retriever.library
        today = self._today()
        expired = sum(1 for passage in library.passages if passage.is_expired(today))
        facts = len(library.passages)
        return KnowledgeStatus(
            ok=facts > expired,
            categories=len(library.categories),
            facts=facts,
            expired=expired,
            problems=library.problems,
        )

    def check(self) -> tuple[Finding, ...]:
        """Everything that staff should know about the files: errors, warnings and notes."""
        return tuple(check_library(self._retriever.library, self._today()))
