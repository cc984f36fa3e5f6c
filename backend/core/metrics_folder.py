"""The folder in which the workers of one service keep their numbers for each other.

In memory (/dev/shm) where there is such a place: the files are mapped, and a full disk under a
mapped file ends the process.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from backend.core.worker import find_worker, machine_id

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's own name for it."""

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - the folder made in it is this user's alone
_OWNER: Final = re.compile(r"(\d+)-(\d+)")


@contextmanager
def metrics_folder() -> Iterator[None]:
    """Name a fresh folder to all processes that are started meanwhile; removed at the end.

    One that the environment names already stands, and is its maker's to empty.
    """
    if os.environ.get(FOLDER_VARIABLE):
        yield
        return
    parent = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    _remove_leftovers(parent)
    worker = find_worker(os.getpid())
    owner = f"{os.getpid()}-{0 if worker is None else worker.started:.0f}"
    folder = tempfile.mkdtemp(prefix=f"{_prefix()}{owner}-", dir=parent)
    os.environ[FOLDER_VARIABLE] = folder
    try:
        yield
    finally:
        del os.environ[FOLDER_VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


def drop_gauges_of_the_dead(folder: str) -> None:
    """Forget how things stood in workers that are gone; what they counted stays counted."""
    for file in Path(folder).glob("gauge_live*.db"):
        if _is_gone(file.stem):
            file.unlink(missing_ok=True)


def _remove_leftovers(parent: Path) -> None:
    """Remove the folders of services that were killed."""
    prefix = _prefix()
    for folder in parent.glob(f"{prefix}*"):
        if _is_gone(folder.name.removeprefix(prefix)):
            shutil.rmtree(folder, ignore_errors=True)


def _prefix() -> str:
    """Containers may share the place, and tell the dead from the living only among their own."""
    return f"au-guru-metrics-{hashlib.sha256(machine_id().encode()).hexdigest()[:8]}-"


def _is_gone(name: str) -> bool:
    """Whether the process is gone whose number and start stand in `name`."""
    found = _OWNER.search(name)
    if found is None:
        return False
    worker = find_worker(int(found[1]))
    return worker is None or round(worker.started) != int(found[2])
