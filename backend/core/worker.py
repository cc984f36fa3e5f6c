"""Which process this is, and whether another one still lives."""

import os
import socket
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from uuid import getnode

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_PID_SPACE: Final = Path("/proc/self/ns/pid")
_HAS_PROC: Final = Path("/proc/self/stat").exists()


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
    """Name this boot of this machine; host names alone repeat among containers and clones.

    Containers that share the machine's name still count processes each for itself: who looked for
    another's number would find nobody, and take the living for dead.
    """
    boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else f"{getnode():x}"
    space = f"-{_PID_SPACE.stat().st_ino}" if _PID_SPACE.exists() else ""
    return f"{socket.gethostname()[:60]}-{boot}{space}"


def current_worker() -> Worker:
    """This process."""
    pid = os.getpid()
    return find_worker(pid) or Worker(machine_id(), pid, 0.0)


def find_worker(pid: int) -> Worker | None:
    """The process of that number on this machine; None when there is none.

    On Linux the start is told in clock ticks since the boot, which `machine_id` names: a time of
    day would change with every correction of the clock and make the living look dead.
    """
    started = _ticks(pid) if _HAS_PROC else _time_of_day(pid)
    return None if started is None else Worker(machine_id(), pid, started)


def _ticks(pid: int) -> float | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The name in brackets may itself hold blanks and brackets.
    return float(stat.rpartition(")")[2].split()[19])


def _time_of_day(pid: int) -> float | None:
    import psutil  # noqa: PLC0415 - Linux starts without it

    try:
        return round(psutil.Process(pid).create_time(), 2)
    except psutil.Error:
        return None
