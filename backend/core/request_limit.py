"""Who may do what how often."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend.config import Settings
from backend.core.client_address import network_of
from backend.core.errors import RateLimited
from backend.core.rate_limit import Allowance, Rate, RateLimiter, scarcest
from backend.core.rate_window import MemoryWindows
from backend.core.sign_in_limit import SignInLimiter, digest

if TYPE_CHECKING:
    from backend.core.redis_client import RedisClient


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the user's id when somebody is signed in, and the address in any case."""

    address: str
    user_id: str | None = None

    @property
    def key(self) -> str:
        """What requests are counted by."""
        return f"user:{self.user_id}" if self.user_id else network_of(self.address)


_MAIL: Final = Rate("mail", "10/hour")
"""Links to one account: nobody's letter box is filled by a stranger who knows the address."""


class RequestLimiter:
    """Counts requests by person or address; each method raises RateLimited for one too many."""

    def __init__(self, limiter: RateLimiter, config: Settings) -> None:
        self._limiter = limiter
        self._chat = Rate("chat", config.RATE_LIMIT_CHAT)
        self._chat_user = Rate("chat-user", config.RATE_LIMIT_CHAT_USER)
        self._read = Rate("read", config.RATE_LIMIT_READ)
        self._auth_address = Rate("auth", config.RATE_LIMIT_AUTH_ADDRESS)
        self._password = Rate("password", config.RATE_LIMIT_AUTH)
        self._sign_in = SignInLimiter(
            limiter,
            attempts=Rate("sign-in", config.RATE_LIMIT_AUTH),
            failures=Rate("sign-in-failures", config.RATE_LIMIT_AUTH_ADDRESS),
        )

    async def count_message(self, caller: Caller) -> Allowance | None:
        """Count a message to the assistant."""
        allowance = await self._limiter.take(self._chat, caller.key)
        if caller.user_id is None:
            return allowance
        return scarcest(allowance, await self._limiter.take(self._chat_user, caller.key))

    async def count_read(self, caller: Caller) -> Allowance | None:
        """Count a read that costs more than most."""
        return await self._limiter.take(self._read, caller.key)

    async def count_account_request(self, caller: Caller) -> Allowance | None:
        """Count what an address asks of accounts without signing in: registering, mail, tokens."""
        return await self._limiter.take(self._auth_address, network_of(caller.address))

    async def count_mail(self, account: str) -> Allowance | None:
        """Count a link that is to be mailed to an account, if there is such an account."""
        return await self._limiter.take(_MAIL, digest(account))

    async def begin_sign_in(self, account: str, caller: Caller) -> Allowance | None:
        """Count an attempt before the password is looked at."""
        return await self._sign_in.begin(account, network_of(caller.address))

    async def look_at_password_checks(self, user_id: str) -> Allowance | None:
        """Count nothing, but refuse whoever has been wrong too often."""
        left = await self._limiter.look(self._password, user_id)
        if left is not None and not left.remaining:
            raise RateLimited(left.limit, retry_after=left.reset)
        return left

    async def count_wrong_password(self, user_id: str) -> None:
        """Count a wrong password of somebody who is signed in."""
        with suppress(RateLimited):  # many came at once, and it is full already
            await self._limiter.take(self._password, user_id)

    async def end_sign_in(self, account: str, caller: Caller, *, succeeded: bool) -> None:
        """Tell how the attempt went."""
        end = self._sign_in.succeeded if succeeded else self._sign_in.failed
        await end(account, network_of(caller.address))


def build_request_limiter(
    config: Settings, redis_client: "RedisClient | None"
) -> RequestLimiter | None:
    """Count in Redis where there is one; None when the settings switch limits off."""
    if not config.RATE_LIMIT_ENABLED:
        return None
    windows = MemoryWindows() if redis_client is None else redis_client.open_windows()
    return RequestLimiter(RateLimiter(windows), config)
