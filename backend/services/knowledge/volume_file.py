"""One file of arrays: checked as a whole when it is opened, then mapped instead of read.

No pickle: whatever stands in such a file, opening it runs nothing.
"""

import json
import os
import stat
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_MAGIC: Final = b"AU-GURU volume 1"
_PREFIX: Final = struct.Struct("<16sQI")
"""Magic, bytes of the header, and the checksum of the header."""

_ALIGNMENT: Final = 64
_PIECE: Final = 1 << 20
_MAX_HEADER: Final = 16 * 1024 * 1024


class BrokenVolume(Exception):
    """A file is no volume, was cut off or changed, or belongs to somebody else."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in a file: a JSON object about it, and named arrays."""

    about: Mapping[str, Any]
    arrays: Mapping[str, Array]


def write_contents(path: Path, contents: Contents) -> None:
    """Write a file that is seen as a whole or not at all, for this user alone.

    Raises:
        OSError: the disk is full, or failed.
    """
    draft = path.with_name(f".{path.name}.{token_hex(6)}.tmp")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            # Not synced to the disk: what a crash leaves cut off is seen, and made again.
            _write(file, contents)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _write(file: BinaryIO, contents: Contents) -> None:
    table, offset, checksum = {}, 0, 0
    pieces: list[bytes | memoryview] = []
    for name, array in contents.arrays.items():
        flat = np.ascontiguousarray(array)
        content = flat.view(np.uint8).data
        padding = bytes(-len(content) % _ALIGNMENT)
        table[name] = [flat.dtype.str, offset, len(flat)]
        offset += len(content) + len(padding)
        pieces += [content, padding]
    for piece in pieces:
        checksum = zlib.crc32(piece, checksum)
    described = {"about": contents.about, "arrays": table, "size": offset, "checksum": checksum}
    header = json.dumps(described).encode()
    header += b" " * (-(_PREFIX.size + len(header)) % _ALIGNMENT)
    file.write(_PREFIX.pack(_MAGIC, len(header), zlib.crc32(header)) + header)
    for piece in pieces:
        file.write(piece)


def open_contents(path: Path) -> Contents:
    """Check a file from end to end and map it.

    Raises:
        BrokenVolume: it is not what was written.
        OSError: it cannot be read.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
            raise BrokenVolume("is not a file of this user")
        header, start = _read_header(file)
        if found.st_size != start + header["size"] or _checksum(file) != header["checksum"]:
            raise BrokenVolume("was cut off or changed")
        mapped = np.memmap(file, dtype=np.uint8, mode="r", offset=0)
    return Contents(header["about"], dict(_views(mapped, start, header["arrays"])))


def _read_header(file: BinaryIO) -> tuple[dict[str, Any], int]:
    prefix = file.read(_PREFIX.size)
    if len(prefix) < _PREFIX.size:
        raise BrokenVolume("was cut off")
    magic, length, checksum = _PREFIX.unpack(prefix)
    if magic != _MAGIC or length > _MAX_HEADER:
        raise BrokenVolume("is no volume")
    header = file.read(length)
    if len(header) < length or zlib.crc32(header) != checksum:
        raise BrokenVolume("was cut off or changed")
    described: dict[str, Any] = json.loads(header)
    return described, _PREFIX.size + length


def _checksum(file: BinaryIO) -> int:
    """Of the rest of the file, read rather than mapped: what is read counts as no memory."""
    checksum = 0
    while piece := file.read(_PIECE):
        checksum = zlib.crc32(piece, checksum)
    return checksum


def _views(
    mapped: NDArray[np.uint8], start: int, table: Mapping[str, tuple[str, int, int]]
) -> Iterator[tuple[str, Array]]:
    plain = np.asarray(mapped)
    for name, (code, offset, count) in table.items():
        dtype = np.dtype(code)
        first = start + offset
        yield name, plain[first : first + count * dtype.itemsize].view(dtype)
