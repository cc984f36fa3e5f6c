"""Queries and changes of accounts that several services share; all run inside a transaction."""

from typing import Any, Final, cast

from sqlalchemy import CursorResult, Executable, Table, delete, select, update
from sqlalchemy.orm import Session

from backend.core.account_errors import LastAdministrator, UserNotFound
from backend.models.base import utc_now
from backend.models.user import OneTimeLink, SignIn, User, UserRole

CLEANED_AT_ONCE: Final = 100
"""Expired rows that a new one takes away with it: they go faster than they come."""

_links = cast(Table, OneTimeLink.__table__)
_sign_ins = cast(Table, SignIn.__table__)


def run(db: Session, statement: Executable) -> int:
    """Change rows and tell how many."""
    return cast(CursorResult[Any], db.execute(statement)).rowcount


def find_by_email(db: Session, email: str) -> User | None:
    """The account with this address, in the one form that addresses are stored in."""
    return db.scalar(select(User).where(User.email == email))


def get_user(db: Session, user_id: str, *, lock: bool = False) -> User:
    """The account with this id; `lock` it before it is changed.

    Raises:
        UserNotFound: there is none.
    """
    query = select(User).where(User.id == user_id)
    user = db.scalar(query.with_for_update() if lock else query)
    if user is None:
        raise UserNotFound
    return user


def set_password(
    db: Session, user: User, password_hash: str, *, keep_sign_in: str | None = None
) -> bool:
    """Change a password and end what rests on the old one; False when it changed meanwhile."""
    changed = run(
        db,
        update(User)
        .where(User.id == user.id, User.token_version == user.token_version)
        .values(password_hash=password_hash, token_version=User.token_version + 1),
    )
    if changed:
        end_sign_ins(db, user.id, keep=keep_sign_in)
        forget_links(db, user.id)
    return changed > 0


def end_sign_ins(db: Session, user_id: str, *, keep: str | None = None) -> None:
    """End somebody's sign-ins, all but the one to `keep`."""
    ended = delete(SignIn).where(SignIn.user_id == user_id)
    db.execute(ended if keep is None else ended.where(SignIn.id != keep))


def forget_links(db: Session, user_id: str) -> None:
    """Make all links that somebody was mailed useless."""
    db.execute(delete(OneTimeLink).where(OneTimeLink.user_id == user_id))


def lock_administrators(db: Session) -> set[str]:
    """The ids of the active administrators, of whom none can resign before this transaction ends.

    Whoever takes an administrator away begins with this: two who demote each other at the same
    moment then do so one after the other. Taking it before any other lock keeps them out of a
    ring.
    """
    active = select(User.id).where(User.role == UserRole.ADMIN, User.is_active)
    return set(db.scalars(active.order_by(User.id).with_for_update()))


def keep_one_administrator(administrators: set[str], leaving: str) -> None:
    """Refuse to take the last one away.

    Raises:
        LastAdministrator: nobody would be left.
    """
    if administrators == {leaving}:
        raise LastAdministrator


def clean_expired(db: Session) -> None:
    """Take away some rows that are good for nothing any more, not waiting for anybody."""
    for table in (_sign_ins, _links):
        key = next(iter(table.primary_key))
        expired = (
            select(key)
            .where(table.c.expires_at < utc_now())
            .limit(CLEANED_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        db.execute(delete(table).where(key.in_(expired)))
