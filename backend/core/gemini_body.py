"""Reading bodies that may be hostile: capped after decompression, right on any byte split."""

import zlib
from typing import Final

from backend.core.gemini_errors import GeminiMalformed

_PIECE: Final = 65_536
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32


class BodyReader:
    """Counts a body's bytes and opens a compressed one piece by piece.

    We ask for no compression, but a proxy may not listen. At no time is more than the limit
    held: a 291 kB gzip bomb took 1.6 GB where the body was opened in one go.
    """

    def __init__(self, encoding: str | None, limit: int) -> None:
        word = (encoding or "identity").strip().lower()
        if word not in {"identity", "gzip", "x-gzip", "deflate"}:
            raise GeminiMalformed(f"content encoding {word[:20]}")
        self._inflater = None if word == "identity" else zlib.decompressobj(_GZIP_OR_ZLIB)
        self._left = limit

    def feed(self, data: bytes) -> bytes:
        """Give what `data` adds to the body.

        Raises:
            GeminiMalformed: the body grows over the limit, or is not what its encoding says.
        """
        if self._inflater is None:
            return self._count(data)
        pieces: list[bytes] = []
        try:
            while not self._inflater.eof:
                pieces.append(self._count(self._inflater.decompress(data, _PIECE)))
                data = self._inflater.unconsumed_tail
                if not data and len(pieces[-1]) < _PIECE:
                    break
        except zlib.error as exc:
            raise GeminiMalformed("broken compression") from exc
        return b"".join(pieces)

    def _count(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise GeminiMalformed("oversized")
        return data


class EventParser:
    """Server-sent events out of bytes that may be split anywhere, even within a character.

    Only `data` is read; names, ids and comments are skipped, as Gemini sends none that matter.
    An event that the end of the stream cuts is dropped, as the standard says.
    """

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._data: list[bytes] = []
        self._after_cr = False
        self._at_start = True

    def feed(self, data: bytes) -> list[bytes]:
        """Give the data of each event that `data` completes."""
        if self._after_cr and data.startswith(b"\n"):
            data = data[1:]
            self._after_cr = False
        if not data:
            return []
        self._after_cr = data.endswith(b"\r")
        lines = data.splitlines(keepends=True)
        if _ends(lines[0]):
            lines[0] = b"".join((*self._partial, lines[0]))
            self._partial.clear()
        if not _ends(lines[-1]):
            self._partial.append(lines.pop())
        events = (self._take(line.rstrip(b"\r\n")) for line in lines)
        return [event for event in events if event is not None]

    def _take(self, line: bytes) -> bytes | None:
        if self._at_start:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._at_start = False
        if line:
            field, _, value = line.partition(b":")
            if field == b"data":
                self._data.append(value.removeprefix(b" "))
            return None
        event = b"\n".join(self._data)
        self._data.clear()
        return event or None


def _ends(line: bytes) -> bool:
    return line.endswith((b"\n", b"\r"))
