"""The processes of a bench run, each on loopback, and what they cost.

They start as an installed service does: compiled, and without what only the tests' tools need.
"""

import compileall
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Final

import psutil

from tests.processes import ROOT, free_port, wait_for_port

_AS_DEPLOYED: Final = (
    # structlog takes rich along where it is installed: 5 MB, and a twentieth of the start.
    "import runpy, sys; sys.modules['rich'] = None; del sys.argv[0]; "
    "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
)


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

    def workers(self) -> list[int]:
        """The processes that serve: the children of a supervisor, or the one process itself."""
        children = [
            child.pid
            for child in self._process.children()
            if "resource_tracker" not in " ".join(child.cmdline())
        ]
        return children or [self._process.pid]

    def memory_megabytes(self) -> float:
        """Resident memory now."""
        family = [self._process, *self._process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family) / 1_048_576


@contextmanager
def start(*arguments: str, port: int, **environment: str) -> Iterator[Process]:
    """Run `python -m ARGUMENTS`, wait until `port` answers, end it afterwards."""
    _compile()
    began = time.perf_counter()
    popen = subprocess.Popen(
        [sys.executable, "-c", _AS_DEPLOYED, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    try:
        wait_for_port(port, popen)
        yield Process(popen, port, time.perf_counter() - began)
    finally:
        popen.terminate()
        popen.wait(timeout=60)


def start_service(
    upstream: str, database_url: str, *, workers: int = 1, **environment: str
) -> AbstractContextManager[Process]:
    """Run the service over that database, its Gemini at `upstream`."""
    port = free_port()
    return start(
        "backend",
        *("serve", "--port", str(port), "--workers", str(workers)),
        port=port,
        DATABASE_URL=database_url,
        GEMINI_API_KEY="bench",
        GEMINI_BASE_URL=upstream,
        RATE_LIMIT_ENABLED="false",
        LOG_LEVEL="WARNING",
        **environment,
    )


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@cache
def _compile() -> None:
    """Also where the environment keeps Python from writing its bytecode."""
    for folder in ("backend", "tests"):
        compileall.compile_dir(ROOT / folder, quiet=1)
