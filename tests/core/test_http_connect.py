"""Tests of `backend/core/http_connect.py`, on both event loops."""

import asyncio
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509

from backend.core.http_connect import Origin, connect, trusting_context
from backend.core.http_connection import HttpConnection
from backend.core.http_errors import ConnectError, ConnectTimeout, ReadError
from backend.core.pace import Pace
from tests.certificates import make_certificate
from tests.core.http_answers import CHUNKED, OK
from tests.core.http_support import (
    REQUEST,
    Run,
    Serve,
    both_loops,
    breaking_off,
    exchange,
    read_all,
    saying,
    serving,
)

HELLO = OK + b"Content-Length: 5\r\n\r\nhello"


async def connect_to(origin: Origin, seconds: float = 5.0) -> HttpConnection:
    return await connect(origin, seconds, lambda: HttpConnection(Pace(), 5.0))


async def asked(origin: Origin) -> tuple[int, bytes]:
    connection = await connect_to(origin)
    try:
        return await exchange(connection)
    finally:
        connection.close()
        await asyncio.sleep(0)


@both_loops
class TestConnecting:
    def test_a_port_where_nobody_listens_is_an_error(self, run: Run) -> None:
        async def scenario() -> None:
            async with serving(saying(HELLO)) as port:
                pass
            with pytest.raises(ConnectError):
                await connect_to(Origin("127.0.0.1", port))

        run(scenario())

    def test_a_name_is_looked_up_and_all_its_addresses_tried(self, run: Run) -> None:
        async def scenario() -> None:
            async with serving(saying(HELLO)) as port:
                assert await asked(Origin("localhost", port)) == (200, b"hello")

        run(scenario())

    def test_a_server_too_busy_to_take_a_connection_is_not_waited_for(self, run: Run) -> None:
        async def scenario() -> None:
            with (
                closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as busy,
                closing(socket.create_connection(busy.getsockname())),
                pytest.raises(ConnectTimeout),
            ):
                await connect_to(Origin("127.0.0.1", busy.getsockname()[1]), 0.05)

        run(scenario())


@both_loops
class TestEncryption:
    def test_speaks_to_a_server_whose_certificate_is_trusted(
        self, run: Run, certificate: Path
    ) -> None:
        async def scenario() -> None:
            async with serving(saying(HELLO), ssl=server_context(certificate)) as port:
                connection = await connect_to(trusted(certificate, port))
                for _ in range(3):
                    assert await exchange(connection) == (200, b"hello")
                    assert connection.is_reusable
                    connection.rest(0.0)
                await leave(connection)

        run(scenario())

    def test_a_body_may_end_with_the_connection(self, run: Run, certificate: Path) -> None:
        async def scenario() -> None:
            serve = saying(OK + b"\r\nhello", ends=True)
            async with serving(serve, ssl=server_context(certificate)) as port:
                assert await asked(trusted(certificate, port)) == (200, b"hello")

        run(scenario())

    def test_holds_up_a_sender_when_nobody_reads_and_loses_nothing(
        self, run: Run, certificate: Path
    ) -> None:
        sent = bytes(range(256)) * 20_000

        async def pour(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(len(REQUEST))
            writer.write(OK + b"Content-Length: %d\r\n\r\n" % len(sent))
            writer.write(sent)
            await writer.drain()
            await asyncio.sleep(5)

        async def scenario() -> None:
            async with serving(pour, ssl=server_context(certificate)) as port:
                connection = await connect_to(trusted(certificate, port))
                response = await connection.ask(REQUEST)
                await asyncio.sleep(0.05)
                assert len(response.body) < 1_000_000
                assert await read_all(connection) == sent
                assert connection.is_reusable
                await leave(connection)

        run(scenario())

    @pytest.mark.parametrize("said", [b"", CHUNKED + b"2\r\nhe\r\n"])
    def test_a_line_that_breaks_is_an_error(self, run: Run, certificate: Path, said: bytes) -> None:
        async def scenario() -> None:
            async with serving(breaking_off(said), ssl=server_context(certificate)) as port:
                with pytest.raises(ReadError):
                    await asked(trusted(certificate, port))

        run(scenario())

    def test_refuses_a_certificate_that_nobody_vouches_for(
        self, run: Run, certificate: Path
    ) -> None:
        async def scenario() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda *_failure: None)
            async with serving(saying(HELLO), ssl=server_context(certificate)) as port:
                with pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                    await connect_to(Origin("localhost", port, trusting_context()))

        run(scenario())

    def test_refuses_a_certificate_of_another_name(self, run: Run, certificate: Path) -> None:
        async def scenario() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda *_failure: None)
            async with serving(saying(HELLO), ssl=server_context(certificate)) as port:
                with pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                    await connect_to(replace(trusted(certificate, port), host="127.0.0.1"))

        run(scenario())

    @pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
    def test_a_server_that_does_not_encrypt_is_an_error(self, run: Run, said: bytes) -> None:
        async def answer_plainly(_reader: StreamReader, writer: StreamWriter) -> None:
            writer.write(said)

        async def scenario() -> None:
            async with serving(answer_plainly) as port:
                with pytest.raises(ConnectError):
                    await connect_to(Origin("localhost", port, trusting_context()))

        run(scenario())

    @pytest.mark.parametrize("is_cancelled", [True, False])
    def test_a_handshake_without_end_is_left_at_once(self, run: Run, is_cancelled: bool) -> None:
        left = asyncio.Event()

        async def scenario() -> None:
            async with serving(listen_until(left)) as port:
                origin = Origin("localhost", port, trusting_context())
                call = asyncio.ensure_future(connect_to(origin, 60.0 if is_cancelled else 0.05))
                await asyncio.sleep(0.05)
                if is_cancelled:
                    call.cancel()
                with pytest.raises(asyncio.CancelledError if is_cancelled else ConnectTimeout):
                    await call
                await asyncio.wait_for(left.wait(), 1)

        run(scenario())


def listen_until(left: asyncio.Event) -> Serve:
    async def listen(reader: StreamReader, _writer: StreamWriter) -> None:
        try:
            while await reader.read(1_000):
                pass
        finally:
            left.set()

    return listen


async def leave(connection: HttpConnection) -> None:
    connection.close()
    await asyncio.sleep(0)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of `localhost`, signed by itself."""
    return make_certificate(tmp_path_factory.mktemp("tls"), x509.DNSName("localhost"))


def trusted(certificate: Path, port: int) -> Origin:
    return Origin("localhost", port, ssl.create_default_context(cafile=certificate))


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
