"""A Gemini that is let to speak piece by piece, and streams of what it says."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from backend.core.replay_redis import RedisReplays
from backend.core.worker import Worker, current_worker
from backend.schemas.chat import ChatRequest
from backend.services.stream_service import Stream, StreamService
from backend.services.turn_engine import TurnEngine
from backend.services.turn_store import TurnStore
from tests.fakes.gemini_behaviours import PayloadStream
from tests.fakes.gemini_http import Exchange
from tests.fakes.gemini_payloads import candidate, usage
from tests.service import Service
from tests.streams import Part, read_parts

PIECES = ["ค่าเล่าเรียน ", "学费 ", "ကျောင်းလခ ", "🎓 ", "112,000 baht."]
WHOLE = "".join(PIECES)


class Tap:
    """A Gemini whose stream gives a piece only when it is let to."""

    def __init__(self) -> None:
        self._permits = threading.Semaphore(0)

    async def __call__(self, exchange: Exchange) -> None:
        stream = PayloadStream(exchange)
        await stream.open()
        for piece in PIECES:
            while not self._permits.acquire(blocking=False):
                if exchange.reader.at_eof():
                    exchange.hang_up()
                    return
                await asyncio.sleep(0.005)
            await stream.piece(candidate(piece, None))
        await stream.piece(candidate("", "STOP") | {"usageMetadata": usage(output=9)})
        await stream.close()

    def give(self, pieces: int = 1) -> None:
        self._permits.release(pieces)


def streams_of(service: Service) -> StreamService:
    found: StreamService = service.app.state.stream_service
    return found


def request(message: str = "How much is the tuition?", **fields: Any) -> ChatRequest:
    return ChatRequest(message=message, **fields)


async def until(stream: Stream, text: str) -> list[Part]:
    """Read on until the answer holds `text`."""
    body = b""
    while text.encode() not in body:
        body += await anext(stream)
    return read_parts(body + b"data: [DONE]\n\n")


async def begun(service: Service, **fields: Any) -> tuple[Stream, str]:
    """A stream that has begun, and its session."""
    stream = await streams_of(service).stream_message(request(**fields))
    [start] = read_parts(await anext(stream) + b"data: [DONE]\n\n")
    return stream, start["messageMetadata"]["session_id"]


@asynccontextmanager
async def second_worker(
    service: Service, *, replays: RedisReplays | None = None
) -> AsyncIterator[StreamService]:
    """Another worker over the same database."""
    engine = streams_of(service).engine
    me = current_worker()
    other = Worker("elsewhere", me.pid + 1, me.started)
    store = TurnStore(other, history_token_budget=1_000)
    streams = StreamService(
        TurnEngine(service.database, engine.reply_writer, store), replays=replays
    )
    async with streams.running(grace=0):
        yield streams
