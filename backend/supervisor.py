"""`serve --workers N`: the process that starts the workers, replaces them, and ends with them.

It answers nobody and lives as long as the service, so it imports next to nothing: no settings, no
server, no database. What it must know of the settings its workers tell.
"""

import gc
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from socket import socket
from types import FrameType
from typing import Final

import structlog

from backend.core.listening import open_sockets
from backend.core.log import configure_logging
from backend.core.metrics_folder import metrics_folder

HANGING_SECONDS: Final = 30.0
"""A worker that has answered and reports nothing for so long is killed."""

_READY_SECONDS: Final = 60.0
"""On a reload a new worker has so long to become ready, or the old one stays."""

_ROUND_SECONDS: Final = 0.5
_PAUSE_SECONDS: Final = 1.0
"""After a worker that ended before it was ready."""

_spawn = get_context("spawn")
logger = structlog.get_logger(__name__)


def supervise(host: str, port: int, count: int) -> int:
    """Keep `count` workers answering until the process is told to end; gives the exit status."""
    gc.enable()
    try:
        sockets = open_sockets(host, port, count)
    except OSError as exc:
        sys.stderr.write(f"Cannot start: {host} port {port}: {exc.strerror}\n")
        return 1
    with metrics_folder():
        return Supervisor(sockets, count).run()


class Worker:
    """A process that answers, and what it has reported."""

    def __init__(self, sockets: list[socket], place: int, *, checks: bool = False) -> None:
        """Start the worker that listens on the socket at `place`, or on the only one."""
        own = sockets[place % len(sockets)]
        others = [listening for listening in sockets if listening is not own]
        self.place = place
        self.reports, sending = _spawn.Pipe(duplex=False)
        self._process = _spawn.Process(
            target=_work, args=(own, others, sending), kwargs={"checks": checks}
        )
        self._process.start()
        sending.close()  # or nobody would see that the worker has closed it
        self.pid = self._process.pid
        self.log_settings: tuple[str, str] | None = None
        self.is_ready = False
        self.has_ended = False
        self.silent_seconds = 0.0

    def hear(self) -> None:
        """Take in one report, or that there will be none any more."""
        try:
            report = self.reports.recv()
        except (EOFError, OSError):
            self.has_ended = True
            return
        self.silent_seconds = 0.0
        if self.log_settings is None:
            self.log_settings = report
        else:
            self.is_ready = True

    def end(self) -> None:
        """Tell it to end; it finishes its answers first."""
        self._process.terminate()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def wait(self) -> int | None:
        """Wait until it has ended; gives its exit status, below zero the signal."""
        self._process.join()
        self.reports.close()
        return self._process.exitcode


class Supervisor:
    """Looks after workers, a round every half second or as soon as one reports or ends."""

    def __init__(self, sockets: list[socket], count: int) -> None:
        self._sockets = sockets
        self._count = count
        self._workers: list[Worker] = []
        self._ends = False
        self._reloads = False

    def run(self) -> int:
        """Start the workers and look after them; gives the exit status."""
        with self._hearing_signals():
            is_up = self._start()
            while is_up and not self._ends:
                self._look_after()
            status = 0 if self._ends else 1
            self._end_all()
        return status

    def _start(self) -> bool:
        """Start the workers; false when the service cannot start, or is told to end.

        The first one looks for what no waiting will mend. If one ends before any is ready it is
        not replaced: it has told the reason, and others would tell it for ever.
        """
        first = Worker(self._sockets, 0, checks=True)
        self._workers = [first]
        self._listen_until(lambda: first.log_settings is not None or first.has_ended)
        if first.log_settings is None:
            return False
        configure_logging(*first.log_settings)
        logger.info("workers_start", workers=self._count)
        self._workers += [Worker(self._sockets, place) for place in range(1, self._count)]
        self._listen_until(lambda: any(w.is_ready or w.has_ended for w in self._workers))
        return any(worker.is_ready for worker in self._workers)

    def _look_after(self) -> None:
        began = time.monotonic()
        self._listen()
        # A machine that was asleep has heard nobody meanwhile.
        passed = min(time.monotonic() - began, _ROUND_SECONDS)
        for worker in self._workers:
            worker.silent_seconds += passed
            if worker.is_ready and worker.silent_seconds > HANGING_SECONDS:
                logger.error("worker_hangs", pid=worker.pid)
                worker.kill()
                worker.has_ended = True
        for dead in [worker for worker in self._workers if worker.has_ended]:
            self._replace(dead)
        if self._reloads:
            self._reloads = False
            self._replace_all()

    def _replace(self, dead: Worker) -> None:
        logger.warning("worker_died", pid=dead.pid, status=dead.wait())
        if self._ends:
            return
        if not dead.is_ready:
            time.sleep(_PAUSE_SECONDS)
        self._workers[self._workers.index(dead)] = Worker(self._sockets, dead.place)

    def _replace_all(self) -> None:
        """Let each worker end when its successor answers: new code without a pause."""
        logger.info("workers_reload")
        for old in list(self._workers):
            if not self._succeed(old):
                return

    def _succeed(self, old: Worker) -> bool:
        """Start its successor and end the worker; false when there is none in time."""
        new = Worker(self._sockets, old.place)
        self._workers.append(new)
        self._listen_until(lambda: new.is_ready or new.has_ended, _READY_SECONDS)
        if new.is_ready:
            self._workers.remove(old)
            old.end()
            old.wait()
            return True
        self._workers.remove(new)
        new.kill()
        new.wait()
        if not self._ends:
            logger.error("reload_failed", pid=new.pid, kept=old.pid)
        return False

    def _end_all(self) -> None:
        for listening in self._sockets:
            listening.close()  # the workers have their own; no connection may wait for nobody
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.wait()

    def _listen_until(self, is_enough: Callable[[], bool], seconds: float = inf) -> None:
        """Take in reports until then, or until the service is told to end."""
        give_up = time.monotonic() + seconds
        while not (is_enough() or self._ends) and time.monotonic() < give_up:
            self._listen()

    def _listen(self) -> None:
        """Take in what is reported, for a round at most."""
        living = [worker for worker in self._workers if not worker.has_ended]
        reporting = connection.wait([worker.reports for worker in living], _ROUND_SECONDS)
        for worker in living:
            if worker.reports in reporting:
                worker.hear()

    @contextmanager
    def _hearing_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end the service, SIGHUP replaces its workers, in the next round."""

        def end(_number: int, _frame: FrameType | None) -> None:
            self._ends = True

        def reload(_number: int, _frame: FrameType | None) -> None:
            self._reloads = True

        reactions = {signal.SIGTERM: end, signal.SIGINT: end}
        if sys.platform != "win32":
            reactions[signal.SIGHUP] = reload
        earlier = {number: signal.signal(number, react) for number, react in reactions.items()}
        try:
            yield
        finally:
            for number, follow in earlier.items():
                signal.signal(number, follow)


def _work(own: socket, others: Sequence[socket], reports: Connection, *, checks: bool) -> None:
    """What a worker does: the imports are its own."""
    from backend.server import work

    work(own, others, reports, checks=checks)
