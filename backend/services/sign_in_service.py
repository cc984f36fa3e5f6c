"""Being signed in: by password, by token, on and on by refreshing, until somebody ends it."""

from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import uuid4

import structlog
from sqlalchemy import Update, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.account_errors import InvalidCredentials
from backend.core.auth import Claims, Token, TokenService, TokenType, hash_token
from backend.core.errors import NotAuthenticated
from backend.core.security import PasswordHasher
from backend.database import Database
from backend.models.base import utc_now
from backend.models.user import SignIn, User
from backend.schemas.user import (
    MAX_PASSWORD_LENGTH,
    TokenResponse,
    normalize_email,
    normalize_password,
)
from backend.services.account_store import clean_expired, end_sign_ins, find_by_email, run

# One query tells of the account, its being active, its password and the sign-in at once.
_FIND_BEARER: Final = (
    select(User)
    .join(SignIn, SignIn.user_id == User.id)
    .where(
        User.id == bindparam("user_id"),
        User.token_version == bindparam("version"),
        User.is_active,
        SignIn.id == bindparam("sign_in_id"),
    )
)
_LOCK_SIGN_IN: Final = (
    select(User.is_active, User.token_version, SignIn.token_hash, SignIn.expires_at)
    .join(SignIn, SignIn.user_id == User.id)
    .where(User.id == bindparam("user_id"), SignIn.id == bindparam("sign_in_id"))
    .with_for_update(of=SignIn)
)

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and through which of their sign-ins."""

    user: User
    sign_in_id: str


class SignInService:
    """Opens, carries on and ends sign-ins.

    A refresh token is good once. Whoever shows one a second time may have stolen it, or been
    stolen from, so the whole sign-in ends, without a grace for clients that refresh twice at
    once: a thief is as quick as they are.
    """

    def __init__(
        self, database: Database, token_service: TokenService, hasher: PasswordHasher
    ) -> None:
        self.database = database
        self.token_service = token_service
        self.hasher = hasher

    async def authenticate(self, token: str) -> Identity:
        """Who shows this access token.

        Raises:
            NotAuthenticated: it is bad or of an older password; its sign-in has ended; or its
                user is gone or deactivated.
        """
        claims = self.token_service.read(TokenType.ACCESS, token)
        bearer = {
            "user_id": claims.user_id,
            "version": claims.version,
            "sign_in_id": claims.sign_in_id,
        }
        user = await self.database.read(lambda db: db.scalar(_FIND_BEARER, bearer))
        if user is None:
            raise NotAuthenticated
        return Identity(user, claims.sign_in_id)

    async def sign_in(self, email: str, password: str) -> TokenResponse:
        """Open a sign-in for whoever knows the password.

        Raises:
            InvalidCredentials: the same, after the same time, for each reason.
            TooManySignIns: the queue of passwords is full.
        """
        user = await self._find(email)
        given = read_password(password)
        known = user.password_hash if user is not None and given is not None else None
        verdict = await self.hasher.verify(given or "", known)
        if user is None or not verdict.is_right or not user.is_active:
            raise InvalidCredentials
        claims = Claims(user.id, str(uuid4()), user.token_version)
        refresh = self._refresh_token(claims)
        try:
            await self.database.write(partial(_open, user, claims, refresh, verdict.new_hash))
        except IntegrityError as exc:
            raise InvalidCredentials from exc  # the account was deleted in between
        return self.respond(claims, refresh)

    async def refresh(self, token: str) -> TokenResponse:
        """Get the next pair of tokens of a sign-in.

        Raises:
            NotAuthenticated: the token is bad, or was used before, which ends the sign-in.
        """
        claims = self.token_service.read(TokenType.REFRESH, token)
        following = self._refresh_token(claims)
        if not await self.database.write(partial(_rotate, claims, token, following)):
            raise NotAuthenticated
        return self.respond(claims, following)

    async def sign_out(self, identity: Identity) -> None:
        """End this sign-in with all of its tokens."""
        mine = delete(SignIn).where(SignIn.id == identity.sign_in_id)
        await self.database.write(lambda db: run(db, mine))

    async def sign_out_everywhere(self, identity: Identity) -> None:
        """End all of somebody's sign-ins."""
        await self.database.write(lambda db: end_sign_ins(db, identity.user.id))

    def renew(self, db: Session, claims: Claims) -> TokenResponse:
        """New tokens for a sign-in that goes on under another token version."""
        refresh = self._refresh_token(claims)
        db.execute(_carry_on(claims, refresh))
        return self.respond(claims, refresh)

    def respond(self, claims: Claims, refresh: Token) -> TokenResponse:
        """What a client is told about its new tokens."""
        return TokenResponse(
            access_token=self.token_service.create_access_token(claims),
            expires_in=int(self.token_service.lifetime.total_seconds()),
            refresh_token=refresh.text,
        )

    async def _find(self, email: str) -> User | None:
        try:
            address = normalize_email(email)
        except ValueError:
            return None
        return await self.database.read(lambda db: find_by_email(db, address))

    def _refresh_token(self, claims: Claims) -> Token:
        lifetime = self.token_service.refresh_lifetime
        return self.token_service.create(TokenType.REFRESH, claims, lifetime=lifetime)


def read_password(text: str) -> str | None:
    """The password as it is hashed; None for what cannot be one."""
    try:
        password = normalize_password(text)
    except ValueError:
        return None
    return password if len(password) <= MAX_PASSWORD_LENGTH else None


def _open(user: User, claims: Claims, refresh: Token, new_hash: str | None, db: Session) -> None:
    clean_expired(db)
    if new_hash is not None:
        same = (User.id == user.id, User.password_hash == user.password_hash)
        db.execute(update(User).where(*same).values(password_hash=new_hash))
    db.execute(
        insert(SignIn).values(
            id=claims.sign_in_id,
            user_id=claims.user_id,
            token_hash=refresh.hash,
            expires_at=refresh.expires_at,
        )
    )


def _rotate(claims: Claims, token: str, following: Token, db: Session) -> bool:
    """Replace the token of a sign-in; False when it cannot be, and then the sign-in is over."""
    family = {"user_id": claims.user_id, "sign_in_id": claims.sign_in_id}
    found = db.execute(_LOCK_SIGN_IN, family).first()
    if found is None:
        return False
    is_good = (
        found.is_active
        and found.token_version == claims.version
        and found.expires_at > utc_now()
        and found.token_hash == hash_token(token)
    )
    if not is_good:
        db.execute(delete(SignIn).where(SignIn.id == claims.sign_in_id))
        logger.warning("sign_in_ended", user_id=claims.user_id, reason="refresh token not current")
        return False
    db.execute(_carry_on(claims, following))
    return True


def _carry_on(claims: Claims, refresh: Token) -> Update:
    return (
        update(SignIn)
        .where(SignIn.id == claims.sign_in_id, SignIn.user_id == claims.user_id)
        .values(token_hash=refresh.hash, used_at=utc_now(), expires_at=refresh.expires_at)
    )
