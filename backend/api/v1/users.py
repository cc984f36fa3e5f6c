"""One's own account: register, sign in, carry on, change, leave."""

from fastapi.responses import StreamingResponse

from backend.api.deps import (
    CurrentIdentity,
    CurrentUser,
    SignInForm,
    SignInServiceDep,
    UserExportDep,
    UserServiceDep,
)
from backend.api.limits import (
    LimitAccountRequests,
    LimitOwnReads,
    LimitPasswordChecks,
    LimitReads,
    LimitSignIn,
)
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.api.strict_json import StrictJsonRoute
from backend.core.account_errors import (
    EmailTaken,
    InvalidCredentials,
    LastAdministrator,
    TooManySignIns,
    WeakPassword,
    WrongPassword,
)
from backend.core.errors import (
    BodyTooLarge,
    DatabaseUnavailable,
    InvalidRequest,
    MalformedBody,
    NotAuthenticated,
    RateLimited,
    UnsupportedMediaType,
)
from backend.models.base import utc_now
from backend.schemas.user import (
    Done,
    PasswordChange,
    PasswordCheck,
    RefreshRequest,
    TokenResponse,
    UserArchive,
    UserCreate,
    UserRead,
    UserUpdate,
)

router = part_router("users")(
    route_class=StrictJsonRoute,
    responses=document_problems(InvalidRequest, DatabaseUnavailable, TooManySignIns),
)
_BODY = (MalformedBody, BodyTooLarge, UnsupportedMediaType)


@router.post(
    "/register",
    status_code=201,
    dependencies=[LimitAccountRequests],
    responses=document_problems(*_BODY, EmailTaken, WeakPassword, InvalidRequest, RateLimited),
)
async def register(account: UserCreate, users: UserServiceDep) -> UserRead:
    """Make an account; then sign in with it."""
    return UserRead.model_validate(await users.register(account))


@router.post(
    "/login",
    dependencies=[LimitSignIn],
    responses=document_problems(InvalidCredentials, MalformedBody, BodyTooLarge, RateLimited),
)
async def login(form: SignInForm, sign_ins: SignInServiceDep) -> TokenResponse:
    """Sign in with the e-mail address as `username`, as an OAuth2 password form."""
    return await sign_ins.sign_in(form.username, form.password)


@router.post(
    "/refresh",
    dependencies=[LimitReads],  # a campus of people does this twice an hour; tokens are not guessed
    responses=document_problems(*_BODY, NotAuthenticated, RateLimited),
)
async def refresh(request: RefreshRequest, sign_ins: SignInServiceDep) -> TokenResponse:
    """Get the next pair of tokens. A refresh token is good once: used again, it ends the sign-in.

    A client therefore refreshes in one place, and signs in again when it did not get the answer.
    """
    return await sign_ins.refresh(request.refresh_token)


@router.post("/logout", responses=document_problems(NotAuthenticated))
async def logout(identity: CurrentIdentity, sign_ins: SignInServiceDep) -> Done:
    """End this sign-in with all of its tokens."""
    await sign_ins.sign_out(identity)
    return Done(message="Signed out")


@router.post("/logout/all", responses=document_problems(NotAuthenticated))
async def logout_everywhere(identity: CurrentIdentity, sign_ins: SignInServiceDep) -> Done:
    """End all sign-ins of the account, on every device."""
    await sign_ins.sign_out_everywhere(identity)
    return Done(message="Signed out everywhere")


@router.get("/me", responses=document_problems(NotAuthenticated))
async def read_me(user: CurrentUser) -> UserRead:
    """Read one's own account."""
    return UserRead.model_validate(user)


@router.get(
    "/me/export",
    response_model=UserArchive,
    dependencies=[LimitOwnReads],
    responses=document_problems(NotAuthenticated, RateLimited),
)
async def export_me(user: CurrentUser, export: UserExportDep) -> StreamingResponse:
    """Download everything that is stored about you: profile, sign-ins, sessions, messages."""
    name = f"au-guru-account-{utc_now():%Y-%m-%d}.json"
    return StreamingResponse(
        export.write(user),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.patch(
    "/me",
    dependencies=[LimitPasswordChecks],
    responses=document_problems(*_BODY, NotAuthenticated, WrongPassword, EmailTaken, RateLimited),
)
async def update_me(
    changes: UserUpdate, identity: CurrentIdentity, users: UserServiceDep
) -> UserRead:
    """Change one's own name or, with the password, the e-mail address."""
    return UserRead.model_validate(await users.update(identity, changes))


@router.delete(
    "/me",
    dependencies=[LimitPasswordChecks],
    responses=document_problems(
        *_BODY, NotAuthenticated, WrongPassword, LastAdministrator, RateLimited
    ),
)
async def delete_me(check: PasswordCheck, identity: CurrentIdentity, users: UserServiceDep) -> Done:
    """Delete one's own account and everything in it, for ever."""
    await users.delete(identity, check.password.get_secret_value())
    return Done(message="Account deleted")


@router.post(
    "/me/password",
    dependencies=[LimitPasswordChecks],
    responses=document_problems(
        *_BODY, NotAuthenticated, WrongPassword, WeakPassword, InvalidRequest, RateLimited
    ),
)
async def change_password(
    change: PasswordChange, identity: CurrentIdentity, users: UserServiceDep
) -> TokenResponse:
    """Change the password. Other sign-ins end; this one goes on with the tokens returned."""
    return await users.change_password(identity, change)
