"""The rows that a bench prints, kept for its picture."""

from dataclasses import dataclass
from typing import Final

from tests.bench.load import LoadResult
from tests.bench.processes import say

_HEAD: Final = (
    f"{'':36s}{'turns/s':>9s} {'p50 ms':>8s} {'p99 ms':>8s} {'CPU ms':>8s} {'MB':>5s} failed"
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one server did under one load; `cpu_ms` is what a turn cost it."""

    server: str
    clients: int
    result: LoadResult
    cpu_ms: float
    memory_mb: float

    @property
    def turns_a_second(self) -> float:
        """Answered turns over the whole time."""
        return self.result.turns / self.result.seconds

    def __str__(self) -> str:
        return (
            f"{self.turns_a_second:9.1f} {self.result.percentile(0.5) * 1_000:8.1f} "
            f"{self.result.percentile(0.99) * 1_000:8.1f} {self.cpu_ms:8.2f} "
            f"{self.memory_mb:5.0f} {self.result.failures:6d}"
        )


class Table:
    """Prints rows as they come and keeps them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def head(self, title: str) -> None:
        """Begin a block."""
        say(f"\n{title}\n{_HEAD}")

    def add(self, row: Row, note: str = "") -> Row:
        """Print and keep a row."""
        say(f"{f'{row.clients:5d} clients':14s}{row.server:22s}{row}  {note}".rstrip())
        self.rows.append(row)
        return row
