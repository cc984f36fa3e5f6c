"""The state of each part the service stands on."""

import asyncio
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.circuit_breaker import BreakerState
from backend.core.errors import DatabaseNotMigrated, DatabaseUnavailable
from backend.core.gemini import AUGeminiClient
from backend.database import Database
from backend.models.user import User
from backend.schemas.health import ComponentState, ReadyResponse
from backend.services.knowledge_service import KnowledgeService
from backend.services.meaning import MeaningReader

if TYPE_CHECKING:
    from backend.core.redis_client import RedisClient

PING_SECONDS: Final = 1.0


class HealthService:
    """Asks each part how it is.

    Only database and knowledge are needed for a turn: without Gemini the facts answer, without
    Redis each worker keeps its own counts.
    """

    def __init__(
        self,
        database: Database,
        knowledge_service: KnowledgeService,
        gemini_client: AUGeminiClient,
        redis_client: "RedisClient | None",
        meaning_reader: MeaningReader,
    ) -> None:
        self.database = database
        self.knowledge_service = knowledge_service
        self.gemini_client = gemini_client
        self.redis_client = redis_client
        self.meaning_reader = meaning_reader

    async def check(self) -> ReadyResponse:
        """Look at everything once."""
        database, redis = await asyncio.gather(self._check_database(), self._check_redis())
        knowledge = self._check_knowledge()
        works = database.state == "ok" and knowledge.state != "failed"
        return ReadyResponse(
            status="ready" if works else "not_ready",
            database=database,
            knowledge=knowledge,
            gemini=self._check_gemini(),
            vectors=self._check_vectors(),
            redis=redis,
        )

    async def _check_database(self) -> ComponentState:
        def look(db: Session) -> None:
            db.execute(select(User.id).limit(1))

        try:
            async with asyncio.timeout(PING_SECONDS):
                await self.database.read(look)
        except DatabaseNotMigrated:
            return ComponentState(state="failed", detail="The database was not migrated yet.")
        except (DatabaseUnavailable, TimeoutError):
            return ComponentState(state="failed", detail="The database does not answer.")
        if not self.database.is_writable():
            return ComponentState(state="failed", detail="The database cannot be written.")
        return ComponentState(state="ok")

    async def _check_redis(self) -> ComponentState:
        if self.redis_client is None:
            return ComponentState(state="off", detail="REDIS_URL is not set.")
        if await self.redis_client.answers(within=PING_SECONDS):
            return ComponentState(state="ok")
        return ComponentState(state="degraded", detail="Redis does not answer.")

    def _check_knowledge(self) -> ComponentState:
        status = self.knowledge_service.status()
        if not status.facts:
            return ComponentState(state="failed", detail="There are no facts to answer from.")
        if status.problems:
            files = sorted({problem.file for problem in status.problems})
            return ComponentState(state="degraded", detail=f"Trouble with: {', '.join(files)}.")
        return ComponentState(state="ok", detail=f"{status.facts} facts.")

    def _check_gemini(self) -> ComponentState:
        status = self.gemini_client.status()
        if not status.configured:
            return ComponentState(state="off", detail="GEMINI_API_KEY is not set.")
        if status.breaker is not BreakerState.CLOSED:
            return ComponentState(state="degraded", detail=f"Not asked now: {status.reason}.")
        return ComponentState(state="ok", detail=status.model)

    def _check_vectors(self) -> ComponentState:
        status = self.meaning_reader.status()
        if status.model is None:
            return ComponentState(state="off", detail=status.reason)
        count = f"{status.passages} of {status.total} facts have a vector"
        if status.reason is not None:
            return ComponentState(state="degraded", detail=f"{count}: {status.reason}.")
        return ComponentState(state="ok", detail=f"{count}, {status.model}.")
