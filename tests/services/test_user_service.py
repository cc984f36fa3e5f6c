"""Accounts where two things happen at once, below HTTP."""

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from backend.core.account_errors import InvalidCredentials
from backend.core.errors import Forbidden, NotAuthenticated
from backend.core.security import PasswordHasher, Verdict
from backend.models import SignIn, User, UserRole
from backend.schemas.user import TokenResponse, UserChange
from backend.services.accounts import Accounts
from backend.services.sign_in_service import SignInService
from backend.services.user_admin import UserAdmin
from tests.api.people import EMAIL, OTHER_PASSWORD, PASSWORD, Visitor
from tests.databases import on_every_database
from tests.service import CHEAP, Service


class Interrupted(PasswordHasher):
    """Lets something happen while a password is being checked."""

    def __init__(self, service: Service, statement: Any) -> None:
        super().__init__(CHEAP)
        self._service = service
        self._statement = statement

    async def verify(self, password: str, password_hash: str | None) -> Verdict:
        verdict = await super().verify(password, password_hash)
        await self._service.database.write(lambda db: db.execute(self._statement).close())
        self.close()
        return verdict


def accounts_of(service: Service) -> Accounts:
    accounts: Accounts = service.app.state.accounts
    return accounts


async def sign_in_while(service: Service, statement: Any) -> TokenResponse:
    tokens = accounts_of(service).sign_in_service.token_service
    interrupted = SignInService(service.database, tokens, Interrupted(service, statement))
    return await interrupted.sign_in(EMAIL, PASSWORD)


@on_every_database
class TestSignIn:
    async def test_into_an_account_that_is_being_deleted_fails(self, service: Service) -> None:
        await Visitor(service).register()

        with pytest.raises(InvalidCredentials):
            await sign_in_while(service, delete(User))

    async def test_with_a_password_that_is_being_changed_is_good_for_nothing(
        self, service: Service
    ) -> None:
        person = Visitor(service)
        await person.register()

        tokens = await sign_in_while(service, update(User).values(token_version=1))

        assert not await person.is_in(tokens.model_dump())
        assert (await person.refresh(tokens.model_dump())).status_code == 401

    async def test_does_not_bring_an_old_password_back(self, service: Service) -> None:
        person = Visitor(service)
        await person.register()
        dearer = PasswordHasher(type(CHEAP)(memory=16, time=2))
        old, new = await dearer.hash(PASSWORD), await dearer.hash(OTHER_PASSWORD)
        dearer.close()
        await service.database.write(
            lambda db: db.execute(update(User).values(password_hash=old)).close()
        )

        await sign_in_while(service, update(User).values(password_hash=new))

        stored = select(User.password_hash)
        assert await service.database.read(lambda db: db.scalar(stored)) == new

    async def test_of_somebody_who_is_gone_is_over(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()
        await service.database.write(lambda db: db.execute(delete(SignIn)).close())

        with pytest.raises(NotAuthenticated):
            await accounts_of(service).sign_in_service.authenticate(tokens["access_token"])


@on_every_database
async def test_who_is_no_administrator_any_more_changes_nobody(service: Service) -> None:
    users: UserAdmin = accounts_of(service).user_admin
    await users.make_administrator("admin@au.edu", PASSWORD)
    await users.make_administrator(EMAIL, PASSWORD)
    found = await users.list_users(q=None, limit=10, cursor=None)
    admin, other = await users.get(found.items[0].id), found.items[1].id
    demote = update(User).where(User.id == admin.id).values(role=UserRole.USER)
    await service.database.write(lambda db: db.execute(demote).close())

    with pytest.raises(Forbidden):
        await users.change(other, UserChange(is_active=False), by=admin)
    with pytest.raises(Forbidden):
        await users.delete(other, by=admin)
