"""Tests of `backend/api/limits.py` and of what is counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from backend.core.errors import RateLimited
from backend.core.rate_limit import RateLimiter
from backend.core.rate_window import MemoryWindows
from backend.core.request_limit import Caller, RequestLimiter
from tests.service import Service, make_settings, run_service

CHAT = "/api/v1/chat/"
USERS = "/api/v1/users"
PASSWORD = "a long word nobody guesses"
HERE, THERE = Caller("203.0.113.1"), Caller("203.0.113.2")


@asynccontextmanager
async def limited(database_url: str, **rates: str) -> AsyncIterator[Service]:
    async with run_service(make_settings(DATABASE_URL=database_url, **rates)) as service:
        yield service


async def send(service: Service, message: Any, **headers: str) -> httpx.Response:
    return await service.client.post(CHAT, json={"message": message}, headers=headers)


class TestChat:
    async def test_one_message_too_many_is_refused_and_not_stored(self, database_url: str) -> None:
        async with limited(database_url, RATE_LIMIT_CHAT="2/hour") as service:
            answers = [await send(service, "Hello") for _ in range(2)]
            stored = len(await service.stored())
            refused = await send(service, "Hello", Origin="http://localhost:3000")

            assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["1", "0"]
            assert refused.status_code == 429
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["code"] == "rate_limited"
            assert len(await service.stored()) == stored
        wait = int(refused.headers["retry-after"])
        assert 0 < wait <= 7_200
        assert refused.headers["ratelimit-limit"] == "2"
        assert refused.headers["ratelimit-remaining"] == "0"
        assert refused.headers["ratelimit-reset"] == str(wait)
        exposed = refused.headers["access-control-expose-headers"].lower()
        assert {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after"} <= set(
            exposed.split(", ")
        )

    async def test_a_message_that_is_no_good_costs_nothing(self, database_url: str) -> None:
        async with limited(database_url, RATE_LIMIT_CHAT="1/hour") as service:
            for bad in ("", " ", 7, None, "x" * 4_001):
                assert (await send(service, bad)).status_code == 422
            broken = await service.client.post(
                CHAT, content=b"{", headers={"Content-Type": "application/json"}
            )
            assert broken.status_code == 400

            assert (await send(service, "Hello")).status_code == 200
            assert (await send(service, "Hello")).status_code == 429

    async def test_an_account_is_counted_by_itself_wherever_it_is(self, database_url: str) -> None:
        async with limited(database_url, RATE_LIMIT_CHAT="1/hour") as service:
            anna, ben = [await service.sign_up(f"{name}@au.edu") for name in ("anna", "ben")]

            statuses = [
                (await send(service, "Hello", **headers)).status_code
                for headers in ({}, anna, ben, {}, anna)
            ]

        assert statuses == [200, 200, 200, 429, 429]

    async def test_an_account_is_one_person_and_an_address_may_be_many(
        self, database_url: str
    ) -> None:
        rates = {"RATE_LIMIT_CHAT": "5/hour", "RATE_LIMIT_CHAT_USER": "1/hour"}
        async with limited(database_url, **rates) as service:
            anna = await service.sign_up("anna@au.edu")

            assert (await send(service, "Hello", **anna)).headers["ratelimit-limit"] == "1"
            assert (await send(service, "Hello", **anna)).status_code == 429
            assert (await send(service, "Hello")).headers["ratelimit-limit"] == "5"

    async def test_many_at_once_do_not_slip_through(self, database_url: str) -> None:
        async with limited(database_url, RATE_LIMIT_CHAT="5/hour") as service:
            answers = await asyncio.gather(*(send(service, "Hello") for _ in range(20)))

        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 15

    async def test_switched_off_nothing_is_counted(self, database_url: str) -> None:
        rates = {"RATE_LIMIT_ENABLED": "false", "RATE_LIMIT_CHAT": "1/hour"}
        async with limited(database_url, **rates) as service:
            answers = [await send(service, "Hello") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200] * 3
        assert "ratelimit-limit" not in answers[0].headers

    async def test_a_dead_redis_stops_nobody(self, database_url: str) -> None:
        rates = {"REDIS_URL": "redis://127.0.0.1:1/0", "RATE_LIMIT_CHAT": "1/hour"}
        async with limited(database_url, **rates) as service:
            answers = [await send(service, "Hello") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [200] * 3
        assert "ratelimit-limit" not in answers[0].headers

    async def test_two_idempotency_keys_are_refused_and_twice_the_same_is_one(
        self, offline_service: Service
    ) -> None:
        async def send_keys(*keys: str) -> httpx.Response:
            headers = [("Idempotency-Key", key) for key in keys]
            return await offline_service.client.post(
                CHAT, json={"message": "Hello"}, headers=headers
            )

        assert (await send_keys("a" * 20, "b" * 20)).status_code == 422
        assert await offline_service.stored() == []
        assert (await send_keys("a" * 20, "a" * 20)).status_code == 200


class TestReads:
    async def test_searches_have_a_limit_of_their_own(self, database_url: str) -> None:
        async with limited(database_url, RATE_LIMIT_READ="1/hour") as service:
            search = "/api/v1/knowledge/search?q=mba"
            statuses = [(await service.client.get(search)).status_code for _ in range(2)]

            assert statuses == [200, 429]
            assert (await service.client.get("/api/v1/knowledge/")).status_code == 200
            assert (await send(service, "Hello")).status_code == 200


class TestAccounts:
    async def test_guessing_a_password_ends_in_429_for_this_account_here(
        self, database_url: str
    ) -> None:
        rates = {"RATE_LIMIT_AUTH": "3/hour", "TRUSTED_PROXIES": "127.0.0.1"}
        async with limited(database_url, **rates) as service:
            for email in ("anna@au.edu", "ben@au.edu"):
                created = await service.client.post(
                    f"{USERS}/register", json={"email": email, "password": PASSWORD}
                )
                assert created.status_code == 201, created.text

            guesses = [await sign_in(service, "anna@au.edu", f"wrong {n}") for n in range(4)]
            spelt_otherwise = await sign_in(service, " Anna@AU.EDU", PASSWORD)
            unknown = [await sign_in(service, "nobody@au.edu", f"wrong {n}") for n in range(4)]
            elsewhere = await sign_in(service, "anna@au.edu", PASSWORD, "203.0.113.9")
            ben = await sign_in(service, "ben@au.edu", PASSWORD)

        assert [answer.status_code for answer in guesses] == [401, 401, 401, 429]
        assert guesses[-1].json()["code"] == "rate_limited"
        assert 0 < int(guesses[-1].headers["retry-after"]) <= 7_200
        assert spelt_otherwise.status_code == 429
        assert [answer.status_code for answer in unknown] == [401, 401, 401, 429]
        assert (elsewhere.status_code, ben.status_code) == (200, 200)

    async def test_a_stolen_token_does_not_help_to_guess_the_password(
        self, database_url: str
    ) -> None:
        async with limited(database_url, RATE_LIMIT_AUTH="2/hour") as service:
            anna = await service.sign_up("anna@au.edu")

            statuses = []
            for number in range(4):
                body = {"password": f"wrong {number} wrong"}
                answer = await service.client.request(
                    "DELETE", f"{USERS}/me", json=body, headers=anna
                )
                statuses.append(answer.status_code)

        assert statuses == [403, 403, 429, 429]

    async def test_a_letter_box_is_not_filled_by_strangers(self, database_url: str) -> None:
        async with limited(database_url) as service:
            statuses = []
            for _ in range(11):
                answer = await service.client.post(
                    f"{USERS}/password-reset", json={"email": "anna@au.edu"}
                )
                statuses.append(answer.status_code)
            other = await service.client.post(
                f"{USERS}/password-reset", json={"email": "ben@au.edu"}
            )

        assert statuses == [202] * 10 + [429]
        assert other.status_code == 202

    async def test_registering_is_limited_by_address(self, database_url: str) -> None:
        async with limited(database_url, RATE_LIMIT_AUTH_ADDRESS="1/hour") as service:
            statuses = []
            for number in range(2):
                answer = await service.client.post(
                    f"{USERS}/register",
                    json={"email": f"{number}@au.edu", "password": PASSWORD},
                )
                statuses.append(answer.status_code)

        assert statuses == [201, 429]


async def sign_in(
    service: Service, email: str, password: str, address: str = "198.51.100.1"
) -> httpx.Response:
    return await service.client.post(
        f"{USERS}/login",
        data={"username": email, "password": password},
        headers={"X-Forwarded-For": address},
    )


class TestSignIn:
    @pytest.fixture
    def limiter(self) -> RequestLimiter:
        rates = make_settings(RATE_LIMIT_AUTH="5/minute", RATE_LIMIT_AUTH_ADDRESS="50/minute")
        return RequestLimiter(RateLimiter(MemoryWindows(lambda: 1_000_000_020.0)), rates)

    async def attempt(
        self, limiter: RequestLimiter, account: str, caller: Caller, *, succeeds: bool = False
    ) -> bool:
        """Whether the password was looked at."""
        try:
            await limiter.begin_sign_in(account, caller)
        except RateLimited:
            return False
        await limiter.end_sign_in(account, caller, succeeded=succeeds)
        return True

    async def test_guessing_ends_soon_and_locks_out_nobody_elsewhere(
        self, limiter: RequestLimiter
    ) -> None:
        guesses = [await self.attempt(limiter, "anna@au.edu", HERE) for _ in range(20)]

        assert sum(guesses) == 5
        assert await self.attempt(limiter, "anna@au.edu", THERE, succeeds=True)
        assert await self.attempt(limiter, "ben@au.edu", HERE, succeeds=True)
        assert not await self.attempt(limiter, " ANNA@au.edu", HERE)

    async def test_many_guesses_at_once_are_counted_before_any_is_answered(
        self, limiter: RequestLimiter
    ) -> None:
        begun = await asyncio.gather(
            *(limiter.begin_sign_in("anna@au.edu", HERE) for _ in range(50)),
            return_exceptions=True,
        )

        assert sum(not isinstance(one, RateLimited) for one in begun) == 5

    async def test_signing_in_is_never_counted_against_anybody(
        self, limiter: RequestLimiter
    ) -> None:
        for _ in range(300):
            assert await self.attempt(limiter, "anna@au.edu", HERE, succeeds=True)

    async def test_one_address_cannot_try_its_list_on_many_accounts(
        self, limiter: RequestLimiter
    ) -> None:
        assert await self.attempt(limiter, "anna@au.edu", HERE, succeeds=True)
        tried = [await self.attempt(limiter, f"{n}@au.edu", HERE) for n in range(200)]

        assert sum(tried) == 50
        # Those who sign in from there every day still get in.
        assert await self.attempt(limiter, "anna@au.edu", HERE, succeeds=True)

    async def test_guessing_from_many_addresses_leaves_each_a_few_attempts(
        self, limiter: RequestLimiter
    ) -> None:
        for number in range(100):
            await self.attempt(limiter, "anna@au.edu", Caller(f"198.51.100.{number}"))

        assert sum([await self.attempt(limiter, "anna@au.edu", HERE) for _ in range(9)]) == 3
        assert await self.attempt(limiter, "anna@au.edu", THERE, succeeds=True)
        # Known by now, and not held to a few any more.
        assert sum([await self.attempt(limiter, "anna@au.edu", THERE) for _ in range(9)]) == 5
