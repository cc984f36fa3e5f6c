"""Tests of `backend/services/accounts.py`: what the settings make of tokens and their secret."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from backend.core.account_errors import MailUnavailable
from backend.core.auth import Claims, TokenService, TokenType
from backend.core.errors import NotAuthenticated
from backend.database import Database
from backend.models import LinkPurpose
from backend.services.accounts import Accounts, beside_database, build_accounts
from backend.services.erasure import ErasureService
from tests.service import CHEAP, SECRET, make_settings

MAIL = {"SMTP_URL": "smtp://127.0.0.1:25", "MAIL_FROM": "guru@au.edu"}
CLAIMS = Claims("8c7b5a0e-29ff-4f5c-93cc-1b25d3c2a0f7", "", 1)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("sqlite:////srv/au/guru.db", "/srv/au/guru.lock"),
        ("sqlite:///data/guru.sqlite3", "data/guru.lock"),
        ("sqlite:///guru", "guru.lock"),
        ("postgresql://au:pw@db/guru", "au_guru.lock"),
    ],
)
def test_files_stand_beside_a_database_that_is_one_else_here(url: str, place: str) -> None:
    assert beside_database(make_settings(DATABASE_URL=url), ".lock") == Path(place)


Build = Callable[..., Accounts]


@pytest.fixture
def build(database: Database, database_url: str) -> Build:
    """Makes the services over one database, however they are set."""

    def make(**values: Any) -> Accounts:
        config = make_settings(**{"DATABASE_URL": database_url, **values})
        return build_accounts(config, database, ErasureService(database), hash_cost=CHEAP)

    return make


def sign(accounts: Accounts) -> str:
    tokens = accounts.sign_in_service.token_service
    return tokens.create(TokenType.RESET, CLAIMS, lifetime=timedelta(hours=1)).text


def read(accounts: Accounts, token: str) -> Claims:
    return accounts.sign_in_service.token_service.read(TokenType.RESET, token)


class TestTokens:
    async def test_are_signed_with_the_secret_that_is_set(self, build: Build) -> None:
        accounts = build()

        assert TokenService(SECRET).read(TokenType.RESET, sign(accounts)) == CLAIMS

    async def test_hold_as_long_as_is_set(self, build: Build) -> None:
        accounts = build(ACCESS_TOKEN_EXPIRE_MINUTES=7, REFRESH_TOKEN_EXPIRE_DAYS=3)
        tokens = accounts.sign_in_service.token_service

        assert tokens.lifetime == timedelta(minutes=7)
        assert tokens.refresh_lifetime == timedelta(days=3)
        assert accounts.link_service.token_service is tokens

    async def test_without_a_secret_outlive_a_restart(self, build: Build, tmp_path: Path) -> None:
        before, after = build(SECRET_KEY=None), build(SECRET_KEY=None)

        assert read(after, sign(before)) == CLAIMS
        assert (tmp_path / "test.secret").exists()
        with pytest.raises(NotAuthenticated):
            TokenService(SECRET).read(TokenType.RESET, sign(before))

    async def test_without_a_place_for_the_secret_hold_until_the_restart(
        self, build: Build, tmp_path: Path
    ) -> None:
        url = f"sqlite:///{tmp_path / 'missing' / 'x.db'}"

        with capture_logs() as lines:
            before = build(SECRET_KEY=None, DATABASE_URL=url)
            after = build(SECRET_KEY=None, DATABASE_URL=url)

        assert read(before, sign(before)) == CLAIMS
        with pytest.raises(NotAuthenticated):
            read(after, sign(before))
        assert [line["event"] for line in lines] == ["secret_not_kept"] * 2


class TestLinks:
    @pytest.mark.parametrize(
        "values",
        [
            MAIL,
            {**MAIL, "ENVIRONMENT": "production"},
            {},
        ],
    )
    async def test_are_to_be_had_with_a_mail_server_or_in_development(
        self, build: Build, values: dict[str, str]
    ) -> None:
        accounts = build(**values)

        accounts.link_service.request(LinkPurpose.RESET, "a@au.edu")

    async def test_are_refused_to_everybody_where_nobody_can_get_them(self, build: Build) -> None:
        accounts = build(ENVIRONMENT="production")

        with pytest.raises(MailUnavailable):
            accounts.link_service.request(LinkPurpose.RESET, "a@au.edu")


async def test_the_hashing_threads_go_with_the_service(build: Build) -> None:
    accounts = build()

    async with accounts.running():
        assert await accounts.hasher.hash("a long passphrase")

    with pytest.raises(RuntimeError):
        await accounts.hasher.hash("a long passphrase")
