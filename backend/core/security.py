"""Passwords: hashed with argon2id in threads of their own, and kept off the lists of guessers.

passlib is imported with the first password: visitors without an account never need it.
"""

import asyncio
import base64
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from backend.core.account_errors import TooManySignIns, WeakPassword

if TYPE_CHECKING:
    from passlib.context import CryptContext

T = TypeVar("T")

HASH_THREADS: Final = 2
"""Each takes the memory of one hash, 19 MiB, and a core for some 25 ms."""

MAX_WAITING: Final = 128
"""Passwords being hashed or waiting for it: about two seconds' work."""

_COMMON_FILE: Final = Path(__file__).with_name("common_passwords.txt")
_MIN_VARIETY: Final = 3


@dataclass(frozen=True, slots=True)
class HashCost:
    """argon2id's parameters; the defaults are OWASP's first choice. `memory` is in KiB."""

    memory: int = 19_456
    time: int = 2
    parallelism: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password is right; `new_hash` when its hash was made at another cost."""

    is_right: bool
    new_hash: str | None = None


class PasswordHasher:
    """Hashes and checks passwords, two at a time, without holding up anything else."""

    def __init__(self, cost: HashCost | None = None, *, max_waiting: int = MAX_WAITING) -> None:
        self._cost = cost or HashCost()
        self._max_waiting = max_waiting
        self._waiting = 0
        self._threads = ThreadPoolExecutor(HASH_THREADS, thread_name_prefix="password")
        self._making = threading.Lock()
        self._made: CryptContext | None = None
        self._nobody = _unmatched_hash(self._cost)

    async def hash(self, password: str) -> str:
        """The hash to store for `password`.

        Raises:
            TooManySignIns: the queue is full.
        """
        return await self._run(lambda: str(self._context().hash(password)))

    async def verify(self, password: str, password_hash: str | None) -> Verdict:
        """Check `password`; for nobody's (None) at the same cost, so that no clock tells.

        Raises:
            TooManySignIns: the queue is full.
        """
        return await self._run(lambda: self._verify(password, password_hash))

    def close(self) -> None:
        """Finish what runs and end the threads."""
        self._threads.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._max_waiting:
            raise TooManySignIns(retry_after=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _verify(self, password: str, password_hash: str | None) -> Verdict:
        context = self._context()
        is_hash = password_hash is not None and context.identify(password_hash) is not None
        try:
            right, new_hash = context.verify_and_update(
                password, password_hash if is_hash else self._nobody
            )
        except ValueError:
            return Verdict(is_right=False)  # what is stored begins like a hash and is none
        return Verdict(right and is_hash, new_hash if right and is_hash else None)

    def _context(self) -> "CryptContext":
        with self._making:
            if self._made is None:
                from passlib.context import CryptContext

                self._made = CryptContext(
                    schemes=["argon2"],
                    argon2__type="ID",
                    argon2__memory_cost=self._cost.memory,
                    argon2__time_cost=self._cost.time,
                    argon2__parallelism=self._cost.parallelism,
                )
            return self._made


def check_strength(password: str, *, email: str) -> None:
    """Refuse what guessers try first.

    Raises:
        WeakPassword: it is on the list of common ones, the person's own address, or one or two
            characters over and over.
    """
    lowered = password.lower()
    if lowered in {email, email.partition("@")[0]}:
        raise WeakPassword("password: must not be the e-mail address.")
    if len(set(lowered)) < _MIN_VARIETY or lowered in _common_passwords():
        raise WeakPassword("password: is one of those that are guessed first.")


@cache
def _common_passwords() -> frozenset[str]:
    """Those of at least 8 characters among the most frequent ones of leaked lists, lower case."""
    return frozenset(_COMMON_FILE.read_text(encoding="utf-8").splitlines())


def _unmatched_hash(cost: HashCost) -> str:
    """A hash that no password has, made without the work of making one."""
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32)
    )
    return f"$argon2id$v=19$m={cost.memory},t={cost.time},p={cost.parallelism}${salt}${digest}"
