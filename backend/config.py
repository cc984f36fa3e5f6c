"""Settings: the plan's and ours; a bad value stops the start."""

from enum import StrEnum
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from backend.setting_types import (
    Ancestors,
    ApiKey,
    BaseUrl,
    CacheFolder,
    DatabaseUrl,
    EmbedderName,
    Folder,
    Hosts,
    LogLevel,
    MetricsToken,
    ModelName,
    Origins,
    Proxies,
    PublicUrl,
    Rate,
    RedisUrl,
    Sender,
    SigningKey,
    SmtpUrl,
)

MIN_SECRET_LENGTH: Final = 32
"""Characters: HS256 wants a key at least as long as its 256-bit digest (RFC 7518, 3.2)."""

_MIN_SECRET_VARIETY: Final = 8
"""Different characters: forty blanks are long too."""


class Environment(StrEnum):
    """Where the service runs; production refuses what development forgives."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(Exception):
    """A setting is wrong; the message is one line fit to print at the start."""


class Settings(BaseSettings):
    """Read from the environment, then from `.env`; unknown keys there are ignored."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    # The plan's.
    DATABASE_URL: DatabaseUrl = "sqlite:///./au_guru.db"
    GEMINI_API_KEY: ApiKey = None
    SECRET_KEY: SigningKey = None
    ALGORITHM: Literal["HS256"] = "HS256"
    ACCESS_TOKEN_EXPIRE_MINUTES: int = Field(default=30, ge=1, le=1_440)
    ALLOWED_ORIGINS: Origins = ("http://localhost:3000",)

    # Accounts.
    REFRESH_TOKEN_EXPIRE_DAYS: int = Field(default=30, ge=1, le=365)
    SMTP_URL: SmtpUrl = None
    MAIL_FROM: Sender = ""
    PUBLIC_URL: PublicUrl = "http://localhost:3000"

    # The service.
    ENVIRONMENT: Environment = Environment.DEVELOPMENT
    ALLOWED_HOSTS: Hosts = ()
    TRUSTED_PROXIES: Proxies = ()
    FRONTEND_DIR: Folder = Path("frontend/out")
    FRAME_ANCESTORS: Ancestors = ()
    MAX_BODY_BYTES: int = Field(default=524_288, ge=1_024, le=67_108_864)
    SHUTDOWN_GRACE_SECONDS: float = Field(default=8.0, ge=0, le=600)
    LOG_LEVEL: LogLevel = "INFO"
    LOG_FORMAT: Literal["console", "json"] = "console"
    METRICS_ENABLED: bool = True
    METRICS_TOKEN: MetricsToken = None

    # The database.
    DB_POOL_SIZE: int = Field(default=5, ge=1, le=200)
    DB_MAX_OVERFLOW: int = Field(default=5, ge=0, le=200)

    # Gemini.
    GEMINI_MODEL: ModelName = "gemini-3.5-flash-lite"
    GEMINI_BASE_URL: BaseUrl = "https://generativelanguage.googleapis.com"
    GEMINI_TRANSPORT: Literal["rest", "sdk"] = "rest"
    GEMINI_THINKING_LEVEL: Literal["", "minimal", "low", "medium", "high"] = ""
    GEMINI_MAX_OUTPUT_TOKENS: int = Field(default=1_024, ge=16, le=65_536)
    GEMINI_TIMEOUT_SECONDS: float = Field(default=30.0, ge=0.1, le=600.0)

    # Knowledge.
    KNOWLEDGE_DIR: Folder = Path("data")
    KNOWLEDGE_CACHE_DIR: CacheFolder = None
    CONTEXT_TOKEN_BUDGET: int = Field(default=1_500, ge=50, le=200_000)
    HISTORY_TOKEN_BUDGET: int = Field(default=2_000, ge=0, le=200_000)

    # Vectors.
    EMBEDDER: EmbedderName = "off"
    GEMINI_EMBEDDING_MODEL: ModelName = "gemini-embedding-2"

    # Shared state, limits and retention.
    REDIS_URL: RedisUrl = None
    RATE_LIMIT_ENABLED: bool = True
    RATE_LIMIT_CHAT: Rate = "3000/minute"
    RATE_LIMIT_CHAT_USER: Rate = "300/minute"
    RATE_LIMIT_READ: Rate = "3000/minute"
    RATE_LIMIT_AUTH: Rate = "10/minute, 100/hour"
    RATE_LIMIT_AUTH_ADDRESS: Rate = "300/minute, 3000/hour"
    SESSION_RETENTION_DAYS: int = Field(default=0, ge=0, le=36_500)

    @model_validator(mode="after")
    def _check_mail(self) -> Self:
        if self.SMTP_URL is not None and not self.MAIL_FROM:
            raise ValueError("MAIL_FROM must be set together with SMTP_URL")
        return self

    @model_validator(mode="after")
    def _check_secret(self) -> Self:
        secret = self.SECRET_KEY.get_secret_value() if self.SECRET_KEY else ""
        weak = len(secret.strip()) < MIN_SECRET_LENGTH or len(set(secret)) < _MIN_SECRET_VARIETY
        if self.ENVIRONMENT is Environment.PRODUCTION and weak:
            raise ValueError(
                f"SECRET_KEY must be set to at least {MIN_SECRET_LENGTH} random characters in "
                "production; make one with: python -c 'import secrets; "
                "print(secrets.token_urlsafe(48))'"
            )
        return self

    @property
    def shows_metrics(self) -> bool:
        """Whether anybody may read metrics: in production only with a token."""
        is_open = self.ENVIRONMENT is Environment.DEVELOPMENT or self.METRICS_TOKEN is not None
        return self.METRICS_ENABLED and is_open


def load_settings() -> Settings:
    """Read the settings, telling what is wrong in one line.

    Raises:
        SettingsError: a value is missing or wrong; its message never holds the value of a secret.
    """
    try:
        return Settings()
    except UnicodeDecodeError:
        raise SettingsError(".env: is not UTF-8") from None
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{where}: {message}" if where else message) from None


try:
    settings = load_settings()
except SettingsError as exc:
    raise SystemExit(f"Cannot start: {exc}") from None
