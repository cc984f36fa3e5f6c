"""Tests of `backend/services/account_store.py`: changes touch one account and what rests on it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from backend.core.account_errors import LastAdministrator, UserNotFound
from backend.database import Database
from backend.models import LinkPurpose, OneTimeLink, SignIn, User, UserRole
from backend.models.base import utc_now
from backend.services import account_store as module
from backend.services.account_store import (
    CLEANED_AT_ONCE,
    clean_expired,
    end_sign_ins,
    find_by_email,
    forget_links,
    get_user,
    keep_one_administrator,
    lock_administrators,
    run,
    set_password,
)
from tests.databases import on_every_database

PEOPLE = ("ann", "bob", "cat")


def add_person(db: Session, id_: str, **columns: Any) -> None:
    """Somebody with two sign-ins and a link."""
    db.execute(insert(User).values(id=id_, email=f"{id_}@au.edu", password_hash="!", **columns))
    for number in (1, 2):
        add_sign_in(db, f"{id_}{number}", id_)
    add_link(db, f"link of {id_}", id_)


def add_sign_in(db: Session, id_: str, user_id: str, *, hours: float = 1) -> None:
    later = utc_now() + timedelta(hours=hours)
    db.execute(insert(SignIn).values(id=id_, user_id=user_id, token_hash="", expires_at=later))


def add_link(db: Session, hash_: str, user_id: str, *, hours: float = 1) -> None:
    later = utc_now() + timedelta(hours=hours)
    row = {"token_hash": hash_, "user_id": user_id, "purpose": LinkPurpose.RESET}
    db.execute(insert(OneTimeLink).values(expires_at=later, **row))


def sign_ins(db: Session) -> list[str]:
    return list(db.scalars(select(SignIn.id).order_by(SignIn.id)))


def links(db: Session) -> list[str]:
    return list(db.scalars(select(OneTimeLink.token_hash).order_by(OneTimeLink.token_hash)))


async def add_people(database: Database) -> None:
    def add(db: Session) -> None:
        for id_ in PEOPLE:
            add_person(db, id_)

    await database.write(add)


@on_every_database
class TestFinding:
    async def test_by_address_and_by_id(self, database: Database) -> None:
        await add_people(database)

        def find(db: Session) -> list[User | None]:
            return [find_by_email(db, "bob@au.edu"), get_user(db, "bob"), get_user(db, "cat")]

        found = await database.read(find)

        assert [user.id for user in found if user] == ["bob", "bob", "cat"]

    @pytest.mark.parametrize("lock", [False, True])
    async def test_what_is_not_there_is_told(self, database: Database, lock: bool) -> None:
        await add_people(database)

        assert await database.read(lambda db: find_by_email(db, "dan@au.edu")) is None
        with pytest.raises(UserNotFound):
            await database.write(lambda db: get_user(db, "dan", lock=lock))


@on_every_database
class TestSetPassword:
    @pytest.mark.parametrize(
        ("keep", "left"),
        [
            (None, ["ann1", "ann2", "cat1", "cat2"]),
            ("bob2", ["ann1", "ann2", "bob2", "cat1", "cat2"]),
        ],
    )
    async def test_ends_what_rests_on_the_old_one_of_this_person_alone(
        self, database: Database, keep: str | None, left: list[str]
    ) -> None:
        await add_people(database)

        def change(db: Session) -> bool:
            return set_password(db, get_user(db, "bob"), "new", keep_sign_in=keep)

        assert await database.write(change) is True

        users = select(User.id, User.password_hash, User.token_version).order_by(User.id)
        rows = await database.read(lambda db: [tuple(row) for row in db.execute(users)])
        assert rows == [("ann", "!", 0), ("bob", "new", 1), ("cat", "!", 0)]
        assert await database.read(sign_ins) == left
        assert await database.read(links) == ["link of ann", "link of cat"]

    @pytest.mark.parametrize("read_before", [-1, 1])
    async def test_changes_nothing_when_it_was_changed_meanwhile(
        self, database: Database, read_before: int
    ) -> None:
        await add_people(database)
        user = await database.read(lambda db: get_user(db, "bob"))
        user.token_version = read_before

        assert await database.write(lambda db: set_password(db, user, "new")) is False

        assert (await database.read(lambda db: get_user(db, "bob"))).password_hash == "!"
        assert len(await database.read(sign_ins)) == 6
        assert len(await database.read(links)) == 3


@on_every_database
class TestEnding:
    async def test_ends_one_person_s_sign_ins_and_links(self, database: Database) -> None:
        await add_people(database)

        await database.write(lambda db: end_sign_ins(db, "bob"))
        await database.write(lambda db: end_sign_ins(db, "ann", keep="ann1"))
        await database.write(lambda db: forget_links(db, "cat"))

        assert await database.read(sign_ins) == ["ann1", "cat1", "cat2"]
        assert await database.read(links) == ["link of ann", "link of bob"]


@on_every_database
class TestAdministrators:
    async def test_are_those_who_are_active(self, database: Database) -> None:
        def add(db: Session) -> None:
            add_person(db, "user")
            add_person(db, "one", role=UserRole.ADMIN)
            add_person(db, "two", role=UserRole.ADMIN)
            add_person(db, "gone", role=UserRole.ADMIN, is_active=False)

        await database.write(add)

        assert await database.write(lock_administrators) == {"one", "two"}


@pytest.mark.parametrize(
    ("administrators", "leaving"), [(set(), "a"), ({"b"}, "a"), ({"a", "b"}, "a")]
)
def test_somebody_may_leave_whom_another_administrator_outstays(
    administrators: set[str], leaving: str
) -> None:
    keep_one_administrator(administrators, leaving)


def test_the_last_administrator_stays() -> None:
    with pytest.raises(LastAdministrator):
        keep_one_administrator({"a"}, "a")


@on_every_database
class TestCleanExpired:
    async def test_takes_away_what_is_over_alone(self, database: Database) -> None:
        await add_people(database)

        def add(db: Session) -> None:
            add_sign_in(db, "over", "bob", hours=-0.01)
            add_link(db, "over", "bob", hours=-0.01)

        await database.write(add)

        await database.write(clean_expired)

        assert "over" not in await database.read(sign_ins)
        assert "over" not in await database.read(links)
        assert len(await database.read(sign_ins)) == 6
        assert len(await database.read(links)) == 3

    async def test_takes_some_at_once(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "CLEANED_AT_ONCE", 2)

        def add(db: Session) -> None:
            add_person(db, "bob")
            for number in range(3):
                add_sign_in(db, f"over{number}", "bob", hours=-1)
                add_link(db, f"over{number}", "bob", hours=-1)

        await database.write(add)

        await database.write(clean_expired)

        assert len(await database.read(sign_ins)) == len(await database.read(links)) + 1 == 3
        assert CLEANED_AT_ONCE == 100


@on_every_database
async def test_a_change_tells_how_many_rows_it_changed(database: Database) -> None:
    await add_people(database)
    promote = update(User).where(User.id != "bob").values(role=UserRole.ADMIN)

    assert await database.write(lambda db: run(db, promote)) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
class TestOnPostgres:
    """SQLite has one writer at a time: there nobody meets anybody."""

    async def test_who_is_locked_is_changed_by_nobody_else(self, database: Database) -> None:
        await add_people(database)
        others = select(User.id).with_for_update(skip_locked=True).order_by(User.id)

        with Session(database.engine) as mine, Session(database.engine) as another:
            get_user(mine, "ann")
            assert another.scalars(others).all() == list(PEOPLE)
            another.rollback()
            get_user(mine, "bob", lock=True)
            assert another.scalars(others).all() == ["ann", "cat"]

    async def test_what_another_one_holds_is_cleaned_another_time(self, database: Database) -> None:
        def add(db: Session) -> None:
            add_person(db, "bob")
            add_sign_in(db, "over", "bob", hours=-1)
            add_link(db, "over", "bob", hours=-1)

        await database.write(add)

        with Session(database.engine) as another:
            another.scalars(select(SignIn.id).where(SignIn.id == "over").with_for_update()).all()
            await database.write(clean_expired)

        assert await database.read(sign_ins) == ["bob1", "bob2", "over"]
        assert await database.read(links) == ["link of bob"]
