"""A server on loopback that speaks Gemini's REST API and can be told to misbehave.

In a test: the `fake_gemini` fixture. By hand, for benches:
`python -m tests.fakes.gemini_server --port 9100 --latency 1`.
"""

import argparse
import asyncio
import contextlib
import importlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from types import TracebackType
from typing import Self, TypeVar

from tests.fakes.gemini_behaviours import Behaviour, slow_answer, whole_answer
from tests.fakes.gemini_embeddings import all_embedded
from tests.fakes.gemini_http import ConnectionRecord, Exchange, RecordedRequest, read_request
from tests.fakes.gemini_payloads import Payload, default_text

_T = TypeVar("_T")


class FakeGemini:
    """The server, its script and its records; runs in a thread of its own.

    `latency` (seconds) delays every answer; `text` gives the answer to a request body when the
    script is empty. Requests for vectors get `embedding`, whatever the script says. `requests`
    and `connections` grow in the order of arrival.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        latency: float = 0.0,
        record: bool = True,
        host: str = "127.0.0.1",
    ) -> None:
        self.latency = latency
        self.text: Callable[[Payload], str] = default_text
        self.embedding: Behaviour = all_embedded()
        self.requests: list[RecordedRequest] = []
        self.connections: list[ConnectionRecord] = []
        self._record = record
        self._script: deque[Behaviour] = deque()
        self._always: Behaviour | None = None
        self._host = host
        self._listener = _listen(host, port)
        self.port: int = self._listener.getsockname()[1]
        self._may_answer = asyncio.Event()
        self._may_answer.set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        """What `GEMINI_BASE_URL` must be to reach this server."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def embedding_requests(self) -> list[RecordedRequest]:
        """The requests for vectors, in the order of arrival."""
        return [request for request in self.requests if request.wants_vectors]

    @property
    def open_connections(self) -> int:
        """How many connections the client still holds."""
        return sum(record.closed_at is None for record in self.connections)

    def script(self, *behaviours: Behaviour) -> None:
        """Answer the next requests with these, one each; later ones as before."""
        self._script.extend(behaviours)

    def forget_script(self) -> None:
        """Drop what is left of the script."""
        self._script.clear()

    def always(self, behaviour: Behaviour | None) -> None:
        """Answer every request that no script covers with this; None: the default answer."""
        self._always = behaviour

    def answer_with(self, text: str) -> None:
        """Make every default answer this text."""
        self.text = lambda _body: text

    @contextlib.contextmanager
    def holding(self) -> Iterator[None]:
        """Take requests and answer none meanwhile: whoever asks has to wait or to go."""
        self._may_answer.clear()
        try:
            yield
        finally:
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._may_answer.set)

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Refuse connections meanwhile, and drop those that are open."""
        # Bound and not listening: a port that is let go may be another server's the next moment.
        held = _listen(self._host, self.port)
        self.run(self._close_server(), within=5)
        self._listener.close()
        try:
            yield
        finally:
            self._listener = held
            self.run(self._open_server(), within=5)

    async def wait_until_asked(self, count: int = 1, *, within: float = 20.0) -> None:
        """Wait for that many requests in all."""
        give_up = time.monotonic() + within
        while len(self.requests) < count:
            if time.monotonic() > give_up:
                raise TimeoutError(f"{len(self.requests)} of {count} requests after {within} s")
            await asyncio.sleep(0.002)

    async def wait_until_closed(self, index: int = -1, *, within: float = 2.0) -> float:
        """Wait for the client to leave that connection; gives the time it was closed at."""
        give_up = time.monotonic() + within
        while (closed_at := self.connections[index].closed_at) is None:
            if time.monotonic() > give_up:
                raise TimeoutError(f"connection {index} is still open after {within} s")
            await asyncio.sleep(0.002)
        return closed_at

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        if not started.wait(5):
            raise TimeoutError("the fake server did not start")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.run(self._close_server(), within=5)
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
            self._loop.close()
        self._listener.close()

    async def serve(self) -> None:
        """Serve in the running loop until cancelled: the program's way."""
        self._loop = asyncio.get_running_loop()
        await self._open_server()
        await asyncio.Event().wait()

    def _run(self, started: threading.Event) -> None:
        loop = self._loop = asyncio.new_event_loop()
        loop.run_until_complete(self._open_server())
        loop.call_soon(started.set)
        loop.run_forever()

    def run(self, work: Coroutine[object, object, _T], *, within: float = 30.0) -> _T:
        """Do something in the server's own loop, and wait for it."""
        if self._loop is None:
            raise RuntimeError("the fake server is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(within)

    async def _open_server(self) -> None:
        self._server = await asyncio.start_server(
            self._serve_connection, sock=self._listener, backlog=1024
        )

    async def _close_server(self) -> None:
        asyncio.get_running_loop().remove_reader(self._listener)
        for _ in range(5):  # a server that is closed trips over what it has just accepted
            await asyncio.sleep(0)
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # a transport closes its socket in the round after

    async def _serve_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        connection = ConnectionRecord()
        if self._record:
            self.connections.append(connection)
        # A cancelled task is how the server is stopped: its stream must end quietly.
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._serve_requests(reader, writer, connection)
        connection.closed_at = time.monotonic()
        writer.close()

    async def _serve_requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        connection: ConnectionRecord,
    ) -> None:
        while (request := await read_request(reader, connection)) is not None:
            if self._record:
                self.requests.append(request)
            exchange = Exchange(request, reader, writer)
            if self.latency:
                await asyncio.sleep(self.latency)
            await self._may_answer.wait()
            await self._next_behaviour(request)(exchange)
            if not exchange.keep_alive:
                return

    def _next_behaviour(self, request: RecordedRequest) -> Behaviour:
        if request.wants_vectors:
            return self.embedding
        if self._script:
            return self._script.popleft()
        return self._always or whole_answer(self.text(request.json()))


_LONG_TEXT = "The university answers what is asked, as well as its facts allow. " * 10


def _listen(host: str, port: int) -> socket.socket:
    # Named as TCP, or asyncio leaves Nagle's algorithm on and small chunks come 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host, port))
    return listener


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve Gemini's REST API on loopback.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument("--text", help="the answer to everything")
    parser.add_argument("--pieces", type=int, default=10, help="of a streamed answer, with --pause")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds before each piece")
    options = parser.parse_args()
    fake = FakeGemini(host=options.host, port=options.port, latency=options.latency, record=False)
    if options.text:
        fake.answer_with(options.text)
    if options.pause:
        text = options.text or _LONG_TEXT
        fake.always(slow_answer(text, pieces=options.pieces, pause=options.pause))
    run = asyncio.run
    with contextlib.suppress(ImportError):  # there is no uvloop on Windows: only slower
        run = importlib.import_module("uvloop").run
    with contextlib.suppress(KeyboardInterrupt):
        run(fake.serve())


if __name__ == "__main__":
    main()
