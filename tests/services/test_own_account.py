"""Tests of `backend/services/user_service.py`: one's own account, and nobody else's."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from backend.core.account_errors import (
    EmailTaken,
    LastAdministrator,
    WeakPassword,
    WrongPassword,
)
from backend.core.errors import InvalidRequest, NotAuthenticated
from backend.database import Database
from backend.models import SignIn, User, UserRole
from backend.models.base import utc_now
from backend.schemas.user import PasswordChange, UserCreate, UserUpdate
from backend.services.accounts import Accounts, build_accounts
from backend.services.erasure import ErasureService
from backend.services.sign_in_service import Identity
from tests.api.people import OTHER_PASSWORD, PASSWORD
from tests.databases import on_every_database
from tests.service import CHEAP, make_settings

COMPOSED, APART = "caf\u00e9 au lait", "cafe\u0301 au lait"


@pytest_asyncio.fixture
async def accounts(database: Database) -> AsyncIterator[Accounts]:
    made = build_accounts(make_settings(), database, ErasureService(database), hash_cost=CHEAP)
    yield made
    made.hasher.close()


async def join(accounts: Accounts, name: str, password: str = PASSWORD, **fields: Any) -> Identity:
    """Register and sign in."""
    email = f"{name}@au.edu"
    await accounts.user_service.register(UserCreate(email=email, password=password, **fields))
    return await enter(accounts, name, password)


async def enter(accounts: Accounts, name: str, password: str = PASSWORD) -> Identity:
    sign_ins = accounts.sign_in_service
    tokens = await sign_ins.sign_in(f"{name}@au.edu", password)
    return await sign_ins.authenticate(tokens.access_token)


async def stored(accounts: Accounts, user: User) -> User:
    return await accounts.user_admin.get(user.id)


async def signed_in(accounts: Accounts) -> set[str]:
    query = select(SignIn.id)
    return await accounts.user_admin.database.read(lambda db: set(db.scalars(query)))


@on_every_database
class TestRegister:
    async def test_makes_a_plain_account(self, accounts: Accounts) -> None:
        account = UserCreate(email="Ann@AU.edu", password=PASSWORD, full_name=" Ann ")
        user = await accounts.user_service.register(account)

        assert (user.email, user.full_name) == ("ann@au.edu", "Ann")
        assert (user.role, user.is_active, user.email_confirmed_at) == (UserRole.USER, True, None)
        assert (await accounts.hasher.verify(PASSWORD, user.password_hash)).is_right

    async def test_refuses_an_address_that_is_taken_and_what_is_guessed(
        self, accounts: Accounts
    ) -> None:
        await join(accounts, "ann")

        for email, password, error in (
            ("ann@au.edu", OTHER_PASSWORD, EmailTaken),
            ("ben@au.edu", "password123", WeakPassword),
            ("somchai@au.edu", "somchai@au.edu", WeakPassword),
        ):
            with pytest.raises(error):
                await accounts.user_service.register(UserCreate(email=email, password=password))


@on_every_database
class TestUpdate:
    async def test_changes_what_it_names(self, accounts: Accounts) -> None:
        ann, ben = await join(accounts, "ann"), await join(accounts, "ben", full_name="Ben")
        now = utc_now()
        confirm = update(User).values(email_confirmed_at=now)
        await accounts.user_admin.database.write(lambda db: db.execute(confirm).close())
        users = accounts.user_service

        named = await users.update(ann, UserUpdate(full_name="Ann"))
        assert (named.full_name, named.email_confirmed_at) == ("Ann", now)
        same = await users.update(ann, UserUpdate(email="ann@au.edu"))
        assert same.email == "ann@au.edu"
        assert (await stored(accounts, ann.user)).email_confirmed_at == now
        moved = await users.update(ann, UserUpdate(email="new@au.edu", password=PASSWORD))
        assert (moved.email, moved.full_name, moved.email_confirmed_at) == (
            *("new@au.edu", "Ann"),
            None,
        )
        unnamed = await users.update(ann, UserUpdate(full_name=None))
        assert (unnamed.email, unnamed.full_name) == ("new@au.edu", None)
        other = await stored(accounts, ben.user)
        assert (other.email, other.full_name, other.email_confirmed_at) == (
            *("ben@au.edu", "Ben"),
            now,
        )

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"email": "new@au.edu"}, WrongPassword),
            ({"email": "new@au.edu", "password": OTHER_PASSWORD}, WrongPassword),
            ({"email": "ben@au.edu", "password": PASSWORD}, EmailTaken),
        ],
    )
    async def test_takes_no_address_without_the_password_and_none_of_others(
        self, accounts: Accounts, change: dict[str, Any], error: type[Exception]
    ) -> None:
        ann, _ = await join(accounts, "ann"), await join(accounts, "ben")

        with pytest.raises(error):
            await accounts.user_service.update(ann, UserUpdate(**change))

        assert (await stored(accounts, ann.user)).email == "ann@au.edu"


@on_every_database
class TestChangePassword:
    async def test_carries_on_here_and_ends_elsewhere(self, accounts: Accounts) -> None:
        here, there = await join(accounts, "ann"), await enter(accounts, "ann")
        ben = await join(accounts, "ben")
        change = PasswordChange(current_password=PASSWORD, new_password=OTHER_PASSWORD)

        tokens = await accounts.user_service.change_password(here, change)

        again = await accounts.sign_in_service.authenticate(tokens.access_token)
        assert again.sign_in_id == here.sign_in_id
        assert again.user.token_version == here.user.token_version + 1
        assert await signed_in(accounts) == {here.sign_in_id, ben.sign_in_id}
        assert there.sign_in_id not in await signed_in(accounts)
        assert (await accounts.hasher.verify(OTHER_PASSWORD, again.user.password_hash)).is_right
        assert (await stored(accounts, ben.user)).token_version == 0
        assert (await accounts.sign_in_service.refresh(tokens.refresh_token)).access_token
        with pytest.raises(NotAuthenticated):
            await accounts.user_service.change_password(
                here, PasswordChange(current_password=PASSWORD, new_password="something else 9")
            )

    @pytest.mark.parametrize(
        ("current", "new", "error"),
        [
            (OTHER_PASSWORD, "something else 9", WrongPassword),
            ("a\0b", "something else 9", WrongPassword),
            (COMPOSED, "password123", WeakPassword),
            (COMPOSED, COMPOSED, InvalidRequest),
            (APART, COMPOSED, InvalidRequest),
        ],
    )
    async def test_refuses_a_wrong_a_weak_and_the_same_one(
        self, accounts: Accounts, current: str, new: str, error: type[Exception]
    ) -> None:
        ann = await join(accounts, "ann", COMPOSED)

        with pytest.raises(error):
            await accounts.user_service.change_password(
                ann, PasswordChange(current_password=current, new_password=new)
            )

        user = await stored(accounts, ann.user)
        assert user.token_version == 0
        assert user.password_hash == ann.user.password_hash


@on_every_database
class TestDelete:
    async def test_takes_one_account_along(self, accounts: Accounts) -> None:
        people = [await join(accounts, name) for name in ("ann", "ben", "dee")]
        people.sort(key=lambda identity: identity.user.id)

        with pytest.raises(WrongPassword):
            await accounts.user_service.delete(people[1], OTHER_PASSWORD)
        await accounts.user_service.delete(people[1], PASSWORD)

        left = {people[0].sign_in_id, people[2].sign_in_id}
        assert await signed_in(accounts) == left

    async def test_leaves_an_administrator(self, accounts: Accounts) -> None:
        await accounts.user_admin.make_administrator("ann@au.edu", PASSWORD)
        ann = await enter(accounts, "ann")
        await join(accounts, "ben")

        with pytest.raises(LastAdministrator):
            await accounts.user_service.delete(ann, PASSWORD)
        await accounts.user_admin.make_administrator("ben@au.edu", None)
        await accounts.user_service.delete(ann, PASSWORD)

        assert ann.sign_in_id not in await signed_in(accounts)
