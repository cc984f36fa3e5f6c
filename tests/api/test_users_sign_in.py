"""Signing in, carrying on and ending it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.pool import NullPool

from backend.core.auth import Claims, TokenService, TokenType
from backend.core.security import PasswordHasher
from backend.models import SignIn, User
from backend.models.base import utc_now
from tests.api.people import EMAIL, PASSWORD, URL, Visitor, bearer
from tests.api.test_bad_input import assert_problem
from tests.databases import on_every_database
from tests.service import SECRET, Service

TOKENS = TokenService(SECRET)


async def count_sign_ins(service: Service) -> int:
    query = select(func.count()).select_from(SignIn)
    return await service.database.read(lambda db: db.scalars(query).one())


async def set_user(service: Service, **columns: Any) -> None:
    await service.database.write(lambda db: db.execute(update(User).values(**columns)).close())


@on_every_database
class TestLogin:
    async def test_gives_tokens_as_oauth2_has_them(self, service: Service) -> None:
        person = Visitor(service)
        await person.register()
        form = {"grant_type": "password", "username": EMAIL.upper(), "password": PASSWORD}

        answer = await person.send("POST", "/login/", data={**form, "scope": ""})

        tokens = answer.json()
        assert answer.status_code == 200
        assert tokens["token_type"] == "bearer"
        assert tokens["expires_in"] == 1_800
        assert await person.is_in(tokens)

    async def test_every_failure_reads_the_same(self, service: Service) -> None:
        person = Visitor(service)
        await person.register()
        failures = [
            await person.try_login("wrong password"),
            await person.try_login("x" * 5_000),
            await person.try_login("with \0 in it"),
            await Visitor(service, "nobody@au.edu").try_login(),
            await Visitor(service, "no address").try_login(),
            await Visitor(service, "a\0@au.edu").try_login(),
            await Visitor(service, "x" * 5_000).try_login(),
        ]
        await set_user(service, is_active=False)
        failures.append(await person.try_login())

        for answer in failures:
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json() == failures[0].json()
        assert assert_problem(failures[0])["code"] == "invalid_credentials"
        assert await count_sign_ins(service) == 0

    async def test_what_is_no_form_is_refused(self, service: Service) -> None:
        for content in (
            {"json": {"username": EMAIL, "password": PASSWORD}},
            {"data": {"username": EMAIL}},
            {"data": {"username": EMAIL, "password": PASSWORD, "grant_type": "implicit"}},
            {"files": {"username": ("a.txt", b"a"), "password": ("b.txt", b"b")}},
            {},
        ):
            answer = await service.client.post(f"{URL}/login", **content)
            assert_problem(answer)

    async def test_a_form_that_cannot_be_read_is_not_called_json(self, service: Service) -> None:
        answer = await service.client.post(
            f"{URL}/login", content=b"--x", headers={"Content-Type": "multipart/form-data"}
        )

        problem = assert_problem(answer)
        assert problem["code"] == "malformed_body"
        assert problem["detail"] == "The form could not be read."

    async def test_expired_sign_ins_are_cleaned(self, service: Service) -> None:
        person = Visitor(service)
        old = await person.join()
        past = utc_now() - timedelta(seconds=1)
        expire = update(SignIn).values(expires_at=past)
        await service.database.write(lambda db: db.execute(expire).close())
        assert (await person.refresh(old)).status_code == 401

        await person.login()
        await service.database.write(lambda db: db.execute(expire).close())
        await person.login()

        assert await count_sign_ins(service) == 1

    async def test_a_hash_of_another_cost_is_made_anew(self, service: Service) -> None:
        person = Visitor(service)
        await person.register()
        dearer = PasswordHasher(service.app.state.hash_cost.__class__(memory=16, time=2))
        await set_user(service, password_hash=await dearer.hash(PASSWORD))
        dearer.close()

        await person.login()

        query = select(User.password_hash)
        assert "m=8,t=1,p=1" in str(await service.database.read(lambda db: db.scalar(query)))
        await person.login()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_cleaning_waits_for_nobody_who_holds_an_expired_sign_in(
    service: Service, database_url: str
) -> None:
    person = Visitor(service)
    await person.join()
    past = update(SignIn).values(expires_at=utc_now() - timedelta(days=1))
    await service.database.write(lambda db: db.execute(past).close())

    with create_engine(database_url, poolclass=NullPool).connect() as holder:
        holder.execute(select(SignIn.id).with_for_update())
        async with asyncio.timeout(5):
            await person.login()

    assert await count_sign_ins(service) == 2


@on_every_database
class TestRefresh:
    async def test_goes_on_and_on(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()

        for _ in range(3):
            answer = await person.refresh(tokens)
            assert answer.status_code == 200, answer.text
            assert answer.json()["refresh_token"] != tokens["refresh_token"]
            tokens = answer.json()

        assert await person.is_in(tokens)
        assert await count_sign_ins(service) == 1

    async def test_a_replayed_token_ends_the_sign_in_and_no_other(self, service: Service) -> None:
        person = Visitor(service)
        first = await person.join()
        elsewhere = await person.login()
        second = (await person.refresh(first)).json()
        third = (await person.refresh(second)).json()

        assert assert_problem(await person.refresh(first))["code"] == "not_authenticated"

        assert not await person.is_in(third)
        assert (await person.refresh(third)).status_code == 401
        assert await person.is_in(elsewhere)

    async def test_twenty_at_once_have_one_winner_and_then_none(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()

        answers = await asyncio.gather(*(person.refresh(tokens) for _ in range(20)))

        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 19
        winner = next(answer for answer in answers if answer.status_code == 200)
        assert not await person.is_in(winner.json())
        assert await count_sign_ins(service) == 0

    async def test_is_refused_to_who_may_not_be_in(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()
        await set_user(service, is_active=False)

        assert (await person.refresh(tokens)).status_code == 401

        await set_user(service, is_active=True)
        assert (await person.refresh(tokens)).status_code == 401, "the sign-in has ended"

    async def test_only_the_hash_is_stored(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()

        row = await service.database.read(lambda db: db.execute(select(SignIn.__table__)).one())

        assert tokens["refresh_token"] not in str(row)
        assert len(row.token_hash) == 64

    @pytest.mark.parametrize("token", ["", "x", "ก", "\0", "a.b.c", "x" * 4_096])
    async def test_what_is_no_token_is_refused(self, service: Service, token: str) -> None:
        answer = await Visitor(service).refresh({"refresh_token": token})

        assert answer.status_code == 401


@on_every_database
class TestLogout:
    async def test_ends_this_sign_in_at_once(self, service: Service) -> None:
        person = Visitor(service)
        here, there = await person.join(), await person.login()

        assert (await person.send("POST", "/logout", here)).status_code == 200

        assert not await person.is_in(here)
        assert (await person.refresh(here)).status_code == 401
        assert await person.is_in(there)

    async def test_everywhere_ends_all(self, service: Service) -> None:
        person = Visitor(service)
        here, there = await person.join(), await person.login()

        assert (await person.send("POST", "/logout/all", here)).status_code == 200

        assert not await person.is_in(here)
        assert not await person.is_in(there)


class TestBadTokens:
    async def test_none_makes_an_anonymous_visitor(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()
        mine = TOKENS.read(TokenType.ACCESS, tokens["access_token"])
        other = (await Visitor(service, "other@au.edu").join())["access_token"]
        theirs = TOKENS.read(TokenType.ACCESS, other)
        bad = {
            "expired": TOKENS.create(TokenType.ACCESS, mine, lifetime=timedelta(seconds=-1)).text,
            "forged": TokenService("another-secret-that-is-long").create_access_token(mine),
            "of the wrong type": tokens["refresh_token"],
            "of a link": TOKENS.create(TokenType.RESET, mine, lifetime=timedelta(hours=1)).text,
            "of an older password": TOKENS.create_access_token(
                Claims(mine.user_id, mine.sign_in_id, 7)
            ),
            "of somebody else's sign-in": TOKENS.create_access_token(
                Claims(mine.user_id, theirs.sign_in_id, 0)
            ),
            "of no sign-in": TOKENS.create_access_token(Claims(mine.user_id, "", 0)),
        }
        for name, token in bad.items():
            headers = {"Authorization": f"Bearer {token}"}
            for method, path in (
                ("GET", f"{URL}/me"),
                ("GET", f"{URL}/"),
                ("POST", f"{URL}/logout"),
                ("POST", "/api/v1/chat/"),
                ("GET", "/api/v1/knowledge/preview?q=x"),
            ):
                answer = await service.client.request(
                    method,
                    path,
                    headers=headers,
                    json={"message": "Hi"} if "chat" in path else None,
                )
                assert answer.status_code == 401, (name, path)
                assert answer.headers["www-authenticate"] == "Bearer"
        assert await service.stored() == []
        assert await person.is_in(tokens)

    async def test_of_a_deactivated_user_is_refused(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()
        await set_user(service, is_active=False)

        answer = await service.client.post(
            "/api/v1/chat/", json={"message": "Hi"}, headers=bearer(tokens)
        )

        assert answer.status_code == 401
        assert not await person.is_in(tokens)
