"""People who register and sign in as clients do."""

from typing import Any

import httpx

from tests.service import Service

URL = "/api/v1/users"
EMAIL = "somchai@au.edu"
PASSWORD = "mango sticky rice 7"
OTHER_PASSWORD = "ข้าวเหนียวมะม่วง"


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """The headers of whoever got these tokens."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}


class Visitor:
    """Somebody at a client of the service."""

    def __init__(self, service: Service, email: str = EMAIL, password: str = PASSWORD) -> None:
        self.service = service
        self.email = email
        self.password = password

    async def send(
        self, method: str, path: str, tokens: dict[str, Any] | None = None, **content: Any
    ) -> httpx.Response:
        """Ask under `/users`, signed in with `tokens`."""
        headers = bearer(tokens) if tokens is not None else {}
        return await self.service.client.request(method, f"{URL}{path}", headers=headers, **content)

    async def register(self, **fields: Any) -> dict[str, Any]:
        """Make the account; gives its profile."""
        account = {"email": self.email, "password": self.password, **fields}
        answer = await self.send("POST", "/register", json=account)
        assert answer.status_code == 201, answer.text
        profile: dict[str, Any] = answer.json()
        return profile

    async def try_login(self, password: str | None = None) -> httpx.Response:
        """Sign in, perhaps in vain."""
        form = {"username": self.email, "password": password or self.password}
        return await self.send("POST", "/login", data=form)

    async def login(self) -> dict[str, Any]:
        """Sign in; gives the tokens."""
        answer = await self.try_login()
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def join(self) -> dict[str, Any]:
        """Register and sign in; gives the tokens."""
        await self.register()
        return await self.login()

    async def refresh(self, tokens: dict[str, Any]) -> httpx.Response:
        """Ask for the next pair."""
        return await self.send("POST", "/refresh", json={"refresh_token": tokens["refresh_token"]})

    async def is_in(self, tokens: dict[str, Any]) -> bool:
        """Whether these tokens are good for anything."""
        answer = await self.send("GET", "/me", tokens)
        assert answer.status_code in {200, 401}, answer.text
        if answer.status_code == 401:
            assert answer.headers["www-authenticate"] == "Bearer"
        return answer.status_code == 200
