"""The folder of facts emptied, made unreadable or read-only under a running service."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults.conftest import Environment
from tests.faults.people import READY_SECONDS, crowd, readiness, recovery, tell, until
from tests.metrics import read_metrics
from tests.processes import ROOT, serve
from tests.streams import CHAT

pytestmark = pytest.mark.stress

QUESTION = {"message": "How much is the tuition for a bachelor's degree?"}


def empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def take_away(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))


def break_files(folder: Path) -> None:
    """As somebody who writes over a file without a copy leaves it, on a disk that was full."""
    for file in folder.glob("*.json"):
        os.truncate(file, file.stat().st_size // 2)


def make_directories(folder: Path) -> None:
    """What cannot be read: a mode would not keep root out."""
    for file in folder.glob("*.json"):
        file.unlink()
        file.mkdir()


@pytest.mark.parametrize("harm", [empty, take_away, break_files, make_directories])
async def test_the_last_good_version_answers_and_the_files_heal(
    harm: Callable[[Path], None], environment: Environment, tmp_path: Path
) -> None:
    folder = tmp_path / "facts"
    shutil.copytree(ROOT / "data", folder)
    environment = {**environment, "KNOWLEDGE_DIR": str(folder), "GEMINI_API_KEY": ""}
    with serve("--workers", "2", **environment) as server:
        await until(lambda: both_answer(server.url))  # one that starts later would have no facts
        before = await ask(server.url)
        async with crowd(server.url) as people:
            await people.hear(3)
            harm(folder)
            during = await noticed(server.url)
            answers = [await ask(server.url) for _ in range(6)]
            restore(folder)
            ready_after = await recovery(server.url)
        after = await ask(server.url)

    tell(f"{harm.__name__}: {during['knowledge']}; ready {ready_after:.2f} s after")
    assert "112,000" in before
    assert during["status"] == "ready"
    assert str(tmp_path) not in during["knowledge"]["detail"]
    assert set(answers) == {before}
    assert after == before
    assert not people.refusals
    assert ready_after < READY_SECONDS


async def both_answer(url: str) -> bool:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        return read_metrics((await client.get(f"{url}/metrics")).text)["workers"] == 2


async def noticed(url: str) -> dict[str, Any]:
    """What the first worker says that has noticed; the others look within a second."""
    told: dict[str, Any] = {}

    async def is_noticed() -> bool:
        told.update(await readiness(url))
        return bool(told["knowledge"]["state"] != "ok")

    await until(is_noticed)
    return told


def restore(folder: Path) -> None:
    """Put the files back, whatever stands in their place."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "data", folder)


async def ask(url: str) -> str:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        response = await client.post(f"{url}{CHAT}", json=QUESTION)
    return str(response.json()["response"])
