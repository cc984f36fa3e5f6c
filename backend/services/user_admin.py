"""Accounts, as administrators look after them."""

from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Tuple, delete, insert, literal, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.account_errors import EmailTaken, OwnAccount
from backend.core.cursor import read_cursor, write_cursor
from backend.core.errors import Forbidden, InvalidRequest
from backend.core.security import PasswordHasher, check_strength
from backend.database import Database
from backend.models.audit import AuditAction
from backend.models.base import UTCDateTime
from backend.models.user import User, UserRole
from backend.schemas.user import UserChange, UserList, UserRead
from backend.services.account_store import (
    end_sign_ins,
    find_by_email,
    forget_links,
    get_user,
    keep_one_administrator,
    lock_administrators,
    set_password,
)
from backend.services.audit_service import record_action
from backend.services.erasure import ErasureService

_LIST: Final = "users"


class UserAdmin:
    """Lists, changes and deletes accounts; there is always an active administrator left."""

    def __init__(
        self, database: Database, hasher: PasswordHasher, erasure_service: ErasureService
    ) -> None:
        self.database = database
        self.hasher = hasher
        self.erasure_service = erasure_service

    async def list_users(self, *, q: str | None, limit: int, cursor: str | None) -> UserList:
        """A page of accounts, newest first; with `q` those whose address or name holds it.

        Raises:
            InvalidRequest: the cursor is not one of ours.
        """
        query = select(User).order_by(User.created_at.desc(), User.id.desc()).limit(limit + 1)
        if q is not None:
            holds = [
                column.icontains(q, autoescape=True) for column in (User.email, User.full_name)
            ]
            query = query.where(or_(*holds))
        if cursor is not None:
            query = query.where(tuple_(User.created_at, User.id) < _read_place(cursor))
        users = await self.database.read(lambda db: db.scalars(query).all())
        items = [UserRead.model_validate(user) for user in users[:limit]]
        next_cursor = None
        if len(users) > limit:
            place = [items[-1].created_at.isoformat(), items[-1].id]
            next_cursor = write_cursor(place, scope=_LIST)
        return UserList(items=items, next_cursor=next_cursor)

    async def get(self, user_id: str) -> User:
        """One account.

        Raises:
            UserNotFound: there is none.
        """
        return await self.database.read(lambda db: get_user(db, user_id))

    async def change(self, user_id: str, change: UserChange, *, by: User) -> User:
        """Change somebody's role, activation or name. Who is deactivated is signed out.

        Raises:
            UserNotFound: there is none.
            LastAdministrator: nobody would be left to look after the service.
            Forbidden: whoever asks was an administrator until a moment ago.
        """
        return await self.database.write(partial(_change, user_id, change, by.id))

    async def delete(self, user_id: str, *, by: User) -> None:
        """Delete somebody's account with everything in it.

        Raises:
            UserNotFound: there is none.
            OwnAccount: one's own is deleted with the password.
        """
        if user_id == by.id:
            raise OwnAccount
        await self.erasure_service.erase_person(
            user_id,
            check=partial(_check_deletion, user_id, by.id),
            delete_account=partial(_delete, user_id, by.id),
        )

    async def make_administrator(self, email: str, password: str | None) -> bool:
        """Make `email` an active administrator; True when there was an account to promote.

        A given password replaces the account's own, and who was signed in there is not any more:
        a stranger may have taken the address before its owner. None keeps it.

        Raises:
            WeakPassword: the password is too common.
            InvalidRequest: there is no account, and no password to make it with.
        """
        password_hash = None
        if password is not None:
            check_strength(password, email=email)
            password_hash = await self.hasher.hash(password)
        try:
            return await self.database.write(partial(_promote, email, password_hash))
        except IntegrityError as exc:
            raise EmailTaken from exc


def _read_place(cursor: str) -> Tuple:
    moment, user_id = read_cursor(cursor, scope=_LIST)
    return tuple_(literal(datetime.fromisoformat(moment), UTCDateTime()), literal(user_id))


def _change(user_id: str, change: UserChange, by: str, db: Session) -> User:
    administrators = _lock_as(db, by)
    user = get_user(db, user_id, lock=True)
    role = user.role if change.role is None else UserRole(change.role)
    is_active = user.is_active if change.is_active is None else change.is_active
    columns: dict[str, Any] = {"role": role, "is_active": is_active}
    if "full_name" in change.model_fields_set:
        columns["full_name"] = change.full_name
    if role is not UserRole.ADMIN or not is_active:
        keep_one_administrator(administrators, user_id)
    if not is_active:
        end_sign_ins(db, user_id)
        forget_links(db, user_id)
    _record(db, by, user, role=role, is_active=is_active)
    db.execute(update(User).where(User.id == user_id).values(**columns))
    db.refresh(user)
    return user


def _record(db: Session, by: str | None, user: User, *, role: UserRole, is_active: bool) -> None:
    """Put down what somebody is about to become."""
    note = partial(record_action, db, actor_id=by, object_id=user.id)
    if role is not user.role:
        promoted = role is UserRole.ADMIN
        note(action=AuditAction.USER_PROMOTED if promoted else AuditAction.USER_DEMOTED)
    if is_active is not user.is_active:
        note(action=AuditAction.USER_ACTIVATED if is_active else AuditAction.USER_DEACTIVATED)


def _check_deletion(user_id: str, by: str, db: Session) -> None:
    administrators = _lock_as(db, by)
    get_user(db, user_id, lock=True)
    keep_one_administrator(administrators, user_id)


def _delete(user_id: str, by: str, db: Session) -> None:
    _check_deletion(user_id, by, db)
    record_action(db, actor_id=by, action=AuditAction.USER_DELETED, object_id=user_id)
    db.execute(delete(User).where(User.id == user_id))


def _lock_as(db: Session, by: str) -> set[str]:
    """The administrators, locked, with whoever asks among them still."""
    administrators = lock_administrators(db)
    if by not in administrators:
        raise Forbidden
    return administrators


def _promote(email: str, password_hash: str | None, db: Session) -> bool:
    lock_administrators(db)
    user = find_by_email(db, email)
    if user is None:
        if password_hash is None:
            raise InvalidRequest("There is no such account: a password is needed to make one.")
        made = {"id": str(uuid4()), "email": email, "password_hash": password_hash}
        db.execute(insert(User).values(role=UserRole.ADMIN, **made))
        promoted = AuditAction.USER_PROMOTED
        record_action(db, actor_id=None, action=promoted, object_id=made["id"])
        return False
    if password_hash is not None:
        set_password(db, user, password_hash)
    _record(db, None, user, role=UserRole.ADMIN, is_active=True)
    promotion = update(User).where(User.id == user.id)
    db.execute(promotion.values(role=UserRole.ADMIN, is_active=True))
    return True
