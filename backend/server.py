"""`python -m backend serve`: what answers, alone or as one of several workers."""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Final

import uvicorn

from backend.config import settings
from backend.core.database_file import DatabaseFile
from backend.core.http_protocol import GuardedHttpProtocol
from backend.core.listening import Relief
from backend.core.log import configure_logging
from backend.core.open_files import allow_open_files
from backend.database import engine

KEPT_ALIVE_SECONDS: Final = 75
"""How long a silent connection stays: longer than proxies keep theirs (nginx 60 s). Who closes
first loses what the other has just sent, and nobody may send a message a second time by itself."""

_TICKS_A_BEAT: Final = 10
"""The server ticks ten times a second."""


def serve(host: str, port: int) -> int:
    """Answer until the process is told to end; gives the exit status."""
    fault = _database_fault() or _port_fault(host, port)
    if fault is not None:
        sys.stderr.write(f"Cannot start: {fault}\n")
        return 1
    _prepare()
    server = uvicorn.Server(_config(host=host, port=port))
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 1


def work(
    own: socket.socket, others: Sequence[socket.socket], reports: Connection, *, checks: bool
) -> None:
    """Answer as one of several: on a socket of its own, and on the others' for who waits there.

    It reports how to log, then once a second that it answers. With `checks` it looks first for
    what no waiting will mend; `SystemExit` tells.
    """
    fault = _database_fault() if checks else None
    if fault is not None:
        sys.exit(f"Cannot start: {fault}")
    with suppress(OSError):  # nobody reads any more; `ending_with_parent` sees to the rest
        reports.send((settings.LOG_LEVEL, settings.LOG_FORMAT))
    _prepare()
    with suppress(KeyboardInterrupt):
        _WorkerServer(others, reports).run([own])


class _WorkerServer(uvicorn.Server):
    """One of several: it reports, and takes what waits for the others too long."""

    def __init__(self, others: Sequence[socket.socket], reports: Connection) -> None:
        super().__init__(_config())
        self._others = others
        self._reports = reports
        self._relief: asyncio.Task[None] | None = None
        os.set_blocking(reports.fileno(), False)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started and self._others:
            relief = Relief(self._others, self._make_protocol)
            self._relief = asyncio.create_task(relief.run())

    async def on_tick(self, counter: int) -> bool:
        """Report from within the loop: a process that lives may still answer nobody."""
        if counter % _TICKS_A_BEAT == 0:
            with suppress(OSError):
                self._reports.send(True)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take nothing more, and let answers finish."""
        if self._relief is not None:
            self._relief.cancel()
        for listening in self._others:
            listening.close()
        await super().shutdown(sockets)

    def _make_protocol(self) -> asyncio.Protocol:
        return GuardedHttpProtocol(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )


def _prepare() -> None:
    configure_logging(settings.LOG_LEVEL, settings.LOG_FORMAT)  # of what the server says first
    allow_open_files()


def _config(**more: Any) -> uvicorn.Config:
    return uvicorn.Config(
        "backend.main:app",
        # It would believe forwarding headers from loopback; `api.edge` reads them.
        proxy_headers=False,
        http=GuardedHttpProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=2_048,
        timeout_keep_alive=KEPT_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.GEMINI_TIMEOUT_SECONDS) + 5,
        **more,
    )


def _database_fault() -> str | None:
    """What no waiting will mend, told in one line before the service is started in vain.

    A database server may come later; a file in a folder that is not there will not.
    """
    file = DatabaseFile.of(engine)
    fault = file.fault() if file is not None else None
    return None if fault is None else f"DATABASE_URL: {fault}"


def _port_fault(host: str, port: int) -> str | None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as exc:
        return f"{host} port {port}: {exc.strerror}"
    return None
