"""The application: what it is made of, and in which order it opens and closes."""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.middleware import Middleware

from backend.api.cors import ProblemCORSMiddleware
from backend.api.docs import serve_docs
from backend.api.edge import EdgeMiddleware
from backend.api.middleware import (
    BodyLimitMiddleware,
    ErrorBoundaryMiddleware,
    HostMiddleware,
    PaceMiddleware,
    RequestIdMiddleware,
    TrailingSlashMiddleware,
)
from backend.api.openapi import describe_api
from backend.api.page import frame_ancestors, serve_page
from backend.api.part import API_PREFIX
from backend.api.problem import register_problem_handlers
from backend.api.routes import all_routes
from backend.api.trace import TraceMiddleware
from backend.config import Environment, Settings, settings
from backend.core.log import configure_logging
from backend.core.meter import UNMETERED
from backend.core.request_limit import build_request_limiter
from backend.core.security import HashCost
from backend.core.termination import ending_with_parent
from backend.core.tracing import traces_wanted
from backend.database import Database, database
from backend.parts import (
    build_engine,
    build_gemini,
    build_gemini_config,
    build_knowledge,
    build_retention,
    open_redis,
    open_replays,
    turn_seconds,
)
from backend.services.accounts import build_accounts
from backend.services.audit_service import AuditService
from backend.services.chat_service import ChatService
from backend.services.erasure import ErasureService
from backend.services.feedback_service import FeedbackService
from backend.services.gap_service import GapService
from backend.services.health_service import HealthService
from backend.services.knowledge.watcher import watching
from backend.services.knowledge_editor import KnowledgeEditor
from backend.services.knowledge_service import KnowledgeService
from backend.services.meaning import build_meaning_reader
from backend.services.preparation import Preparation
from backend.services.reply import ReplyWriter
from backend.services.session_export import SessionExport
from backend.services.session_service import SessionService
from backend.services.stream_service import StreamService
from backend.services.summary_service import SummaryService
from backend.services.usage_service import UsageService
from backend.telemetry import Telemetry

if TYPE_CHECKING:
    from backend.core.redis_client import RedisClient

SWITCH_SECONDS: Final = 0.001
"""How long the event loop waits for the interpreter when a thread that writes to the database has
it. Python's 5 ms, over and over, were most of what /health took among 500 turns."""


def create_app(
    config: Settings = settings,
    *,
    database: Database = database,
    knowledge_service: KnowledgeService | None = None,
    hash_cost: HashCost | None = None,
) -> FastAPI:
    """Compose the service; nothing is opened before its lifespan starts.

    The knowledge is read from the folder that the settings name unless it is given. `hash_cost`
    is what a password costs, the full price unless it is given.
    """
    app = FastAPI(
        title="AU-GURU API",
        description="Backend API for AU-GURU Chatbot",
        version="1.0.0",
        lifespan=_lifespan,
        middleware=_middleware(config),
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = config
    app.state.database = database
    app.state.knowledge_service = knowledge_service
    app.state.hash_cost = hash_cost
    app.state.meter = UNMETERED
    app.state.route_names = None
    app.state.metrics_service = None
    app.state.otel = None
    app.router.routes.extend(all_routes())
    serve_docs(app)
    serve_page(app, config.FRONTEND_DIR, ancestors=frame_ancestors(config))
    register_problem_handlers(app)
    describe_api(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    config: Settings = app.state.settings
    sys.setswitchinterval(SWITCH_SECONDS)
    configure_logging(config.LOG_LEVEL, config.LOG_FORMAT)
    database: Database = app.state.database
    telemetry = Telemetry(app, config)
    redis_client = open_redis(config)
    _open_chat(app, telemetry)
    _open_people(app, redis_client)
    preparation = Preparation(
        database,
        app.state.chat_service.mark_interrupted,
        migrates=config.ENVIRONMENT is Environment.DEVELOPMENT,
    )
    async with (
        telemetry.running(),
        preparation.running(),
        app.state.gap_service.running(),
        app.state.meaning_reader.running(),
        app.state.accounts.running(),
        app.state.erasure_service.running(),
        build_retention(config, database, app.state.erasure_service).running(),
        app.state.summary_service.running(),
        app.state.stream_service.running(grace=config.SHUTDOWN_GRACE_SECONDS),
    ):
        reload = partial(app.state.knowledge_service.reload, wait=False)
        with ending_with_parent(), watching(reload):
            yield
    await app.state.gemini_client.aclose()
    if redis_client is not None:
        await redis_client.aclose()
    database.dispose()


def _open_chat(app: FastAPI, telemetry: Telemetry) -> None:
    """Make what answers: knowledge, model, and the turns between them."""
    config: Settings = app.state.settings
    database: Database = app.state.database
    gemini_client = build_gemini(config, telemetry.meter)
    knowledge_service = app.state.knowledge_service or build_knowledge(config)
    gap_service = GapService(database, knowledge_service)
    meaning_reader = build_meaning_reader(
        config, build_gemini_config(config), database, knowledge_service
    )
    summary_service = SummaryService(database, gemini_client)
    reply_writer = ReplyWriter(
        gemini_client,
        knowledge_service,
        answer_seconds=config.GEMINI_TIMEOUT_SECONDS,
        note_gap=gap_service.note,
        meaning_reader=meaning_reader,
    )
    engine = build_engine(config, database, reply_writer, summary_service, telemetry.meter)
    erasure_service = ErasureService(database)
    app.state.gemini_client = gemini_client
    app.state.knowledge_service = knowledge_service
    app.state.gap_service = gap_service
    app.state.meaning_reader = meaning_reader
    app.state.summary_service = summary_service
    app.state.erasure_service = erasure_service
    app.state.chat_service = ChatService(
        database, engine, erasure_service, turn_seconds=turn_seconds(config)
    )
    app.state.stream_service = StreamService(engine, replays=open_replays(config))
    telemetry.watch(engine, gemini_client, knowledge_service)


def _open_people(app: FastAPI, redis_client: "RedisClient | None") -> None:
    """Make what people do besides asking, and what looks after it; the chat is there by now."""
    state = app.state
    config: Settings = state.settings
    database: Database = state.database
    state.knowledge_editor = KnowledgeEditor(
        config.KNOWLEDGE_DIR, database, state.knowledge_service
    )
    state.session_service = SessionService(database)
    state.session_export = SessionExport(database)
    state.feedback_service = FeedbackService(database)
    state.usage_service = UsageService(database)
    state.audit_service = AuditService(database)
    state.accounts = build_accounts(
        config, database, state.erasure_service, hash_cost=state.hash_cost
    )
    state.request_limiter = build_request_limiter(config, redis_client)
    state.health_service = HealthService(
        database,
        state.knowledge_service,
        state.gemini_client,
        redis_client,
        state.meaning_reader,
    )


def _middleware(config: Settings) -> list[Middleware]:
    """Outermost first: ids on everything, CORS on every failure too."""
    return [
        Middleware(PaceMiddleware),
        Middleware(
            EdgeMiddleware,
            proxies=config.TRUSTED_PROXIES,
            hsts=config.ENVIRONMENT is Environment.PRODUCTION,
        ),
        Middleware(RequestIdMiddleware),
        *([Middleware(TraceMiddleware)] if traces_wanted() else []),
        Middleware(
            ProblemCORSMiddleware,
            allow_origins=config.ALLOWED_ORIGINS,
            allow_credentials=True,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=[
                "ETag",
                "RateLimit-Limit",
                "RateLimit-Remaining",
                "RateLimit-Reset",
                "Retry-After",
                "X-Request-ID",
            ],
        ),
        Middleware(ErrorBoundaryMiddleware),
        Middleware(HostMiddleware, hosts=config.ALLOWED_HOSTS, origins=config.ALLOWED_ORIGINS),
        Middleware(BodyLimitMiddleware, max_bytes=config.MAX_BODY_BYTES),
        Middleware(TrailingSlashMiddleware, prefix=API_PREFIX),
    ]


app = create_app()

# What is imported by now lives as long as the process. Every full collection would walk through
# all of it, and answers and health checks would wait that long. The command line has switched
# the collector off until here.
gc.freeze()
gc.enable()
