"""One HTTP/1.1 answer out of bytes that come in any pieces; knows nothing of the network.

The parser is llhttp, through httptools, which uvicorn has loaded already. It is strict: two
lengths, a length beside chunks, bare line feeds or folded headers are no HTTP to it.
"""

from typing import Final

from httptools import HttpParserError, HttpResponseParser

from backend.core.http_errors import ProtocolError, ReadError

MAX_BARE_BYTES: Final = 100_000
"""Bytes in a row that are no body: headers, interim answers, trailers, chunk extensions."""

_PIECE: Final = 16_384
_SWITCHING: Final = 101
_FIRST_FINAL: Final = 200


class HttpResponse:
    """What has come of the answer to one request.

    `status` is there once `has_head` is. `body` holds what nobody took yet. `is_last` tells that
    the connection is not good for another request. Methods named `on_...` are the parser's.
    """

    def __init__(self) -> None:
        self.status = 0
        self.has_head = False
        self.is_whole = False
        self.is_last = False
        self.body = bytearray()
        self._headers: list[tuple[bytes, bytes]] = []
        self._bare_bytes = 0
        self._ends_with_connection = False
        self._parser: HttpResponseParser | None = HttpResponseParser(self)

    def header(self, name: bytes) -> str | None:
        """The header of that name, which is given in lower case; None without one."""
        values = [value for key, value in self._headers if key == name]
        return b", ".join(values).decode("latin-1") if values else None

    def take(self) -> bytes:
        """Give what has come of the body, at most 16 KiB of it."""
        taken = bytes(self.body[:_PIECE])
        del self.body[:_PIECE]
        return taken

    def feed(self, data: bytes) -> None:
        """Take in what the server sent.

        Raises:
            ProtocolError: it is no HTTP/1.1, or no end of what is no body can be seen.
        """
        if self._parser is None:
            self.is_last = True
            return
        self._bare_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except HttpParserError as exc:
            if not self.is_whole:
                raise ProtocolError(str(exc)) from exc
            self.is_last = True  # whatever follows the answer does not spoil it
        if self.is_whole:
            self.forget_parser()
        elif self._bare_bytes > MAX_BARE_BYTES:
            raise ProtocolError("too much that is no body")

    def end(self) -> None:
        """Take in that the server will send no more.

        Raises:
            ReadError: there should have been more.
        """
        self.is_last = True
        if not self._ends_with_connection and not self.is_whole:
            raise ReadError("the answer is cut")
        self.is_whole = True
        self.forget_parser()

    def forget_parser(self) -> None:
        """Let go of the parser: it and the answer hold each other."""
        self._parser = None

    def on_message_begin(self) -> None:
        """Stop where something follows the answer."""
        if self.is_whole:
            raise ProtocolError("more than one answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers are of no use."""
        if not self.has_head:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Look where the body will end; skip an interim answer."""
        parser = self._parser
        assert parser is not None  # noqa: S101 - it is calling
        status = parser.get_status_code()
        if status < _FIRST_FINAL:
            if status < 100 or status == _SWITCHING:
                raise ProtocolError(f"status {status}")
            self._headers.clear()
            return
        version = parser.get_http_version()
        if version not in {"1.1", "1.0"}:
            raise ProtocolError(f"version {version}")
        coding = self.header(b"transfer-encoding")
        if coding is not None and coding.strip(" \t").lower() != "chunked":
            raise ProtocolError("an unknown transfer coding")
        self.status = status
        self.has_head = True
        self.is_last = version == "1.0" or not parser.should_keep_alive()
        self._ends_with_connection = coding is None and self.header(b"content-length") is None

    def on_body(self, data: bytes) -> None:
        """Keep a piece of the body."""
        if not self.has_head:
            raise ProtocolError("an interim answer with a body")
        self.body += data
        self._bare_bytes = 0

    def on_message_complete(self) -> None:
        """Note the end, unless it is that of an interim answer."""
        self.is_whole = self.has_head
