"""The parts of the service that the settings decide on."""

from typing import TYPE_CHECKING

from backend.config import Settings
from backend.core.gemini import AUGeminiClient, GeminiConfig, build_gemini_client
from backend.core.meter import UNMETERED, Meter
from backend.core.worker import current_worker
from backend.database import Database
from backend.services.accounts import beside_database
from backend.services.erasure import ErasureService
from backend.services.knowledge.bindery import Bindery
from backend.services.knowledge_service import KnowledgeService
from backend.services.reply import ReplyWriter
from backend.services.retention import RetentionService
from backend.services.summary_service import SummaryService
from backend.services.turn_engine import STORE_PATIENCE_SECONDS, TurnEngine
from backend.services.turn_store import TurnStore

if TYPE_CHECKING:
    from backend.core.redis_client import RedisClient
    from backend.core.replay_redis import RedisReplays


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


def turn_seconds(config: Settings) -> float:
    """The longest that a turn may take."""
    return config.GEMINI_TIMEOUT_SECONDS + STORE_PATIENCE_SECONDS


def build_engine(
    config: Settings,
    database: Database,
    reply_writer: ReplyWriter,
    summary_service: SummaryService,
    meter: Meter,
) -> TurnEngine:
    """What takes turns, one at a time in each session."""
    turn_store = TurnStore(
        current_worker(),
        history_token_budget=config.HISTORY_TOKEN_BUDGET,
    )
    return TurnEngine(
        database, reply_writer, turn_store, when_stored=summary_service.fold_soon, meter=meter
    )


def build_retention(
    config: Settings, database: Database, erasure_service: ErasureService
) -> RetentionService:
    """What erases anonymous sessions when they are old enough."""
    return RetentionService(
        database,
        current_worker(),
        days=config.SESSION_RETENTION_DAYS,
        scrub=erasure_service.scrub_soon,
    )


def open_replays(config: Settings) -> "RedisReplays | None":
    """Running answers in Redis, when the settings name one."""
    if config.REDIS_URL is None:
        return None
    from backend.core.replay_redis import RedisReplays  # noqa: PLC0415 - see its docstring

    url = config.REDIS_URL.get_secret_value()
    return RedisReplays(url, running_seconds=turn_seconds(config))


def open_redis(config: Settings) -> "RedisClient | None":
    """Redis, when the settings name one."""
    if config.REDIS_URL is None:
        return None
    from backend.core.redis_client import RedisClient  # noqa: PLC0415 - see its docstring

    return RedisClient(config.REDIS_URL.get_secret_value())
