"""Mail, handed to an SMTP server.

aiosmtplib is imported with the first mail.
"""

import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from typing import Final, Self
from urllib.parse import unquote, urlsplit

MAIL_SCHEMES: Final = frozenset({"smtp", "smtps", "starttls"})
_PORTS: Final = {"smtp": 25, "smtps": 465, "starttls": 587}
_TIMEOUT_SECONDS: Final = 10.0
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class MailNotSent(Exception):
    """The server did not take a mail. `is_final`: it will not take it later either."""

    def __init__(self, reason: str, *, is_final: bool) -> None:
        self.reason = reason
        self.is_final = is_final
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in.

    `scheme` says how the line is protected: `smtps` from the first byte, `starttls` before
    anything is said, `smtp` when the server offers it, and always before a password is sent to
    another machine.
    """

    scheme: str
    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `smtp://user:password@host:port`; user, password and port may be left out."""
        parts = urlsplit(url)
        return cls(
            scheme=parts.scheme,
            host=parts.hostname or "",
            port=parts.port or _PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    @property
    def start_tls(self) -> bool | None:
        """Whether the line must be protected after connecting; None when it may be."""
        if self.scheme == "smtps":
            return False
        is_exposed = self.username is not None and self.host not in _LOOPBACK
        return True if self.scheme == "starttls" or is_exposed else None


@dataclass(frozen=True, slots=True)
class Mail:
    """A plain text to one person."""

    to: str
    subject: str
    text: str


class Mailer:
    """Hands mails to a server, one connection each.

    `tls` is for a server whose certificate the system does not know.
    """

    def __init__(
        self, server: MailServer, *, sender: str, tls: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._sender = sender
        # Not asked of the system: it would ask the network, and wait.
        self._domain = parseaddr(sender)[1].rpartition("@")[2]
        self._tls = tls

    async def send(self, mail: Mail) -> None:
        """Hand in one mail.

        Raises:
            MailNotSent: the server is away or refused it.
        """
        import aiosmtplib

        server = self._server
        try:
            await aiosmtplib.send(
                self._compose(mail),
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password,
                use_tls=server.scheme == "smtps",
                start_tls=server.start_tls,
                local_hostname=self._domain,
                tls_context=self._tls,
                timeout=_TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPResponseException as exc:
            # Not its words: they repeat the address.
            raise MailNotSent(f"answer {exc.code}", is_final=exc.code >= 500) from None
        except aiosmtplib.SMTPRecipientsRefused as exc:
            final = all(refusal.code >= 500 for refusal in exc.recipients)
            raise MailNotSent("recipient refused", is_final=final) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as exc:
            final = isinstance(exc, aiosmtplib.SMTPNotSupported | ValueError)
            raise MailNotSent(type(exc).__name__, is_final=final) from None

    def _compose(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = _with_ascii_domain(mail.to)
        message["Subject"] = mail.subject
        message["Date"] = formatdate(usegmt=True)
        message["Message-ID"] = make_msgid(domain=self._domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message


def _with_ascii_domain(address: str) -> str:
    """Every server understands the host's name so; the part before the @ is the person's."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"
