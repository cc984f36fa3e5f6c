"""Machines as network namespaces, each with a name of its own, on one bridge."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import pytest

from tests.processes import ROOT

GATEWAY: Final = "10.213.77.1"
"""This machine, as the hosts see it."""

_BRIDGE: Final = "auguru0"
_PORT: Final = 8000


class Host:
    """One machine with one service on it, that loses its power and starts anew."""

    def __init__(self, number: int, environment: dict[str, str]) -> None:
        self._number = number
        self._namespace = f"auguru{number}"
        self._environment = environment
        self._popen: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self.address = f"10.213.77.{10 + number}"

    @property
    def service(self) -> str:
        """Where its service listens."""
        return f"{self.address}:{_PORT}"

    @contextmanager
    def connected(self) -> Iterator[None]:
        """Lay its cable until the block ends."""
        link, name = f"auguru{self._number}e", self._namespace
        _ip("netns", "add", name)
        try:
            _ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("link", "set", link, "master", _BRIDGE, "up")
            for words in (
                ("link", "set", "lo", "up"),
                ("addr", "add", f"{self.address}/24", "dev", "eth0"),
                ("link", "set", "eth0", "up"),
            ):
                _ip("-n", name, *words)
            yield
        finally:
            self.kill()
            _ip("netns", "del", name)

    def start(self) -> None:
        """Start the service; as after a reboot, nobody can tell that it was here before."""
        self._starts += 1
        serve = ("-m", "backend", "serve", "--host", "0.0.0.0", "--port", str(_PORT))  # noqa: S104
        name = f"{self._namespace}-{self._starts}"
        rename = ("unshare", "--uts", "sh", "-c", 'hostname "$0"; exec "$@"', name)
        command = ("ip", "netns", "exec", self._namespace, *rename, sys.executable, *serve)
        self._popen = subprocess.Popen(
            command,
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **self._environment},
        )

    def kill(self) -> None:
        """Take its power away."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()


@contextmanager
def running_hosts(count: int, environment: dict[str, str]) -> Iterator[list[Host]]:
    """Machines on the `bridge`, their services started."""
    with ExitStack() as stack:
        hosts = [Host(number, environment) for number in range(1, count + 1)]
        for host in hosts:
            stack.enter_context(host.connected())
        for host in hosts:
            host.start()
        yield hosts


@contextmanager
def bridge() -> Iterator[None]:
    """The wire between the hosts and this machine; skips where there can be none."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and iproute2")
    try:
        _ip("link", "add", _BRIDGE, "type", "bridge")
    except subprocess.CalledProcessError as exc:
        pytest.skip(f"no bridge can be made here: {exc.stderr.decode().strip()}")
    try:
        _ip("addr", "add", f"{GATEWAY}/24", "dev", _BRIDGE)
        _ip("link", "set", _BRIDGE, "up")
        yield
    finally:
        _ip("link", "del", _BRIDGE)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)  # noqa: S607 - Linux's own
