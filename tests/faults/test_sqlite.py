"""SQLite on a disk that is full, and locked by another process."""

import asyncio
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.databases import copy_sqlite
from tests.faults.conftest import Environment
from tests.faults.people import (
    READY_SECONDS,
    Crowd,
    crowd,
    read_refusal,
    recovery,
    tell,
    until,
)
from tests.processes import serve
from tests.streams import CHAT

pytestmark = pytest.mark.stress

LOCKED_SECONDS = float(os.environ.get("STRESS_LOCK_SECONDS", "20"))


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of two megabytes; skips where none can be mounted."""
    place = folder / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("a small disk needs root and leave to mount it")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S607


async def refused(people: Crowd) -> None:
    """Wait until the database's state is felt."""

    async def is_felt() -> bool:
        return (503, "database_unavailable") in people.refusals

    await until(is_felt)


async def test_a_full_disk_refuses_clearly_and_room_heals_it(
    environment: Environment, sqlite_template: Path, tmp_path: Path
) -> None:
    with small_disk(tmp_path) as disk:
        url = copy_sqlite(sqlite_template, disk)
        with serve("--workers", "2", **{**environment, "DATABASE_URL": url}) as server:
            async with crowd(server.url) as people:
                await people.hear(6)
                ballast = disk / "ballast"
                fill(ballast)
                await refused(people)
                fill(ballast)
                for _ in range(10):
                    await asyncio.sleep(0.2)
                ballast.unlink()
                ready_after = await recovery(server.url)
                answered_after = ready_after + await people.hear(3)

    tell(f"ready {ready_after:.2f} s, answers {answered_after:.2f} s after there was room")
    assert ready_after < READY_SECONDS


def fill(file: Path) -> None:
    """Take all the room that is left."""
    with file.open("ab", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            return


async def test_a_lock_of_another_process_refuses_clearly_and_is_over_with_it(
    environment: Environment,
) -> None:
    file = make_url(environment["DATABASE_URL"]).database
    assert file is not None
    with serve("--workers", "2", **environment) as server:
        async with crowd(server.url) as people:
            await people.hear(6)
            with closing(sqlite3.connect(file, isolation_level=None, timeout=30)) as other:
                other.execute("BEGIN IMMEDIATE")
                locked_at = time.monotonic()
                refusal = await people.client.post(f"{server.url}{CHAT}", json={"message": "Now?"})
                person = next(person for person in people.people if person.said)
                said = list(person.said)
                url = f"{server.url}{CHAT}{person.session_id}/history"
                read = await people.client.get(url)
                while time.monotonic() < locked_at + LOCKED_SECONDS:  # noqa: ASYNC110 - a clock
                    await asyncio.sleep(0.2)
                other.execute("ROLLBACK")
            ready_after = await recovery(server.url)
            answered_after = ready_after + await people.hear(3)

    tell(f"ready {ready_after:.2f} s, answers {answered_after:.2f} s after the lock")
    assert read_refusal(refusal) == (503, "database_unavailable")
    assert [m["content"] for m in read.json()["messages"]][: len(said)] == said
    assert ready_after < READY_SECONDS
