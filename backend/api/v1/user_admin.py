"""What administrators see of people, and do to their accounts."""

from fastapi import Depends

from backend.api.deps import (
    AdminUser,
    PageCursor,
    PageLimit,
    SearchText,
    UserAdminDep,
    UserId,
)
from backend.api.identity import get_admin_user
from backend.api.part import part_router
from backend.api.problem import document_problems
from backend.api.strict_json import StrictJsonRoute
from backend.core.account_errors import LastAdministrator, OwnAccount, UserNotFound
from backend.core.errors import (
    BodyTooLarge,
    DatabaseUnavailable,
    Forbidden,
    InvalidRequest,
    MalformedBody,
    NotAuthenticated,
    UnsupportedMediaType,
)
from backend.schemas.user import Done, UserChange, UserList, UserRead

router = part_router("users")(
    route_class=StrictJsonRoute,
    dependencies=[Depends(get_admin_user)],
    responses=document_problems(NotAuthenticated, Forbidden, InvalidRequest, DatabaseUnavailable),
)


@router.get("/")
async def list_users(
    users: UserAdminDep,
    q: SearchText | None = None,
    limit: PageLimit = 50,
    cursor: PageCursor = None,
) -> UserList:
    """List accounts, newest first; with `q` those whose address or name holds it."""
    return await users.list_users(q=q, limit=limit, cursor=cursor)


@router.get("/{user_id}", responses=document_problems(UserNotFound))
async def read_user(user_id: UserId, users: UserAdminDep) -> UserRead:
    """Read one account."""
    return UserRead.model_validate(await users.get(user_id))


@router.patch(
    "/{user_id}",
    responses=document_problems(
        MalformedBody, BodyTooLarge, UnsupportedMediaType, UserNotFound, LastAdministrator
    ),
)
async def change_user(
    user_id: UserId, change: UserChange, admin: AdminUser, users: UserAdminDep
) -> UserRead:
    """Change somebody's role, activation or name. Who is deactivated is signed out everywhere."""
    return UserRead.model_validate(await users.change(user_id, change, by=admin))


@router.delete(
    "/{user_id}", responses=document_problems(UserNotFound, OwnAccount, LastAdministrator)
)
async def delete_user(user_id: UserId, admin: AdminUser, users: UserAdminDep) -> Done:
    """Delete somebody's account and everything in it, for ever."""
    await users.delete(user_id, by=admin)
    return Done(message="Account deleted")
