"""Access tokens: signed, short-lived, and refused at the slightest doubt.

jose is imported with the first token: it brings cryptography along, 9 MB that a service whose
visitors are all anonymous never needs.
"""

import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from backend.config import MIN_SECRET_LENGTH
from backend.core.errors import NotAuthenticated
from backend.utils.helpers import is_uuid

MAX_TOKEN_LENGTH: Final = 1_024
"""Characters. Ours have under 300; longer nested ones crash the parser."""

_REQUIRED_CLAIMS: Final = ("exp", "sub", "jti", "type")
_ACCESS: Final = "access"


class TokenService:
    """Mints and reads access tokens with one key and one fixed algorithm."""

    def __init__(
        self, secret: str, *, algorithm: str = "HS256", lifetime_minutes: int = 30
    ) -> None:
        self._secret = secret
        self._algorithm = algorithm
        self._lifetime = timedelta(minutes=lifetime_minutes)

    def create_access_token(self, user_id: str) -> str:
        """Mint a token that says who its bearer is until it expires."""
        now = datetime.now(UTC)
        claims = {
            "sub": user_id,
            "jti": uuid4().hex,
            "type": _ACCESS,
            "iat": now,
            "exp": now + self._lifetime,
        }
        from jose import jwt

        return jwt.encode(claims, self._secret, algorithm=self._algorithm)

    def read_access_token(self, token: str) -> str:
        """Return the user id in `token`.

        Raises:
            NotAuthenticated: for any flaw, always with the same words.
        """
        from jose import JWTError, jwt

        if not token.isascii() or len(token) > MAX_TOKEN_LENGTH:
            raise NotAuthenticated
        try:
            if jwt.get_unverified_header(token).keys() - {"alg", "typ"}:
                raise NotAuthenticated  # "crit", "jwk", "kid" and their like are not ours
            claims = jwt.decode(
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
        user_id = claims.get("sub")
        if claims.get("type") != _ACCESS or any(claim not in claims for claim in _REQUIRED_CLAIMS):
            raise NotAuthenticated
        if not isinstance(user_id, str) or not is_uuid(user_id):
            raise NotAuthenticated
        return user_id


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
