"""`serve --workers 2`: workers killed and replaced, as clients and Prometheus see it."""

import asyncio
import signal

import httpx
import psutil
import pytest

from tests.metrics import Metrics, read_metrics
from tests.processes import ServerProcess, serve

pytestmark = pytest.mark.stress
TURNS = 'turns_total{answered_by="knowledge",outcome="complete"}'


def workers_of(server: ServerProcess) -> set[int]:
    children = psutil.Process(server.pid).children()
    return {child.pid for child in children if "spawn_main" in " ".join(child.cmdline())}


async def ask(server: ServerProcess) -> int:
    """Ask over a connection of its own; gives the status."""
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        url = f"{server.url}/api/v1/chat/"
        return (await client.post(url, json={"message": "Tuition?"})).status_code


async def scrape(server: ServerProcess) -> Metrics:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        return read_metrics((await client.get(f"{server.url}/metrics")).text)


async def until(server: ServerProcess, *, workers: int) -> None:
    """Wait until so many workers tell that they answer."""
    async with asyncio.timeout(100):
        while (await scrape(server))["workers"] != workers:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


async def test_a_killed_worker_leaves_its_counts_and_takes_its_gauges(
    database_url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with serve("--workers", "2", DATABASE_URL=database_url, LOG_LEVEL="INFO") as server:
        await until(server, workers=2)
        assert {await ask(server) for _ in range(20)} == {200}
        before = await scrape(server)
        psutil.Process(min(workers_of(server))).kill()
        await until(server, workers=1)
        await until(server, workers=2)
        assert await ask(server) == 200
        after = await scrape(server)
        server.stop()

    assert (before[TURNS], after[TURNS]) == (20, 21)
    assert after["database_connections_limit"] == before["database_connections_limit"]
    assert "died" in capfd.readouterr().err


async def test_a_reload_replaces_all_workers_and_nobody_notices(database_url: str) -> None:
    answers = []
    with serve("--workers", "2", DATABASE_URL=database_url) as server:
        await until(server, workers=2)
        first = workers_of(server)
        psutil.Process(server.pid).send_signal(signal.SIGHUP)
        async with asyncio.timeout(100):
            while first & workers_of(server):
                answers.append(await ask(server))
                await asyncio.sleep(0.05)
        await until(server, workers=2)
        metrics = await scrape(server)
        server.stop()

    assert len(answers) >= 8
    assert set(answers) == {200}
    assert metrics[TURNS] == len(answers)
