"""Vectors of the passages, made beside the turns, and of each question, within a moment."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Final

import numpy as np
import structlog
from numpy.typing import NDArray

from backend.core.circuit_breaker import CircuitBreaker, CircuitOpen, Permit
from backend.core.conversation import HistoryMessage
from backend.core.embedding import Embedder
from backend.core.errors import AssistantUnavailable
from backend.database import Database
from backend.services.knowledge.vectors import (
    PassageTexts,
    PassageVectors,
    QuestionVector,
    assemble,
    pack,
    question_in_full,
    read_texts,
)
from backend.services.knowledge_service import KnowledgeService
from backend.services.meaning import VectorStatus
from backend.services.vector_cache import VectorCache

QUESTION_SECONDS: Final = 0.3
"""How long a turn waits for the vector of its question; then its words must do."""

_EVERY_SECONDS: Final = 1.0
_FIRST_PAUSE: Final = 5.0
_LONGEST_PAUSE: Final = 300.0
_SHOWN_EVERY: Final = 5.0
"""Seconds after which what has been made of a long work is used."""

_FAILED_BATCHES: Final = 3
"""One text that the model refuses must not keep all others from it; an outage ends the work."""

logger = structlog.get_logger(__name__)


class VectorService:
    """Keeps the vectors of all passages up to date and compares questions with them.

    Nothing depends on it: while there are no vectors, or no vector of a question in time, the
    words decide alone. An outage is logged when it begins and when it ends.
    """

    def __init__(
        self,
        embedder: Embedder,
        database: Database,
        knowledge_service: KnowledgeService,
        *,
        question_seconds: float = QUESTION_SECONDS,
    ) -> None:
        self.embedder = embedder
        self.knowledge_service = knowledge_service
        self._cache = VectorCache(database, embedder.name)
        self._question_seconds = question_seconds
        # A turn that is cancelled leaves its permit open: a probe's is void after its seconds.
        self._breaker = CircuitBreaker(threshold=3, open_seconds=15.0, probe_seconds=1.0)
        self._known: dict[str, bytes] = {}
        self._passages: PassageVectors | None = None
        self._complete = ""
        self._outages: dict[str, str] = {}

    async def read_question(
        self, message: str, history: Sequence[HistoryMessage] = ()
    ) -> QuestionVector | None:
        """The question as a vector, or None: nothing is raised, and the limit of time is kept."""
        passages = self._passages
        if passages is None or not passages.count:
            return None
        text = question_in_full(self.knowledge_service.library.analyser, message, history)
        try:
            permit = self._breaker.enter()
        except CircuitOpen:
            return None
        values = await self._ask(text, permit)
        return None if values is None else QuestionVector(values, passages)

    def status(self) -> VectorStatus:
        """How many passages have a vector, and whether questions get theirs."""
        reason = self._outages.get("passages") or self._outages.get("questions")
        return VectorStatus(
            model=self.embedder.name,
            passages=self._passages.count if self._passages else 0,
            total=len(self.knowledge_service.library.passages),
            reason=reason,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the passages' vectors up to date until the context ends."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self.embedder.aclose()

    async def refresh(self) -> None:
        """Bring the vectors up to date with the knowledge; what is known is not made again.

        Raises:
            AssistantUnavailable: some could not be made; the others are in use.
        """
        library = self.knowledge_service.library
        if library.version == self._complete:
            return
        texts = await asyncio.to_thread(read_texts, library)
        kept = {key: self._known[key] for key in texts.texts if key in self._known}
        missing = [key for key in texts.texts if key not in kept]
        self._known = kept | await self._cache.read(missing, size=2 * self.embedder.dimensions)
        await self._show(library.version, texts)
        missing = [key for key in missing if key not in self._known]
        if missing:
            await self._make(library.version, texts, missing)
        self._complete = library.version

    async def _ask(self, text: str, permit: Permit) -> NDArray[np.float32] | None:
        try:
            async with asyncio.timeout(self._question_seconds):
                values = await self.embedder.embed_question(text)
        except AssistantUnavailable as exc:
            reason = exc.code
        except TimeoutError:
            reason = "timeout"
        except Exception as exc:  # noqa: BLE001 - no turn fails for what it can do without
            reason = type(exc).__name__
        else:
            permit.succeed()
            self._end_outage("questions")
            return values
        permit.fail(reason)
        self._begin_outage("questions", reason)
        return None

    async def _make(self, version: str, texts: PassageTexts, missing: Sequence[str]) -> None:
        last_error: AssistantUnavailable | None = None
        shown, failed = monotonic(), 0
        for start in range(0, len(missing), self.embedder.batch_size):
            if self.knowledge_service.version != version:
                return  # another reload: what is known by now is used for that
            chunk = missing[start : start + self.embedder.batch_size]
            try:
                made = await self._embed(chunk, texts.texts)
            except AssistantUnavailable as exc:
                last_error, failed = exc, failed + 1
                if failed == _FAILED_BATCHES:
                    break
                continue
            failed = 0
            self._known |= made
            await self._cache.store(made)
            if monotonic() - shown > _SHOWN_EVERY:
                await self._show(version, texts)
                shown = monotonic()
        await self._show(version, texts)
        await self._cache.forget_oldest()
        if last_error is not None:
            raise last_error

    async def _embed(self, hashes: Sequence[str], texts: Mapping[str, str]) -> dict[str, bytes]:
        vectors = await self.embedder.embed_passages([texts[key] for key in hashes])
        return dict(zip(hashes, pack(vectors), strict=True))

    async def _show(self, version: str, texts: PassageTexts) -> None:
        """Use what is known from now on."""
        self._passages = await asyncio.to_thread(
            assemble, version, texts, self._known, self.embedder.dimensions
        )

    async def _run(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self.refresh()
            except AssistantUnavailable as exc:
                self._begin_outage("passages", exc.code)
                await asyncio.sleep(max(pause, exc.retry_after or 0.0))
                pause = min(_LONGEST_PAUSE, pause * 2)
                continue
            except Exception:
                # Questions do without; the next version of the files may be sound.
                logger.exception("vectors_not_made")
                await asyncio.sleep(_LONGEST_PAUSE)
                continue
            self._end_outage("passages")
            pause = _FIRST_PAUSE
            await asyncio.sleep(_EVERY_SECONDS)

    def _begin_outage(self, what: str, reason: str) -> None:
        if what not in self._outages:
            logger.warning("vectors_unavailable", of=what, reason=reason)
        self._outages[what] = reason

    def _end_outage(self, what: str) -> None:
        if self._outages.pop(what, None) is not None:
            logger.info("vectors_available", of=what)
