"""Tables and their enums. Importing the package fills `Base.metadata`."""

from backend.models.base import Base
from backend.models.chat import AnsweredBy, ChatMessage, ChatSession, MessageRole, MessageStatus
from backend.models.knowledge import EditAction, KnowledgeGap, KnowledgeVersion
from backend.models.user import User, UserRole

__all__ = [
    "AnsweredBy",
    "Base",
    "ChatMessage",
    "ChatSession",
    "EditAction",
    "KnowledgeGap",
    "KnowledgeVersion",
    "MessageRole",
    "MessageStatus",
    "User",
    "UserRole",
]
