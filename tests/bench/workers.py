"""What more workers give when each has the same share of a core.

On a machine of two cores the load generator, the upstream and the databases need one: each
worker is held to a share of a core by a control group, so that four of them leave room.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.bench.chat import upstream
from tests.bench.load import run_load
from tests.bench.processes import Process, say, start_service
from tests.bench.table import Row, Table
from tests.databases import POSTGRES_URL, REDIS_URL, migrated_postgres

COUNTS: Final = (1, 2, 4)
SHARE: Final = 0.2
_CLIENTS: Final = 64
_TURNS_A_WORKER: Final = 600
_GROUPS: Final = Path("/sys/fs/cgroup/cpu")
_PERIOD_MICROSECONDS: Final = 20_000


def run(table: Table, scale: int) -> int:
    """Measure and print; returns how many turns failed."""
    if not os.access(_GROUPS, os.W_OK):
        say("\nworkers: not measured, control groups (cgroup v1, cpu) cannot be made here")
        return 0
    failures = 0
    for name in ("SQLite", "PostgreSQL") if POSTGRES_URL else ("SQLite",):
        table.head(f"Workers on {name}, {SHARE:.0%} of a core each")
        first: Row | None = None
        for count in COUNTS:
            row = _measure(name, count, count * _TURNS_A_WORKER // scale)
            first = first or row
            table.add(row, f"x{row.turns_a_second / first.turns_a_second:.2f} of one worker's")
            failures += row.result.failures
    return failures


def _measure(name: str, count: int, turns: int) -> Row:
    environment = {"REDIS_URL": REDIS_URL} if REDIS_URL else {}
    with (
        upstream() as url,
        _database(name) as database,
        start_service(url, database, workers=count, **environment) as service,
        _held(service) as processes,
    ):
        asyncio.run(run_load(service.port, clients=_CLIENTS, turns=_CLIENTS))
        before = service.cpu_seconds()
        result = asyncio.run(run_load(service.port, clients=_CLIENTS, turns=turns))
        cpu = (service.cpu_seconds() - before) * 1_000 / max(1, result.turns)
        memory = service.memory_megabytes()
    return Row(f"{len(processes)} of service", _CLIENTS, result, cpu, memory)


@contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "SQLite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/bench.db"
        return
    with migrated_postgres() as url:
        yield url


@contextmanager
def _held(service: Process) -> Iterator[list[int]]:
    """Hold each worker to its share; gives their process numbers."""
    workers = service.workers()
    groups = [_GROUPS / f"au-guru-bench-{pid}" for pid in workers]
    try:
        for group, pid in zip(groups, workers, strict=True):
            group.mkdir()
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD_MICROSECONDS))
            (group / "cpu.cfs_quota_us").write_text(str(int(SHARE * _PERIOD_MICROSECONDS)))
            (group / "cgroup.procs").write_text(str(pid))
        yield workers
    finally:
        for group, pid in zip(groups, workers, strict=True):
            with contextlib.suppress(OSError):
                (_GROUPS / "cgroup.procs").write_text(str(pid))
            with contextlib.suppress(OSError):
                group.rmdir()
