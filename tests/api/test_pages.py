"""Every list that comes in pages: one that holds all there is does not promise another."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.api.editing import SHUTTLE, Desk
from tests.databases import on_every_database

LISTS = {
    "sessions": "/api/v1/chat/",
    "sessions that are searched": "/api/v1/chat/",
    "messages": "/api/v1/chat/{session_id}/history",
    "users": "/api/v1/users/",
    "audit": "/api/v1/audit/",
    "gaps": "/api/v1/knowledge/gaps",
    "versions": "/api/v1/knowledge/au_transport/campus.shuttle/versions",
}


class Shelf:
    """Some of everything that is listed."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.session_id = ""

    async def fill(self) -> None:
        """Three of each."""
        version = (await self.desk.create())["version"]
        for text in ("It leaves at 8:15.", "It leaves at 9:45."):
            changed = await self.desk.send(
                "PUT",
                "au_transport/campus.shuttle",
                version=version,
                json={**SHUTTLE, "text": text},
            )
            version = changed.json()["version"]
        for email in ("a@au.edu", "b@au.edu"):
            await self.desk.service.sign_up(email)
        for thing in ("LINE account", "dormitory price", "library fine"):
            sent = {"message": f"What is the university's {thing}?"}
            answer = await self.desk.service.client.post(
                "/api/v1/chat/", json=sent, headers=self.desk.headers
            )
            self.session_id = answer.json()["session_id"]
        await self.desk.service.app.state.gap_service.flush()

    async def page(self, name: str, limit: int) -> tuple[list[Any], bool]:
        """The items of a page, and whether there is another."""
        answer = await self.desk.service.client.get(
            LISTS[name].format(session_id=self.session_id),
            params={"limit": limit, **({"q": "university"} if "search" in name else {})},
            headers=self.desk.headers,
        )
        page = answer.json()
        items: list[Any] = page["messages"] if "messages" in page else page["items"]
        return items, bool(page.get("has_more") or page.get("next_cursor"))


@pytest_asyncio.fixture
async def shelf(desk: Desk) -> AsyncIterator[Shelf]:
    shelf = Shelf(desk)
    await shelf.fill()
    yield shelf


@on_every_database
class TestPages:
    @pytest.mark.parametrize("name", LISTS)
    async def test_the_last_one_is_known_as_such(self, shelf: Shelf, name: str) -> None:
        everything, _ = await shelf.page(name, 50)
        count = len(everything)
        assert count > 1

        assert await shelf.page(name, count) == (everything, False)
        assert await shelf.page(name, count + 1) == (everything, False)
        items, is_more = await shelf.page(name, count - 1)
        assert len(items) == count - 1
        assert is_more
