"""Stopping those who guess passwords without stopping those who know theirs.

Attempts are counted by account and address together, so that a stranger who fails on purpose
locks out nobody elsewhere. Two counts stand behind that, and neither applies to an address from
which the account was signed in to before: failures of an address over all accounts (lists of
stolen passwords), and failures on an account from anywhere (guessing from many addresses), which
refuse nobody by themselves but leave each address a few attempts an hour: one is enough for
whoever knows the password.
"""

import hashlib
from typing import Final

from backend.core.errors import RateLimited
from backend.core.rate_limit import Allowance, Rate, RateLimiter

_UNDER_ATTACK: Final = Rate("account-failures", "100/hour")
_FEW_ATTEMPTS: Final = Rate("account-attacked", "3/hour")
_KNOWN: Final = Rate("account-known", "1/30days")
"""Marks an address that the account was signed in to from; kept for 30 to 60 days."""


class SignInLimiter:
    """Counts attempts at one account from one address, and an address's `failures` at them all."""

    def __init__(self, limiter: RateLimiter, *, attempts: Rate, failures: Rate) -> None:
        self._limiter = limiter
        self._attempts = attempts
        self._failures = failures

    async def begin(self, account: str, address: str) -> Allowance | None:
        """Count an attempt before the password is looked at, so that many at once count too.

        Raises:
            RateLimited: there were too many.
        """
        who = digest(account)
        known = await self._limiter.look(_KNOWN, who, address)
        if known is not None and known.remaining:
            await self._check_stranger(who, address)
        return await self._limiter.take(self._attempts, who, address)

    async def failed(self, account: str, address: str) -> None:
        """Count a wrong password or an unknown account: nobody learns which from the limits."""
        for rate, who in ((self._failures, address), (_UNDER_ATTACK, digest(account))):
            try:
                await self._limiter.take(rate, who)
            except RateLimited:
                continue  # it is full already

    async def succeeded(self, account: str, address: str) -> None:
        """Forget the attempts, and remember the address."""
        who = digest(account)
        await self._limiter.forget(self._attempts, who, address)
        await self._limiter.forget(_FEW_ATTEMPTS, who, address)
        try:
            await self._limiter.take(_KNOWN, who, address)
        except RateLimited:
            return  # known already

    async def _check_stranger(self, who: str, address: str) -> None:
        left = await self._limiter.look(self._failures, address)
        if left is not None and not left.remaining:
            raise RateLimited(left.limit, retry_after=left.reset)
        left = await self._limiter.look(_UNDER_ATTACK, who)
        if left is not None and not left.remaining:
            await self._limiter.take(_FEW_ATTEMPTS, who, address)


def digest(account: str) -> str:
    """Counts must not hold addresses of people, and outlive none of them in Redis."""
    return hashlib.sha256(account.strip().casefold().encode("utf-8", "replace")).hexdigest()[:32]
