"""The services of accounts, made together: they share the hashing and the tokens."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import make_url

from backend.config import Environment, Settings
from backend.core.auth import TokenService, load_or_create_secret
from backend.core.mail import Mailer, MailServer
from backend.core.security import HashCost, PasswordHasher
from backend.database import Database
from backend.services.erasure import ErasureService
from backend.services.link_service import LinkConfig, LinkService
from backend.services.session_export import SessionExport
from backend.services.sign_in_service import SignInService
from backend.services.user_admin import UserAdmin
from backend.services.user_export import UserExport
from backend.services.user_service import UserService

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Accounts:
    """All that has to do with people."""

    hasher: PasswordHasher
    sign_in_service: SignInService
    user_service: UserService
    user_admin: UserAdmin
    link_service: LinkService
    user_export: UserExport

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send links until the context ends, then let the hashing threads go."""
        try:
            async with self.link_service.running():
                yield
        finally:
            self.hasher.close()


def build_accounts(
    config: Settings,
    database: Database,
    erasure_service: ErasureService,
    *,
    hash_cost: HashCost | None = None,
) -> Accounts:
    """The services that the settings describe, over one database."""
    hasher = PasswordHasher(hash_cost)
    token_service = _build_token_service(config)
    link_service = LinkService(database, token_service, hasher, _describe_links(config))
    sign_in_service = SignInService(database, token_service, hasher)
    return Accounts(
        hasher=hasher,
        sign_in_service=sign_in_service,
        user_service=UserService(database, sign_in_service, hasher, link_service, erasure_service),
        user_admin=UserAdmin(database, hasher, erasure_service),
        link_service=link_service,
        user_export=UserExport(database, SessionExport(database)),
    )


def _describe_links(config: Settings) -> LinkConfig:
    mailer = None
    if config.SMTP_URL is not None:
        server = MailServer.parse(config.SMTP_URL.get_secret_value())
        mailer = Mailer(server, sender=config.MAIL_FROM)
    is_development = config.ENVIRONMENT is Environment.DEVELOPMENT
    return LinkConfig(public_url=config.PUBLIC_URL, mailer=mailer, log_links=is_development)


def _build_token_service(config: Settings) -> TokenService:
    """With the set key, or in development with one that is kept beside the database."""
    if config.SECRET_KEY is not None:
        secret = config.SECRET_KEY.get_secret_value()
    else:
        secret = _development_secret(beside_database(config, ".secret"))
    return TokenService(
        secret,
        algorithm=config.ALGORITHM,
        lifetime_minutes=config.ACCESS_TOKEN_EXPIRE_MINUTES,
        refresh_days=config.REFRESH_TOKEN_EXPIRE_DAYS,
    )


def _development_secret(path: Path) -> str:
    try:
        return load_or_create_secret(path)
    except OSError:
        logger.warning("secret_not_kept", reason="the folder of the database cannot be written")
        return secrets.token_urlsafe(48)


def beside_database(config: Settings, suffix: str) -> Path:
    """Where what belongs to this service alone is kept: beside a SQLite database, else here."""
    url = make_url(config.DATABASE_URL)
    file = url.database if url.get_backend_name() == "sqlite" else None
    return Path(file or "au_guru.db").with_suffix(suffix)
