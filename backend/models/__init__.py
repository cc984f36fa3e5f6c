"""Tables and their enums. Importing the package fills `Base.metadata`."""

from backend.models.audit import AuditAction, AuditEvent
from backend.models.background_task import BackgroundTask
from backend.models.base import Base
from backend.models.chat import (
    AnsweredBy,
    ChatMessage,
    ChatSession,
    MessageRole,
    MessageStatus,
    Rating,
)
from backend.models.knowledge import EditAction, KnowledgeGap, KnowledgeVersion
from backend.models.user import LinkPurpose, OneTimeLink, SignIn, User, UserRole
from backend.models.vector import KnowledgeVector

__all__ = [
    "AnsweredBy",
    "AuditAction",
    "AuditEvent",
    "BackgroundTask",
    "Base",
    "ChatMessage",
    "ChatSession",
    "EditAction",
    "KnowledgeGap",
    "KnowledgeVector",
    "KnowledgeVersion",
    "LinkPurpose",
    "MessageRole",
    "MessageStatus",
    "OneTimeLink",
    "Rating",
    "SignIn",
    "User",
    "UserRole",
]
