"""A real SMTP server on loopback that keeps what it is handed, and can be told to refuse."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USERNAME, PASSWORD = "au-guru@example.com", "p@ss/word:1"


class Mailbox:
    """What was received, newest last. `refusals` are answered before a mail is taken."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.encrypted: list[bool] = []
        self.refusals: list[str] = []
        self.attempts = 0
        self._arrived = asyncio.Condition()

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail."""
        self.attempts += 1
        if self.refusals:
            return self.refusals.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        async with self._arrived:
            self._arrived.notify_all()
        return "250 OK"

    async def wait(self, count: int = 1, *, seconds: float = 10.0) -> EmailMessage:
        """The newest mail, when there are so many."""
        async with self._arrived, asyncio.timeout(seconds):
            await self._arrived.wait_for(lambda: len(self.mails) >= count)
        return self.mails[-1]


@asynccontextmanager
async def receive_mail(
    mailbox: Mailbox, *, ssl_context: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """Run the server on a free port, with TLS from the first byte when there is a context."""
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(mailbox, hostname="localhost", **options), "127.0.0.1", 0, ssl=ssl_context
    )
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def password_protected(context: ssl.SSLContext | None = None) -> dict[str, Any]:
    """Options of a server that wants the password, and TLS before it when there is a context."""

    def check(
        _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        is_right = (data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
        return AuthResult(success=is_right)

    return {
        "authenticator": check,
        "auth_required": True,
        "auth_require_tls": context is not None,
        "tls_context": context,
        "require_starttls": context is not None,
    }


def find_token(mailbox: Mailbox, page: str) -> str:
    """The token in the newest link to `page`; mails of several kinds come in any order."""
    links = [re.search(rf"/{page}\?token=(\S+)", mail.get_content()) for mail in mailbox.mails]
    return next(link[1] for link in reversed(links) if link is not None)
