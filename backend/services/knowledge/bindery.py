"""Large files of entries made into volumes, in a process of their own, kept for quick starts."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Final
from weakref import finalize

import structlog

from backend.services.knowledge.job import Job, Outcome, Status
from backend.services.knowledge.json_file import UnreadableFile

if TYPE_CHECKING:
    from backend.services.knowledge.volume import Volume

LARGE_FILE_BYTES: Final = 2_000_000
"""About 5,000 entries: working through more beside requests would take too long, and their objects
too much memory."""

_LEAST_PART: Final = 0.05
"""Of a large file: one that has less is never bound, be there ever so many of them."""

_BUILD_SECONDS: Final = 600
_RETRY_SECONDS: Final = 60.0
_ENTRIES: Final = re.compile(rb'^(?:\xef\xbb\xbf)?\s*\{.{0,4096}?"entries"\s*:\s*\[', re.DOTALL)
_ROOT: Final = Path(__file__).resolve().parents[3]
SUFFIX: Final = ".volume"
BINDER: Final = (sys.executable, "-m", "backend.services.knowledge.binder")

_BINDER_ENVIRONMENT: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    # What it frees it keeps for the next batch (glibc): having the kernel clear the same memory
    # again and again takes a tenth of the time.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(1024 * 1024 * 1024),
}

Run = Callable[[Job], Outcome]

logger = structlog.get_logger(__name__)


class NotEntries(Exception):
    """A file is large, but holds no entries."""


@dataclass(frozen=True, slots=True)
class Large:
    """A large file as it was read: where it is, and the hash of its content."""

    path: Path
    digest: str


class BindingFailed(Exception):
    """The binding program ended without an outcome; the message says how."""


def run_binder(job: Job) -> Outcome:
    """Have a job done by a program of its own, within ten minutes.

    Raises:
        BindingFailed: it could not be started, was killed or failed.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            BINDER,
            input=json.dumps(asdict(job)).encode(),
            capture_output=True,
            cwd=_ROOT,
            env={**os.environ, **_BINDER_ENVIRONMENT},
            timeout=_BUILD_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as exc:
        raise BindingFailed(type(exc).__name__) from exc
    if done.returncode < 0:
        raise BindingFailed(f"killed by signal {-done.returncode}")
    if done.returncode > 0:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise BindingFailed(last.partition(":")[0] or f"status {done.returncode}")
    told = json.loads(done.stdout)
    return Outcome(Status(told["status"]), told["message"], told["place"])


class _Build(Thread):
    """A job that is being done."""

    def __init__(self, job: Job, run: Run) -> None:
        super().__init__(name="binder", daemon=True)
        self.job = job
        self.outcome: Outcome | None = None
        self.failure = ""
        self._do = run
        self.start()

    def run(self) -> None:
        """Wait for the outcome."""
        try:
            self.outcome = self._do(self.job)
        except BindingFailed as exc:
            self.failure = str(exc)


class Bindery:
    """Binds the large files of one folder; for one thread at a time.

    `cache` is where volumes are kept for the next start and for other workers; without it, or when
    others may write there, they go with the process.
    """

    def __init__(
        self,
        cache: Path | None = None,
        *,
        least_bytes: int = LARGE_FILE_BYTES,
        run: Run = run_binder,
    ) -> None:
        self._run = run
        self._cache = cache
        self._least_bytes = least_bytes
        self._folder: Path | None = None
        self._build: _Build | None = None
        self._open: dict[Path, Volume] = {}
        self._refused: dict[str, UnreadableFile | NotEntries] = {}
        self._failures: dict[str, tuple[float, UnreadableFile]] = {}

    def takes(self, content: bytes, beside: int = 0) -> bool:
        """Whether a file looks like one of entries, and is large, by itself or, unless it is
        small, with the bytes of the files `beside` it that are not bound."""
        size = len(content)
        total = size + beside if size >= self._least_bytes * _LEAST_PART else size
        return total >= self._least_bytes and _ENTRIES.match(content[:8_192]) is not None

    def bind(self, large: Large, lexicons: Iterable[bytes], *, wait: bool) -> "Volume | None":
        """The volume of a file; None while it is being made, unless that is waited for.

        Raises:
            UnreadableFile: the file is broken, or making its volume failed.
            NotEntries: it is a file of another form.
        """
        job = self._job(large, tuple(lexicons))
        while True:
            volume = self._find(large.path, job)
            if volume is not None:
                return volume
            if self._build is None:
                self._check_failure(job, again=wait)
                self._build = _Build(job, self._run)
            if wait:
                self._build.join()
            if self._build.is_alive():
                return None
            build, self._build = self._build, None
            self._note(build)
            if build.job.key == job.key:
                self._check_failure(job, again=False)
                return self._find(large.path, job)

    def _find(self, path: Path, job: Job) -> "Volume | None":
        """The volume, if there is one by now."""
        from backend.services.knowledge.volume import Volume  # noqa: PLC0415 - numpy costs 20 MB
        from backend.services.knowledge.volume_file import BrokenVolume  # noqa: PLC0415

        if job.key in self._refused:
            raise self._refused[job.key]
        known = self._open.get(path)
        if known is not None and known.key == job.key:
            return known
        try:
            volume = self._open[path] = Volume.open(Path(job.target), job.key)
        except FileNotFoundError:
            return None
        except (OSError, BrokenVolume) as exc:
            logger.warning("knowledge_volume_ignored", file=path.name, reason=str(exc))
            Path(job.target).unlink(missing_ok=True)
            return None
        return volume

    def _note(self, build: _Build) -> None:
        """Remember how a build ended that did not make a volume."""
        key, outcome = build.job.key, build.outcome
        self._failures.pop(key, None)
        if outcome is None:
            error = UnreadableFile(f"could not be indexed ({build.failure})")
            self._failures[key] = monotonic() + _RETRY_SECONDS, error
        elif outcome.status is Status.BROKEN:
            self._refused[key] = UnreadableFile(outcome.message, outcome.place)
        elif outcome.status is Status.NESTED:
            self._refused[key] = NotEntries()

    def _check_failure(self, job: Job, *, again: bool) -> None:
        """Not try at once again what has just failed, unless somebody asks for it."""
        retry, error = self._failures.get(job.key, (0.0, None))
        if error is not None and not again and monotonic() < retry:
            raise error

    def _job(self, large: Large, lexicons: tuple[bytes, ...]) -> Job:
        path = large.path.absolute()
        parts = (
            code_version(),
            path.name,
            large.digest,
            *(sha256(x).hexdigest() for x in lexicons),
        )
        key = sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()
        name = sha256(os.fsencode(path)).hexdigest()[:12]
        last = self._open.get(large.path)
        return Job(
            path=os.fspath(path),
            digest=large.digest,
            key=key,
            target=os.fspath(self._own_folder() / f"{name}-{key[:32]}{SUFFIX}"),
            lexicons=tuple(content.decode("utf-8-sig") for content in lexicons),
            last=None if last is None or last.path is None else os.fspath(last.path),
        )

    def _own_folder(self) -> Path:
        """The cache if it is this user's alone, else a folder that goes with the process."""
        if self._folder is None and self._cache is not None:
            self._folder = _private(self._cache.absolute())
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="au-guru-"))
            finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder


def _private(folder: Path) -> Path | None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as exc:
        logger.warning("knowledge_cache_not_used", reason=exc.strerror)
        return None
    shared = found.st_uid != os.geteuid() or found.st_mode & 0o022
    if shared or not stat.S_ISDIR(found.st_mode) or not os.access(folder, os.W_OK):
        logger.warning("knowledge_cache_not_used", reason="others may write there")
        return None
    return folder


@lru_cache(maxsize=1)
def code_version() -> str:
    """A hash of all code that has a part in a volume, so that no volume outlives its code."""
    folder = Path(__file__).parent
    files = [*sorted(folder.glob("*.py")), folder.parents[1] / "schemas" / "knowledge.py"]
    code = sha256(b"".join(path.read_bytes() for path in files))
    code.update("\0".join(version(name) for name in ("numpy", "snowballstemmer")).encode())
    return code.hexdigest()
