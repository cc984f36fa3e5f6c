"""What a question means, beside its words: the part that can be left out.

What works with arrays is imported only when an embedder is chosen: it costs 20 MB.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from backend.config import Settings
from backend.core.conversation import HistoryMessage
from backend.core.gemini import GeminiConfig
from backend.database import Database
from backend.services.knowledge_service import KnowledgeService

if TYPE_CHECKING:
    from backend.core.embedding import Embedder
    from backend.services.knowledge.vectors import QuestionVector


@dataclass(frozen=True, slots=True)
class VectorStatus:
    """How many of the passages have a vector, and what is wrong, if anything is.

    `model` is None when there are no vectors to be had, for that `reason`.
    """

    model: str | None = None
    passages: int = 0
    total: int = 0
    reason: str | None = None


class MeaningReader(Protocol):
    """Reads what questions mean."""

    async def read_question(
        self, message: str, history: Sequence[HistoryMessage] = ()
    ) -> "QuestionVector | None":
        """The question as a vector; None when only its words are to be had in time."""
        ...

    def status(self) -> VectorStatus:
        """Tell what readiness shows; asks nobody."""
        ...

    def running(self) -> AbstractAsyncContextManager[None]:
        """Work beside the turns until the context ends; the reader is of no use after that."""
        ...


class WordsAlone:
    """Reads nothing into a question: the way without an embedder."""

    def __init__(self, reason: str = "EMBEDDER is off.") -> None:
        self._status = VectorStatus(reason=reason)

    async def read_question(
        self,
        message: str,
        history: Sequence[HistoryMessage] = (),
    ) -> None:
        """Nothing."""

    def status(self) -> VectorStatus:
        """Off, and why."""
        return self._status

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do nothing."""
        yield


def build_meaning_reader(
    config: Settings,
    gemini_config: GeminiConfig,
    database: Database,
    knowledge_service: KnowledgeService,
) -> MeaningReader:
    """The reader that the settings ask for, as far as it can be had.

    Vectors decide what the model is given to read. Where no model answers, the facts themselves
    do, by their words: then nothing is spent on vectors.
    """
    if config.EMBEDDER == "off":
        return WordsAlone()
    if gemini_config.api_key is None:
        return WordsAlone("GEMINI_API_KEY is not set: the facts are chosen by their words.")
    from backend.services.vector_service import VectorService  # noqa: PLC0415

    embedder = build_embedder(config, gemini_config)
    return VectorService(embedder, database, knowledge_service)


def build_embedder(config: Settings, gemini_config: GeminiConfig) -> "Embedder":
    """The embedder that the settings name.

    Raises:
        AssistantUnavailable: it cannot be had.
    """
    if config.EMBEDDER == "gemini":
        from backend.core.gemini_embedding import GeminiEmbedder  # noqa: PLC0415

        return GeminiEmbedder(gemini_config, config.GEMINI_EMBEDDING_MODEL)
    from backend.core.local_embedding import LocalEmbedder  # noqa: PLC0415

    return LocalEmbedder()
