"""Users as they are: some ask, some read, some go away in the middle, some read slowly."""

import asyncio
import json
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Final

import httpx

from tests.bench.chat import upstream
from tests.bench.load import LoadResult
from tests.bench.processes import Process, say, start_service
from tests.bench.table import Table

SECONDS: Final = 20
SOAK_FROM_MINUTE: Final = 5
"""What memory is compared with: by then all caches are full."""

_THINKING_SECONDS: Final = 1.0
_SLOW_READ: Final = 64
_QUESTIONS: Final = (
    "How much is the tuition for a bachelor's degree?",
    "วิทยาเขตสุวรรณภูมิอยู่ที่ไหน",
    "有护理专业吗",
    "ကျောင်းလခ ဘယ်လောက်လဲ",
    "How do I get to Bang Na by bus?",
)


@dataclass(slots=True)
class Crowd:
    """Users who go on until `ends_at`, and what they saw by kind."""

    client: httpx.AsyncClient
    ends_at: float
    seen: defaultdict[str, LoadResult] = field(default_factory=lambda: defaultdict(LoadResult))

    async def repeat(self, kind: str, act: Callable[[int], Awaitable[bool]]) -> None:
        """Act, think, and act again."""
        number = 0
        while monotonic() < self.ends_at:
            number += 1
            started = perf_counter()
            try:
                good = await act(number)
            except httpx.HTTPError:
                good = False
            if good:
                self.seen[kind].latencies.append(perf_counter() - started)
            else:
                self.seen[kind].failures += 1
            await asyncio.sleep(_THINKING_SECONDS)

    async def ask(self, number: int) -> bool:
        """A first question and one that follows it."""
        answer = await self._post(_QUESTIONS[number % len(_QUESTIONS)])
        if answer.status_code != httpx.codes.OK:
            return False
        session = answer.json()["session_id"]
        return (await self._post("and for an MBA?", session)).status_code == httpx.codes.OK

    async def read(self, number: int) -> bool:
        """Ask once, then look at the conversation, at what may be asked, and search."""
        answer = await self._post(_QUESTIONS[number % len(_QUESTIONS)])
        session = answer.json().get("session_id")
        answers = [
            await self.client.get(f"/api/v1/chat/{session}/history"),
            await self.client.get("/api/v1/knowledge/"),
            await self.client.get("/api/v1/knowledge/search", params={"q": "MBA"}),
        ]
        return all(answer.status_code == httpx.codes.OK for answer in answers)

    async def follow(self, number: int) -> bool:
        """Read a stream to its end."""
        return b"[DONE]" in await self._stream(number)

    async def leave(self, number: int) -> bool:
        """Begin to read a stream and go away."""
        return bool(await self._stream(number, pieces=2))

    async def dawdle(self, number: int) -> bool:
        """Read a stream a few bytes at a time."""
        return b"[DONE]" in await self._stream(number, pause=0.05)

    async def _post(self, message: str, session_id: str | None = None) -> httpx.Response:
        body = {"message": message, "session_id": session_id}
        return await self.client.post("/api/v1/chat/", json=body)

    async def _stream(self, number: int, *, pieces: int = 0, pause: float = 0) -> bytes:
        body = json.dumps({"message": _QUESTIONS[number % len(_QUESTIONS)]}).encode()
        head = {"Content-Type": "application/json"}
        read = b""
        async with self.client.stream(
            "POST", "/api/v1/chat/stream", content=body, headers=head
        ) as answer:
            size = _SLOW_READ if pause else None
            count = 0
            async for piece in answer.aiter_raw(size):
                read += piece
                count += 1
                if pieces and count >= pieces:
                    break
                if pause:
                    await asyncio.sleep(pause)
        return read if answer.status_code == httpx.codes.OK else b""


USERS: Final = {"ask": 30, "read": 20, "follow": 30, "leave": 10, "dawdle": 10}


def run(_: Table, scale: int) -> int:
    """Measure and print; returns how many requests failed."""
    say(f"\n{'mixed users at once':24s}{'done':>7s} {'p50 ms':>8s} {'p99 ms':>8s} failed")
    with (
        upstream("--pieces", "10", "--pause", "0.05") as url,
        tempfile.TemporaryDirectory() as folder,
        start_service(url, f"sqlite:///{folder}/bench.db") as service,
    ):
        seen = asyncio.run(_live(service, SECONDS / scale))
        say(f"{service.memory_megabytes():.0f} MB at the end")
    for kind, result in seen.items():
        say(
            f"{USERS[kind]:5d} {kind:18s}{result.turns:7d} "
            f"{result.percentile(0.5) * 1_000:8.1f} {result.percentile(0.99) * 1_000:8.1f} "
            f"{result.failures:6d}"
        )
    return sum(result.failures for result in seen.values())


def soak(minutes: int) -> bool:
    """Let the same users go on that long; True when memory grew by more than 5 % or one failed."""
    weights: list[float] = []
    failures = 0
    with (
        upstream("--pieces", "10", "--pause", "0.05") as url,
        tempfile.TemporaryDirectory() as folder,
        start_service(url, f"sqlite:///{folder}/bench.db") as service,
    ):
        for minute in range(1, minutes + 1):
            seen = asyncio.run(_live(service, 60))
            failed = sum(result.failures for result in seen.values())
            done = sum(result.turns for result in seen.values())
            weights.append(service.memory_megabytes())
            failures += failed
            say(f"minute {minute:3d}: {done:6d} done, {failed} failed, {weights[-1]:.1f} MB")
    first = weights[min(SOAK_FROM_MINUTE, minutes) - 1]
    growth = weights[-1] / first - 1
    say(f"memory {growth:+.1%} since minute {min(SOAK_FROM_MINUTE, minutes)}")
    return growth > 0.05 or failures > 0


async def _live(service: Process, seconds: float) -> dict[str, LoadResult]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{service.port}", limits=limits, timeout=60, trust_env=False
    ) as client:
        crowd = Crowd(client, monotonic() + seconds)
        async with asyncio.TaskGroup() as group:
            for kind, count in USERS.items():
                for _ in range(count):
                    group.create_task(crowd.repeat(kind, getattr(crowd, kind)))
    return dict(crowd.seen)
