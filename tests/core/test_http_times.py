"""How long `backend/core/http_connection.py` waits, and for what it does not."""

import asyncio
import time
from asyncio import StreamReader, StreamWriter

import pytest

from backend.core.http_errors import ReadTimeout
from tests.core.http_answers import CHUNKED, OK
from tests.core.http_support import REQUEST, Run, both_loops, connected, exchange, saying


@both_loops
class TestTimes:
    def test_the_answer_may_begin_as_late_as_the_caller_waits(self, run: Run) -> None:
        async def dawdle(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            await asyncio.sleep(0.15)
            writer.write(OK + b"Content-Length: 5\r\n\r\nhello")
            await asyncio.sleep(1)

        async def scenario() -> None:
            async with connected(dawdle, silence=0.03) as connection:
                assert await exchange(connection) == (200, b"hello")

        run(scenario())

    def test_silence_within_an_answer_is_noticed(self, run: Run) -> None:
        async def scenario() -> None:
            async with connected(saying(CHUNKED + b"2\r\nhe\r\n"), silence=0.05) as connection:
                await connection.ask(REQUEST)
                assert await connection.read() == b"he"
                began = time.monotonic()
                with pytest.raises(ReadTimeout):
                    await connection.read()
                assert 0.04 < time.monotonic() - began < 1

        run(scenario())

    def test_silence_after_a_pause_is_noticed(self, run: Run) -> None:
        async def fall_silent(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(CHUNKED)
            await asyncio.sleep(0.03)
            writer.write(b"2\r\nhe\r\n")
            await asyncio.sleep(5)

        async def scenario() -> None:
            async with connected(fall_silent, silence=0.15) as connection:
                await connection.ask(REQUEST)
                assert await connection.read() == b"he"
                with pytest.raises(ReadTimeout):
                    await asyncio.wait_for(connection.read(), 2)

        run(scenario())

    def test_many_short_pauses_are_no_silence(self, run: Run) -> None:
        async def drip(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(OK + b"\r\n")
            for _ in range(10):
                writer.write(b"x")
                await asyncio.sleep(0.05)

        async def scenario() -> None:
            async with connected(drip, silence=0.4) as connection:
                assert await exchange(connection) == (200, b"x" * 10)

        run(scenario())

    def test_a_pause_of_the_reader_is_no_silence(self, run: Run) -> None:
        async def drip(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(CHUNKED + b"1\r\nx\r\n")
            await asyncio.sleep(0.3)
            writer.write(b"1\r\ny\r\n0\r\n\r\n")

        async def scenario() -> None:
            async with connected(drip, silence=0.2) as connection:
                await connection.ask(REQUEST)
                assert await connection.read() == b"x"
                waiting = asyncio.ensure_future(connection.read())
                await asyncio.sleep(0.05)
                waiting.cancel()
                await asyncio.sleep(0.17)
                assert await connection.read() == b"y"

        run(scenario())

    def test_what_is_no_body_does_not_break_the_silence(self, run: Run) -> None:
        async def drip(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(CHUNKED + b"5;")
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.001)  # so often that one comes as the time is up

        async def scenario() -> None:
            async with connected(drip, silence=0.1) as connection:
                await connection.ask(REQUEST)
                with pytest.raises(ReadTimeout):
                    await asyncio.wait_for(connection.read(), 2)

        run(scenario())

    def test_no_timer_is_left_of_a_request(self, run: Run) -> None:
        async def scenario() -> None:
            async with connected(saying(CHUNKED + b"2\r\nhe\r\n", b"0\r\n\r\n")) as connection:
                assert await exchange(connection) == (200, b"he")
                connection.rest(0.0)
                assert connection._patience._timer is None
                await asyncio.sleep(0.01)
                assert await exchange(connection) == (200, b"he")

        run(scenario())
