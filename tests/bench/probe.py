"""Asks /health over and over from a process of its own, which no load keeps from asking.

Run by `tests.bench` as `python -m tests.bench.probe PORT`; ends at the end of its input and
prints the slowest answer in milliseconds.
"""

import select
import socket
import sys
import time

_PAUSE_SECONDS = 0.01


def main() -> None:
    """Ask until nobody holds the other end of standard input."""
    slowest = 0.0
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        while not select.select([sys.stdin], [], [], _PAUSE_SECONDS)[0]:
            started = time.perf_counter()
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.recv(4_096)
            slowest = max(slowest, time.perf_counter() - started)
    sys.stdout.write(f"{slowest * 1_000:.0f}")


if __name__ == "__main__":
    main()
