"""Tests of `backend/supervisor.py`: workers that are started, replaced and ended."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from backend.__main__ import main
from tests.processes import ROOT, ServerProcess, free_port, serve

HEAVY = {"fastapi", "numpy", "pydantic", "sqlalchemy", "starlette", "uvicorn"}


def workers_of(pid: int) -> list[psutil.Process]:
    return [child for child in psutil.Process(pid).children() if answers(child)]


def answers(child: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(child.cmdline())
    except psutil.Error:  # it has just ended
        return False


def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def count_ready(url: str) -> int:
    try:
        text = httpx.get(f"{url}/metrics", trust_env=False, timeout=20).text
    except httpx.TransportError:
        return 0
    [line] = [line for line in text.splitlines() if line.startswith("au_guru_workers ")]
    return int(float(line.split()[1]))


@contextmanager
def two_workers(database_url: str, **more: str) -> Iterator[ServerProcess]:
    with serve("--workers", "2", DATABASE_URL=database_url, **more) as server:
        until(lambda: count_ready(server.url) == 2)
        yield server


def is_alive(url: str) -> bool:
    return httpx.get(f"{url}/health", trust_env=False, timeout=20).status_code == 200


def test_the_process_that_looks_after_workers_imports_next_to_nothing() -> None:
    code = "import sys, backend.__main__, backend.supervisor; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert set(done.stdout.split()) & HEAVY == set()


@asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[None]:
    """Connections that are opened at once, each of which has been answered."""

    async def open_one() -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n"))[9:12] == b"200"
        return writer

    writers = await asyncio.gather(*(open_one() for _ in range(count)))
    yield
    for writer in writers:
        writer.close()
        await writer.wait_closed()


def connections_of(worker: psutil.Process, port: int) -> int:
    return sum(
        found.status == psutil.CONN_ESTABLISHED and found.laddr.port == port
        for found in worker.net_connections("tcp")
    )


@pytest.mark.slow
class TestConnections:
    async def test_200_at_once_are_shared_evenly(self, database_url: str) -> None:
        with two_workers(database_url) as server:
            async with connections(server.port, 200):
                shares = [connections_of(worker, server.port) for worker in workers_of(server.pid)]

        assert sum(shares) == 200
        assert min(shares) >= 60

    async def test_those_of_a_worker_that_does_not_come_are_answered_by_the_other(
        self, database_url: str
    ) -> None:
        with two_workers(database_url) as server:
            frozen = workers_of(server.pid)[0]
            frozen.suspend()
            began = time.monotonic()
            async with connections(server.port, 50):
                took = time.monotonic() - began
            frozen.resume()

        assert took < 5


@pytest.mark.slow
class TestSupervisor:
    """In this process, so that it is seen what runs."""

    def test_replaces_the_dead_and_on_sighup_all_and_ends_them_with_itself(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", database_url)
        monkeypatch.setenv("LOG_LEVEL", "ERROR")
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        seen: list[set[int]] = []

        def note_new() -> None:
            """Wait for two workers of whom not all were there before."""
            before = seen[-1] if seen else set()
            until(lambda: {w.pid for w in workers_of(os.getpid())} != before)
            until(lambda: count_ready(url) == 2)
            seen.append({worker.pid for worker in workers_of(os.getpid())})

        def act() -> None:
            try:
                note_new()
                os.kill(min(seen[0]), signal.SIGKILL)
                note_new()
                os.kill(os.getpid(), signal.SIGHUP)
                until(lambda: not seen[1] & {w.pid for w in workers_of(os.getpid())})
                note_new()
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        acting = threading.Thread(target=act)
        acting.start()
        status = main(["serve", "--workers", "2", "--port", str(port)])
        acting.join()

        assert status == 0
        assert [len(pids) for pids in seen] == [2, 2, 2]
        assert len(seen[0] & seen[1]) == 1
        assert not seen[1] & seen[2]
        assert workers_of(os.getpid()) == []

    def test_a_reload_that_fails_keeps_the_workers(self, database_url: str, tmp_path: Path) -> None:
        with two_workers(database_url, PYTHONPATH=str(tmp_path)) as server:
            before = workers_of(server.pid)
            (tmp_path / "uvicorn.py").write_text("raise ImportError('a broken release')")
            psutil.Process(server.pid).send_signal(signal.SIGHUP)
            until(lambda: len(workers_of(server.pid)) == 3)
            until(lambda: len(workers_of(server.pid)) == 2)
            after = workers_of(server.pid)
            alive = is_alive(server.url)
            server.stop()

        assert after == before
        assert alive

    @pytest.mark.stress
    def test_a_worker_that_hangs_is_replaced(self, database_url: str) -> None:
        with two_workers(database_url) as server:
            frozen, other = workers_of(server.pid)
            frozen.suspend()
            until(lambda: not frozen.is_running(), seconds=60)
            until(lambda: count_ready(server.url) == 2)
            after = workers_of(server.pid)

        assert other in after
        assert len(after) == 2
