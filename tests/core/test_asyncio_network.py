"""Tests of `backend/core/asyncio_network.py`, on both event loops: uvloop's parts differ."""

import asyncio
import socket
import ssl
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backend.core.asyncio_network import AsyncioBackend

Serve = Callable[[StreamReader, StreamWriter], Awaitable[None]]
Run = Callable[[Awaitable[None]], None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a scenario in an event loop of that kind."""
    make = uvloop.new_event_loop if request.param == "uvloop" else asyncio.new_event_loop

    def run_scenario(scenario: Awaitable[None]) -> None:
        async def wait() -> None:
            await scenario

        with asyncio.Runner(loop_factory=make) as runner:
            runner.run(wait())

    return run_scenario


@asynccontextmanager
async def connected(
    serve: Serve, host: str = "127.0.0.1", **options: Any
) -> AsyncIterator[httpcore.AsyncNetworkStream]:
    """A stream to a server that does `serve` with each connection."""
    writers: list[StreamWriter] = []

    async def serve_one(reader: StreamReader, writer: StreamWriter) -> None:
        writers.append(writer)
        await serve(reader, writer)

    server = await asyncio.start_server(serve_one, "127.0.0.1", 0, **options)
    port = server.sockets[0].getsockname()[1]
    stream = await AsyncioBackend().connect_tcp(host, port, timeout=2)
    try:
        yield stream
    finally:
        await stream.aclose()
        for writer in writers:
            writer.close()
        server.close()
        await server.wait_closed()


async def read_all(stream: httpcore.AsyncNetworkStream) -> bytes:
    pieces = []
    while piece := await stream.read(65_536, timeout=2):
        pieces.append(piece)
    return b"".join(pieces)


async def say_nothing(_reader: StreamReader, _writer: StreamWriter) -> None:
    """Take nothing and answer nothing."""


async def echo(reader: StreamReader, writer: StreamWriter) -> None:
    writer.write(await reader.readexactly(10))


class TestReading:
    def test_gives_what_came_in_pieces_of_the_size_asked_for(self, run: Run) -> None:
        async def scenario() -> None:
            async with connected(echo) as stream:
                await stream.write(b"head ")
                await stream.write(b"body.")
                first = await stream.read(6, timeout=2)
                rest = b""
                while len(first + rest) < 10:
                    rest += await stream.read(6, timeout=2)
                assert first + rest == b"head body."
                assert len(first) <= 6

        run(scenario())

    def test_holds_up_a_sender_whose_bytes_nobody_reads_and_loses_none(self, run: Run) -> None:
        sent = bytes(range(256)) * 20_000

        async def pour(_reader: StreamReader, writer: StreamWriter) -> None:
            writer.write(sent)
            await writer.drain()
            writer.close()

        async def scenario() -> None:
            async with connected(pour) as stream:
                await asyncio.sleep(0.02)
                assert await read_all(stream) == sent

        run(scenario())

    def test_an_idle_connection_that_the_server_closed_is_seen(self, run: Run) -> None:
        async def close(_reader: StreamReader, writer: StreamWriter) -> None:
            writer.close()

        async def scenario() -> None:
            async with connected(close) as stream:
                assert await stream.read(10, timeout=2) == b""
                assert stream.get_extra_info("is_readable")
            async with connected(say_nothing) as stream:
                assert not stream.get_extra_info("is_readable")

        run(scenario())

    def test_silence_and_a_broken_connection_are_told_apart(self, run: Run) -> None:
        async def break_off(reader: StreamReader, writer: StreamWriter) -> None:
            await reader.readexactly(1)
            at_once = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            writer.transport.abort()

        async def scenario() -> None:
            async with connected(say_nothing) as stream:
                with pytest.raises(httpcore.ReadTimeout):
                    await stream.read(10, timeout=0.01)
            async with connected(break_off) as stream:
                await stream.write(b"much more than is read")
                with pytest.raises(httpcore.ReadError):
                    await stream.read(10, timeout=2)
                await asyncio.sleep(0)
                with pytest.raises(httpcore.WriteError):
                    await stream.write(b"more")

        run(scenario())


class TestWriting:
    def test_sends_head_and_body_together(self, run: Run) -> None:
        arrived: list[bytes] = []

        async def note(reader: StreamReader, writer: StreamWriter) -> None:
            arrived.append(await reader.read(100))
            writer.write(b"answer")

        async def scenario() -> None:
            async with connected(note) as stream:
                await stream.write(b"head ")
                await asyncio.sleep(0.01)
                await stream.write(b"body")
                assert await stream.read(10, timeout=2) == b"answer"
            assert arrived == [b"head body"]

        run(scenario())

    def test_does_not_wait_for_ever_for_a_server_that_takes_nothing(self, run: Run) -> None:
        async def scenario() -> None:
            async with connected(say_nothing, limit=1_024) as stream:
                with pytest.raises(httpcore.WriteTimeout):
                    await stream.write(b"x" * 30_000_000, timeout=0.05)

        run(scenario())

    def test_waits_for_a_slow_server(self, run: Run) -> None:
        async def take_all(reader: StreamReader, writer: StreamWriter) -> None:
            taken = await reader.readexactly(5_000_000)
            writer.write(b"%d" % len(taken))

        async def scenario() -> None:
            async with connected(take_all) as stream:
                await stream.write(b"x" * 5_000_000, timeout=5)
                assert await stream.read(10, timeout=5) == b"5000000"

        run(scenario())


class TestConnecting:
    def test_a_port_where_nobody_listens_is_an_error(self, run: Run) -> None:
        async def scenario() -> None:
            server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            server.close()
            await server.wait_closed()
            with pytest.raises(httpcore.ConnectError):
                await AsyncioBackend().connect_tcp("127.0.0.1", port, timeout=2)

        run(scenario())

    def test_a_name_is_looked_up_and_all_its_addresses_tried(self, run: Run) -> None:
        async def scenario() -> None:
            async with connected(echo, "localhost") as stream:
                await stream.write(b"0123456789")
                assert await stream.read(100, timeout=2) == b"0123456789"

        run(scenario())


class TestEncryption:
    def test_speaks_to_a_server_whose_certificate_is_trusted(
        self, run: Run, certificate: Path
    ) -> None:
        async def scenario() -> None:
            async with connected(echo, ssl=server_context(certificate)) as stream:
                trusting = ssl.create_default_context(cafile=certificate)
                secure = await stream.start_tls(trusting, "localhost", timeout=2)
                await secure.write(b"0123456789")
                assert await secure.read(100, timeout=2) == b"0123456789"
                assert secure.get_extra_info("ssl_object") is not None
                assert not secure.get_extra_info("is_readable")

        run(scenario())

    def test_refuses_a_certificate_that_nobody_vouches_for(
        self, run: Run, certificate: Path
    ) -> None:
        async def scenario() -> None:
            asyncio.get_running_loop().set_exception_handler(lambda *_failure: None)
            async with connected(echo, ssl=server_context(certificate)) as stream:
                with pytest.raises(httpcore.ConnectError):
                    await stream.start_tls(ssl.create_default_context(), "localhost", timeout=2)

        run(scenario())

    def test_a_server_that_does_not_encrypt_is_an_error(self, run: Run) -> None:
        async def answer_plainly(_reader: StreamReader, writer: StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        async def scenario() -> None:
            async with connected(answer_plainly) as stream:
                with pytest.raises(httpcore.ConnectError):
                    await stream.start_tls(ssl.create_default_context(), "localhost", timeout=2)

        run(scenario())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of `localhost`, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
