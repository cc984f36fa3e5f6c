"""Which process this is, and whether another one still lives."""

import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from uuid import getnode

import psutil

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Worker:
    """A process: its machine, its number and when it started (numbers come back, pairs do not)."""

    host: str
    pid: int
    started: float

    def __str__(self) -> str:
        return f"{self.host}/{self.pid}/{self.started:.2f}"

    @classmethod
    def parse(cls, text: str) -> "Worker | None":
        """Read what `str` wrote; None when it is something else."""
        host, _, rest = text.partition("/")
        pid, _, started = rest.partition("/")
        try:
            return cls(host, int(pid), float(started))
        except ValueError:
            return None

    def is_dead(self) -> bool:
        """True only when it ran on this machine and is surely gone."""
        if self.host != machine_id():
            return False
        try:
            return abs(psutil.Process(self.pid).create_time() - self.started) > 0.02
        except psutil.NoSuchProcess:
            return True


@cache
def machine_id() -> str:
    """Name this boot of this machine; host names alone repeat among containers and clones."""
    boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else f"{getnode():x}"
    return f"{socket.gethostname()[:60]}-{boot}"


def current_worker() -> Worker:
    """This process."""
    pid = os.getpid()
    return Worker(machine_id(), pid, round(psutil.Process(pid).create_time(), 2))
