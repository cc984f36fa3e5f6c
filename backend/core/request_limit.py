"""Who may do what how often."""

from dataclasses import dataclass

from backend.core.client_address import network_of
from backend.core.rate_limit import Allowance, Rate, RateLimiter, scarcest
from backend.core.sign_in_limit import SignInLimiter


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the user's id when somebody is signed in, and the address in any case."""

    address: str
    user_id: str | None = None

    @property
    def key(self) -> str:
        """What requests are counted by."""
        return f"user:{self.user_id}" if self.user_id else network_of(self.address)


@dataclass(frozen=True, slots=True)
class Rates:
    """The settings' rates, in the notation of `limits`."""

    chat: str
    chat_user: str
    read: str
    auth: str
    auth_address: str


class RequestLimiter:
    """Counts requests by person or address; each method raises RateLimited for one too many."""

    def __init__(self, limiter: RateLimiter, rates: Rates) -> None:
        self._limiter = limiter
        self._chat = Rate("chat", rates.chat)
        self._chat_user = Rate("chat-user", rates.chat_user)
        self._read = Rate("read", rates.read)
        self._auth_address = Rate("auth", rates.auth_address)
        self._sign_in = SignInLimiter(
            limiter,
            attempts=Rate("sign-in", rates.auth),
            failures=Rate("sign-in-failures", rates.auth_address),
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

    async def begin_sign_in(self, account: str, caller: Caller) -> Allowance | None:
        """Count an attempt before the password is looked at."""
        return await self._sign_in.begin(account, network_of(caller.address))

    async def end_sign_in(self, account: str, caller: Caller, *, succeeded: bool) -> None:
        """Tell how the attempt went."""
        end = self._sign_in.succeeded if succeeded else self._sign_in.failed
        await end(account, network_of(caller.address))
