"""Rate limits as dependencies: what they refuse never reaches a route."""

from collections.abc import AsyncIterator, Awaitable
from typing import cast

from fastapi import Depends, Request

from backend.api.deps import CurrentUser, OptionalUser, SignInForm
from backend.api.edge import answer_headers
from backend.core.account_errors import InvalidCredentials, WrongPassword
from backend.core.errors import RateLimited
from backend.core.rate_limit import Allowance
from backend.core.request_limit import Caller, RequestLimiter
from backend.schemas.user import normalize_email


def get_request_limiter(request: Request) -> RequestLimiter | None:
    """What counts requests; None when limits are switched off."""
    return cast(RequestLimiter | None, request.app.state.request_limiter)


async def limit_message(request: Request, user_id: str | None) -> None:
    """Count a message to the assistant; call it when the message itself is good.

    Raises:
        RateLimited: it is one too many.
    """
    limiter = get_request_limiter(request)
    if limiter is not None:
        await _tell(request, limiter.count_message(_caller(request, user_id)))


async def limit_reads(request: Request) -> None:
    """Count a read that costs more than most, by address.

    Raises:
        RateLimited: it is one too many.
    """
    limiter = get_request_limiter(request)
    if limiter is not None:
        await _tell(request, limiter.count_read(_caller(request)))


async def limit_own_reads(request: Request, user: OptionalUser) -> None:
    """Count a read that costs more than most, by account where somebody is signed in.

    Raises:
        RateLimited: it is one too many.
    """
    limiter = get_request_limiter(request)
    if limiter is not None:
        caller = _caller(request, user.id if user else None)
        await _tell(request, limiter.count_read(caller))


async def limit_account_requests(request: Request) -> None:
    """Count what an address asks of accounts without signing in.

    Raises:
        RateLimited: it is one too many.
    """
    limiter = get_request_limiter(request)
    if limiter is not None:
        await _tell(request, limiter.count_account_request(_caller(request)))


async def limit_mail(request: Request, email: str) -> None:
    """Count a link that is to be mailed, whether there is such an account or not.

    Raises:
        RateLimited: it is one too many.
    """
    limiter = get_request_limiter(request)
    if limiter is not None:
        await _tell(request, limiter.count_mail(email))


async def limit_sign_in(request: Request, form: SignInForm) -> AsyncIterator[None]:
    """Count an attempt to sign in, and how it went.

    Raises:
        RateLimited: there were too many.
    """
    limiter = get_request_limiter(request)
    if limiter is None:
        yield
        return
    account, caller = _account(form.username), _caller(request)
    await _tell(request, limiter.begin_sign_in(account, caller))
    try:
        yield
    except InvalidCredentials:
        await limiter.end_sign_in(account, caller, succeeded=False)
        raise
    await limiter.end_sign_in(account, caller, succeeded=True)


async def limit_password_checks(request: Request, user: CurrentUser) -> AsyncIterator[None]:
    """Count wrong passwords of somebody who is signed in: the token may be stolen.

    Raises:
        RateLimited: there were too many.
    """
    limiter = get_request_limiter(request)
    if limiter is None:
        yield
        return
    await _tell(request, limiter.look_at_password_checks(user.id))
    try:
        yield
    except WrongPassword:
        await limiter.count_wrong_password(user.id)
        raise


LimitReads = Depends(limit_reads)
LimitOwnReads = Depends(limit_own_reads)
LimitAccountRequests = Depends(limit_account_requests)
LimitSignIn = Depends(limit_sign_in)
LimitPasswordChecks = Depends(limit_password_checks)


def _account(name: str) -> str:
    """One name for all the ways in which an address can be spelt."""
    try:
        return normalize_email(name)
    except ValueError:
        return name


def _caller(request: Request, user_id: str | None = None) -> Caller:
    return Caller(request.client.host if request.client else "", user_id)


async def _tell(request: Request, counting: Awaitable[Allowance | None]) -> None:
    """Put what is left into the answer's headers, whatever else it will be.

    Their names are those of the widely used drafts (up to 06) of the IETF; the later ones put all
    into one structured header, which clients do not read yet.
    """
    allowance = None
    try:
        allowance = await counting
    except RateLimited as exc:
        allowance = Allowance(exc.limit, 0, int(exc.retry_after or 1))
        raise
    finally:
        if allowance is not None:
            answer_headers(request.scope).extend(
                (
                    (b"ratelimit-limit", b"%d" % allowance.limit),
                    (b"ratelimit-remaining", b"%d" % allowance.remaining),
                    (b"ratelimit-reset", b"%d" % allowance.reset),
                )
            )
