"""The counts as Prometheus metrics, one process's or those of all workers together.

Imported only when metrics are on: prometheus_client costs 25 ms and 2 MB. With
`PROMETHEUS_MULTIPROC_DIR` (see `metrics_folder`) every worker keeps its numbers in files of that
folder, and any of them can answer for all. No label ever holds what a client sent: all series
together stay under 200.
"""

import asyncio
import os
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    disable_created_metrics,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from backend.core.gemini_errors import GeminiError
from backend.core.gemini_types import Usage
from backend.core.metrics_folder import FOLDER_VARIABLE, drop_gauges_of_the_dead
from backend.core.worker import current_worker

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_PREFIX: Final = "au_guru"
_TURN_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32)
_LAG_SECONDS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1)
_OUTCOMES: Final = ("complete", "stopped", "interrupted")
_ANSWERERS: Final = ("gemini", "knowledge")
_TOKENS: Final = ("input", "output", "thoughts", "cached")
_PARTS: Final = ("chat", "users", "knowledge", "audit", "service")

# Series of when each number was born would double them.
disable_created_metrics()  # type: ignore[no-untyped-call]


@cache
def _process_name(pid: int) -> str:
    """A number of a process comes back; together with its start it does not."""
    return f"{pid}-{current_worker().started:.0f}"


if FOLDER_VARIABLE in os.environ:
    Path(os.environ[FOLDER_VARIABLE]).mkdir(parents=True, exist_ok=True)
    values.ValueClass = values.MultiProcessValue(  # type: ignore[no-untyped-call]
        lambda: _process_name(os.getpid())
    )


class PrometheusMeter:
    """All metrics of a process; see `Meter` for when each is told."""

    def __init__(self, *, version: str, python: str, database: str) -> None:
        self._registry = CollectorRegistry()
        self._turns = self._counter("turns", "Turns that ended.", "outcome", "answered_by")
        self._turn_seconds = self._histogram(
            "turn_seconds", "From the stored question to the whole answer.", _TURN_SECONDS
        )
        self._first_word_seconds = self._histogram(
            "first_word_seconds",
            "From the stored question to a stream's first word.",
            _TURN_SECONDS,
        )
        self._gemini_seconds = self._histogram(
            "gemini_seconds", "Good answers of Gemini, all attempts together.", _TURN_SECONDS
        )
        self._tokens = self._counter("gemini_tokens", "Tokens that Gemini counted.", "kind")
        self._gemini_errors = self._counter(
            "gemini_errors", "Attempts at Gemini that came to nothing.", "kind"
        )
        self._retries = self._counter("gemini_retries", "Attempts after a failed one.")
        self._requests = self._counter("http_requests", "Requests by route.", "method", "route")
        self._responses = self._counter("http_responses", "Answers by kind.", "part", "status")
        self._lag = self._histogram(
            "event_loop_lag_seconds", "How late the event loop wakes up.", _LAG_SECONDS
        )
        self._gauges: dict[str, Gauge] = {}
        self._gauge(
            "build_info", "What runs here.", "livemax", "version", "python", "database"
        ).labels(version, python, database).set(1)
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """Show what may come: an increase from nothing is none to Prometheus."""
        for outcome, answered_by in product(_OUTCOMES, _ANSWERERS):
            self._turns.labels(outcome, answered_by)
        for kind in _TOKENS:
            self._tokens.labels(kind)
        for error in GeminiError.kinds():
            self._gemini_errors.labels(error.code)
        for part in _PARTS:
            self._responses.labels(part, "5xx")

    def turn_ended(
        self,
        outcome: str,
        *,
        answered_by: str = "nobody",
        seconds: float | None = None,
        first_word_seconds: float | None = None,
    ) -> None:
        """Count a turn, and how long it took."""
        self._turns.labels(outcome, answered_by).inc()
        if seconds is not None:
            self._turn_seconds.observe(seconds)
        if first_word_seconds is not None:
            self._first_word_seconds.observe(first_word_seconds)

    def gemini_answered(self, usage: Usage, seconds: float) -> None:
        """Count what an answer of Gemini cost."""
        self._gemini_seconds.observe(seconds)
        counts = (
            usage.input_tokens,
            usage.output_tokens,
            usage.thoughts_tokens,
            usage.cached_tokens,
        )
        for kind, count in zip(_TOKENS, counts, strict=True):
            if count:
                self._tokens.labels(kind).inc(count)

    def gemini_failed(self, kind: str) -> None:
        """Count a failure."""
        self._gemini_errors.labels(kind).inc()

    def gemini_retried(self) -> None:
        """Count a repetition."""
        self._retries.inc()

    def request_ended(self, method: str, route: str, status: int) -> None:
        """Count a request for its route, and its answer for its part of the service."""
        self._requests.labels(method, route).inc()
        self._responses.labels(_part_of(route), f"{status // 100}xx").inc()

    def loop_lagged(self, seconds: float) -> None:
        """The event loop woke up so late."""
        self._lag.observe(seconds)

    def show(self, name: str, value: float, help_text: str, *, across: str = "livesum") -> None:
        """Set a gauge; `across` says what becomes of it among workers."""
        gauge = self._gauges.get(name) or self._gauge(name, help_text, across)
        gauge.set(value)

    def show_each(
        self, name: str, numbers: Mapping[str, float], help_text: str, *, by: str
    ) -> None:
        """Set a gauge with a label `by`, summed over workers."""
        gauge = self._gauges.get(name) or self._gauge(name, help_text, "livesum", by)
        for label, value in numbers.items():
            gauge.labels(label).set(value)

    @property
    def is_shared(self) -> bool:
        """Whether other workers may tell of these numbers."""
        return FOLDER_VARIABLE in os.environ

    async def render(self) -> bytes:
        """All metrics, of all workers, in Prometheus' text format."""
        if not self.is_shared:
            return generate_latest(self._registry)
        return await asyncio.to_thread(_render_folder, os.environ[FOLDER_VARIABLE])

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"{_PREFIX}_{name}", help_text, labels, registry=self._registry)

    def _histogram(self, name: str, help_text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"{_PREFIX}_{name}", help_text, buckets=buckets, registry=self._registry)

    def _gauge(self, name: str, help_text: str, across: str, *labels: str) -> Gauge:
        self._gauges[name] = Gauge(
            f"{_PREFIX}_{name}",
            help_text,
            labels,
            registry=self._registry,
            multiprocess_mode=across,  # type: ignore[arg-type]  # one of the library's words
        )
        return self._gauges[name]


def _render_folder(folder: str) -> bytes:
    drop_gauges_of_the_dead(folder)
    registry = CollectorRegistry()
    registry.register(_Folder(folder))
    return generate_latest(registry)


class _Folder(Collector):
    """What all workers have counted, but for one that has made its file and not begun it."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def collect(self) -> Iterable[Metric]:
        files = [str(file) for file in self._folder.glob("*.db") if _is_begun(file)]
        metrics: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return metrics


def _is_begun(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except OSError:  # of a worker that is gone
        return False


def _part_of(route: str) -> str:
    """`chat` of `/api/v1/chat/…`; "service" for what stands outside the API."""
    return route.split("/")[3] if route.startswith("/api/") else "service"
