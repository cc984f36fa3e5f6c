"""Tests of `backend/core/http_connection.py`, against real servers."""

import asyncio
from asyncio import StreamReader, StreamWriter

import pytest

from backend.core.http_errors import (
    ProtocolError,
    ReadError,
    WireError,
    WriteTimeout,
)
from tests.core.http_answers import CHUNKED, OK, Good, each_bad, each_endless, each_good
from tests.core.http_support import (
    REQUEST,
    Run,
    both_loops,
    breaking_off,
    connected,
    exchange,
    read_all,
    reset,
    saying,
)

HELLO = OK + b"Content-Length: 5\r\n\r\nhello"


async def say_nothing(_reader: StreamReader, _writer: StreamWriter) -> None:
    """Take nothing and answer nothing."""
    await asyncio.sleep(60)


@both_loops
class TestAnswers:
    @each_good
    def test_are_read_to_their_end(self, run: Run, good: Good) -> None:
        async def scenario() -> None:
            async with connected(saying(good.raw, ends=good.ends)) as connection:
                assert await exchange(connection) == (good.status, good.body)
                assert await connection.read() == b""
                await asyncio.sleep(0.002)
                assert connection.is_reusable is not good.is_last

        run(scenario())

    @each_bad
    def test_that_are_none_are_refused(
        self, run: Run, raw: bytes, has_head: bool, error: type[WireError]
    ) -> None:
        async def scenario() -> None:
            async with connected(saying(raw, ends=error is ReadError)) as connection:
                if has_head:
                    assert (await connection.ask(REQUEST)).status == 200
                with pytest.raises(error) as caught:
                    await (read_all(connection) if has_head else connection.ask(REQUEST))
                assert type(caught.value) is error
                assert not connection.is_reusable
                assert not connection.is_open

        run(scenario())

    @each_endless
    def test_without_end_are_cut(self, run: Run, begin: bytes, again: bytes) -> None:
        sent = 0

        async def go_on(reader: StreamReader, writer: StreamWriter) -> None:
            nonlocal sent
            await reader.readexactly(len(REQUEST))
            writer.write(begin)
            while True:
                writer.write(again * 500)
                await writer.drain()
                sent += len(again) * 500

        async def scenario() -> None:
            async with connected(go_on) as connection:
                with pytest.raises(ProtocolError):
                    await exchange(connection)
                await asyncio.sleep(0.01)
                before = sent
                await asyncio.sleep(0.01)
                assert sent == before  # it was cut off, not only ignored

        run(scenario())

    def test_may_come_byte_by_byte(self, run: Run) -> None:
        raw = CHUNKED + b"2;x\r\nhe\r\n3\r\nllo\r\n0\r\nA: b\r\n\r\n"

        async def scenario() -> None:
            bytewise = [raw[at : at + 1] for at in range(len(raw))]
            async with connected(saying(*bytewise)) as connection:
                assert await exchange(connection) == (200, b"hello")
                assert connection.is_reusable

        run(scenario())

    def test_follow_each_other_on_one_connection(self, run: Run) -> None:
        async def scenario() -> None:
            async with connected(saying(HELLO)) as connection:
                for _ in range(20):
                    assert await exchange(connection) == (200, b"hello")
                    assert connection.is_reusable
                    connection.rest(0.0)

        run(scenario())

    def test_come_piece_by_piece(self, run: Run) -> None:
        more = asyncio.Event()

        async def pause(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(CHUNKED + b"2\r\nhe\r\n")
            await more.wait()
            writer.write(b"3\r\nllo\r\n0\r\n\r\n")

        async def scenario() -> None:
            async with connected(pause) as connection:
                await connection.ask(REQUEST)
                assert await connection.read() == b"he"
                more.set()
                assert await read_all(connection) == b"llo"

        run(scenario())

    def test_hold_up_a_sender_when_nobody_reads_and_lose_nothing(self, run: Run) -> None:
        sent = bytes(range(256)) * 40_000

        async def pour(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(OK + b"\r\n")
            writer.write(sent)
            await writer.drain()

        async def scenario() -> None:
            async with connected(pour) as connection:
                response, taken = await connection.ask(REQUEST), b""
                for wanted in (0, 1_000_000, 2_000_000):
                    while len(taken) < wanted:
                        taken += await connection.read()
                    await asyncio.sleep(0.03)
                    assert len(response.body) < 600_000
                assert taken + await read_all(connection) == sent

        run(scenario())

    def test_that_come_at_once_let_others_go_on_between_their_pieces(self, run: Run) -> None:
        rounds = 0

        async def count_rounds() -> None:
            nonlocal rounds
            while True:
                rounds += 1
                await asyncio.sleep(0)

        async def scenario() -> None:
            raw = OK + b"Content-Length: 200000\r\n\r\n" + bytes(200_000)
            async with connected(saying(raw)) as connection:
                response = await connection.ask(REQUEST)
                await asyncio.sleep(0.05)
                assert response.is_whole
                counting = asyncio.create_task(count_rounds())
                await asyncio.sleep(0)
                seen = []
                while await connection.read():
                    seen.append(rounds)
                counting.cancel()
                assert len(seen) > 10
                assert len(set(seen)) >= len(seen) - 1  # the last one has none to wait for

        run(scenario())

    def test_that_were_not_read_spoil_the_connection(self, run: Run) -> None:
        async def scenario() -> None:
            async with connected(saying(HELLO)) as connection:
                await connection.ask(REQUEST)
                assert not connection.is_reusable

        run(scenario())


@both_loops
class TestRequests:
    def test_leave_in_one_piece(self, run: Run) -> None:
        arrived: list[bytes] = []

        async def note(reader: StreamReader, writer: StreamWriter) -> None:
            arrived.append(await reader.read(1_000))
            writer.write(HELLO)

        async def scenario() -> None:
            async with connected(note) as connection:
                assert await exchange(connection) == (200, b"hello")
            assert arrived == [REQUEST]

        run(scenario())

    def test_wait_for_a_slow_server(self, run: Run) -> None:
        async def take_all(reader: StreamReader, writer: StreamWriter) -> None:
            taken = await reader.readexactly(5_000_000)
            writer.write(OK + b"Content-Length: 7\r\n\r\n%d" % len(taken))
            await asyncio.sleep(1)

        async def scenario() -> None:
            async with connected(take_all, silence=0.5) as connection:
                await connection.ask(b"x" * 5_000_000)
                assert await read_all(connection) == b"5000000"
                assert connection.is_reusable

        run(scenario())

    def test_are_sent_before_the_wait_for_an_answer_which_has_no_time(self, run: Run) -> None:
        async def take_all(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(8_000_000)
            await asyncio.sleep(0.6)
            writer.write(HELLO)
            await asyncio.sleep(1)

        async def scenario() -> None:
            async with connected(take_all, silence=0.4) as connection:
                await connection.ask(b"x" * 8_000_000)
                assert await read_all(connection) == b"hello"

        run(scenario())

    def test_do_not_wait_for_ever_for_a_server_that_takes_nothing(self, run: Run) -> None:
        async def scenario() -> None:
            async with connected(say_nothing, silence=0.05, limit=1_024) as connection:
                with pytest.raises(WriteTimeout):
                    await connection.ask(b"x" * 30_000_000)
                assert not connection.is_reusable

        run(scenario())

    @pytest.mark.parametrize("last", [b"Connection: close\r\n", b""])
    def test_may_be_answered_before_they_are_sent(self, run: Run, last: bytes) -> None:
        async def refuse(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(100)
            writer.write(b"HTTP/1.1 413 Too Large\r\n" + last + b"Content-Length: 5\r\n\r\nhello")
            await asyncio.sleep(0.3)

        async def scenario() -> None:
            async with connected(refuse, limit=1_024) as connection:
                response = await connection.ask(b"x" * 30_000_000)
                assert (response.status, await read_all(connection)) == (413, b"hello")
                assert not connection.is_reusable

        run(scenario())

    def test_cannot_be_sent_on_a_connection_that_is_closed(self, run: Run) -> None:
        async def scenario() -> None:
            async with connected(saying(HELLO)) as connection:
                connection.close()
                with pytest.raises(ReadError):
                    await connection.ask(REQUEST)

        run(scenario())


@both_loops
class TestBrokenConnections:
    @pytest.mark.parametrize("said", [b"", CHUNKED + b"2\r\nhe\r\n", OK + b"\r\nhe"])
    def test_while_an_answer_is_waited_for_are_an_error(self, run: Run, said: bytes) -> None:
        async def scenario() -> None:
            async with connected(breaking_off(said)) as connection:
                with pytest.raises(ReadError):
                    await exchange(connection)
                assert not connection.is_open

        run(scenario())

    @pytest.mark.parametrize("is_reset", [True, False])
    def test_are_seen_while_idle(self, run: Run, is_reset: bool) -> None:
        async def leave(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(HELLO)
            await asyncio.sleep(0.01)
            if is_reset:
                reset(writer)

        async def scenario() -> None:
            async with connected(leave) as connection:
                assert await exchange(connection) == (200, b"hello")
                assert connection.is_reusable
                connection.rest(0.0)
                await asyncio.sleep(0.05)
                assert not connection.is_open
                with pytest.raises(ReadError):
                    await connection.ask(REQUEST)

        run(scenario())

    def test_at_the_moment_of_the_next_request_are_an_error(self, run: Run) -> None:
        async def answer_once(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(HELLO)
            await reader.readexactly(len(REQUEST))

        async def scenario() -> None:
            async with connected(answer_once) as connection:
                assert await exchange(connection) == (200, b"hello")
                connection.rest(0.0)
                with pytest.raises(ReadError):
                    await connection.ask(REQUEST)

        run(scenario())

    def test_are_those_on_which_something_comes_that_nobody_asked_for(self, run: Run) -> None:
        async def go_on(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(HELLO)
            await asyncio.sleep(0.01)
            writer.write(HELLO)
            await asyncio.sleep(1)

        async def scenario() -> None:
            async with connected(go_on) as connection:
                assert await exchange(connection) == (200, b"hello")
                connection.rest(0.0)
                await asyncio.sleep(0.05)
                assert not connection.is_open

        run(scenario())
