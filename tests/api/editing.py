"""A service over a folder of facts of its own, for tests that write into it."""

import json
from pathlib import Path
from typing import Any

import httpx

from tests.service import Service

URL = "/api/v1/knowledge"
SHUTTLE = {
    "id": "campus.shuttle",
    "title": "Shuttle bus",
    "text": "A shuttle leaves Hua Mak at 7:30.",
    "aliases": ["รถรับส่ง", "校车"],
    "source": "https://www.au.edu/shuttle",
    "as_of": "2026-11",
}


class Desk:
    """An administrator's hands on the facts of a folder."""

    def __init__(self, service: Service, folder: Path, headers: dict[str, str]) -> None:
        self.service = service
        self.folder = folder
        self.headers = headers

    async def send(
        self, method: str, path: str, *, version: str | None = None, **content: Any
    ) -> httpx.Response:
        """Ask as the administrator, editing `version`."""
        headers = self.headers if version is None else {**self.headers, "If-Match": f'"{version}"'}
        return await self.service.client.request(
            method, f"{URL}/{path}", headers=headers, **content
        )

    async def create(self, category: str = "au_transport", **fields: Any) -> dict[str, Any]:
        """Add the shuttle bus, with some of its fields changed."""
        answer = await self.send("POST", category, json={**SHUTTLE, **fields})
        assert answer.status_code == 201, answer.text
        fact: dict[str, Any] = answer.json()
        return fact

    def entries(self, category: str = "au_transport") -> list[dict[str, Any]]:
        """What stands in the file."""
        document = json.loads((self.folder / f"{category}.json").read_text("utf-8"))
        entries: list[dict[str, Any]] = document["entries"]
        return entries

    def state(self) -> dict[str, bytes]:
        """Every file in the folder with its content."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}
