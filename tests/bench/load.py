"""A load generator that costs little itself: plain sockets, one coroutine for each client."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

TURNS_A_SESSION: Final = 5
"""After so many turns a client starts a new conversation."""

_QUESTIONS: Final = (
    "How much is the tuition for a bachelor's degree?",
    "and for an MBA?",
    "วิทยาเขตสุวรรณภูมิอยู่ที่ไหน",
    "有护理专业吗",
    "Who founded the university?",
)


@dataclass(slots=True)
class LoadResult:
    """What the clients saw; times in seconds."""

    seconds: float = 0.0
    failures: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def turns(self) -> int:
        """Turns that were answered."""
        return len(self.latencies)

    def percentile(self, share: float) -> float:
        """The latency that this share of the turns stayed under, in seconds."""
        ordered = sorted(self.latencies) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def run_load(port: int, *, clients: int, turns: int) -> LoadResult:
    """Let `clients` at once send `turns` messages in all."""
    result = LoadResult()
    left = iter(range(turns))
    started = perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(clients):
            group.create_task(_converse(port, left, result))
    result.seconds = perf_counter() - started
    return result


async def _converse(port: int, left: Iterator[int], result: LoadResult) -> None:
    """Send messages as long as there are any; whoever is cut off comes again."""
    while True:
        try:
            return await _converse_on(port, left, result)
        except (OSError, asyncio.IncompleteReadError):
            result.failures += 1


async def _converse_on(port: int, left: Iterator[int], result: LoadResult) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    session_id: str | None = None
    for asked, _ in enumerate(left, start=1):
        body = {"message": _QUESTIONS[asked % len(_QUESTIONS)], "session_id": session_id}
        started = perf_counter()
        status, answer = await _post(reader, writer, json.dumps(body).encode())
        if status == 200:
            result.latencies.append(perf_counter() - started)
            session_id = json.loads(answer)["session_id"]
        else:
            result.failures += 1
        if asked % TURNS_A_SESSION == 0:
            session_id = None
    writer.close()


async def _post(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes
) -> tuple[int, bytes]:
    writer.write(
        b"POST /api/v1/chat/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    return await _read_answer(reader)


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one answer of known length: its status and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)
