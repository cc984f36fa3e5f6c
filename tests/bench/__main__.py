"""Run the bench and print its tables: `make bench`, or `python -m tests.bench --help`."""

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass
from typing import Final

from tests.bench import knowledge, streams
from tests.bench.load import LoadResult, run_load
from tests.bench.probe import Probe
from tests.bench.processes import Process, say, start, start_service
from tests.processes import free_port

ROUNDS: Final = (
    # clients, upstream latency in seconds, turns
    (4, 0, 2_000),
    (64, 0, 3_000),
    (500, 0, 3_000),
    (4, 1, 16),
    (64, 1, 320),
    (500, 1, 1_500),
)
BURSTS: Final = (16, 100, 500)
WARM_UP_TURNS: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    result: LoadResult
    cpu_ms: float
    memory_mb: float

    def __str__(self) -> str:
        return (
            f"{self.result.turns / self.result.seconds:8.0f} "
            f"{self.result.percentile(0.5) * 1_000:8.1f} "
            f"{self.result.percentile(0.99) * 1_000:8.1f} {self.cpu_ms:7.2f} "
            f"{self.memory_mb:7.0f} {self.result.failures:6d}"
        )


def main() -> int:
    """Measure and print; the status is 1 when a turn failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the load")
    scale = 5 if parser.parse_args().quick else 1
    failures = 0
    say(f"{'':34s}{'turns/s':>8s} {'p50 ms':>8s} {'p99 ms':>8s} {'CPU ms':>7s} {'MB':>7s} failed")
    for latency in (0, 1):
        upstream_port = free_port()
        with start(
            "tests.fakes.gemini_server",
            *("--port", str(upstream_port), "--latency", str(latency)),
            port=upstream_port,
        ):
            upstream = f"http://127.0.0.1:{upstream_port}"
            failures += _compare(upstream, latency, scale)
            if latency:
                failures += _burst(upstream)
    failures += streams.run(scale)
    say("")
    knowledge.run(20_000 if scale > 1 else 100_000)
    return 1 if failures else 0


def _compare(upstream: str, latency: int, scale: int) -> int:
    """Put the same load on the bare proxy and on the service; returns the failed turns."""
    failures = 0
    port = free_port()
    with (
        start("tests.bench.proxy", str(port), upstream, port=port) as proxy,
        tempfile.TemporaryDirectory() as folder,
        start_service(upstream, folder) as service,
    ):
        if not latency:
            say(f"service: ready in {service.started_in:.2f} s, idle {_mb(service)}")
            for process in (proxy, service):
                asyncio.run(run_load(process.port, clients=4, turns=WARM_UP_TURNS))
        for clients, round_latency, turns in ROUNDS:
            if round_latency != latency:
                continue
            bare = _measure(proxy, clients, max(clients, turns // scale))
            ours = _measure(service, clients, max(clients, turns // scale))
            label = f"{clients:4d} clients, upstream {latency} s"
            say(f"{label:24s}{'proxy':>10s}{bare}")
            say(f"{'':24s}{'service':>10s}{ours}  CPU x{ours.cpu_ms / bare.cpu_ms:.2f}")
            failures += ours.result.failures
    return failures


def _burst(upstream: str) -> int:
    """Send many first messages at the same moment, on a pool of two connections."""
    failures = 0
    say("")
    with (
        tempfile.TemporaryDirectory() as folder,
        start_service(upstream, folder, DB_POOL_SIZE="2", DB_MAX_OVERFLOW="0") as service,
    ):
        for clients in BURSTS:
            result, slowest = _burst_and_probe(service.port, clients)
            failures += result.failures
            say(
                f"{clients:4d} at once, upstream 1 s, pool of 2: {result.turns} answered in "
                f"{result.seconds:.2f} s, {result.failures} failed, "
                f"slowest /health {slowest:.0f} ms"
            )
    return failures


def _burst_and_probe(port: int, clients: int) -> tuple[LoadResult, float]:
    """The load's result and the slowest /health meanwhile, in milliseconds."""
    with Probe(port) as probe:
        result = asyncio.run(run_load(port, clients=clients, turns=clients))
    return result, probe.slowest_ms


def _measure(process: Process, clients: int, turns: int) -> Row:
    before = process.cpu_seconds()
    result = asyncio.run(run_load(process.port, clients=clients, turns=turns))
    cpu = process.cpu_seconds() - before
    return Row(result, cpu * 1_000 / max(1, result.turns), process.memory_megabytes())


def _mb(process: Process) -> str:
    return f"{process.memory_megabytes():.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
