"""Tests of `backend/core/security.py`."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from backend.core.account_errors import TooManySignIns, WeakPassword
from backend.core.security import HashCost, PasswordHasher, Verdict, check_strength

CHEAP = HashCost(memory=8, time=1)
SECRET = "ข้าวเหนียวมะม่วง"


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    made = PasswordHasher(CHEAP)
    yield made
    made.close()


class TestPasswordHasher:
    async def test_knows_a_password_again(self, hasher: PasswordHasher) -> None:
        stored = await hasher.hash(SECRET)

        assert await hasher.verify(SECRET, stored) == Verdict(is_right=True)
        assert await hasher.verify(f"{SECRET} ", stored) == Verdict(is_right=False)
        assert stored != await hasher.hash(SECRET)

    async def test_costs_what_owasp_asks_for_unless_told_otherwise(self) -> None:
        hasher = PasswordHasher()
        stored = await hasher.hash(SECRET)
        hasher.close()

        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")

    @pytest.mark.parametrize("stored", [None, "", "!", "$2b$12$x", "$argon2id$v=19$m=8"])
    async def test_nobody_has_a_password(self, hasher: PasswordHasher, stored: str | None) -> None:
        for password in ("", SECRET):
            assert await hasher.verify(password, stored) == Verdict(is_right=False)

    async def test_a_hash_of_another_cost_comes_with_a_new_one(
        self, hasher: PasswordHasher
    ) -> None:
        dearer = PasswordHasher(HashCost(memory=16, time=2))
        stored = await dearer.hash(SECRET)
        dearer.close()

        verdict = await hasher.verify(SECRET, stored)

        assert verdict.is_right
        assert verdict.new_hash is not None
        assert await hasher.verify(SECRET, verdict.new_hash) == Verdict(is_right=True)
        assert (await hasher.verify("wrong", stored)).new_hash is None

    async def test_who_would_wait_too_long_is_sent_away(self) -> None:
        hasher = PasswordHasher(CHEAP, max_waiting=3)
        stored = await hasher.hash(SECRET)

        outcomes = await asyncio.gather(
            *(hasher.verify(SECRET, stored) for _ in range(10)), return_exceptions=True
        )

        refused = [one for one in outcomes if isinstance(one, TooManySignIns)]
        assert len(refused) == 7
        assert refused[0].retry_after
        assert await hasher.verify(SECRET, stored) == Verdict(is_right=True)
        hasher.close()

    async def test_the_queue_is_two_seconds_of_work_unless_told_otherwise(
        self, hasher: PasswordHasher
    ) -> None:
        outcomes = await asyncio.gather(
            *(hasher.verify(SECRET, None) for _ in range(130)), return_exceptions=True
        )

        refused = [one for one in outcomes if isinstance(one, TooManySignIns)]
        assert len(refused) == 2
        assert refused[0].retry_after == 2

    async def test_uses_two_threads_and_no_more(self, hasher: PasswordHasher) -> None:
        await asyncio.gather(*(hasher.hash(SECRET) for _ in range(20)))

        names = [thread.name for thread in threading.enumerate()]
        assert sum(name.startswith("password") for name in names) == 2

    async def test_leaves_what_still_waits_when_it_is_closed(self) -> None:
        hasher = PasswordHasher(HashCost(memory=256, time=1))
        waiting = asyncio.gather(*(hasher.hash(SECRET) for _ in range(100)), return_exceptions=True)
        await asyncio.sleep(0)

        hasher.close()

        outcomes = await waiting
        done = [one for one in outcomes if isinstance(one, str)]
        assert len(done) < 100
        assert all(one.startswith("$argon2id$") for one in done)
        assert all(isinstance(one, str | asyncio.CancelledError) for one in outcomes)


class TestCheckStrength:
    @pytest.mark.parametrize(
        "password",
        ["Password123", "12345678", "QWERTYUIOP", "aaaaaaaaaaaa", "abababababab", "somchai.j"],
    )
    def test_refuses_what_is_guessed_first(self, password: str) -> None:
        with pytest.raises(WeakPassword):
            check_strength(password, email="somchai.j@au.edu")

    @pytest.mark.parametrize(
        ("password", "reason"),
        [
            ("Somchai.J@au.edu", "must not be the e-mail address"),
            ("SOMCHAI.J", "must not be the e-mail address"),
            ("QwertyUiop", "guessed first"),
            ("ABabABab", "guessed first"),
        ],
    )
    def test_says_what_is_wrong(self, password: str, reason: str) -> None:
        with pytest.raises(WeakPassword) as caught:
            check_strength(password, email="somchai.j@au.edu")
        assert reason in caught.value.detail

    @pytest.mark.parametrize("password", ["au.edu", "@au.edu", "somchai.j@", "qwertyuiop, yes"])
    def test_takes_what_only_holds_such_words(self, password: str) -> None:
        check_strength(password, email="somchai.j@au.edu")

    @pytest.mark.parametrize(
        "password",
        [SECRET, "mango sticky rice 7", "我喜欢吃芒果糯米饭", "🥭🍚🌶️🥥🍜🍲🍛🍤", "xqzxqzxqzx"],
    )
    def test_takes_others_in_any_script(self, password: str) -> None:
        check_strength(password, email="somchai.j@au.edu")
