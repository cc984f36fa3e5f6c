"""PostgreSQL and Redis as processes of a test's own, to be stopped and started at will."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.processes import free_port, wait_for_port

_SETTINGS: Final = """
listen_addresses = '{address}'
port = {port}
unix_socket_directories = ''
max_connections = 100
fsync = on
"""


class Postgres:
    """A cluster of its own in a folder of its own; root runs it as an unprivileged user."""

    def __init__(self, folder: Path, *, address: str = "127.0.0.1") -> None:
        self._data = folder / "data"
        self._log = folder / "log"
        self._address = address
        self._port = free_port()
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        self._run("initdb", "--auth=trust", "--username=au", "--no-sync", "--encoding=UTF8")
        settings = _SETTINGS.format(address=f"127.0.0.1,{address}", port=self._port)
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(settings)
        with (self._data / "pg_hba.conf").open("a") as file:
            file.write("host all all samenet trust\n")

    @property
    def url(self) -> str:
        """Its address as `DATABASE_URL`."""
        return f"postgresql://au@{self._address}:{self._port}/postgres"

    def start(self) -> None:
        """Start it; it takes connections when this returns."""
        self._run("pg_ctl", "start", "--wait", f"--log={self._log}")

    def stop(self, mode: str) -> None:
        """Stop it as `pg_ctl` does: `fast` ends all transactions, `immediate` is a crash."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def kill(self) -> None:
        """Stop it at the end of the test, if it runs."""
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(_postgres_programs() / program), f"--pgdata={self._data}", *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            user=self._user,
            cwd="/",
        )


class RedisServer:
    """A Redis that keeps nothing on disk; killed, it has forgotten everything."""

    def __init__(self, *, address: str = "127.0.0.1") -> None:
        self._address = address
        self._port = free_port()
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address as `REDIS_URL`."""
        return f"redis://{self._address}:{self._port}/0"

    def start(self) -> None:
        """Start it; it takes connections when this returns."""
        listen = ("--port", str(self._port), "--bind", *{"127.0.0.1", self._address})
        forget = ("--save", "", "--appendonly", "no", "--protected-mode", "no")
        command = ("redis-server", *listen, *forget)
        self._popen = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/")
        wait_for_port(self._port, self._popen)

    def kill(self) -> None:
        """End it as a power cut does."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def pause(self) -> None:
        """Let it take connections and answer nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._popen is not None
        self._popen.send_signal(number)


@contextmanager
def running_postgres(*, address: str = "127.0.0.1") -> Iterator[Postgres]:
    """A PostgreSQL for one test, or a skip where it is not installed."""
    if not (_postgres_programs() / "initdb").exists():
        pytest.skip("PostgreSQL's server is not installed")
    with _open_folder() as folder:
        postgres = Postgres(folder, address=address)
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.kill()


@contextmanager
def running_redis(*, address: str = "127.0.0.1") -> Iterator[RedisServer]:
    """A Redis for one test, or a skip where it is not installed."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    redis = RedisServer(address=address)
    redis.start()
    try:
        yield redis
    finally:
        redis.kill()


@contextmanager
def _open_folder() -> Iterator[Path]:
    """A folder that another user can reach, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="au-guru-faults-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_programs() -> Path:
    """Where `initdb` is: Debian keeps it off the path."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return installed[-1] if installed else Path("/nowhere")
