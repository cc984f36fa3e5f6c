"""The heads of our own requests."""

import re
from collections.abc import Mapping
from typing import Final

from backend.core.http_errors import ProtocolError

_UNPRINTABLE: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class PostRequest:
    """A POST to one address, sent again and again with other bodies.

    A target or header that would break out of its line (a key pasted with its line's end) is
    refused with each request: whoever asks has a word for the failure, the start has none.
    """

    def __init__(self, target: bytes, headers: Mapping[bytes, bytes]) -> None:
        lines = [b"POST %b HTTP/1.1" % target]
        lines += [b"%b: %b" % header for header in headers.items()]
        self._is_sound = b" " not in target and not any(map(_UNPRINTABLE.search, lines))
        self._head = b"\r\n".join([*lines, b"Content-Length: "])

    def with_body(self, body: bytes) -> bytes:
        """The whole request, to be sent in one piece.

        Raises:
            ProtocolError: its head is none.
        """
        if not self._is_sound:
            raise ProtocolError("a character that no head may hold")
        return b"%b%d\r\n\r\n%b" % (self._head, len(body), body)
