"""Registering, and one's own account."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.models import ChatMessage, ChatSession, SignIn, User
from tests.api.people import EMAIL, OTHER_PASSWORD, PASSWORD, URL, Visitor, bearer
from tests.api.test_bad_input import assert_problem
from tests.databases import on_every_database
from tests.service import Service

BAD_ACCOUNTS: dict[str, dict[str, Any]] = {
    "no address": {"email": "somchai"},
    "an address without a host": {"email": "somchai@"},
    "two addresses": {"email": "a@au.edu, b@au.edu"},
    "an address with a name": {"email": "Somchai <somchai@au.edu>"},
    "an address with a line break": {"email": "a@au.edu\nBcc: b@au.edu"},
    "a NUL in the address": {"email": "a\0@au.edu"},
    "half a pair in the address": {"email": "a\ud800@au.edu"},
    "an endless address": {"email": "a@" + "b" * 320 + ".edu"},
    "a number as the address": {"email": 5},
    "a short password": {"password": "abc 123"},
    "a long password": {"password": "ab1" * 43},
    "a NUL in the password": {"password": "mango\0sticky rice"},
    "half a pair in the password": {"password": "mango sticky \ud800"},
    "blanks for a password": {"password": " " * 12},
    "a common password": {"password": "Password123"},
    "a common Thai password": {"password": "รหัสผ่าน123"},
    "one letter over and over": {"password": "กกกกกกกกกกกก"},
    "the address as the password": {"password": "Somchai@AU.edu"},
    "a role": {"role": "admin"},
    "an activation": {"is_active": True},
    "an unknown field": {"nickname": "Chai"},
    "a blank name": {"full_name": " \u200b"},
    "a name with a line break": {"full_name": "Som\nchai"},
    "an endless name": {"full_name": "x" * 201},
}


async def count(service: Service, table: Any) -> int:
    found = await service.database.read(
        lambda db: db.scalar(select(func.count()).select_from(table))
    )
    return int(found or 0)


class TestRegister:
    @on_every_database
    async def test_makes_an_account_that_can_sign_in(self, service: Service) -> None:
        person = Visitor(service)

        profile = await person.register(full_name="สมชาย ใจดี")

        assert profile["email"] == EMAIL
        assert profile["role"] == "user"
        assert profile["full_name"] == "สมชาย ใจดี"
        assert profile["is_active"] is True
        assert "password" not in str(profile)
        tokens = await person.login()
        assert (await person.send("GET", "/me", tokens)).json() == profile

    @pytest.mark.parametrize("fields", BAD_ACCOUNTS.values(), ids=BAD_ACCOUNTS.keys())
    async def test_refuses_what_is_no_account(
        self, service: Service, fields: dict[str, Any]
    ) -> None:
        account = {"email": EMAIL, "password": PASSWORD, **fields}
        answer = await service.client.post(
            f"{URL}/register",
            content=json.dumps(account).encode(),
            headers={"Content-Type": "application/json"},
        )

        assert_problem(answer, statuses=range(422, 423))
        assert await count(service, User) == 0
        assert str(fields.get("password", "???")) not in answer.text

    @on_every_database
    async def test_an_address_is_taken_however_it_is_written(self, service: Service) -> None:
        await Visitor(service, "zoë@au.edu").register()

        for same in ("ZOË@AU.EDU", "zoe\u0308@au.edu", "  Zoë@Au.edu "):
            account = {"email": same, "password": PASSWORD}
            answer = await service.client.post(f"{URL}/register/", json=account)
            assert assert_problem(answer)["code"] == "email_taken"

        assert await count(service, User) == 1

    @on_every_database
    async def test_fifty_at_once_make_one_account(self, service: Service) -> None:
        account = {"email": EMAIL, "password": PASSWORD}

        answers = await asyncio.gather(
            *(service.client.post(f"{URL}/register", json=account) for _ in range(50))
        )

        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
        assert await count(service, User) == 1

    async def test_a_password_of_128_thai_letters_is_one(self, service: Service) -> None:
        person = Visitor(service, password="กขคงจฉชซ" * 16)

        await person.join()

    async def test_a_password_is_the_same_however_its_letters_are_composed(
        self, service: Service
    ) -> None:
        person = Visitor(service, password="cafe\u0301 au lait")
        await person.register()

        assert (await person.try_login("caf\u00e9 au lait")).status_code == 200
        assert (await person.try_login("cafe au lait")).status_code == 401


class TestMe:
    @on_every_database
    async def test_the_name_can_be_changed_and_taken_away(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()

        named = await person.send("PATCH", "/me", tokens, json={"full_name": " Somchai "})
        kept = await person.send("PATCH", "/me", tokens, json={})
        unnamed = await person.send("PATCH", "/me", tokens, json={"full_name": None})

        assert named.json()["full_name"] == kept.json()["full_name"] == "Somchai"
        assert unnamed.json()["full_name"] is None

    @on_every_database
    async def test_a_new_address_asks_for_the_password(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()
        change = {"email": "Chai@au.edu"}

        without = await person.send("PATCH", "/me", tokens, json=change)
        wrong = await person.send("PATCH", "/me", tokens, json={**change, "password": "wrong"})
        right = await person.send("PATCH", "/me", tokens, json={**change, "password": PASSWORD})

        assert assert_problem(without)["code"] == assert_problem(wrong)["code"] == "wrong_password"
        assert right.json()["email"] == "chai@au.edu"
        await Visitor(service, "chai@au.edu").login()

    @on_every_database
    async def test_an_address_of_somebody_else_is_refused(self, service: Service) -> None:
        await Visitor(service, "taken@au.edu").register()
        person = Visitor(service)
        tokens = await person.join()

        change = {"email": "taken@au.edu", "password": PASSWORD}
        answer = await person.send("PATCH", "/me", tokens, json=change)

        assert assert_problem(answer)["code"] == "email_taken"

    @pytest.mark.parametrize("field", ["role", "is_active", "id", "created_at", "token_version"])
    async def test_nobody_raises_themselves(self, service: Service, field: str) -> None:
        person = Visitor(service)
        tokens = await person.join()

        answer = await person.send("PATCH", "/me", tokens, json={field: "admin"})

        assert_problem(answer, statuses=range(422, 423))
        assert (await person.send("GET", "/me", tokens)).json()["role"] == "user"


@on_every_database
class TestChangePassword:
    async def test_ends_other_sign_ins_and_carries_this_one_on(self, service: Service) -> None:
        person = Visitor(service)
        mine = await person.join()
        other = await person.login()
        change = {"current_password": PASSWORD, "new_password": OTHER_PASSWORD}

        answer = await person.send("POST", "/me/password", mine, json=change)

        assert answer.status_code == 200, answer.text
        assert await person.is_in(answer.json())
        assert not await person.is_in(other)
        assert not await person.is_in(mine), "a token of an older password"
        assert (await person.refresh(other)).status_code == 401
        assert (await person.refresh(answer.json())).status_code == 200
        assert (await person.try_login()).status_code == 401
        assert (await person.try_login(OTHER_PASSWORD)).status_code == 200

    async def test_two_at_once_have_one_winner(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()
        wanted = [f"{OTHER_PASSWORD} {n}" for n in range(4)]

        answers = await asyncio.gather(
            *(
                person.send(
                    "POST",
                    "/me/password",
                    tokens,
                    json={"current_password": PASSWORD, "new_password": password},
                )
                for password in wanted
            )
        )

        winners = [answer for answer in answers if answer.status_code == 200]
        assert len(winners) == 1
        assert {answer.status_code for answer in answers} == {200, 401}
        assert await person.is_in(winners[0].json())

    async def test_refuses_a_wrong_a_weak_and_the_same_one(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()

        async def change(current: str, new: str) -> str:
            pair = {"current_password": current, "new_password": new}
            answer = await person.send("POST", "/me/password", tokens, json=pair)
            return str(assert_problem(answer)["code"])

        assert await change("wrong", OTHER_PASSWORD) == "wrong_password"
        assert await change("\0", OTHER_PASSWORD) == "wrong_password"
        assert await change(PASSWORD, "password123") == "weak_password"
        assert await change(PASSWORD, PASSWORD) == "invalid_request"
        assert await person.is_in(tokens)


@on_every_database
class TestDeleteMe:
    async def test_takes_everything_along(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()
        asked = {"message": "Hello"}
        await service.client.post("/api/v1/chat/", json=asked, headers=bearer(tokens))

        wrong = await person.send("DELETE", "/me", tokens, json={"password": "wrong"})
        right = await person.send("DELETE", "/me", tokens, json={"password": PASSWORD})

        assert assert_problem(wrong)["code"] == "wrong_password"
        assert right.status_code == 200, right.text
        assert not await person.is_in(tokens)
        assert (await person.refresh(tokens)).status_code == 401
        assert (await person.try_login()).status_code == 401
        for table in (User, SignIn, ChatSession, ChatMessage):
            assert await count(service, table) == 0
        await person.join()

    async def test_the_last_administrator_stays(self, service: Service) -> None:
        person = Visitor(service)
        await service.app.state.accounts.user_admin.make_administrator(EMAIL, PASSWORD)
        tokens = await person.login()

        answer = await person.send("DELETE", "/me", tokens, json={"password": PASSWORD})

        assert assert_problem(answer)["code"] == "last_administrator"
        assert await person.is_in(tokens)


@on_every_database
class TestExport:
    async def test_holds_everything_of_the_person_and_of_nobody_else(
        self, service: Service
    ) -> None:
        person = Visitor(service)
        tokens = await person.join()
        profile = (await person.send("GET", "/me", tokens)).json()
        chat = {"message": "How much is the MBA?"}
        mine = (
            await service.client.post("/api/v1/chat/", json=chat, headers=bearer(tokens))
        ).json()
        rating = f"/api/v1/chat/{mine['session_id']}/messages/{mine['message_id']}/feedback"
        await service.client.put(rating, json={"rating": "up"}, headers=bearer(tokens))
        await service.ask("Somebody else's question")

        answer = await person.send("GET", "/me/export", tokens)

        archive = answer.json()
        assert answer.headers["content-disposition"].startswith('attachment; filename="au-guru')
        assert archive["profile"] == profile
        assert len(archive["sign_ins"]) == 1
        [session] = archive["sessions"]
        assert [said["content"] for said in session["messages"]] == [
            chat["message"],
            mine["response"],
        ]
        assert session["messages"][1]["feedback"] == "up"
        assert tokens["refresh_token"] not in answer.text
        assert "argon2" not in answer.text

    async def test_of_a_new_account_is_whole(self, service: Service) -> None:
        person = Visitor(service)
        tokens = await person.join()

        archive = (await person.send("GET", "/me/export", tokens)).json()

        assert archive["sessions"] == []
        assert (await person.send("GET", "/me/export")).status_code == 401
