"""Administrators look after people."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from backend.models import User, UserRole
from tests.api.people import EMAIL, PASSWORD, URL, Visitor, bearer
from tests.api.test_bad_input import assert_problem
from tests.databases import on_every_database
from tests.service import Service

NOBODY = "0d9f9b5e-3d0e-4c62-8f5e-1f2a3b4c5d6e"
ADMIN = "admin@au.edu"


async def join_as_admin(service: Service, email: str = ADMIN) -> tuple[Visitor, dict[str, Any]]:
    admin = Visitor(service, email)
    await service.app.state.accounts.user_admin.make_administrator(email, PASSWORD)
    return admin, await admin.login()


async def find_id(service: Service, email: str) -> str:
    query = select(User.id).where(User.email == email)
    return await service.database.read(lambda db: db.scalars(query).one())


async def count_administrators(service: Service) -> int:
    query = select(User.email).where(User.role == UserRole.ADMIN, User.is_active)
    return await service.database.read(lambda db: len(db.scalars(query).all()))


@on_every_database
class TestList:
    async def test_pages_through_everybody_newest_first(self, service: Service) -> None:
        admin, tokens = await join_as_admin(service)
        for n in range(7):
            await service.sign_up(f"p{n}@au.edu")
        found, query = [], "?limit=3"
        while query:
            page = (await admin.send("GET", f"/{query}", tokens)).json()
            assert len(page["items"]) <= 3
            found += [item["email"] for item in page["items"]]
            query = f"?limit=3&cursor={page['next_cursor']}" if page["next_cursor"] else ""

        assert found == [*(f"p{n}@au.edu" for n in reversed(range(7))), ADMIN]

    async def test_finds_by_part_of_an_address_or_a_name(self, service: Service) -> None:
        admin, tokens = await join_as_admin(service)
        await Visitor(service, "somchai@au.edu").register(full_name="สมชาย ใจดี")
        await Visitor(service, "a_b@au.edu").register(full_name="100% Ann")

        async def find(q: str) -> list[str]:
            answer = await admin.send("GET", "/", tokens, params={"q": q})
            return [item["email"] for item in answer.json()["items"]]

        assert await find("SOMCHAI") == ["somchai@au.edu"]
        assert await find("ใจดี") == ["somchai@au.edu"]
        assert await find("ann") == await find("0%") == await find("_") == ["a_b@au.edu"]
        assert await find("nobody") == []

    @pytest.mark.parametrize("cursor", ["x", "%00", "", "e30", "กข", "x" * 600])
    async def test_refuses_a_cursor_that_is_not_ours(self, service: Service, cursor: str) -> None:
        admin, tokens = await join_as_admin(service)

        answer = await admin.send("GET", f"?cursor={cursor}", tokens)

        assert_problem(answer, statuses=range(422, 423))


@on_every_database
class TestChange:
    async def test_promotes_and_demotes(self, service: Service) -> None:
        admin, tokens = await join_as_admin(service)
        person = Visitor(service)
        theirs = await person.join()
        user_id = await find_id(service, EMAIL)

        promoted = await admin.send("PATCH", f"/{user_id}", tokens, json={"role": "admin"})
        assert promoted.json()["role"] == "admin"
        assert (await person.send("GET", "/", theirs)).status_code == 200
        demoted = await admin.send("PATCH", f"/{user_id}", tokens, json={"role": "user"})
        assert demoted.json()["role"] == "user"
        assert (await person.send("GET", "/", theirs)).status_code == 403
        assert await person.is_in(theirs)

    async def test_who_is_deactivated_is_out_and_must_sign_in_again(self, service: Service) -> None:
        admin, tokens = await join_as_admin(service)
        person = Visitor(service)
        theirs = await person.join()
        user_id = await find_id(service, EMAIL)

        await admin.send("PATCH", f"/{user_id}", tokens, json={"is_active": False})
        assert not await person.is_in(theirs)
        assert (await person.try_login()).status_code == 401
        await admin.send("PATCH", f"/{user_id}", tokens, json={"is_active": True})
        assert not await person.is_in(theirs)
        await person.login()

    @pytest.mark.parametrize(
        "change",
        [{"role": "root"}, {"role": 1}, {"is_active": "no"}, {"email": "x@au.edu"}, {"id": NOBODY}],
    )
    async def test_refuses_what_cannot_be_changed(
        self, service: Service, change: dict[str, Any]
    ) -> None:
        admin, tokens = await join_as_admin(service)
        await service.sign_up(EMAIL)

        user_id = await find_id(service, EMAIL)
        answer = await admin.send("PATCH", f"/{user_id}", tokens, json=change)

        assert_problem(answer, statuses=range(422, 423))

    async def test_deletes_somebody_but_not_oneself(self, service: Service) -> None:
        admin, tokens = await join_as_admin(service)
        person = Visitor(service)
        theirs = await person.join()
        user_id = await find_id(service, EMAIL)
        own_id = await find_id(service, ADMIN)

        assert (await admin.send("DELETE", f"/{user_id}", tokens)).status_code == 200
        gone = await admin.send("DELETE", f"/{user_id}", tokens)
        own = await admin.send("DELETE", f"/{own_id}", tokens)

        assert not await person.is_in(theirs)
        assert assert_problem(gone)["code"] == "user_not_found"
        assert assert_problem(own)["code"] == "own_account"

    @pytest.mark.parametrize("user_id", [NOBODY, "me2", "x" * 200, "%00"])
    async def test_nobody_is_not_found(self, service: Service, user_id: str) -> None:
        admin, tokens = await join_as_admin(service)

        for method in ("GET", "PATCH", "DELETE"):
            content: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
            answer = await admin.send(method, f"/{user_id}", tokens, **content)
            assert assert_problem(answer)["code"] == "user_not_found"


@on_every_database
class TestLastAdministrator:
    @pytest.mark.parametrize("change", [{"role": "user"}, {"is_active": False}])
    async def test_cannot_resign(self, service: Service, change: dict[str, Any]) -> None:
        admin, tokens = await join_as_admin(service)
        own_id = await find_id(service, ADMIN)
        await service.sign_up("gone@au.edu", role=UserRole.ADMIN, is_active=False)

        answer = await admin.send("PATCH", f"/{own_id}", tokens, json=change)

        assert assert_problem(answer)["code"] == "last_administrator"
        assert (await admin.send("GET", "/", tokens)).status_code == 200

    async def test_two_who_demote_each_other_leave_one(self, service: Service) -> None:
        for _ in range(5):
            first, tokens = await join_as_admin(service)
            second, others = await join_as_admin(service, "second@au.edu")
            first_id, second_id = [
                await find_id(service, email) for email in (ADMIN, "second@au.edu")
            ]
            answers = await asyncio.gather(
                first.send("PATCH", f"/{second_id}", tokens, json={"role": "user"}),
                second.send("PATCH", f"/{first_id}", others, json={"is_active": False}),
                second.send("PATCH", f"/{second_id}", others, json={"role": "user"}),
            )
            assert {answer.status_code for answer in answers} <= {200, 401, 403, 409}

            assert await count_administrators(service) == 1


async def test_plain_people_and_strangers_see_nobody(service: Service) -> None:
    person = Visitor(service)
    tokens = await person.join()
    own_id = await find_id(service, EMAIL)

    for method, path in (
        ("GET", "/"),
        ("GET", f"/{own_id}"),
        ("PATCH", f"/{own_id}"),
        ("DELETE", f"/{own_id}"),
    ):
        content = {"json": {"role": "admin"}} if method == "PATCH" else {}
        stranger = await person.send(method, path, **content)
        plain = await person.send(method, path, tokens, **content)
        assert stranger.status_code == 401
        assert stranger.headers["www-authenticate"] == "Bearer"
        assert plain.status_code == 403
    assert (await service.client.get(f"{URL}/me", headers=bearer(tokens))).json()["role"] == "user"
