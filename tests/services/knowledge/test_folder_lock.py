"""Tests of `backend/services/knowledge/folder_lock.py`."""

import asyncio
from pathlib import Path

import pytest

from backend.core.knowledge_errors import KnowledgeBusy
from backend.services.knowledge.folder_lock import FolderLock


class TestFolderLock:
    async def test_who_is_kept_out_for_too_long_is_told(self, tmp_path: Path) -> None:
        async with FolderLock(tmp_path).hold():
            with pytest.raises(KnowledgeBusy) as refused:
                async with FolderLock(tmp_path, patience=0.05).hold():
                    pass

        assert refused.value.retry_after == 1

    async def test_who_waits_comes_in_when_it_is_free(self, tmp_path: Path) -> None:
        order: list[str] = []

        async def edit(name: str) -> None:
            async with FolderLock(tmp_path).hold():
                order.append(f"{name} comes")
                await asyncio.sleep(0.1)
                order.append(f"{name} goes")

        await asyncio.gather(edit("one"), edit("two"))

        for comes, goes in (order[:2], order[2:]):
            assert goes == comes.replace("comes", "goes")
