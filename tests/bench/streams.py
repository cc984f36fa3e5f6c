"""What streams cost: the time to the first word, many at once, memory and readiness meanwhile."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from tests.bench.probe import Probe
from tests.bench.processes import Process, say, start, start_service
from tests.bench.table import Table
from tests.processes import free_port

STEADY_CLIENTS: Final = 100
STEADY_STREAMS: Final = 500
AT_ONCE: Final = ((1, 1), (64, 1), (500, 1), (1_000, 1), (500, 2))
"""Streams, workers."""

POOL: Final = 5
PIECES: Final = 20

_FIRST_WORDS: Final = (b'"text-delta"', b'"text"')
"""What the service's and Gemini's first piece of text hold."""

_END: Final = b"\r\n0\r\n\r\n"
"""Of a chunked body; an answer that was cut off has none."""


@dataclass(slots=True)
class StreamResult:
    """What the readers saw; times in seconds."""

    seconds: float = 0.0
    complete: int = 0
    failures: int = 0
    first_words: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """The time to the first word that this share stayed under, in seconds."""
        ordered = sorted(self.first_words) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def read_streams(port: int, path: str, *, clients: int, streams: int) -> StreamResult:
    """Let `clients` read `streams` answers in all; the first ones come spread over a second."""
    result = StreamResult()
    left = iter(range(streams))
    started = perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(_read_on(port, path, left, result, delay=number / clients))
    result.seconds = perf_counter() - started
    return result


async def _read_on(
    port: int, path: str, left: Iterator[int], result: StreamResult, *, delay: float
) -> None:
    await asyncio.sleep(delay)
    for number in left:
        try:
            await _read_one(port, path, number, result)
        except (OSError, asyncio.IncompleteReadError):
            result.failures += 1


async def _read_one(port: int, path: str, number: int, result: StreamResult) -> None:
    """Ask on a connection of its own and read to the end."""
    text = f"How much is the tuition for a bachelor's degree? ({number})"
    body = json.dumps(
        {"message": text, "contents": [{"role": "user", "parts": [{"text": text}]}]}
    ).encode()
    started = perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\nx-goog-api-key: bench\r\nContent-Length: %d\r\n\r\n%s"
        % (path.encode(), len(body), body)
    )
    answer, last = b"", b""
    while not last.endswith(_END) and (piece := await reader.read(65_536)):
        last = last[-len(_END) :] + piece
        if not any(word in answer for word in _FIRST_WORDS):
            answer += piece
            if any(word in answer for word in _FIRST_WORDS):
                result.first_words.append(perf_counter() - started)
    writer.close()
    if answer[9:12] == b"200" and last.endswith(_END):
        result.complete += 1
    else:
        result.failures += 1


def run(_: Table, scale: int) -> int:
    """Measure and print; returns how many streams failed."""
    say(f"\n{'streams':40s}{'complete':>9s} {'first word p50':>15s} {'p99 ms':>8s}")
    return _run_steady(scale) + sum(_run_at_once(*both) for both in AT_ONCE)


def _run_steady(scale: int) -> int:
    """The first word of many answers that are written at the same time, and what we add to it."""
    upstream_port, proxy_port = free_port(), free_port()
    upstream = f"http://127.0.0.1:{upstream_port}"
    failures = 0
    with (
        _upstream(upstream_port, pause=0.15),
        start("tests.bench.proxy", str(proxy_port), upstream, port=proxy_port),
        tempfile.TemporaryDirectory() as folder,
        start_service(
            upstream, f"sqlite:///{folder}/bench.db", DB_POOL_SIZE=str(POOL), DB_MAX_OVERFLOW="0"
        ) as service,
    ):
        asyncio.run(_read(service.port, STEADY_CLIENTS, STEADY_CLIENTS))
        bare = asyncio.run(
            read_streams(
                upstream_port,
                "/v1beta/models/gemini-3.5-flash-lite:streamGenerateContent?alt=sse",
                clients=STEADY_CLIENTS,
                streams=STEADY_STREAMS // scale,
            )
        )
        for name, port in (("proxy", proxy_port), ("service", service.port)):
            result = asyncio.run(_read(port, STEADY_CLIENTS, STEADY_STREAMS // scale))
            added = [1_000 * (result.percentile(p) - bare.percentile(p)) for p in (0.5, 0.99)]
            label = f"{STEADY_CLIENTS} at a time, {name} adds"
            say(f"{label:40s}{result.complete:9d} {added[0]:15.1f} {added[1]:8.1f}")
            failures += result.failures
    return failures


def _run_at_once(clients: int, workers: int) -> int:
    """As many streams at once as one worker is asked to hold, or two in 512 MB."""
    upstream_port = free_port()
    with (
        _upstream(upstream_port, pause=1.0),
        tempfile.TemporaryDirectory() as folder,
        start_service(
            f"http://127.0.0.1:{upstream_port}",
            f"sqlite:///{folder}/bench.db",
            workers=workers,
            DB_POOL_SIZE=str(POOL),
            DB_MAX_OVERFLOW="0",
        ) as service,
    ):
        idle = service.memory_megabytes()
        with Probe(service.port, "/health/ready", pause=0.1) as probe:
            result, memory = asyncio.run(_read_and_weigh(service, clients))
        label = f"{clients} at once, service" + (f", {workers} workers" if workers > 1 else "")
        say(
            f"{label:40s}{result.complete:9d} "
            f"{1_000 * result.percentile(0.5):15.1f} {1_000 * result.percentile(0.99):8.1f}   "
            f"most memory {memory[0]:.0f} MB ({memory[1]:.0f} with what is shared counted once; "
            f"idle {idle:.0f}), /health/ready {probe.asked} times, "
            f"{probe.failed} not 200, slowest {probe.slowest_ms:.0f} ms"
        )
    return result.failures + probe.failed


async def _read(port: int, clients: int, streams: int) -> StreamResult:
    return await read_streams(port, "/api/v1/chat/stream", clients=clients, streams=streams)


async def _read_and_weigh(
    service: Process, clients: int
) -> tuple[StreamResult, tuple[float, float]]:
    """The result, and the most memory that the service took meanwhile, in megabytes."""
    reading = asyncio.create_task(_read(service.port, clients, clients))
    most = (0.0, 0.0)
    while not reading.done():
        memory = service.memory_megabytes(), service.shared_memory_megabytes()
        most = max(most, memory)
        await asyncio.wait([reading], timeout=0.5)
    return await reading, most


def _upstream(port: int, *, pause: float) -> AbstractContextManager[Process]:
    return start(
        "tests.fakes.gemini_server",
        *("--port", str(port), "--pieces", str(PIECES), "--pause", str(pause)),
        port=port,
    )
