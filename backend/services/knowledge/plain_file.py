"""Reading a file that others may change, replace or turn into something else at any moment."""

import os
import stat
import time
from pathlib import Path
from typing import Final

from backend.services.knowledge.json_file import UnreadableFile

MAX_FILE_BYTES: Final = 64 * 1024 * 1024

_RACY_SECONDS: Final = 3.0
"""A file changed so short a time ago may change again without a trace in its time stamps, which
are as coarse as two seconds on some file systems: it is read again and compared by its content."""

Stamp = tuple[int, int, int, int, int]


def stamp_of(path: Path) -> Stamp:
    """What tells a changed file; of a link, what it leads to."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def is_settled(stamp: Stamp) -> bool:
    """Whether whoever changes the file now leaves another time stamp."""
    return time.time() - max(stamp[3:]) / 1e9 > _RACY_SECONDS


def read_bytes(path: Path) -> bytes:
    """The content of a plain file in its folder.

    Raises:
        UnreadableFile: it is too large, no plain file, or a link that leads out of the folder.
        OSError: it cannot be read.
    """
    if not path.resolve().is_relative_to(path.parent.resolve()):
        raise UnreadableFile("is a link that leads out of the folder")
    # Without O_NONBLOCK, opening a pipe would wait for someone to write to it.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableFile("is not a plain file")
        if found.st_size > MAX_FILE_BYTES:
            raise UnreadableFile(f"is larger than {MAX_FILE_BYTES // 1024**2} MB")
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_FILE_BYTES)
    finally:
        os.close(descriptor)
