"""Tests of `backend/core/replay.py`."""

import asyncio
from contextlib import aclosing

from backend.core.replay import ReplayLog
from backend.core.ui_stream import KEEP_ALIVE


class TestReadingOfALog:
    async def test_silence_is_filled_with_comments_until_a_frame_comes(self) -> None:
        log = ReplayLog()
        async with aclosing(log.read(keep_alive=0.01)) as pieces:
            assert await anext(pieces) == KEEP_ALIVE
            assert await anext(pieces) == KEEP_ALIVE

            log.append(b"a frame")

            assert await anext(pieces) == b"a frame"

    async def test_the_end_wakes_whoever_waits(self) -> None:
        log = ReplayLog()
        reading = asyncio.create_task(anext(log.read(), b"the end"))
        await asyncio.sleep(0)

        log.close()

        assert await asyncio.wait_for(reading, 2) == b"the end"

    async def test_readers_that_have_gone_leave_nothing_behind(self) -> None:
        log = ReplayLog()
        readers = [asyncio.create_task(anext(log.read())) for _ in range(3)]
        await asyncio.sleep(0)
        readers[1].cancel()
        await asyncio.gather(readers[1], return_exceptions=True)

        log.append(b"a frame")

        assert await readers[0] == await readers[2] == b"a frame"
