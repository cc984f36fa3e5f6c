"""Who asks, and whose things they ask for: the world that the table of access is tried in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.core.auth import Claims, TokenService, TokenType
from backend.core.security import PasswordHasher
from backend.models import ChatMessage, ChatSession, SignIn, User, UserRole
from backend.models.base import utc_now
from backend.models.chat import MessageRole
from tests.api.editing import Desk
from tests.service import CHEAP, SECRET

PASSWORD = "mango sticky rice 7"


class Caller(StrEnum):
    """Everybody whom a route can be asked by; who may do most comes last."""

    EXPIRED = "expired"
    FORGED = "forged"
    WRONG_TYPE = "wrong type"
    DEACTIVATED = "deactivated"
    ANONYMOUS = "anonymous"
    OTHER = "another user"
    ADMIN = "administrator"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class World:
    """People with their headers, and the owner's things by the names that addresses have."""

    headers: dict[Caller, dict[str, str]]
    things: dict[str, str]


class WorldMaker:
    """Makes a fresh world in the database of one service, again and again."""

    def __init__(self, desk: Desk, password_hash: str) -> None:
        self._desk = desk
        self._password_hash = password_hash
        self._tokens = TokenService(SECRET)

    async def make(self) -> World:
        """Add everybody and the owner's things."""
        people = {
            caller: Claims(str(uuid4()), str(uuid4()), 0)
            for caller in Caller
            if caller != "anonymous"
        }
        things = {"session_id": str(uuid4()), "user_id": str(uuid4())}
        question_id, answer_id = await self._desk.service.database.write(
            lambda db: self._add(db, people, things)
        )
        entry = await self._desk.create(id=f"bus.{uuid4().hex[:8]}")
        things |= {
            "question_id": str(question_id),
            "message_id": str(answer_id),
            "chat_id": things["session_id"],
            "category": "au_transport",
            "fact_id": entry["fact_id"],
            "version": entry["version"],
            "new": uuid4().hex[:8],
        }
        return World({caller: self._headers(caller, people) for caller in Caller}, things)

    def _add(
        self, db: Session, people: dict[Caller, Claims], things: dict[str, str]
    ) -> tuple[int, int]:
        for caller, claims in people.items():
            self._add_person(db, claims, caller)
        target = Claims(things["user_id"], str(uuid4()), 0)
        self._add_person(db, target, Caller.OTHER)
        owner_id = people[Caller.OWNER].user_id
        db.execute(insert(ChatSession).values(id=things["session_id"], user_id=owner_id))
        question = self._say(db, things["session_id"], MessageRole.USER, None)
        return question, self._say(db, things["session_id"], MessageRole.ASSISTANT, question)

    def _say(self, db: Session, session_id: str, role: MessageRole, question: int | None) -> int:
        message = ChatMessage(
            session_id=session_id, role=role, content="Hello", question_id=question
        )
        db.add(message)
        db.flush()
        return message.id

    def _add_person(self, db: Session, claims: Claims, caller: Caller) -> None:
        person = {"id": claims.user_id, "email": f"{claims.user_id}@au.edu"}
        role = UserRole.ADMIN if caller is Caller.ADMIN else UserRole.USER
        active = caller is not Caller.DEACTIVATED
        values = {"password_hash": self._password_hash, "role": role, "is_active": active}
        db.execute(insert(User).values(**person, **values))
        place = {"id": claims.sign_in_id, "user_id": claims.user_id, "token_hash": ""}
        db.execute(insert(SignIn).values(expires_at=utc_now() + timedelta(days=1), **place))

    def _headers(self, caller: Caller, people: dict[Caller, Claims]) -> dict[str, str]:
        if caller is Caller.ANONYMOUS:
            return {}
        service = TokenService("x" * 40) if caller is Caller.FORGED else self._tokens
        kind = TokenType.REFRESH if caller is Caller.WRONG_TYPE else TokenType.ACCESS
        minutes = -1 if caller is Caller.EXPIRED else 5
        token = service.create(kind, people[caller], lifetime=timedelta(minutes=minutes))
        return {"Authorization": f"Bearer {token.text}"}


@asynccontextmanager
async def world_maker(desk: Desk) -> AsyncIterator[WorldMaker]:
    """What makes worlds; their people all have `PASSWORD`."""
    hasher = PasswordHasher(CHEAP)
    try:
        yield WorldMaker(desk, await hasher.hash(PASSWORD))
    finally:
        hasher.close()


def fill(value: Any, things: dict[str, str]) -> Any:
    """A path or a body with the names of things filled in."""
    if isinstance(value, str):
        return value.format_map(things)
    if isinstance(value, dict):
        return {name: fill(member, things) for name, member in value.items()}
    return value
