"""Turns as JSON: the service on both databases beside the bare proxy and the plan as written."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from tests.bench.capacity import compare
from tests.bench.load import LoadResult, run_load
from tests.bench.probe import Probe
from tests.bench.processes import Process, say, start, start_service
from tests.bench.table import Row, Table
from tests.databases import POSTGRES_URL, migrated_postgres
from tests.processes import free_port

ROUNDS: Final = ((1, 400), (4, 2_000), (64, 2_000), (500, 2_000), (1_000, 2_000))
"""Clients, turns; the upstream answers at once."""

PLAN_ROUNDS: Final = ((1, 60), (4, 60))
"""Beyond 15 clients the plan's code waits for connections that are held while Gemini thinks."""

BURSTS: Final = (16, 100, 500)
_WARM_UP_TURNS: Final = 200


def run(table: Table, scale: int) -> int:
    """Measure and print; returns how many turns failed."""
    table.head("JSON turns, upstream answers at once")
    failures = 0
    with upstream() as url, ExitStack() as stack:
        servers = _open_servers(stack, url)
        service = servers["service, SQLite"]
        say(f"ready in {service.started_in:.2f} s, idle {service.memory_megabytes():.0f} MB")
        for process in servers.values():
            asyncio.run(run_load(process.port, clients=4, turns=_WARM_UP_TURNS))
        for clients, turns in ROUNDS:
            failures += _compare(table, servers, clients, max(clients, turns // scale))
    compare(table)
    _measure_plan(table)
    table.head("All at once, upstream takes 1 s, two connections to the database")
    return failures + _burst(table)


@contextmanager
def upstream(*options: str) -> Iterator[str]:
    """The fake Gemini as a process; gives its URL."""
    port = free_port()
    with start("tests.fakes.gemini_server", "--port", str(port), *options, port=port):
        yield f"http://127.0.0.1:{port}"


def _open_servers(stack: ExitStack, url: str) -> dict[str, Process]:
    port = free_port()
    proxy = stack.enter_context(start("tests.bench.proxy", str(port), url, port=port))
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    file = f"sqlite:///{folder}/bench.db"
    servers = {
        "bare proxy": proxy,
        "service, SQLite": stack.enter_context(start_service(url, file)),
    }
    if POSTGRES_URL:
        database = stack.enter_context(migrated_postgres())
        servers["service, PostgreSQL"] = stack.enter_context(start_service(url, database))
    return servers


def _compare(table: Table, servers: dict[str, Process], clients: int, turns: int) -> int:
    """Put the same load on each; returns the failed turns of the service."""
    proxy, *services = (
        (name, _measure(name, process, clients, turns)) for name, process in servers.items()
    )
    bare = table.add(proxy[1])
    for _, row in services:
        table.add(row, f"CPU x{row.cpu_ms / bare.cpu_ms:.2f} of the proxy's")
    return sum(row.result.failures for _, row in services)


def _measure_plan(table: Table) -> None:
    port = free_port()
    with (
        upstream() as url,
        tempfile.TemporaryDirectory() as folder,
        start("tests.bench.plan", str(port), url, folder, port=port) as plan,
    ):
        for clients, turns in PLAN_ROUNDS:
            table.add(_measure("the plan as written", plan, clients, turns))
    with (
        upstream("--latency", "1") as url,
        tempfile.TemporaryDirectory() as folder,
        start("tests.bench.plan", str(port), url, folder, port=port) as plan,
    ):
        table.add(_measure("the plan, upstream 1 s", plan, 16, 16))


def _burst(table: Table) -> int:
    """Many first messages at the same moment; returns the failed ones."""
    failures = 0
    with (
        upstream("--latency", "1") as url,
        tempfile.TemporaryDirectory() as folder,
        start_service(
            url, f"sqlite:///{folder}/bench.db", DB_POOL_SIZE="2", DB_MAX_OVERFLOW="0"
        ) as service,
    ):
        for clients in BURSTS:
            with Probe(service.port) as probe:
                row = _measure("service, 1 s upstream", service, clients, clients)
            table.add(
                row,
                f"all in {row.result.seconds:.2f} s, slowest /health {probe.slowest_ms:.0f} ms",
            )
            failures += row.result.failures + probe.failed
    return failures


def _measure(name: str, process: Process, clients: int, turns: int) -> Row:
    before = process.cpu_seconds()
    result: LoadResult = asyncio.run(run_load(process.port, clients=clients, turns=turns))
    cpu = process.cpu_seconds() - before
    return Row(
        name, clients, result, cpu * 1_000 / max(1, result.turns), process.memory_megabytes()
    )
