"""The processes of a bench run, each on loopback, and what they cost."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 15.0


class Process:
    """A server process of ours and its children."""

    def __init__(self, popen: subprocess.Popen[bytes], port: int, started_in: float) -> None:
        self.port = port
        self.started_in = started_in
        self._popen = popen
        self._process = psutil.Process(popen.pid)

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        family = [self._process, *self._process.children(recursive=True)]
        return sum(sum(member.cpu_times()[:2]) for member in family)

    def memory_megabytes(self) -> float:
        """Resident memory now."""
        family = [self._process, *self._process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family) / 1_048_576


@contextmanager
def start(*arguments: str, port: int, **environment: str) -> Iterator[Process]:
    """Run `python -m ARGUMENTS`, wait until `port` answers, end it afterwards."""
    began = time.perf_counter()
    popen = subprocess.Popen(
        [sys.executable, "-m", *arguments], cwd=ROOT, env={**os.environ, **environment}
    )
    try:
        _wait_for(port, popen)
        yield Process(popen, port, time.perf_counter() - began)
    finally:
        popen.terminate()
        popen.wait(timeout=60)


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, popen: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and popen.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError(f"nothing answers on port {port}")
