"""The university's facts: what a question gets, what an answer rests on, what can be looked up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import structlog

from backend.core.conversation import HistoryMessage
from backend.core.language import Language
from backend.services.knowledge.answers import AnswerWriter, KnowledgeAnswer
from backend.services.knowledge.background import building
from backend.services.knowledge.bindery import Bindery
from backend.services.knowledge.checking import Finding, check_library
from backend.services.knowledge.choice import choose_passages
from backend.services.knowledge.context import KnowledgeContext, Scored
from backend.services.knowledge.edition import Edition
from backend.services.knowledge.folder import FileProblem, Folder
from backend.services.knowledge.library import Library
from backend.services.knowledge.loader import Category, read_folder
from backend.services.knowledge.passage import Passage, Source

if TYPE_CHECKING:
    from backend.services.knowledge.vectors import QuestionVector

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

logger = structlog.get_logger(__name__)

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
    """Answers from one folder of facts, read when the service is made and with each `reload`.

    Safe to use from several threads: everything is looked up in one edition, which is replaced as
    a whole. `today` decides which dated facts still hold.
    """

    def __init__(
        self,
        directory: Path,
        *,
        token_budget: int,
        today: Callable[[], date] = _today,
        bindery: Bindery | None = None,
    ) -> None:
        self._token_budget = token_budget
        self._today = today
        self._folder = Folder(directory, bindery=bindery)
        self._reloading = Lock()
        with building():
            self._folder.look()
            self._edition = Edition.of(read_folder(self._folder))
        self._log_problems(())

    @property
    def version(self) -> str:
        """A hash of all that is known: of the last good version of each file."""
        return self._edition.library.version

    @property
    def library(self) -> Library:
        """All that is known at this moment."""
        return self._edition.library

    def reload(self, *, wait: bool = True) -> bool:
        """Read what has changed in the folder; returns whether anything has.

        Blocks, for seconds when a large file has changed; without `wait` its last version stays
        until a later call finds the new one made. A file that cannot be used keeps its last good
        version, and `status` tells why. Questions that are being answered stay with the edition
        that they began with.
        """
        with self._reloading:
            # A build that failed is tried again even if the folder is the same.
            changed = self._folder.look(wait=wait)
            if not changed and self._folder.version == self.version:
                return False
            before = self._edition
            with building():
                material = read_folder(self._folder, before.material)
                self._edition = before.following(material)
            self._log_problems(before.library.problems)
            logger.info("knowledge_reloaded", version=self.version, problems=len(material.problems))
            return True

    def _log_problems(self, known: Sequence[FileProblem]) -> None:
        for problem in self._edition.library.problems:
            if problem not in known:
                logger.warning(
                    "knowledge_file_problem",
                    file=problem.file,
                    place=problem.place,
                    problem=problem.message,
                )

    def get_context(
        self,
        message: str,
        *,
        history: Sequence[HistoryMessage] = (),
        token_budget: int | None = None,
        vector: "QuestionVector | None" = None,
    ) -> KnowledgeContext:
        """The facts for a question, within the budget; all of them when they fit.

        What its `vector` is near to comes in beside what shares its words.
        """
        budget = self._token_budget if token_budget is None else token_budget
        edition = self._edition
        context = edition.retriever.find(
            message, history, budget=budget, today=self._today(), vector=vector
        )
        return replace(context, edition=edition)

    def search(self, query: str, *, limit: int, category: str | None = None) -> tuple[Scored, ...]:
        """The passages that match best, best first.

        Raises:
            CategoryNotFound: there is no such category to search in.
        """
        if category is not None:
            self.get_category(category)
        retriever = self._edition.retriever
        return retriever.search(query, limit=limit, category=category, today=self._today())

    def compose_answer(
        self, message: str, context: KnowledgeContext, language: Language
    ) -> KnowledgeAnswer:
        """An answer of the facts themselves, or an honest word that they do not say."""
        library = (context.edition or self._edition).library
        return AnswerWriter(library, language).write(message, context)

    def likely_passages(self, context: KnowledgeContext) -> tuple[Passage, ...]:
        """The given passages that an answer will draw on, as far as one can tell before it."""
        return tuple(choose_passages(context))

    def cite(self, answer: str, context: KnowledgeContext) -> tuple[Passage, ...]:
        """The given passages that an answer draws on, best first, at most five."""
        return (context.edition or self._edition).citer.cite(answer, context)

    def get_categories(self) -> tuple[Category, ...]:
        """All categories, in the order of their names."""
        return self._edition.library.categories

    def get_category(self, name: str) -> Category:
        """One category.

        Raises:
            CategoryNotFound: there is none of that name.
        """
        return self._edition.library.category(name)

    def get_fact(self, category: str, fact_id: str) -> Passage:
        """One fact.

        Raises:
            CategoryNotFound: there is no such category.
            FactNotFound: the category has no such fact.
        """
        return self._edition.library.fact(category, fact_id)

    def status(self) -> KnowledgeStatus:
        """How much there is, and what is wrong with which file."""
        library = self._edition.library
        today = self._today()
        expired = library.count_expired(today)
        facts = library.size
        return KnowledgeStatus(
            ok=facts > expired,
            categories=len(library.categories),
            facts=facts,
            expired=expired,
            problems=library.problems,
        )

    def check(self) -> tuple[Finding, ...]:
        """Everything that staff should know about the files: errors, warnings and notes."""
        return tuple(check_library(self._edition.library, self._today()))
