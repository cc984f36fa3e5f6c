"""The owner's plan as written: its listings, mended only as far as they must be to start.

Mended: one `Base`, `Optional` imported, no foreign key to a table of users that is not there,
the schema made at the start. Written, for the plan names but does not list them:
`AUGeminiClient` and `KnowledgeService`, both made anew for each request as its service does,
`_get_session_history`, `reset_session` and `get_history`. Run by `tests.bench` as
`python -m tests.bench.plan PORT UPSTREAM FOLDER`.
"""

import json
import logging
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import APIRouter, Depends, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, ForeignKey, Integer, String, Text, create_engine
from sqlalchemy.orm import DeclarativeBase, Session, relationship, sessionmaker

UPSTREAM, FOLDER = sys.argv[2:4] if len(sys.argv) > 3 else ("", "/nowhere")

engine = create_engine(f"sqlite:///{FOLDER}/plan.db")
SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)


class Base(DeclarativeBase):
    """The one that is left of the plan's two."""


def now() -> datetime:
    """`datetime.utcnow`, which Python has deprecated."""
    return datetime.now(UTC).replace(tzinfo=None)


class ChatSession(Base):
    """As listed."""

    __tablename__ = "chat_sessions"

    id = Column(String, primary_key=True, index=True)
    user_id = Column(String, nullable=True)
    created_at = Column(DateTime, default=now)
    updated_at = Column(DateTime, default=now, onupdate=now)

    messages = relationship("ChatMessage", back_populates="session")


class ChatMessage(Base):
    """As listed."""

    __tablename__ = "chat_messages"

    id = Column(Integer, primary_key=True, index=True)
    session_id = Column(String, ForeignKey("chat_sessions.id"))
    role = Column(String)  # "user" or "assistant"
    content = Column(Text)
    timestamp = Column(DateTime, default=now)

    session = relationship("ChatSession", back_populates="messages")


class ChatRequest(BaseModel):
    """As listed."""

    message: str
    session_id: str | None = None


class ChatResponse(BaseModel):
    """As listed."""

    response: str
    session_id: str
    timestamp: datetime


class AUGeminiClient:
    """Over the plan's own httpx."""

    def __init__(self) -> None:
        self.client = httpx.AsyncClient(timeout=30)

    async def generate_response(
        self, message: str, context: str, history: list[dict[str, str]]
    ) -> str:
        """Ask Gemini with context and history."""
        turns = [{"role": said["role"], "parts": [{"text": said["content"]}]} for said in history]
        prompt = f"{context}\n\n{message}"
        answer = await self.client.post(
            f"{UPSTREAM}/v1beta/models/gemini-2.5-flash:generateContent",
            json={"contents": [*turns, {"role": "user", "parts": [{"text": prompt}]}]},
            headers={"x-goog-api-key": "bench"},
        )
        await self.client.aclose()
        text: str = answer.json()["candidates"][0]["content"]["parts"][0]["text"]
        return text


class KnowledgeService:
    """Reads the owner's files and gives those whose name is spoken of."""

    def __init__(self) -> None:
        self.files = {
            path.stem.removeprefix("au_"): json.loads(path.read_text("utf-8"))
            for path in sorted(Path("data").glob("au_*.json"))
        }

    def get_context(self, message: str) -> str:
        """All of the files that a word of the message names, else all of them."""
        named = [name for name in self.files if name.rstrip("s") in message.lower()]
        return json.dumps({name: self.files[name] for name in named or self.files})


class ChatService:
    """As listed, with the methods that the listing calls but does not show."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self.gemini_client = AUGeminiClient()
        self.knowledge_service = KnowledgeService()

    async def process_message(self, request: ChatRequest) -> ChatResponse:
        """Answer, then commit both sides."""
        session = self._get_or_create_session(request.session_id)
        self.db.add(ChatMessage(session_id=session.id, role="user", content=request.message))
        context = self.knowledge_service.get_context(request.message)
        history = self._get_session_history(session.id)
        response = await self.gemini_client.generate_response(
            message=request.message, context=context, history=history
        )
        self.db.add(ChatMessage(session_id=session.id, role="assistant", content=response))
        self.db.commit()
        return ChatResponse(response=response, session_id=session.id, timestamp=now())

    def _get_or_create_session(self, session_id: str | None) -> Any:
        if session_id:
            session = self.db.query(ChatSession).filter(ChatSession.id == session_id).first()
            if session:
                return session
        session = ChatSession(id=str(uuid.uuid4()))
        self.db.add(session)
        self.db.commit()
        return session

    def _get_session_history(self, session_id: str) -> list[dict[str, str]]:
        messages = (
            self.db.query(ChatMessage)
            .filter(ChatMessage.session_id == session_id)
            .order_by(ChatMessage.timestamp)
        )
        return [{"role": str(said.role), "content": str(said.content)} for said in messages]

    async def reset_session(self, session_id: str) -> dict[str, str]:
        """Take the session away."""
        self.db.query(ChatSession).filter(ChatSession.id == session_id).delete()
        self.db.commit()
        return {"message": "Session reset", "session_id": session_id}

    async def get_history(self, session_id: str) -> list[dict[str, str]]:
        """All messages."""
        return self._get_session_history(session_id)


router = APIRouter()


def get_db() -> Iterator[Session]:
    """As listed."""
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@router.post("/", response_model=ChatResponse)
async def send_message(request: ChatRequest, db: Session = Depends(get_db)) -> Any:  # noqa: B008
    """Send a message to the chatbot."""
    return await ChatService(db).process_message(request)


@router.delete("/{session_id}")
async def reset_session(session_id: str, db: Session = Depends(get_db)) -> Any:  # noqa: B008
    """Reset a chat session."""
    return await ChatService(db).reset_session(session_id)


@router.get("/{session_id}/history")
async def get_chat_history(session_id: str, db: Session = Depends(get_db)) -> Any:  # noqa: B008
    """Get chat history for a session."""
    return await ChatService(db).get_history(session_id)


def create_app() -> FastAPI:
    """As listed."""
    app = FastAPI(
        title="AU-GURU API", description="Backend API for AU-GURU Chatbot", version="1.0.0"
    )
    app.add_middleware(
        CORSMiddleware,
        allow_origins=["http://localhost:3000"],
        allow_credentials=True,
        allow_methods=["*"],
        allow_headers=["*"],
    )
    app.include_router(router, prefix="/api/v1/chat", tags=["chat"])
    return app


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    Base.metadata.create_all(engine)
    uvicorn.run(create_app(), port=int(sys.argv[1]), log_config=None, access_log=False)
