"""Accounts, links and a mailer below HTTP, each of which can be told to fail."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.core.auth import TokenService
from backend.core.mail import Mail, Mailer, MailNotSent, MailServer
from backend.core.security import PasswordHasher
from backend.database import Database
from backend.models import LinkPurpose, OneTimeLink, User
from backend.services.link_service import LinkConfig, LinkService
from tests.service import SECRET

T = TypeVar("T")


def id_of(name: str) -> str:
    """The id of somebody's account."""
    return str(uuid5(NAMESPACE_URL, name))


class KeepingMailer(Mailer):
    """Keeps what it is to send, and fails as often as it is told."""

    def __init__(self) -> None:
        super().__init__(MailServer.parse("smtp://127.0.0.1:9"), sender="guru@au.edu")
        self.failures: list[MailNotSent] = []
        self.attempts = 0
        self.mails: list[Mail] = []

    async def send(self, mail: Mail) -> None:
        self.attempts += 1
        if self.failures:
            raise self.failures.pop(0)
        self.mails.append(mail)

    @property
    def sent_to(self) -> list[str]:
        return [mail.to.partition("@")[0] for mail in self.mails]

    @property
    def last_token(self) -> str:
        return self.mails[-1].text.partition("?token=")[2].split()[0]


class OddDatabase(Database):
    """Fails, or has something done to it, right before a change."""

    failure: Exception | None = None
    before: Callable[[Session], object] | None = None

    async def write(self, change: Callable[[Session], T]) -> T:
        failure, self.failure = self.failure, None
        before, self.before = self.before, None
        if failure:
            raise failure
        if before:
            await super().write(before)
        return await super().write(change)


class Post:
    """Services that send links, and those who may be sent one: they go by their names."""

    def __init__(self, database: OddDatabase, hasher: PasswordHasher) -> None:
        self.database = database
        self.mailer = KeepingMailer()
        self._hasher = hasher
        self.links = self.open()

    def open(self) -> LinkService:
        """A service that has not run yet."""
        config = LinkConfig("https://chat.au.edu", mailer=self.mailer, pauses=(0, 0))
        return LinkService(self.database, TokenService(SECRET), self._hasher, config)

    async def join(self, *names: str, **columns: Any) -> None:
        """Have accounts."""

        def add(db: Session) -> None:
            for name in names:
                person = {"id": id_of(name), "email": f"{name}@au.edu", "password_hash": "!"}
                db.execute(insert(User).values(**{**person, **columns}))

        await self.database.write(add)

    async def send(self, *wishes: tuple[LinkPurpose, str]) -> list[str]:
        """Wish for links one after the other; gives the names of all who were ever mailed."""
        async with asyncio.timeout(5):
            for purpose, name in wishes:
                links = self.open()
                async with links.running():
                    links.request(purpose, f"{name}@au.edu")
        return self.mailer.sent_to

    async def kept(self) -> set[tuple[str, LinkPurpose]]:
        """Whose links for what there are."""
        query = select(User.email, OneTimeLink.purpose).join_from(OneTimeLink, User)
        rows = await self.database.read(lambda db: db.execute(query).all())
        return {(email.removesuffix("@au.edu"), purpose) for email, purpose in rows}

    async def read(self, column: Any) -> dict[str, Any]:
        """A column of all accounts."""
        query = select(User.email, column)
        rows = await self.database.read(lambda db: db.execute(query).all())
        return {email.removesuffix("@au.edu"): value for email, value in rows}
