"""All routes of the service under their prefixes."""

from typing import Final

from starlette.routing import BaseRoute

from backend.api import health, metrics
from backend.api.v1 import (
    audit,
    chat,
    chat_stream,
    chat_usage,
    chat_versions,
    knowledge,
    knowledge_admin,
    knowledge_gaps,
    sessions,
    user_admin,
    user_links,
    users,
)

_PARTS: Final = (
    *(health, metrics),
    *(chat, chat_stream, chat_usage, chat_versions, sessions),
    *(users, user_links, user_admin),
    # Before the routes of categories, which take any name.
    *(knowledge_gaps, knowledge_admin, knowledge),
    audit,
)


def all_routes() -> list[BaseRoute]:
    """Every route but the pages at `/docs`, made once for all applications of a process."""
    return [route for part in _PARTS for route in part.router.routes]
