"""Who asks: nobody that we know, somebody who is signed in, or an administrator."""

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.base import SecurityBase

from backend.core.errors import Forbidden, NotAuthenticated
from backend.core.log import bind_user
from backend.models.user import User, UserRole
from backend.services.accounts import Accounts
from backend.services.sign_in_service import Identity


class _Bearer(SecurityBase):
    """Reads the Authorization header; a malformed one never makes an anonymous visitor.

    FastAPI's own class is there for the document and Swagger's Authorize button alone. One
    dependency instead of three: FastAPI walks through all of them again wherever one is named.
    """

    def __init__(self) -> None:
        documented = OAuth2PasswordBearer(
            tokenUrl="/api/v1/users/login", auto_error=False, description="An access token."
        )
        self.model = documented.model
        self.scheme_name = documented.scheme_name

    async def __call__(self, request: Request) -> Identity | None:
        """Who asks; None only for a request without any Authorization header.

        Raises:
            NotAuthenticated: the header is there but not good.
        """
        headers = request.headers.getlist("authorization")
        if not headers:
            return None
        scheme, _, token = headers[0].strip().partition(" ")
        if len(headers) > 1 or scheme.lower() != "bearer" or not token.strip():
            raise NotAuthenticated
        sign_ins = cast(Accounts, request.app.state.accounts).sign_in_service
        identity = await sign_ins.authenticate(token.strip())
        bind_user(identity.user.id)
        return identity


get_optional_identity = _Bearer()
OptionalIdentity = Annotated[Identity | None, Depends(get_optional_identity)]


async def get_identity(identity: OptionalIdentity) -> Identity:
    """Who asks, signed in.

    Raises:
        NotAuthenticated: nobody is signed in, or the token is not good.
    """
    if identity is None:
        raise NotAuthenticated("Please sign in.")
    return identity


CurrentIdentity = Annotated[Identity, Depends(get_identity)]


async def get_optional_user(identity: OptionalIdentity) -> User | None:
    """The signed-in user; None for an anonymous visitor."""
    return None if identity is None else identity.user


async def get_current_user(identity: CurrentIdentity) -> User:
    """The signed-in user.

    Raises:
        NotAuthenticated: nobody is signed in, or the token is not good.
    """
    return identity.user


async def get_admin_user(user: Annotated[User, Depends(get_current_user)]) -> User:
    """The signed-in administrator.

    Raises:
        NotAuthenticated: nobody is signed in, or the token is not good.
        Forbidden: the user is no administrator.
    """
    if user.role is not UserRole.ADMIN:
        raise Forbidden
    return user
