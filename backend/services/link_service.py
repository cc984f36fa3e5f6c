"""Links that prove somebody reads an address: for a new password, and to confirm the address."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.account_errors import InvalidLink, MailUnavailable
from backend.core.auth import Claims, Token, TokenService, TokenType, hash_token
from backend.core.errors import DatabaseUnavailable, NotAuthenticated
from backend.core.mail import Mailer, MailNotSent
from backend.core.security import PasswordHasher, check_strength
from backend.database import Database
from backend.models.base import utc_now
from backend.models.user import LinkPurpose, OneTimeLink, User
from backend.services.account_store import clean_expired, find_by_email, run, set_password
from backend.services.letter import make_link, write_letter

LIFETIMES: Final = {LinkPurpose.RESET: timedelta(hours=1), LinkPurpose.CONFIRM: timedelta(hours=72)}
AGAIN_AFTER: Final = timedelta(seconds=60)
"""How long after a mail the next one of its kind may be sent: nobody's mailbox is to be filled."""

MAX_WAITING: Final = 1_000
_SENDERS: Final = 2
_CLOSING_SECONDS: Final = 5.0

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LinkConfig:
    """How links are made and sent.

    `public_url` is where the pages are that take them. Without a `mailer` they are only written
    to the log, with `log_links`, or refused. `pauses` are the seconds before further attempts.
    """

    public_url: str
    mailer: Mailer | None = None
    log_links: bool = False
    pauses: Sequence[float] = (1.0, 5.0)


@dataclass(frozen=True, slots=True)
class _Wish:
    purpose: LinkPurpose
    email: str


class LinkService:
    """Sends links and takes them back, each once.

    A wish for one is only put down; a task of its own looks for the account, stores the link's
    hash and sends it. So whoever asks learns neither from the answer nor from its time whether
    there is such an account. What waits is lost with the process: whoever misses it asks again.
    """

    def __init__(
        self,
        database: Database,
        token_service: TokenService,
        hasher: PasswordHasher,
        config: LinkConfig,
    ) -> None:
        self.database = database
        self.token_service = token_service
        self.hasher = hasher
        self._config = config
        self._wishes: asyncio.Queue[_Wish] = asyncio.Queue(MAX_WAITING)
        self._is_ending = False

    def request(self, purpose: LinkPurpose, email: str) -> None:
        """Have a link mailed to `email`, if there is an account that it is good for.

        Raises:
            MailUnavailable: no mail can be sent to anybody.
        """
        if self._config.mailer is None and not self._config.log_links:
            raise MailUnavailable
        try:
            self._wishes.put_nowait(_Wish(purpose, email))
        except asyncio.QueueFull as exc:
            raise MailUnavailable(retry_after=60) from exc

    def offer_confirmation(self, user: User) -> None:
        """Have the address of a new or changed account confirmed, where mail can be sent."""
        with suppress(MailUnavailable):
            self.request(LinkPurpose.CONFIRM, user.email)

    async def reset_password(self, token: str, password: str) -> None:
        """Set another password for whoever got the link; all of their sign-ins end.

        Raises:
            InvalidLink: it was used, replaced or has expired, or never was one.
            WeakPassword: the password is too common; the link stays good.
        """
        claims = self._read(TokenType.RESET, token)
        mine = _is_good(token, claims, LinkPurpose.RESET)
        user = await self.database.read(lambda db: db.scalar(select(User).where(mine)))
        if user is None:
            raise InvalidLink
        check_strength(password, email=user.email)
        password_hash = await self.hasher.hash(password)
        if not await self.database.write(partial(_reset, token, user, password_hash)):
            raise InvalidLink

    async def confirm_email(self, token: str) -> None:
        """Note that whoever has the account reads its address.

        Raises:
            InvalidLink: it was used, replaced or has expired, or never was one.
        """
        claims = self._read(TokenType.CONFIRM, token)
        if not await self.database.write(partial(_confirm, token, claims)):
            raise InvalidLink

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send what is wished for until the context ends."""
        senders = [asyncio.create_task(self._run()) for _ in range(_SENDERS)]
        try:
            yield
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wishes.join(), _CLOSING_SECONDS)
            self._is_ending = True
            for sender in senders:
                sender.cancel()
            await asyncio.gather(*senders, return_exceptions=True)

    def _read(self, kind: TokenType, token: str) -> Claims:
        try:
            return self.token_service.read(kind, token)
        except NotAuthenticated as exc:
            raise InvalidLink from exc

    async def _run(self) -> None:
        # To be cancelled is not enough: a connection that fails at that moment hides it.
        while not self._is_ending:
            wish = await self._wishes.get()
            try:
                await self._fulfil(wish)
            except DatabaseUnavailable:
                logger.warning("link_not_made", purpose=wish.purpose.value)
            except Exception:
                # One link that cannot be made must not end the task that makes the others.
                logger.exception("link_not_made", purpose=wish.purpose.value)
            finally:
                self._wishes.task_done()

    async def _fulfil(self, wish: _Wish) -> None:
        user = await self.database.read(lambda db: find_by_email(db, wish.email))
        if user is None or not user.is_active:
            return
        if wish.purpose is LinkPurpose.CONFIRM and user.email_confirmed_at is not None:
            return
        kind = TokenType(wish.purpose.value)
        claims = Claims(user.id, sign_in_id="", version=user.token_version)
        token = self.token_service.create(kind, claims, lifetime=LIFETIMES[wish.purpose])
        try:
            is_new = await self.database.write(partial(_store, wish.purpose, user.id, token))
        except IntegrityError:
            return  # the account was deleted in between
        if is_new:
            await self._send(wish, token)

    async def _send(self, wish: _Wish, token: Token) -> None:
        link = make_link(wish.purpose, token.text, public_url=self._config.public_url)
        if self._config.mailer is None:
            # In development only: whoever reads the log there may do all this anyway.
            logger.warning("link_not_mailed", reason="SMTP_URL is not set", link=link)
            return
        hours = LIFETIMES[wish.purpose] // timedelta(hours=1)
        mail = write_letter(wish.purpose, link, to=wish.email, hours=hours)
        for pause in (*self._config.pauses, None):
            try:
                await self._config.mailer.send(mail)
            except MailNotSent as exc:
                logger.warning("mail_not_sent", reason=exc.reason, final=exc.is_final)
                if exc.is_final or pause is None or self._is_ending:
                    break
                await asyncio.sleep(pause)
            else:
                return
        forget = delete(OneTimeLink).where(OneTimeLink.token_hash == token.hash)
        await self.database.write(lambda db: run(db, forget))


def _store(purpose: LinkPurpose, user_id: str, token: Token, db: Session) -> bool:
    """Keep the link's hash instead of earlier ones; False right after the last one."""
    earlier = (OneTimeLink.user_id == user_id, OneTimeLink.purpose == purpose)
    # Two wishes at once come one after the other.
    db.execute(select(User.id).where(User.id == user_id).with_for_update())
    latest = db.scalars(select(OneTimeLink.created_at).where(*earlier)).all()
    if any(made > utc_now() - AGAIN_AFTER for made in latest):
        return False
    clean_expired(db)
    db.execute(delete(OneTimeLink).where(*earlier))
    row = {"user_id": user_id, "purpose": purpose, "token_hash": token.hash}
    db.execute(insert(OneTimeLink).values(expires_at=token.expires_at, **row))
    return True


def _is_good(token: str, claims: Claims, purpose: LinkPurpose) -> ColumnElement[bool]:
    """Which account a link is good for; none when it is good no more."""
    good = select(OneTimeLink.user_id).where(
        OneTimeLink.token_hash == hash_token(token),
        OneTimeLink.purpose == purpose,
        OneTimeLink.expires_at > utc_now(),
    )
    return and_(
        User.id == claims.user_id,
        User.id.in_(good),
        User.is_active,
        User.token_version == claims.version,
    )


def _use(token: str, db: Session) -> bool:
    """Take a link back; of several who use it at once one succeeds."""
    used = delete(OneTimeLink).where(OneTimeLink.token_hash == hash_token(token))
    return run(db, used) > 0


def _reset(token: str, user: User, password_hash: str, db: Session) -> bool:
    if not _use(token, db) or not set_password(db, user, password_hash):
        return False
    _note_confirmed(db, user.id)
    return True


def _confirm(token: str, claims: Claims, db: Session) -> bool:
    is_good = db.scalar(select(User.id).where(_is_good(token, claims, LinkPurpose.CONFIRM)))
    if is_good is None or not _use(token, db):
        return False
    _note_confirmed(db, claims.user_id)
    return True


def _note_confirmed(db: Session, user_id: str) -> None:
    confirmed = update(User).where(User.id == user_id, User.email_confirmed_at.is_(None))
    db.execute(confirmed.values(email_confirmed_at=utc_now()))
