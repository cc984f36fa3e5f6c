"""Makes a volume of a large file of entries: the program that `bindery` starts for it.

What making it takes in memory is gone with the process, and the service's own threads are not held
up. Reads a job as JSON from its standard input, writes an outcome as JSON to its standard output.
"""

import fcntl
import gc
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

from backend.services.knowledge.analysis import Analyser
from backend.services.knowledge.batch import BatchAnalyser
from backend.services.knowledge.entries import has_entries
from backend.services.knowledge.job import Job, Outcome, Status
from backend.services.knowledge.json_file import UnreadableFile, parse_json
from backend.services.knowledge.lexicon import Lexicon
from backend.services.knowledge.plain_file import read_bytes
from backend.services.knowledge.rendering import words_of
from backend.services.knowledge.sheets import Problem, SheetReader
from backend.services.knowledge.vocabulary import build_vocabulary
from backend.services.knowledge.volume import Volume
from backend.services.knowledge.volume_file import BrokenVolume, Contents, write_contents
from backend.services.knowledge.volume_writer import Gathered, gather, put_together

_KEPT_VERSIONS: Final = 2
"""Volumes of one file: an edit that is taken back is served at once."""

_MAX_PROBLEMS: Final = 200
_SHARED_FROM: Final = 10_000
"""Entries from which on a second process pays."""

_NICENESS: Final = 5
"""Requests go first."""

Found = tuple[Gathered, list[Problem]]


def bind(job: Job) -> Outcome:
    """Do a job.

    Raises:
        OSError: the volume cannot be written.
    """
    target = Path(job.target)
    with _alone(target.parent):
        return Outcome(Status.BOUND) if _open(job.target, job.key) else _bind(job, target)


def _bind(job: Job, target: Path) -> Outcome:
    path = Path(job.path)
    try:
        content = read_bytes(path)
        if sha256(content).hexdigest() != job.digest:
            return Outcome(Status.CHANGED)
        document = parse_json(content)
    except OSError:
        return Outcome(Status.CHANGED)
    except UnreadableFile as exc:
        return Outcome(Status.BROKEN, exc.message, exc.place)
    if not has_entries(document):
        return Outcome(Status.NESTED)
    del content
    lexicon = build_vocabulary(tuple(text.encode() for text in job.lexicons)).lexicon
    reader = SheetReader(words_of(path.stem), _open(job.last))
    parts = _read(reader, document["entries"], lexicon)
    problems = [problem for _, told in parts for problem in told]
    if len(problems) > _MAX_PROBLEMS:
        more = len(problems) - _MAX_PROBLEMS
        problems[_MAX_PROBLEMS:] = [(f"{more} more like these", None)]
    about = {"key": job.key, "file": path.name, "problems": problems}
    write_contents(target, Contents(about, put_together([gathered for gathered, _ in parts])))
    _discard_old(target)
    return Outcome(Status.BOUND)


def _read(reader: SheetReader, entries: Sequence[Any], lexicon: Lexicon) -> list[Found]:
    """What was found in the entries; their second half is read by another process."""

    def read(chosen: Sequence[Any], first: int) -> Found:
        sheets = reader.read(chosen, first)
        gathered = gather(sheets, BatchAnalyser(Analyser(lexicon)), reader.crumb)
        return gathered, reader.problems

    def read_apart(half: int, pipe: Connection) -> None:
        pipe.send(read(entries[half:], half))

    if len(entries) < _SHARED_FROM or len(os.sched_getaffinity(0)) < 2 or reader.repeats(entries):
        return [read(entries, 0)]
    half = len(entries) // 2
    fork = multiprocessing.get_context("fork")
    receiving, sending = fork.Pipe(duplex=False)
    other = fork.Process(target=read_apart, args=(half, sending), daemon=True)
    other.start()
    sending.close()
    found = read(entries[:half], 0)
    parts = [found, receiving.recv()]
    other.join()
    return parts


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time on this machine: several workers want the same volumes."""
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _open(path: str | None, key: str | None = None) -> Volume | None:
    try:
        return None if path is None else Volume.open(Path(path), key)
    except (OSError, BrokenVolume):
        return None


def _discard_old(target: Path) -> None:
    """Delete older volumes of the same file, and what programs left behind that died."""
    name = target.name.partition("-")[0]
    known = sorted(target.parent.glob(f"{name}-*"), key=lambda path: -path.stat().st_mtime_ns)
    for path in [*known[_KEPT_VERSIONS:], *target.parent.glob(".*.tmp")]:
        path.unlink(missing_ok=True)


def main() -> int:
    """Do the job that stands on the standard input."""
    gc.disable()
    os.nice(_NICENESS)
    written = json.load(sys.stdin)
    outcome = bind(Job(**{**written, "lexicons": tuple(written["lexicons"])}))
    json.dump(asdict(outcome), sys.stdout)
    # Python collects once more when it ends: half a million objects that are gone with it anyway.
    gc.freeze()
    return 0


if __name__ == "__main__":
    sys.exit(main())
