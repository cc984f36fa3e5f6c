"""uvicorn's HTTP protocol with a limit on what comes before a body, and failures as problems."""

import json
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES: Final = 65_536
"""Request line, headers and trailers together; the parser itself would take them without end."""

_STATUS_LINES: Final = {
    400: b"HTTP/1.1 400 Bad Request\r\n",
    431: b"HTTP/1.1 431 Request Header Fields Too Large\r\n",
}


class GuardedHttpProtocol(HttpToolsProtocol):
    """Counts what the parser has taken in without giving it out, and all headers of a request."""

    _head_bytes = 0
    _unparsed = 0

    def data_received(self, data: bytes) -> None:
        """Take in what the client sent, unless it is a head without end."""
        self._unparsed += len(data)
        super().data_received(data)
        if max(self._unparsed, self._head_bytes) > MAX_HEAD_BYTES:
            self._refuse(431, "headers_too_large", "The headers of the request are too large.")

    def on_message_begin(self) -> None:
        """Begin to count a request."""
        self._head_bytes = self._unparsed = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count a piece of the request line."""
        self._head_bytes += len(url)
        self._unparsed = 0
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header or a trailer."""
        self._head_bytes += len(name) + len(value)
        self._unparsed = 0
        super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Bodies have a limit of their own."""
        self._unparsed = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(400, "malformed_request", msg)

    def _refuse(self, status: int, code: str, detail: str) -> None:
        if self.transport.is_closing():
            return
        problem = {
            "type": f"urn:au-guru:problem:{code}",
            "title": _STATUS_LINES[status][13:-2].decode(),
            "status": status,
            "detail": detail,
            "code": code,
        }
        body = json.dumps(problem).encode()
        self.transport.write(
            _STATUS_LINES[status] + b"content-type: application/problem+json\r\n"
            b"x-content-type-options: nosniff\r\nx-frame-options: DENY\r\n"
            b"referrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body)
        )
        self.transport.close()
