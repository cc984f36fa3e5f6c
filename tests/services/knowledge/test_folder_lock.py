"""Tests of `backend/services/knowledge/folder_lock.py`."""

import asyncio
from pathlib import Path

import pytest

from backend.core.knowledge_errors import KnowledgeBusy, KnowledgeNotWritten
from backend.services.knowledge.folder_lock import FolderLock


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


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

    async def test_is_free_again_whatever_its_holder_meets(self, tmp_path: Path) -> None:
        lock = FolderLock(tmp_path, patience=0.05)
        with pytest.raises(ValueError, match="no such luck"):
            async with lock.hold():
                raise ValueError("no such luck")

        async with lock.hold():
            pass

    async def test_takes_away_what_the_dead_left_behind(self, tmp_path: Path) -> None:
        (tmp_path / ".a.json.12.tmp").touch()

        async with FolderLock(tmp_path).hold():
            assert names(tmp_path) == []

    async def test_a_folder_that_is_away_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        for name in ("none", "file"):
            with pytest.raises(KnowledgeNotWritten):
                async with FolderLock(tmp_path / name).hold():
                    pass

    async def test_editors_come_in_the_order_in_which_they_asked(self, tmp_path: Path) -> None:
        lock, order = FolderLock(tmp_path), list[int]()

        async def edit(number: int) -> None:
            async with lock.hold():
                order.append(number)
                await asyncio.sleep(0)

        async with lock.hold():
            waiting = [asyncio.ensure_future(edit(number)) for number in range(5)]
            await asyncio.sleep(0.01)
            assert order == []
        await asyncio.gather(*waiting)

        assert order == [0, 1, 2, 3, 4]
