"""Conversations and what was said in them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.models.base import Base, utc_now


class MessageRole(StrEnum):
    """Who speaks."""

    USER = "user"
    ASSISTANT = "assistant"


class MessageStatus(StrEnum):
    """How far an answer came; that of a question is read off its answer.

    `stopped` is what its reader has ended, `interrupted` what a restart or a failure has.
    """

    PENDING = "pending"
    COMPLETE = "complete"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"


class AnsweredBy(StrEnum):
    """Who wrote an answer: the model, or the service from its own facts."""

    GEMINI = "gemini"
    KNOWLEDGE = "knowledge"


class Rating(StrEnum):
    """What somebody thought of an answer."""

    UP = "up"
    DOWN = "down"


class ChatSession(Base):
    """One conversation. Its id is the only key to an anonymous one, so it is unguessable.

    `title` is made from the first question. `running_*` is the claim of the turn being answered:
    which question, by which worker, and until when at the latest. `origin_key` finds the session
    that a repeated first message made. `summary` tells in short what was said up to the message
    `summary_until`, when that is more than the model is shown; it never reaches the last turn.
    """

    __tablename__ = "chat_sessions"
    __table_args__ = (
        # The start looks for turns that were cut off; few sessions run, many are kept.
        Index(
            "ix_chat_sessions_running_question_id",
            "running_question_id",
            sqlite_where=text("running_question_id IS NOT NULL"),
            postgresql_where=text("running_question_id IS NOT NULL"),
        ),
        # A person's sessions, newest first. Anonymous ones, which are most, stay out of it.
        Index(
            "ix_chat_sessions_user_id_updated_at_id",
            "user_id",
            "updated_at",
            "id",
            sqlite_where=text("user_id IS NOT NULL"),
            postgresql_where=text("user_id IS NOT NULL"),
        ),
        # Retention looks for old ones by when they began: that never changes, so that no turn
        # has to keep this index up.
        Index(
            "ix_chat_sessions_created_at",
            "created_at",
            sqlite_where=text("user_id IS NULL"),
            postgresql_where=text("user_id IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str | None] = mapped_column(
        String(36), ForeignKey("users.id", ondelete="CASCADE")
    )
    title: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    origin_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    running_question_id: Mapped[int | None]
    running_by: Mapped[str | None] = mapped_column(String(200))
    running_until: Mapped[datetime | None]
    summary: Mapped[str | None] = mapped_column(Text)
    summary_until: Mapped[int | None]

    messages: Mapped[list["ChatMessage"]] = relationship(
        back_populates="session", passive_deletes=True, order_by="ChatMessage.id"
    )


class ChatMessage(Base):
    """One question or one answer; an answer's `question_id` names what it answers.

    The row of an answer is made with its question, so that its id is known before its first word.
    Of several answers to a question, the versions, one `is_current`. The columns after
    `client_message_id` describe answers only.
    """

    __tablename__ = "chat_messages"
    __table_args__ = (
        Index("ix_chat_messages_session_id_id", "session_id", "id"),
        UniqueConstraint("session_id", "client_message_id"),
        # Ids are handed to clients and must never come back for another message.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("chat_sessions.id", ondelete="CASCADE")
    )
    role: Mapped[MessageRole]
    content: Mapped[str] = mapped_column(Text)
    timestamp: Mapped[datetime] = mapped_column(default=utc_now)
    status: Mapped[MessageStatus] = mapped_column(default=MessageStatus.COMPLETE)
    client_message_id: Mapped[str | None] = mapped_column(String(128))

    question_id: Mapped[int | None] = mapped_column(
        ForeignKey("chat_messages.id", ondelete="CASCADE"), index=True
    )
    is_current: Mapped[bool] = mapped_column(default=True, server_default=true())
    answered_by: Mapped[AnsweredBy | None]
    language: Mapped[str | None] = mapped_column(String(8))
    model: Mapped[str | None] = mapped_column(String(100))
    finish_reason: Mapped[str | None] = mapped_column(String(20))
    upstream_error: Mapped[str | None] = mapped_column(String(50))
    sources: Mapped[list[dict[str, Any]] | None]
    suggestions: Mapped[list[str] | None]
    unsupported: Mapped[list[str] | None]
    usage: Mapped[dict[str, Any] | None]
    feedback: Mapped[Rating | None]
    feedback_comment: Mapped[str | None] = mapped_column(String(1_000))

    session: Mapped[ChatSession] = relationship(back_populates="messages")
