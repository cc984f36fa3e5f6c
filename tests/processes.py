"""The service as a process of its own, for tests that kill it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
_START_SECONDS: Final = 60.0
"""Alone it takes one or two; machines that test are busy."""


class ServerProcess:
    """A running `python -m backend serve`."""

    def __init__(self, popen: subprocess.Popen[str], port: int) -> None:
        self._popen = popen
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    @property
    def pid(self) -> int:
        """The process, or the one that looks after its workers."""
        return self._popen.pid

    def kill(self) -> None:
        """End it as a power cut does."""
        self._popen.kill()
        self._popen.wait()

    def stop(self) -> int:
        """End it as an operator does; gives its exit status."""
        self._popen.send_signal(signal.SIGTERM)
        return self._popen.wait(timeout=30)


@contextmanager
def serve(*options: str, **environment: str) -> Iterator[ServerProcess]:
    """Run the service on a free port until the block ends; `options` are the command's."""
    port = free_port()
    popen = subprocess.Popen(
        [sys.executable, "-m", "backend", "serve", "--port", str(port), *options],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LOG_LEVEL": "ERROR", **environment},
        text=True,
    )
    server = ServerProcess(popen, port)
    try:
        wait_for_port(port, popen)
        yield server
    finally:
        if popen.poll() is None:
            server.kill()


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, popen: subprocess.Popen[Any]) -> None:
    """Wait until somebody listens there; an error when the process ends or takes too long."""
    give_up = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up and popen.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise RuntimeError(f"nothing listens on port {port}")
