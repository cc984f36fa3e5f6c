"""Tests of `backend/services/sign_in_service.py`: which tokens are good, and what ends when."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update
from structlog.typing import EventDict

from backend.core.account_errors import InvalidCredentials
from backend.core.auth import Claims, TokenService, TokenType, hash_token
from backend.core.errors import NotAuthenticated
from backend.core.security import PasswordHasher
from backend.database import Database
from backend.models import SignIn, User
from backend.models.base import utc_now
from backend.schemas.user import MAX_PASSWORD_LENGTH
from backend.services.sign_in_service import SignInService, read_password
from tests.api.people import OTHER_PASSWORD, PASSWORD
from tests.databases import on_every_database
from tests.service import CHEAP, SECRET

IDS = [f"{number}d9f9b5e-3d0e-4c62-8f5e-1f2a3b4c5d6e" for number in range(3)]
ANN = IDS[1]
"""Between two others, whatever is compared."""


@pytest_asyncio.fixture
async def sign_ins(database: Database) -> AsyncIterator[SignInService]:
    """Three people with one password, who are nowhere signed in."""
    hasher = PasswordHasher(CHEAP)
    password_hash = await hasher.hash(PASSWORD)
    people = [
        {"id": id_, "email": f"{number}@au.edu", "password_hash": password_hash}
        for number, id_ in enumerate(IDS)
    ]
    await database.write(lambda db: db.execute(insert(User), people).close())
    yield SignInService(database, TokenService(SECRET), hasher)
    hasher.close()


async def change_user(sign_ins: SignInService, **columns: Any) -> None:
    change = update(User).where(User.id == ANN).values(**columns)
    await sign_ins.database.write(lambda db: db.execute(change).close())


async def places(sign_ins: SignInService) -> list[SignIn]:
    """Where people are signed in."""
    return await sign_ins.database.read(lambda db: list(db.scalars(select(SignIn))))


async def expire(sign_ins: SignInService) -> None:
    past = update(SignIn).values(expires_at=utc_now() - timedelta(seconds=1))
    await sign_ins.database.write(lambda db: db.execute(past).close())


@pytest.mark.parametrize(
    ("text", "password"),
    [
        ("x" * MAX_PASSWORD_LENGTH, "x" * MAX_PASSWORD_LENGTH),
        ("x" * (MAX_PASSWORD_LENGTH + 1), None),
        ("cafe\u0301", "caf\u00e9"),
        ("a\0b", None),
        ("", ""),
    ],
)
def test_a_password_is_read_as_it_is_hashed(text: str, password: str | None) -> None:
    assert read_password(text) == password


@on_every_database
class TestSignIn:
    async def test_opens_one_more_place_for_one_person(self, sign_ins: SignInService) -> None:
        first = await sign_ins.sign_in("1@au.edu", PASSWORD)
        second = await sign_ins.sign_in(" 1@AU.edu", PASSWORD)

        found = await places(sign_ins)
        assert [place.user_id for place in found] == [ANN, ANN]
        hashes = {hash_token(tokens.refresh_token) for tokens in (first, second)}
        assert {place.token_hash for place in found} == hashes
        for tokens in (first, second):
            identity = await sign_ins.authenticate(tokens.access_token)
            assert identity.user.id == ANN
            assert identity.sign_in_id in {place.id for place in found}
            assert tokens.expires_in == 1_800

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            ("1@au.edu", OTHER_PASSWORD),
            ("1@au.edu", ""),
            ("1@au.edu", "a\0b"),
            ("3@au.edu", PASSWORD),
            ("no address", PASSWORD),
        ],
    )
    async def test_is_refused_to_who_does_not_know_it(
        self, sign_ins: SignInService, email: str, password: str
    ) -> None:
        with pytest.raises(InvalidCredentials):
            await sign_ins.sign_in(email, password)

        assert await places(sign_ins) == []

    async def test_is_refused_to_who_is_deactivated(self, sign_ins: SignInService) -> None:
        await change_user(sign_ins, is_active=False)

        with pytest.raises(InvalidCredentials):
            await sign_ins.sign_in("1@au.edu", PASSWORD)
        assert (await sign_ins.sign_in("0@au.edu", PASSWORD)).access_token

    async def test_a_hash_of_another_cost_is_made_anew_for_one_person(
        self, sign_ins: SignInService
    ) -> None:
        dearer = PasswordHasher(type(CHEAP)(memory=16, time=2))
        old = await dearer.hash(PASSWORD)
        dearer.close()
        everybody = update(User).values(password_hash=old)
        await sign_ins.database.write(lambda db: db.execute(everybody).close())

        await sign_ins.sign_in("1@au.edu", PASSWORD)

        query = select(User.password_hash).order_by(User.id)
        before, mine, after = await sign_ins.database.read(lambda db: db.scalars(query).all())
        assert before == after == old
        assert (await sign_ins.hasher.verify(PASSWORD, mine)).new_hash is None


@on_every_database
class TestRefresh:
    async def test_gives_the_next_pair_of_the_same_place(self, sign_ins: SignInService) -> None:
        other = await sign_ins.sign_in("1@au.edu", PASSWORD)
        tokens = await sign_ins.sign_in("1@au.edu", PASSWORD)
        mine = (await sign_ins.authenticate(tokens.access_token)).sign_in_id

        following = await sign_ins.refresh(tokens.refresh_token)

        assert (await sign_ins.authenticate(following.access_token)).sign_in_id == mine
        hashes = {place.id: place.token_hash for place in await places(sign_ins)}
        assert hashes.pop(mine) == hash_token(following.refresh_token)
        assert list(hashes.values()) == [hash_token(other.refresh_token)]
        [place] = [place for place in await places(sign_ins) if place.id == mine]
        assert place.used_at > place.created_at
        assert place.expires_at > utc_now() + timedelta(days=1)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda sign_ins: change_user(sign_ins, is_active=False),
            lambda sign_ins: change_user(sign_ins, token_version=1),
            expire,
        ],
        ids=["deactivated", "another password", "expired"],
    )
    async def test_of_what_is_not_good_any_more_ends_the_place(
        self, sign_ins: SignInService, spoil: Callable[[SignInService], Any], logs: list[EventDict]
    ) -> None:
        tokens = await sign_ins.sign_in("1@au.edu", PASSWORD)
        other = await sign_ins.sign_in("0@au.edu", PASSWORD)
        theirs = (await sign_ins.authenticate(other.access_token)).sign_in_id
        await spoil(sign_ins)

        for _ in range(2):
            with pytest.raises(NotAuthenticated):
                await sign_ins.refresh(tokens.refresh_token)

        assert [place.id for place in await places(sign_ins)] == [theirs]
        assert [line["event"] for line in logs] == ["sign_in_ended"]
        assert logs[0]["user_id"] == ANN

    async def test_of_a_token_that_was_used_ends_the_place(self, sign_ins: SignInService) -> None:
        tokens = await sign_ins.sign_in("1@au.edu", PASSWORD)
        following = await sign_ins.refresh(tokens.refresh_token)

        with pytest.raises(NotAuthenticated):
            await sign_ins.refresh(tokens.refresh_token)

        assert await places(sign_ins) == []
        with pytest.raises(NotAuthenticated):
            await sign_ins.authenticate(following.access_token)

    async def test_is_for_refresh_tokens_of_the_person_alone(self, sign_ins: SignInService) -> None:
        tokens = await sign_ins.sign_in("1@au.edu", PASSWORD)
        identity = await sign_ins.authenticate(tokens.access_token)
        claims = Claims(IDS[0], identity.sign_in_id, 0)
        lifetime = timedelta(hours=1)
        foreign = sign_ins.token_service.create(TokenType.REFRESH, claims, lifetime=lifetime)

        for token in (tokens.access_token, foreign.text):
            with pytest.raises(NotAuthenticated):
                await sign_ins.refresh(token)
        assert len(await places(sign_ins)) == 1


@on_every_database
class TestSignOut:
    async def test_ends_one_place_or_all_of_one_person(self, sign_ins: SignInService) -> None:
        emails = ("0@au.edu", "1@au.edu", "1@au.edu", "1@au.edu", "2@au.edu")
        tokens = [await sign_ins.sign_in(email, PASSWORD) for email in emails]
        people = [await sign_ins.authenticate(pair.access_token) for pair in tokens]
        mine = sorted(people[1:4], key=lambda identity: identity.sign_in_id)

        await sign_ins.sign_out(mine[1])
        left = {place.id for place in await places(sign_ins)}
        assert left == {identity.sign_in_id for identity in people} - {mine[1].sign_in_id}
        await sign_ins.sign_out_everywhere(mine[0])

        assert sorted(place.user_id for place in await places(sign_ins)) == [IDS[0], IDS[2]]
