"""The whole service in one process, over a real database and a fake Gemini."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from backend.config import Settings
from backend.core.auth import Claims, TokenService
from backend.core.security import HashCost
from backend.database import Database, build_engine
from backend.main import create_app
from backend.models import ChatMessage, SignIn, User, UserRole
from backend.models.base import utc_now
from backend.services.knowledge_service import KnowledgeService

PAGE = Path(__file__).parent / "fakes" / "page"
"""What a build of the page looks like; the real one may be there or not."""

SECRET = "a-secret-of-the-tests-that-is-long-enough"
CHEAP = HashCost(memory=8, time=1)
"""What a password costs in tests: the least that argon2 takes."""


def make_settings(**values: Any) -> Settings:
    """Settings of a test: nothing is read from this machine's environment or `.env`."""
    own = {"SECRET_KEY": SECRET, "LOG_LEVEL": "ERROR", "FRONTEND_DIR": PAGE}
    return Settings(_env_file=None, **{**own, **values})


@dataclass(frozen=True, slots=True)
class Service:
    """A running service and the hands to try it with."""

    app: FastAPI
    client: httpx.AsyncClient
    database: Database

    async def ask(self, message: str, **fields: Any) -> dict[str, Any]:
        """Send a message that must be answered; gives the answer's body."""
        response = await self.client.post("/api/v1/chat/", json={"message": message, **fields})
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    async def history(self, session_id: str) -> list[dict[str, Any]]:
        """All messages of a session, as a client sees them."""
        response = await self.client.get(f"/api/v1/chat/{session_id}/history")
        assert response.status_code == 200, response.text
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages

    async def stored(self) -> list[Row[Any]]:
        """All messages in the database, whosever they are."""

        def read(db: Session) -> list[Row[Any]]:
            return list(db.execute(select(ChatMessage.__table__).order_by(ChatMessage.id)))

        return await self.database.read(read)

    async def sign_up(
        self, email: str, *, role: UserRole = UserRole.USER, is_active: bool = True
    ) -> dict[str, str]:
        """Add a person; gives the headers of their requests."""
        claims = Claims(user_id=str(uuid4()), sign_in_id=str(uuid4()), version=0)

        def add(db: Session) -> None:
            person = {"id": claims.user_id, "email": email, "role": role, "is_active": is_active}
            db.execute(insert(User).values(password_hash="!", **person))
            place = {"id": claims.sign_in_id, "user_id": claims.user_id, "token_hash": ""}
            later = utc_now() + timedelta(days=1)
            db.execute(insert(SignIn).values(expires_at=later, **place))

        await self.database.write(add)
        return {"Authorization": f"Bearer {TokenService(SECRET).create_access_token(claims)}"}

    async def sign_up_admin(self, email: str = "admin@au.edu") -> dict[str, str]:
        """Add an administrator; gives the headers of their requests."""
        return await self.sign_up(email, role=UserRole.ADMIN)


@cache
def _shipped_knowledge(token_budget: int) -> KnowledgeService:
    """The knowledge of `data/`, read once for all tests: it is never changed."""
    return KnowledgeService(Path("data"), token_budget=token_budget)


@asynccontextmanager
async def run_service(config: Settings) -> AsyncIterator[Service]:
    """Open and close the application around a test, as a server does."""
    database = Database(build_engine(config))
    shipped = Settings.model_fields["KNOWLEDGE_DIR"].default == config.KNOWLEDGE_DIR
    knowledge = _shipped_knowledge(config.CONTEXT_TOKEN_BUDGET) if shipped else None
    app = create_app(config, database=database, knowledge_service=knowledge, hash_cost=CHEAP)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False),
            base_url="http://localhost",
            timeout=30,
        ) as client,
    ):
        yield Service(app, client, database)
