"""Reading streamed answers as a client does."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any, Final

import httpx

CHAT: Final = "/api/v1/chat/"
Part = dict[str, Any]


def read_parts(body: bytes | str) -> list[Part]:
    """The parts of a whole stream; it must end as the protocol says."""
    text = body.decode() if isinstance(body, bytes) else body
    events = [event for event in text.split("\n\n") if event and not event.startswith(":")]
    assert all(event.startswith("data: ") and "\n" not in event for event in events)
    assert events[-1] == "data: [DONE]", events[-1:]
    return [json.loads(event.removeprefix("data: ")) for event in events[:-1]]


def text_of(parts: list[Part]) -> str:
    """The answer's text."""
    return "".join(part["delta"] for part in parts if part["type"] == "text-delta")


def types_of(parts: list[Part]) -> list[str]:
    """What came in which order; deltas, however many, count once."""
    types = [part["type"] for part in parts]
    return [kind for at, kind in enumerate(types) if at == 0 or types[at - 1] != kind]


def part_of(parts: list[Part], kind: str) -> Part:
    """The one part of a kind."""
    [part] = [part for part in parts if part["type"] == kind]
    return part


async def drain(stream: AsyncGenerator[bytes, None]) -> list[Part]:
    """Read a stream to its end."""
    return read_parts(b"".join([piece async for piece in stream]))


async def begin(client: httpx.AsyncClient, url: str) -> tuple[asyncio.Task[bytes], str]:
    """Begin a stream at a server; gives its whole body, later, and the session at once."""
    session: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def read() -> bytes:
        body = b""
        question = {"message": "Tuition?"}
        async with client.stream("POST", f"{url}{CHAT}stream", json=question) as response:
            async for piece in response.aiter_bytes():
                body += piece
                if not session.done() and b"\n\n" in body:
                    [start] = read_parts(body.partition(b"\n\n")[0] + b"\n\ndata: [DONE]")
                    session.set_result(start["messageMetadata"]["session_id"])
        return body

    reading = asyncio.create_task(read())
    return reading, await session
