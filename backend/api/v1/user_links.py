"""Links by mail: a new password for who has forgotten it, and the confirmation of an address."""

from fastapi import Request

from backend.api.deps import CurrentUser, LinkServiceDep
from backend.api.limits import LimitAccountRequests, LimitReads, limit_mail
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.api.strict_json import StrictJsonRoute
from backend.core.account_errors import InvalidLink, MailUnavailable, TooManySignIns, WeakPassword
from backend.core.errors import (
    BodyTooLarge,
    DatabaseUnavailable,
    InvalidRequest,
    MalformedBody,
    NotAuthenticated,
    RateLimited,
    UnsupportedMediaType,
)
from backend.models.user import LinkPurpose
from backend.schemas.user import Done, LinkRequest, LinkUse, PasswordReset

router = part_router("users")(
    route_class=StrictJsonRoute,
    responses=document_problems(InvalidRequest, DatabaseUnavailable, MailUnavailable),
)
_BODY = (MalformedBody, BodyTooLarge, UnsupportedMediaType)


@router.post(
    "/password-reset",
    status_code=202,
    dependencies=[LimitAccountRequests],
    responses=document_problems(*_BODY, RateLimited),
)
async def request_password_reset(
    wish: LinkRequest, links: LinkServiceDep, request: Request
) -> Done:
    """Have a link mailed for setting a new password. The answer never tells who has an account."""
    await limit_mail(request, wish.email)
    links.request(LinkPurpose.RESET, wish.email)
    return Done(message="If there is an account with this address, a link is on its way to it.")


@router.post(
    "/password-reset/confirm",
    dependencies=[LimitReads],
    responses=document_problems(
        MalformedBody,
        InvalidLink,
        BodyTooLarge,
        UnsupportedMediaType,
        WeakPassword,
        InvalidRequest,
        TooManySignIns,
        RateLimited,
        DatabaseUnavailable,
    ),
)
async def reset_password(reset: PasswordReset, links: LinkServiceDep) -> Done:
    """Set a new password with the `token` of a mailed link. All sign-ins of the account end."""
    await links.reset_password(reset.token, reset.new_password.get_secret_value())
    return Done(message="Password changed")


@router.post(
    "/me/confirm-email",
    status_code=202,
    dependencies=[LimitAccountRequests],
    responses=document_problems(NotAuthenticated, RateLimited),
)
async def request_confirmation(user: CurrentUser, links: LinkServiceDep, request: Request) -> Done:
    """Have the link that confirms your address mailed once more."""
    await limit_mail(request, user.email)
    links.request(LinkPurpose.CONFIRM, user.email)
    return Done(message="If your address is not confirmed yet, a link is on its way to it.")


@router.post(
    "/confirm-email",
    dependencies=[LimitReads],
    responses=document_problems(
        MalformedBody, InvalidLink, BodyTooLarge, UnsupportedMediaType, RateLimited
    ),
)
async def confirm_email(use: LinkUse, links: LinkServiceDep) -> Done:
    """Confirm an address with the `token` of a mailed link."""
    await links.confirm_email(use.token)
    return Done(message="E-mail address confirmed")
