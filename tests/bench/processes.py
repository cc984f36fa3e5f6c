"""The processes of a bench run, each on loopback, and what they cost.

They start as an installed service does: compiled, and without what only the tests' tools need.
"""

import compileall
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import httpx
import psutil

from tests.metrics import read_metrics
from tests.processes import ROOT, free_port, wait_for_port

_AS_DEPLOYED: Final = ROOT / "tests" / "bench" / "deployed"
"""What hides the tools' libraries from a process and its children."""

_READY_SECONDS: Final = 120


class Process:
    """A server process of ours and its children."""

    def __init__(self, popen: subprocess.Popen[bytes], port: int, started_in: float) -> None:
        self.port = port
        self.started_in = started_in
        self._popen = popen
        self._process = psutil.Process(popen.pid)

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        return sum(sum(member.cpu_times()[:2]) for member in self._family())

    def workers(self) -> list[int]:
        """The processes that serve: the children of a supervisor, or the one process itself."""
        children = [
            child.pid
            for child in self._process.children()
            if "resource_tracker" not in " ".join(child.cmdline())
        ]
        return children or [self._process.pid]

    def memory_megabytes(self) -> float:
        """Resident memory now, of each process by itself."""
        return sum(member.memory_info().rss for member in self._family()) / 1_048_576

    def shared_memory_megabytes(self) -> float:
        """Resident memory now; what processes have in common counts once, as for a limit."""
        return sum(member.memory_full_info().pss for member in self._family()) / 1_048_576

    def _family(self) -> list[psutil.Process]:
        return [self._process, *self._process.children(recursive=True)]


@contextmanager
def start(*arguments: str, port: int, **environment: str) -> Iterator[Process]:
    """Run `python -m ARGUMENTS`, wait until `port` answers, end it afterwards."""
    _compile()
    began = time.perf_counter()
    popen = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(_AS_DEPLOYED), **environment},
    )
    try:
        wait_for_port(port, popen)
        yield Process(popen, port, time.perf_counter() - began)
    finally:
        popen.terminate()
        popen.wait(timeout=60)


@contextmanager
def start_service(
    upstream: str, database_url: str, *, workers: int = 1, **environment: str
) -> Iterator[Process]:
    """Run the service over that database, its Gemini at `upstream`; all workers answer."""
    port = free_port()
    with start(
        "backend",
        *("serve", "--port", str(port), "--workers", str(workers)),
        port=port,
        DATABASE_URL=database_url,
        GEMINI_API_KEY="bench",
        GEMINI_BASE_URL=upstream,
        RATE_LIMIT_ENABLED="false",
        LOG_LEVEL="WARNING",
        **environment,
    ) as service:
        give_up = time.monotonic() + _READY_SECONDS
        while workers > 1 and _count_ready(port) < workers and time.monotonic() < give_up:
            time.sleep(0.1)
        yield service


def _count_ready(port: int) -> float:
    """How many workers answer, as any of them tells. Connections of a load that begins before
    would all be with those that are there."""
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30, trust_env=False).text
    return read_metrics(text)["workers"]


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@cache
def _compile() -> None:
    """Also where the environment keeps Python from writing its bytecode."""
    for folder in ("backend", "tests"):
        compileall.compile_dir(ROOT / folder, quiet=1)
