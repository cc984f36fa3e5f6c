"""Tests of `backend/services/user_admin.py`: lists, changes and what is put down of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from backend.core.account_errors import LastAdministrator, OwnAccount, UserNotFound
from backend.core.errors import Forbidden, InvalidRequest
from backend.core.security import PasswordHasher
from backend.database import Database
from backend.models import SignIn, User, UserRole
from backend.models.audit import AuditAction, AuditEvent
from backend.schemas.user import UserChange
from backend.services.erasure import ErasureService
from backend.services.user_admin import UserAdmin
from tests.api.people import PASSWORD
from tests.databases import on_every_database
from tests.service import CHEAP

START = datetime(2026, 11, 1, tzinfo=UTC)
ADMIN, USER = UserRole.ADMIN, UserRole.USER


@pytest_asyncio.fixture
async def admin(database: Database) -> AsyncIterator[UserAdmin]:
    hasher = PasswordHasher(CHEAP)
    yield UserAdmin(database, hasher, ErasureService(database))
    hasher.close()


async def add(admin: UserAdmin, name: str, **columns: Any) -> str:
    """An account of that id, with a sign-in."""
    person = {"id": name, "email": f"{name}@au.edu", "password_hash": "!", **columns}
    place = {"id": name, "user_id": name, "token_hash": "", "expires_at": START}
    await admin.database.write(lambda db: db.execute(insert(User), [person]).close())
    await admin.database.write(lambda db: db.execute(insert(SignIn), [place]).close())
    return name


async def recorded(admin: UserAdmin) -> list[tuple[str | None, AuditAction, str]]:
    """Who did what to whom, in order."""
    columns = (AuditEvent.actor_id, AuditEvent.action, AuditEvent.object_id)
    query = select(*columns).order_by(AuditEvent.id)
    return await admin.database.read(lambda db: [(*row,) for row in db.execute(query)])


async def signed_in(admin: UserAdmin) -> set[str]:
    return await admin.database.read(lambda db: set(db.scalars(select(SignIn.user_id))))


@on_every_database
class TestListUsers:
    async def pages(self, admin: UserAdmin, limit: int, q: str | None = None) -> list[list[str]]:
        """The ids of each page, to the end."""
        found: list[list[str]] = []
        cursor: str | None = None
        while not found or cursor is not None:
            page = await admin.list_users(q=q, limit=limit, cursor=cursor)
            found.append([user.id for user in page.items])
            cursor = page.next_cursor
        return found

    @pytest.mark.parametrize(
        ("count", "pages"),
        [
            (0, [[]]),
            (1, [["p0"]]),
            (2, [["p1", "p0"]]),
            (3, [["p2", "p1"], ["p0"]]),
            (4, [["p3", "p2"], ["p1", "p0"]]),
        ],
    )
    async def test_goes_on_as_long_as_there_are_more(
        self, admin: UserAdmin, count: int, pages: list[list[str]]
    ) -> None:
        for number in range(count):
            await add(admin, f"p{number}", created_at=START + timedelta(minutes=number))

        assert await self.pages(admin, 2) == pages

    async def test_who_came_in_the_same_moment_is_shown_once(self, admin: UserAdmin) -> None:
        for number in range(5):
            await add(admin, f"p{number}", created_at=START)

        assert await self.pages(admin, 2) == [["p4", "p3"], ["p2", "p1"], ["p0"]]

    async def test_finds_on_every_page_by_address_or_name(self, admin: UserAdmin) -> None:
        for number, name in enumerate(["Ann", "Ben", "ann", None, "Dee"]):
            created_at = START + timedelta(minutes=number)
            await add(admin, f"p{number}", full_name=name, created_at=created_at)
        await add(admin, "anna", created_at=START)

        assert await self.pages(admin, 1, "ANN") == [["p2"], ["p0"], ["anna"]]


@on_every_database
class TestChange:
    @pytest.mark.parametrize(
        ("before", "change", "after", "actions"),
        [
            ((USER, True), {"role": "admin"}, (ADMIN, True), [AuditAction.USER_PROMOTED]),
            ((ADMIN, True), {"role": "user"}, (USER, True), [AuditAction.USER_DEMOTED]),
            ((USER, True), {"is_active": False}, (USER, False), [AuditAction.USER_DEACTIVATED]),
            ((USER, False), {"is_active": True}, (USER, True), [AuditAction.USER_ACTIVATED]),
            (
                (USER, False),
                {"role": "admin", "is_active": True},
                (ADMIN, True),
                [AuditAction.USER_PROMOTED, AuditAction.USER_ACTIVATED],
            ),
            (
                (ADMIN, True),
                {"role": "user", "is_active": False},
                (USER, False),
                [AuditAction.USER_DEMOTED, AuditAction.USER_DEACTIVATED],
            ),
            ((ADMIN, False), {}, (ADMIN, False), []),
            ((USER, True), {"role": "user", "is_active": True}, (USER, True), []),
            ((USER, True), {"full_name": "Ann"}, (USER, True), []),
        ],
    )
    async def test_does_what_it_says_and_puts_it_down(
        self,
        admin: UserAdmin,
        before: tuple[UserRole, bool],
        change: dict[str, Any],
        after: tuple[UserRole, bool],
        actions: list[AuditAction],
    ) -> None:
        await add(admin, "boss", role=ADMIN)
        await add(admin, "ann", role=before[0], is_active=before[1])
        await add(admin, "ben", full_name="Ben")

        changed = await admin.change("ann", UserChange(**change), by=await admin.get("boss"))

        stored = await admin.get("ann")
        assert (changed.role, changed.is_active) == (stored.role, stored.is_active) == after
        assert changed.full_name == change.get("full_name")
        assert await recorded(admin) == [("boss", action, "ann") for action in actions]
        assert await signed_in(admin) == {"boss", "ben", *(["ann"] if after[1] else [])}
        other = await admin.get("ben")
        assert (other.role, other.is_active, other.full_name) == (USER, True, "Ben")

    async def test_takes_a_name_away_only_when_it_says_so(self, admin: UserAdmin) -> None:
        boss = await admin.get(await add(admin, "boss", role=ADMIN))
        await add(admin, "ann", full_name="Ann")

        kept = await admin.change("ann", UserChange(role="admin"), by=boss)
        assert kept.full_name == "Ann"
        gone = await admin.change("ann", UserChange(full_name=None), by=boss)
        assert gone.full_name is None

    @pytest.mark.parametrize("change", [{"role": "user"}, {"is_active": False}])
    async def test_leaves_an_administrator(self, admin: UserAdmin, change: dict[str, Any]) -> None:
        boss = await admin.get(await add(admin, "boss", role=ADMIN))
        await add(admin, "gone", role=ADMIN, is_active=False)
        await add(admin, "ann")

        with pytest.raises(LastAdministrator):
            await admin.change("boss", UserChange(**change), by=boss)
        assert await recorded(admin) == []
        await admin.change("gone", UserChange(**change), by=boss)
        await admin.change("ann", UserChange(role="admin"), by=boss)
        changed = await admin.change("boss", UserChange(**change), by=boss)
        assert (changed.role, changed.is_active) != (ADMIN, True)

    async def test_is_for_administrators_and_about_somebody(self, admin: UserAdmin) -> None:
        boss = await admin.get(await add(admin, "boss", role=ADMIN))
        plain = await admin.get(await add(admin, "ann"))
        idle = await admin.get(await add(admin, "idle", role=ADMIN, is_active=False))

        for by in (plain, idle):
            with pytest.raises(Forbidden):
                await admin.change("boss", UserChange(is_active=False), by=by)
        with pytest.raises(UserNotFound):
            await admin.change("nobody", UserChange(is_active=False), by=boss)


@on_every_database
class TestDelete:
    async def test_takes_one_account_and_puts_it_down(self, admin: UserAdmin) -> None:
        boss = await admin.get(await add(admin, "boss", role=ADMIN))
        await add(admin, "ann")
        await add(admin, "ben", role=ADMIN)

        await admin.delete("ann", by=boss)
        await admin.delete("ben", by=boss)

        assert await signed_in(admin) == {"boss"}
        assert await recorded(admin) == [
            ("boss", AuditAction.USER_DELETED, "ann"),
            ("boss", AuditAction.USER_DELETED, "ben"),
        ]

    async def test_is_not_for_oneself_for_nobody_and_not_by_plain_people(
        self, admin: UserAdmin
    ) -> None:
        boss = await admin.get(await add(admin, "boss", role=ADMIN))
        plain = await admin.get(await add(admin, "ann"))

        with pytest.raises(OwnAccount):
            await admin.delete("boss", by=boss)
        with pytest.raises(UserNotFound):
            await admin.delete("nobody", by=boss)
        with pytest.raises(Forbidden):
            await admin.delete("boss", by=plain)
        assert await signed_in(admin) == {"boss", "ann"}
        assert await recorded(admin) == []


@on_every_database
class TestMakeAdministrator:
    async def test_makes_an_account_where_there_is_none(self, admin: UserAdmin) -> None:
        assert not await admin.make_administrator("ann@au.edu", PASSWORD)

        [made] = (await admin.list_users(q=None, limit=9, cursor=None)).items
        assert (made.email, made.role, made.is_active) == ("ann@au.edu", "admin", True)
        assert await recorded(admin) == [(None, AuditAction.USER_PROMOTED, made.id)]
        stored = (await admin.get(made.id)).password_hash
        assert (await admin.hasher.verify(PASSWORD, stored)).is_right

    async def test_needs_a_password_for_that(self, admin: UserAdmin) -> None:
        with pytest.raises(InvalidRequest):
            await admin.make_administrator("ann@au.edu", None)

        assert await recorded(admin) == []

    @pytest.mark.parametrize("password", [None, PASSWORD])
    @pytest.mark.parametrize(
        ("role", "is_active", "actions"),
        [
            (USER, True, [AuditAction.USER_PROMOTED]),
            (USER, False, [AuditAction.USER_PROMOTED, AuditAction.USER_ACTIVATED]),
            (ADMIN, False, [AuditAction.USER_ACTIVATED]),
            (ADMIN, True, []),
        ],
    )
    async def test_promotes_the_one_that_is_there(
        self,
        admin: UserAdmin,
        role: UserRole,
        is_active: bool,
        actions: list[AuditAction],
        password: str | None,
    ) -> None:
        await add(admin, "ann", role=role, is_active=is_active)
        await add(admin, "ben", is_active=False)

        assert await admin.make_administrator("ann@au.edu", password)

        ann, ben = await admin.get("ann"), await admin.get("ben")
        assert (ann.role, ann.is_active) == (ADMIN, True)
        assert (ben.role, ben.is_active, ben.password_hash) == (USER, False, "!")
        assert await recorded(admin) == [(None, action, "ann") for action in actions]
        assert (ann.password_hash == "!") == (password is None)
        assert await signed_in(admin) == {"ben", *(["ann"] if password is None else [])}
