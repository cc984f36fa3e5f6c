"""Accounts, as their owners use them."""

from functools import partial
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.account_errors import EmailTaken, WrongPassword
from backend.core.auth import Claims
from backend.core.errors import InvalidRequest, NotAuthenticated
from backend.core.security import PasswordHasher, check_strength
from backend.database import Database
from backend.models.user import User
from backend.schemas.user import PasswordChange, TokenResponse, UserCreate, UserUpdate
from backend.services.account_store import (
    find_by_email,
    forget_links,
    get_user,
    keep_one_administrator,
    lock_administrators,
    set_password,
)
from backend.services.erasure import ErasureService
from backend.services.link_service import LinkService
from backend.services.sign_in_service import Identity, SignInService, read_password


class UserService:
    """Makes, changes and deletes accounts for the people they belong to."""

    def __init__(
        self,
        database: Database,
        sign_in_service: SignInService,
        hasher: PasswordHasher,
        link_service: LinkService,
        erasure_service: ErasureService,
    ) -> None:
        self.database = database
        self.sign_in_service = sign_in_service
        self.hasher = hasher
        self.link_service = link_service
        self.erasure_service = erasure_service

    async def register(self, account: UserCreate) -> User:
        """Make an account.

        Raises:
            EmailTaken: there is one with this address. It is said openly: whoever registers needs
                to know, and a neutral answer would have to be mailed.
            WeakPassword: the password is too common.
        """
        password = account.password.get_secret_value()
        check_strength(password, email=account.email)
        if await self.database.read(lambda db: find_by_email(db, account.email)) is not None:
            raise EmailTaken
        columns = {
            "id": str(uuid4()),
            "email": account.email,
            "full_name": account.full_name,
            "password_hash": await self.hasher.hash(password),
        }
        try:
            user = await self.database.write(partial(_add, columns))
        except IntegrityError as exc:
            raise EmailTaken from exc  # somebody was faster by the time of a hash
        self.link_service.offer_confirmation(user)
        return user

    async def update(self, identity: Identity, changes: UserUpdate) -> User:
        """Change one's own profile; a new address is to be confirmed again.

        Raises:
            WrongPassword: the address is to change, and the password is not given or wrong.
            EmailTaken: another account has the address.
        """
        user = identity.user
        columns: dict[str, Any] = {}
        if "full_name" in changes.model_fields_set:
            columns["full_name"] = changes.full_name
        if changes.email not in {None, user.email}:
            given = changes.password
            await self.check_password(user, given.get_secret_value() if given else "")
            columns |= {"email": changes.email, "email_confirmed_at": None}
        if not columns:
            return user
        try:
            changed = await self.database.write(partial(_change, user.id, columns))
        except IntegrityError as exc:
            raise EmailTaken from exc
        if "email" in columns:
            self.link_service.offer_confirmation(changed)
        return changed

    async def change_password(self, identity: Identity, change: PasswordChange) -> TokenResponse:
        """Set another password; this sign-in goes on with the tokens returned, others end.

        Raises:
            WrongPassword: the present one is wrong.
            WeakPassword: the new one is too common.
            InvalidRequest: the new one is the present one.
        """
        user = identity.user
        new = change.new_password.get_secret_value()
        check_strength(new, email=user.email)
        given = change.current_password.get_secret_value()
        await self.check_password(user, given)
        if read_password(given) == new:
            raise InvalidRequest("new_password: must be another one than the present.")
        password_hash = await self.hasher.hash(new)

        def store(db: Session) -> TokenResponse | None:
            if not set_password(db, user, password_hash, keep_sign_in=identity.sign_in_id):
                return None
            claims = Claims(user.id, identity.sign_in_id, user.token_version + 1)
            return self.sign_in_service.renew(db, claims)

        tokens = await self.database.write(store)
        if tokens is None:
            raise NotAuthenticated  # it was changed elsewhere in between: this token is old
        return tokens

    async def delete(self, identity: Identity, password: str) -> None:
        """Delete one's own account with everything in it.

        Raises:
            WrongPassword: the password is wrong.
            LastAdministrator: nobody else could look after the service.
        """
        user = identity.user
        await self.check_password(user, password)

        def check(db: Session) -> None:
            keep_one_administrator(lock_administrators(db), user.id)

        def delete_account(db: Session) -> None:
            check(db)
            db.execute(delete(User).where(User.id == user.id))

        await self.erasure_service.erase_person(user.id, check=check, delete_account=delete_account)

    async def check_password(self, user: User, password: str) -> None:
        """Ask somebody who is signed in for the password once more.

        Raises:
            WrongPassword: it is not theirs.
        """
        given = read_password(password)
        verdict = await self.hasher.verify(given or "", user.password_hash)
        if given is None or not verdict.is_right:
            raise WrongPassword


def _add(columns: dict[str, Any], db: Session) -> User:
    db.execute(insert(User).values(**columns))
    return get_user(db, columns["id"])


def _change(user_id: str, columns: dict[str, Any], db: Session) -> User:
    if "email" in columns:
        forget_links(db, user_id)
    db.execute(update(User).where(User.id == user_id).values(**columns))
    return get_user(db, user_id)
