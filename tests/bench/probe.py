"""Asks one path over and over from a process of its own, which no load keeps from asking.

Run by `tests.bench` as `python -m tests.bench.probe PORT PATH PAUSE`; ends at the end of its input
and prints how often it asked, how often the answer was not 200, and the slowest in milliseconds.
"""

import select
import subprocess
import sys
import time
from http import HTTPStatus
from http.client import HTTPConnection
from types import TracebackType
from typing import Self

from tests.processes import ROOT


class Probe:
    """Asks a service as long as it is open; what it saw is there when it is closed."""

    def __init__(self, port: int, path: str = "/health", *, pause: float = 0.01) -> None:
        self.asked = 0
        self.failed = 0
        self.slowest_ms = 0.0
        self._command = [sys.executable, "-m", "tests.bench.probe", str(port), path, str(pause)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self._process.stdout is not None:
            self._process.stdout.readline()  # it is connected
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asked, failed, slowest = self._process.communicate()[0].split()
        self.asked, self.failed, self.slowest_ms = int(asked), int(failed), float(slowest)


def main() -> None:
    """Ask until nobody holds the other end of standard input."""
    slowest, asked, failed = 0.0, 0, 0
    connection = HTTPConnection("127.0.0.1", int(sys.argv[1]))
    connection.connect()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], float(sys.argv[3]))[0]:
        started = time.perf_counter()
        connection.request("GET", sys.argv[2])
        answer = connection.getresponse()
        answer.read()
        slowest = max(slowest, time.perf_counter() - started)
        asked += 1
        failed += answer.status != HTTPStatus.OK
    sys.stdout.write(f"{asked} {failed} {slowest * 1_000:.1f}")


if __name__ == "__main__":
    main()
