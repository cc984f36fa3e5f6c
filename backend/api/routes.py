"""All routes of the service under their prefixes."""

from functools import cache
from typing import Final

from fastapi import APIRouter
from starlette.routing import BaseRoute

from backend.api import health, metrics
from backend.api.openapi import operation_id
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

API_PREFIX: Final = "/api/v1"


@cache
def all_routes() -> tuple[BaseRoute, ...]:
    """Every route but the pages at `/docs`, made once for all applications of a process.

    FastAPI resolves what an included router inherits at the first request, for every route
    again; an application that included the routers itself would pay that anew.
    """
    router = APIRouter(generate_unique_id_function=operation_id)
    router.include_router(health.router)
    router.include_router(metrics.router)
    for part in (chat, chat_stream, chat_usage, chat_versions, sessions):
        router.include_router(part.router, prefix=f"{API_PREFIX}/chat", tags=["chat"])
    for part in (users, user_links, user_admin):
        router.include_router(part.router, prefix=f"{API_PREFIX}/users", tags=["users"])
    # Before the routes of categories, which take any name.
    for part in (knowledge_gaps, knowledge_admin, knowledge):
        router.include_router(part.router, prefix=f"{API_PREFIX}/knowledge", tags=["knowledge"])
    router.include_router(audit.router, prefix=f"{API_PREFIX}/audit", tags=["audit"])
    return tuple(router.routes)
