"""One editor of the folder at a time, in this process and in others."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Final

from backend.core.knowledge_errors import KnowledgeBusy
from backend.services.knowledge.entry_file import discard_leftovers, translate

PATIENCE_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 0.02


class FolderLock:
    """A lock on the folder itself, which the system takes back when its holder dies.

    Editors of this process queue before they try it, so that they wait in order.
    """

    def __init__(self, directory: Path, *, patience: float = PATIENCE_SECONDS) -> None:
        self._directory = directory
        self._patience = patience
        self._queue = asyncio.Lock()

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Keep every other editor out.

        Raises:
            KnowledgeBusy: others kept this one out for too long.
            KnowledgeReadOnly: the folder cannot be opened.
            KnowledgeNotWritten: the folder is away.
        """
        deadline = monotonic() + self._patience
        async with self._queue:
            descriptor = await asyncio.to_thread(self._open)
            try:
                await _lock(descriptor, deadline)
                await asyncio.to_thread(discard_leftovers, self._directory)
                yield
            finally:
                os.close(descriptor)

    def _open(self) -> int:
        try:
            return os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as exc:
            raise translate(exc) from exc


async def _lock(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            if monotonic() > deadline:
                raise KnowledgeBusy(retry_after=1) from exc
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            return
