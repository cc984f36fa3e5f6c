"""The fake Gemini as a process that tests in another language direct, line by line.

`python -m tests.fakes.gemini_remote` first prints `{"port": …}`. Then each line that it reads, a
JSON object, is one wish, and each gets a line with its outcome; the end of input ends it.

- `{"do": "answer", "text": …, "pieces": 3}`: answer everything so from now on.
- `{"do": "hold", "pieces": […]}`: the same, but each piece of a stream waits for its
  `{"do": "release", "count": 2}`, whose outcome comes when they are sent, with the time of each.
- `{"do": "fail", "status": 503}`: refuse everything.
- `{"do": "count"}`: how many questions came, and how many of them are still being answered.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from tests.fakes.gemini_behaviours import Behaviour, PayloadStream, failure, whole_answer
from tests.fakes.gemini_http import Exchange
from tests.fakes.gemini_payloads import candidate, usage
from tests.fakes.gemini_server import FakeGemini

_RELEASE_SECONDS: Final = 20.0


class HeldAnswer:
    """An answer whose pieces wait to be released; lives in the fake's event loop."""

    def __init__(self, pieces: list[str]) -> None:
        self._whole = whole_answer("".join(pieces))
        self._pieces = pieces
        self._permits = asyncio.Semaphore(0)
        self._sent: asyncio.Queue[float] = asyncio.Queue()

    async def behave(self, exchange: Exchange) -> None:
        """Answer one request; what is asked in one piece is not held."""
        if exchange.request.stream_form == "none":
            await self._whole(exchange)
            return
        stream = PayloadStream(exchange)
        await stream.open()
        reader = asyncio.create_task(exchange.reader.read(1))  # ends when the client goes
        for piece in self._pieces:
            permit = asyncio.create_task(self._permits.acquire())
            await asyncio.wait({permit, reader}, return_when=asyncio.FIRST_COMPLETED)
            if reader.done():
                permit.cancel()
                exchange.hang_up()
                return
            self._sent.put_nowait(time.time() * 1_000)
            await stream.piece(candidate(piece, None))
        reader.cancel()
        await asyncio.wait({reader})  # two may not read at once
        await stream.piece(candidate("", "STOP") | {"usageMetadata": usage(output=9)})
        await stream.close()

    async def release(self, count: int) -> list[float]:
        """Let `count` pieces go; gives when each was sent, in milliseconds since 1970."""
        for _ in range(count):
            self._permits.release()
        async with asyncio.timeout(_RELEASE_SECONDS):
            return [await self._sent.get() for _ in range(count)]


class Remote:
    """Does what the lines say."""

    def __init__(self, fake: FakeGemini) -> None:
        self._fake = fake
        self._running = 0
        self._asked = 0
        self._held: HeldAnswer | None = None
        self._wishes: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "answer": self._answer,
            "hold": self._hold,
            "release": self._release,
            "fail": self._fail,
            "count": lambda _wish: {"asked": self._asked, "running": self._running},
        }

    def fulfil(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Do one thing; gives its outcome."""
        return self._wishes[wish["do"]](wish)

    def _answer(self, wish: dict[str, Any]) -> dict[str, Any]:
        return self._always(whole_answer(wish["text"], pieces=wish.get("pieces", 3)))

    def _hold(self, wish: dict[str, Any]) -> dict[str, Any]:
        self._held = HeldAnswer(wish["pieces"])
        return self._always(self._held.behave)

    def _release(self, wish: dict[str, Any]) -> dict[str, Any]:
        if self._held is None:
            raise RuntimeError("nothing is held")
        return {"sent": self._fake.run(self._held.release(wish.get("count", 1)))}

    def _fail(self, wish: dict[str, Any]) -> dict[str, Any]:
        return self._always(failure(wish["status"]))

    def _always(self, behaviour: Behaviour) -> dict[str, Any]:
        async def counted(exchange: Exchange) -> None:
            self._asked += 1
            self._running += 1
            try:
                await behaviour(exchange)
            finally:
                self._running -= 1

        self._fake.always(counted)
        return {}


def main() -> None:
    """Serve until the input ends."""
    with FakeGemini(record=False) as fake:
        remote = Remote(fake)
        _tell({"port": fake.port})
        for line in sys.stdin:
            _tell(remote.fulfil(json.loads(line)))


def _tell(outcome: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
