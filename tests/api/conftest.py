"""Fixtures of the tests of routes."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.api.editing import Desk
from tests.service import make_settings, run_service


@pytest_asyncio.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    """The service without a key over a copy of a few files."""
    folder = tmp_path / "facts"
    folder.mkdir()
    for name in ("au_contacts", "au_tuitions", "au_campus_life"):
        shutil.copy(Path("data") / f"{name}.json", folder)
    config = make_settings(DATABASE_URL=database_url, KNOWLEDGE_DIR=folder)
    async with run_service(config) as service:
        yield Desk(service, folder, await service.sign_up_admin())
