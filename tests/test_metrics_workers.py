"""The metrics of several workers: any of them tells those of all."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from backend.core.metrics_folder import FOLDER_VARIABLE, metrics_folder
from tests.metrics import Metrics, read_metrics
from tests.processes import ROOT, ServerProcess, serve

COUNT = """
import asyncio, os, sys
from backend.core.prometheus import PrometheusMeter

meter = PrometheusMeter(version="1", python="3", database="sqlite")
meter.turn_ended("complete", answered_by="gemini", seconds=0.3)
meter.show("workers", 1, "Processes that answer.")
print(asyncio.run(meter.render()).decode(), flush=True)
sys.stdin.read()
"""


class Counting:
    """A process that counts one turn, tells the metrics and lives on."""

    def __init__(self, folder: str) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-c", COUNT],
            cwd=ROOT,
            env={**os.environ, FOLDER_VARIABLE: folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def metrics(self) -> Metrics:
        assert self._popen.stdout is not None
        lines = []
        while line := self._popen.stdout.readline().strip():
            lines.append(line)
        return read_metrics("\n".join(lines) + "\n")

    def kill(self) -> None:
        self._popen.kill()
        self._popen.communicate()


class TestFolder:
    def test_adds_up_what_all_have_counted_and_forgets_how_the_dead_stood(
        self, tmp_path: Path
    ) -> None:
        first = Counting(str(tmp_path))
        alone = first.metrics()
        second = Counting(str(tmp_path))
        both = second.metrics()
        first.kill()
        second.kill()
        third = Counting(str(tmp_path))
        after = third.metrics()
        third.kill()

        turns = 'turns_total{answered_by="gemini",outcome="complete"}'
        assert [metrics[turns] for metrics in (alone, both, after)] == [1, 2, 3]
        assert [metrics["turn_seconds_count"] for metrics in (alone, both, after)] == [1, 2, 3]
        assert [metrics["workers"] for metrics in (alone, both, after)] == [1, 2, 1]

    def test_is_gone_at_the_end_and_those_of_killed_services_too(self) -> None:
        with metrics_folder():
            folder = Path(os.environ[FOLDER_VARIABLE])
            assert folder.is_dir()
            left = folder.with_name(folder.name.replace(f"-{os.getpid()}-", "-999999999-"))
            left.mkdir()
            with pytest.MonkeyPatch.context() as patch:
                patch.delenv(FOLDER_VARIABLE)
                with metrics_folder():
                    assert not left.exists()
                    assert folder.is_dir()
            os.environ[FOLDER_VARIABLE] = str(folder)

        assert not folder.exists()
        assert FOLDER_VARIABLE not in os.environ


@pytest.mark.stress
class TestWorkers:
    async def test_a_killed_worker_leaves_its_counts_and_takes_its_gauges(
        self, database_url: str
    ) -> None:
        with serve("--workers", "2", DATABASE_URL=database_url) as server:
            await _until(server, workers=2)
            for _ in range(20):
                await _ask(server)
            before = await _scrape(server)
            workers = [child.pid for child in psutil.Process(server.pid).children()]
            victim = next(pid for pid in workers if "spawn_main" in _command(pid))
            psutil.Process(victim).kill()
            await _until(server, workers=1)
            await _until(server, workers=2)
            await _ask(server)
            after = await _scrape(server)
            server.stop()

        turns = 'turns_total{answered_by="knowledge",outcome="complete"}'
        assert before[turns] == 20
        assert after[turns] == 21
        assert after["database_connections_limit"] == before["database_connections_limit"]


def _command(pid: int) -> str:
    return " ".join(psutil.Process(pid).cmdline())


async def _ask(server: ServerProcess) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        url = f"{server.url}/api/v1/chat/"
        assert (await client.post(url, json={"message": "Tuition?"})).status_code == 200


async def _scrape(server: ServerProcess) -> Metrics:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        return read_metrics((await client.get(f"{server.url}/metrics")).text)


async def _until(server: ServerProcess, *, workers: int) -> None:
    """Wait until so many workers tell that they answer."""
    async with asyncio.timeout(40):
        while (await _scrape(server))["workers"] != workers:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)
