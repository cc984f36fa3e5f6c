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
        return find_worker(self.pid) != self


@cache
def machine_id() -> str:
    """Name this boot of this machine; host names alone repeat among containers and clones."""
    boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else f"{getnode():x}"
    return f"{socket.gethostname()[:60]}-{boot}"


def current_worker() -> Worker:
    """This process."""
    pid = os.getpid()
    return find_worker(pid) or Worker(machine_id(), pid, 0.0)


def find_worker(pid: int) -> Worker | None:
    """The process of that number on this machine; None when there is none.

    On Linux the start is told in clock ticks since the boot, which `machine_id` names: a time of
    day would change with every correction of the clock and make the living look dead.
    """
    stat = Path(f"/proc/{pid}/stat")
    try:
        if stat.exists():
            # The name in brackets may itself hold blanks and brackets.
            started = float(stat.read_text().rpartition(")")[2].split()[19])
        else:
            started = round(psutil.Process(pid).create_time(), 2)
    except (psutil.NoSuchProcess, OSError):
        return None
    return Worker(machine_id(), pid, started)
