"""Tokens: signed, short-lived, and refused at the slightest doubt.

jose is imported with the first token: it brings cryptography along, 9 MB that a service whose
visitors are all anonymous never needs.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from backend.config import MIN_SECRET_LENGTH
from backend.core.errors import NotAuthenticated
from backend.utils.helpers import is_uuid

MAX_TOKEN_LENGTH: Final = 1_024
"""Characters. Ours have under 400; longer nested ones crash the parser."""

_MAX_VERSION: Final = 2**31


class TokenType(StrEnum):
    """What a token is good for; none is good for anything else."""

    ACCESS = "access"
    REFRESH = "refresh"
    RESET = "reset"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: of whom, of which of their sign-ins, under which token version.

    Links are of no sign-in; for them `sign_in_id` is empty.
    """

    user_id: str
    sign_in_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was just made, and until when it is good."""

    text: str
    expires_at: datetime

    @property
    def hash(self) -> str:
        """What is stored of it."""
        return hash_token(self.text)


class TokenService:
    """Mints and reads tokens with one key and one fixed algorithm."""

    def __init__(
        self,
        secret: str,
        *,
        algorithm: str = "HS256",
        lifetime_minutes: int = 30,
        refresh_days: int = 30,
    ) -> None:
        self._secret = secret
        self._algorithm = algorithm
        self.lifetime = timedelta(minutes=lifetime_minutes)
        self.refresh_lifetime = timedelta(days=refresh_days)

    def create_access_token(self, claims: Claims) -> str:
        """Mint a token that says who its bearer is until it expires."""
        return self.create(TokenType.ACCESS, claims, lifetime=self.lifetime).text

    def create(self, kind: TokenType, claims: Claims, *, lifetime: timedelta) -> Token:
        """Mint a token of any kind."""
        from jose import jwt

        now = datetime.now(UTC)
        payload = {
            "sub": claims.user_id,
            "sid": claims.sign_in_id,
            "ver": claims.version,
            "jti": uuid4().hex,
            "type": kind.value,
            "iat": now,
            "exp": now + lifetime,
        }
        text = jwt.encode(payload, self._secret, algorithm=self._algorithm)
        return Token(text, now + lifetime)

    def read(self, kind: TokenType, token: str) -> Claims:
        """What a token of this kind says.

        Raises:
            NotAuthenticated: for any flaw, always with the same words.
        """
        payload = self._decode(token)
        if payload.get("type") != kind.value or not isinstance(payload.get("jti"), str):
            raise NotAuthenticated
        user_id, sign_in_id, version = (payload.get(name) for name in ("sub", "sid", "ver"))
        if not isinstance(user_id, str) or not is_uuid(user_id):
            raise NotAuthenticated
        if not isinstance(sign_in_id, str) or not (is_uuid(sign_in_id) or not sign_in_id):
            raise NotAuthenticated
        if type(version) is not int or not 0 <= version < _MAX_VERSION:
            raise NotAuthenticated
        return Claims(user_id, sign_in_id, version)

    def _decode(self, token: str) -> Mapping[str, Any]:
        from jose import JWTError, jwt

        if not token.isascii() or len(token) > MAX_TOKEN_LENGTH:
            raise NotAuthenticated
        try:
            if jwt.get_unverified_header(token).keys() - {"alg", "typ"}:
                raise NotAuthenticated  # "crit", "jwk", "kid" and their like are not ours
            if not _is_as_written(token.rpartition(".")[2]):
                raise NotAuthenticated
            return jwt.decode(
                token,
                self._secret,
                algorithms=[self._algorithm],
                options={f"require_{claim}": True for claim in ("exp", "sub", "jti")},
            )
        except (
            JWTError,
            ArithmeticError,
            ValueError,
            TypeError,
            AttributeError,
            RecursionError,
        ) as exc:
            # jose lets parser errors through for tokens that are no tokens at all.
            raise NotAuthenticated from exc


def _is_as_written(signature: str) -> bool:
    """Whether Base64 would write it so: decoding overlooks padding, foreign signs and spare bits.

    The other parts of a token need no such check, since they are signed as they are spelt.
    """
    meant = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    return base64.urlsafe_b64encode(meant).rstrip(b"=").decode() == signature


def hash_token(text: str) -> str:
    """What is stored of a token. It is random, so that a plain hash needs no salt."""
    return hashlib.sha256(text.encode()).hexdigest()


def load_or_create_secret(path: Path) -> str:
    """Return the development key kept in `path`, making a random one the first time.

    Of several processes that start at once one makes the file and all read the same key.

    Raises:
        OSError: the file can neither be read nor made.
    """
    kept = path.read_text(encoding="ascii").strip() if path.exists() else None
    if kept is not None and len(kept) >= MIN_SECRET_LENGTH:
        return kept
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
    if kept is not None:
        draft.replace(path)  # an empty or cut-off file signs nothing
    else:
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
