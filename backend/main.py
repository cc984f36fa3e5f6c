"""The application: what it is made of, and in which order it opens and closes."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
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
from backend.api.problem import register_problem_handlers
from backend.api.routes import API_PREFIX, all_routes
from backend.api.trace import TraceMiddleware
from backend.config import Environment, Settings, settings
from backend.core.gemini import AUGeminiClient, GeminiConfig, build_gemini_client
from backend.core.log import configure_logging
from backend.core.meter import UNMETERED, Meter
from backend.core.request_limit import build_request_limiter
from backend.core.security import HashCost
from backend.core.tracing import traces_wanted
from backend.core.worker import current_worker
from backend.database import Database, database
from backend.services.accounts import beside_database, build_accounts
from backend.services.audit_service import AuditService
from backend.services.chat_service import ChatService
from backend.services.erasure import ErasureService
from backend.services.feedback_service import FeedbackService
from backend.services.gap_service import GapService
from backend.services.health_service import HealthService
from backend.services.knowledge.bindery import Bindery
from backend.services.knowledge.watcher import watching
from backend.services.knowledge_editor import KnowledgeEditor
from backend.services.knowledge_service import KnowledgeService
from backend.services.meaning import build_meaning_reader
from backend.services.preparation import Preparation
from backend.services.reply import ReplyWriter
from backend.services.retention import RetentionService
from backend.services.session_export import SessionExport
from backend.services.session_service import SessionService
from backend.services.stream_service import StreamService
from backend.services.summary_service import SummaryService
from backend.services.turn_engine import STORE_PATIENCE_SECONDS, TurnEngine
from backend.services.turn_store import TurnStore
from backend.services.usage_service import UsageService
from backend.telemetry import Telemetry

if TYPE_CHECKING:
    from backend.core.redis_client import RedisClient
    from backend.core.replay_redis import RedisReplays

logger = structlog.get_logger(__name__)


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
    configure_logging(config.LOG_LEVEL, config.LOG_FORMAT)
    database: Database = app.state.database
    telemetry = Telemetry(app, config)
    gemini_client = build_gemini(config, telemetry.meter)
    knowledge_service = app.state.knowledge_service or build_knowledge(config)
    redis_client = _open_redis(config)
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
    engine = _build_engine(config, database, reply_writer, summary_service, telemetry.meter)
    erasure_service = ErasureService(database)
    chat_service = ChatService(
        database, engine, erasure_service, turn_seconds=_turn_seconds(config)
    )
    stream_service = StreamService(engine, replays=_open_replays(config))
    app.state.gemini_client = gemini_client
    app.state.knowledge_service = knowledge_service
    app.state.gap_service = gap_service
    app.state.meaning_reader = meaning_reader
    app.state.knowledge_editor = KnowledgeEditor(config.KNOWLEDGE_DIR, database, knowledge_service)
    app.state.chat_service = chat_service
    app.state.erasure_service = erasure_service
    app.state.stream_service = stream_service
    app.state.summary_service = summary_service
    app.state.session_service = SessionService(database)
    app.state.session_export = SessionExport(database)
    app.state.feedback_service = FeedbackService(database)
    app.state.usage_service = UsageService(database)
    app.state.audit_service = AuditService(database)
    accounts = build_accounts(config, database, erasure_service, hash_cost=app.state.hash_cost)
    app.state.accounts = accounts
    app.state.request_limiter = build_request_limiter(config, redis_client)
    app.state.health_service = HealthService(
        database, knowledge_service, gemini_client, redis_client, meaning_reader
    )
    telemetry.watch(engine, gemini_client, knowledge_service)
    preparation = Preparation(
        database,
        chat_service.mark_interrupted,
        migrates=config.ENVIRONMENT is Environment.DEVELOPMENT,
    )
    async with (
        telemetry.running(),
        preparation.running(),
        gap_service.running(),
        meaning_reader.running(),
        accounts.running(),
        erasure_service.running(),
        _build_retention(config, database, erasure_service).running(),
        summary_service.running(),
        stream_service.running(grace=config.SHUTDOWN_GRACE_SECONDS),
    ):
        with watching(partial(knowledge_service.reload, wait=False)):
            yield
    await gemini_client.aclose()
    if redis_client is not None:
        await redis_client.aclose()
    database.dispose()


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


def build_gemini(config: Settings, meter: Meter = UNMETERED) -> AUGeminiClient:
    """The Gemini client that the settings describe; without a key it says so when asked."""
    return build_gemini_client(build_gemini_config(config), meter)


def build_gemini_config(config: Settings) -> GeminiConfig:
    """How Gemini is reached."""
    key = config.GEMINI_API_KEY
    return GeminiConfig(
        api_key=key.get_secret_value() if key else None,
        model=config.GEMINI_MODEL,
        base_url=config.GEMINI_BASE_URL,
        transport=config.GEMINI_TRANSPORT,
        thinking_level=config.GEMINI_THINKING_LEVEL,
        max_output_tokens=config.GEMINI_MAX_OUTPUT_TOKENS,
        timeout_seconds=config.GEMINI_TIMEOUT_SECONDS,
    )


def build_knowledge(config: Settings) -> KnowledgeService:
    """The university's facts, read from the folder that the settings name."""
    cache = config.KNOWLEDGE_CACHE_DIR or beside_database(config, ".cache")
    return KnowledgeService(
        config.KNOWLEDGE_DIR, token_budget=config.CONTEXT_TOKEN_BUDGET, bindery=Bindery(cache)
    )


def _turn_seconds(config: Settings) -> float:
    """The longest that a turn may take."""
    return config.GEMINI_TIMEOUT_SECONDS + STORE_PATIENCE_SECONDS


def _build_engine(
    config: Settings,
    database: Database,
    reply_writer: ReplyWriter,
    summary_service: SummaryService,
    meter: Meter,
) -> TurnEngine:
    turn_store = TurnStore(
        current_worker(),
        lease=timedelta(seconds=_turn_seconds(config) + 30),
        history_token_budget=config.HISTORY_TOKEN_BUDGET,
    )
    return TurnEngine(
        database, reply_writer, turn_store, when_stored=summary_service.fold_soon, meter=meter
    )


def _build_retention(
    config: Settings, database: Database, erasure_service: ErasureService
) -> RetentionService:
    return RetentionService(
        database,
        current_worker(),
        days=config.SESSION_RETENTION_DAYS,
        scrub=erasure_service.scrub_soon,
    )


def _open_replays(config: Settings) -> "RedisReplays | None":
    """Running answers in Redis, when the settings name one."""
    if config.REDIS_URL is None:
        return None
    from backend.core.replay_redis import RedisReplays  # noqa: PLC0415 - see its docstring

    url = config.REDIS_URL.get_secret_value()
    return RedisReplays(url, running_seconds=_turn_seconds(config))


def _open_redis(config: Settings) -> "RedisClient | None":
    """Redis, when the settings name one."""
    if config.REDIS_URL is None:
        return None
    from backend.core.redis_client import RedisClient  # noqa: PLC0415 - see its docstring

    return RedisClient(config.REDIS_URL.get_secret_value())


app = create_app()

# What is imported by now lives as long as the process. Every full collection would walk through
# all of it, and answers and health checks would wait that long.
gc.freeze()
