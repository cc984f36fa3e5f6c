"""What one worker can do, by simulation: what the capacity page reckons with, held to the bench.

A turn is two stretches of the worker's own time, half before and half after Gemini thinks;
stretches are served one at a time, in the order they come.
"""

import heapq
import random
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from tests.bench.load import LoadResult
from tests.bench.processes import say
from tests.bench.table import Row, Table

_SPREAD: Final = 0.3
"""How much stretches differ: the standard deviation, as a share of their mean."""

_WARM_UP: Final = 0.1
_SEED: Final = 20261122


@dataclass(slots=True)
class Worker:
    """One worker with its clients, each of whom sends the next message when it has an answer."""

    busy_seconds: float
    upstream_seconds: float
    chance: random.Random = field(default_factory=lambda: random.Random(_SEED))  # noqa: S311 - no secret
    _events: list[tuple[float, int, int]] = field(default_factory=list)
    _waiting: deque[tuple[int, int]] = field(default_factory=deque)

    def serve(self, clients: int, turns: int) -> LoadResult:
        """The latencies and the throughput of so many turns, the first tenth left out."""
        result = LoadResult()
        began = dict.fromkeys(range(clients), 0.0)
        for client in range(clients):
            self._waiting.append((client, 0))
        now, busy, done, counted_from = 0.0, False, 0, 0.0
        while done < turns:
            if not busy and self._waiting:
                client, stretch = self._waiting.popleft()
                heapq.heappush(self._events, (now + self._stretch(), client, stretch))
                busy = True
                continue
            now, client, event = heapq.heappop(self._events)
            if event == _AT_GEMINI:
                self._waiting.append((client, 1))
                continue
            busy = False
            if event == 0:
                heapq.heappush(self._events, (now + self.upstream_seconds, client, _AT_GEMINI))
                continue
            done += 1
            if done == int(turns * _WARM_UP):
                counted_from = now
            elif done > turns * _WARM_UP:
                result.latencies.append(now - began[client])
            began[client] = now
            self._waiting.append((client, 0))
        result.seconds = now - counted_from
        return result

    def _stretch(self) -> float:
        mean = self.busy_seconds / 2
        return max(mean / 4, self.chance.gauss(mean, mean * _SPREAD))


_AT_GEMINI: Final = -1


def time_at(load: float, *, turns: int = 100_000) -> tuple[float, float]:
    """Mean and 99th percentile of the worker's own part of a turn, when people come at random.

    In multiples of what an idle worker takes; `load` is the share of its time that it is busy.
    """
    chance = random.Random(_SEED)  # noqa: S311 - no secret
    arrived, free_at = 0.0, 0.0
    times: list[float] = []
    for _ in range(turns):
        arrived += chance.expovariate(load)
        free_at = max(arrived, free_at) + max(0.25, chance.gauss(1.0, _SPREAD))
        times.append(free_at - arrived)
    times.sort()
    return sum(times) / turns, times[int(turns * 0.99)]


def compare(table: Table) -> None:
    """Print beside each measured row of one worker what the simulation says of it."""
    rows = [row for row in table.rows if row.server.startswith("service, ")]
    if rows:
        say(f"\n{'simulated from the CPU a turn':36s}{'turns/s':>9s} {'p50 ms':>8s}   measured")
    for row in rows:
        simulated = _simulate(row)
        say(
            f"{f'{row.clients:5d} clients':14s}{row.server:22s}"
            f"{simulated.turns / simulated.seconds:9.1f} {simulated.percentile(0.5) * 1_000:8.1f}"
            f"   {row.turns_a_second:9.1f} {row.result.percentile(0.5) * 1_000:8.1f}"
        )


def _simulate(row: Row) -> LoadResult:
    worker = Worker(busy_seconds=row.cpu_ms / 1_000, upstream_seconds=0.001)
    return worker.serve(row.clients, max(2_000, 4 * row.clients))
