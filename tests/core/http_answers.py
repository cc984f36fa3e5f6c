"""Answers of HTTP servers as bytes: good ones, and such as no server should give."""

from dataclasses import dataclass
from typing import Final

import pytest

from backend.core.http_errors import ProtocolError, ReadError

OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Good:
    """What is sent, and what is to be made of it. `ends`: the connection's end is its end."""

    raw: bytes
    body: bytes = b"hello"
    status: int = 200
    is_last: bool = False
    ends: bool = False


GOOD: Final = {
    "with a length": Good(OK + b"Content-Length: 5\r\n\r\nhello"),
    "with an empty header": Good(OK + b"X-Empty:\r\nContent-Length: 5\r\nY: \r\n\r\nhello"),
    "empty": Good(OK + b"Content-Length: 0\r\n\r\n", b""),
    "without a reason": Good(b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello"),
    "after blank lines": Good(b"\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\nhello"),
    "in chunks": Good(CHUNKED + b"2\r\nhe\r\n003\r\nllo\r\n0\r\n\r\n"),
    "in chunks of another case": Good(
        OK + b"TRANSFER-encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    ),
    "in chunks with extensions": Good(CHUNKED + b'5;a=b;c="d"\r\nhello\r\n0;last\r\n\r\n'),
    "in chunks with trailers": Good(
        CHUNKED + b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Type: text/evil\r\n\r\n"
    ),
    "until the end": Good(OK + b"\r\nhello", is_last=True, ends=True),
    "until the end, empty": Good(OK + b"\r\n", b"", is_last=True, ends=True),
    "the last one": Good(OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello", is_last=True),
    "the last one in chunks": Good(
        OK + b"Connection: Close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        is_last=True,
    ),
    "HTTP/1.0": Good(b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", is_last=True),
    "HTTP/1.0 that would go on": Good(
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", is_last=True
    ),
    "HTTP/1.0 until the end": Good(b"HTTP/1.0 200 OK\r\n\r\nhello", is_last=True, ends=True),
    "after interim answers": Good(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        + OK
        + b"Content-Length: 5\r\n\r\nhello"
    ),
    "a refusal": Good(b"HTTP/1.1 429 Slow\r\nContent-Length: 5\r\n\r\nhello", status=429),
    "no content": Good(b"HTTP/1.1 204 No Content\r\n\r\n", b"", 204),
    "not modified": Good(b"HTTP/1.1 304 Not Modified\r\n\r\n", b"", 304),
    "an offer to upgrade": Good(
        OK + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello"
    ),
    "followed by another": Good(
        OK + b"Content-Length: 5\r\n\r\nhello" + OK + b"Content-Length: 4\r\n\r\nevil", is_last=True
    ),
    "followed by rubbish": Good(OK + b"Content-Length: 5\r\n\r\nhello\x00\xff", is_last=True),
    "the last one, followed by rubbish": Good(
        OK + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello???", is_last=True
    ),
    "no content, with content": Good(
        b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil", b"", 204, is_last=True
    ),
}

NO_HEAD: Final = {
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "TLS": b"\x15\x03\x01\x00\x02\x02\x50",
    "HTTP/2": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/0.9": b"HTTP/0.9 200 OK\r\nContent-Length: 0\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "a status below 100": b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "a folded header": OK + b"A: b\r\n c\r\nContent-Length: 0\r\n\r\n",
    "a NUL in a header": OK + b"A: \x00\r\nContent-Length: 0\r\n\r\n",
    "a blank before the colon": OK + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a header without a name": OK + b": b\r\n\r\n",
    "two lengths": OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "a list of lengths": OK + b"Content-Length: 5, 5\r\n\r\nhello",
    "a length with a sign": OK + b"Content-Length: +5\r\n\r\nhello",
    "a negative length": OK + b"Content-Length: -5\r\n\r\nhello",
    "no length in a length": OK + b"Content-Length: \r\n\r\nhello",
    "a length beyond all numbers": OK + b"Content-Length: 18446744073709551617\r\n\r\nhello",
    "a length, then chunks": OK
    + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks, then a length": OK
    + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "an unknown coding": OK + b"Transfer-Encoding: xchunked\r\n\r\nhello",
    "an empty coding": OK + b"Transfer-Encoding:\r\n\r\nhello",
    "a coding with an odd blank": OK + b"Transfer-Encoding: chunked\xa0\r\n\r\n0\r\n\r\n",
    "a coding around the chunks": OK + b"Transfer-Encoding: chunked, gzip\r\n\r\nhello",
    "a coding within the chunks": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunks twice": OK
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "another protocol from here": (
        b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
    ),
    "a bare switch": b"HTTP/1.1 101 Switching\r\n\r\n",
    "an interim answer with a body": b"HTTP/1.1 110 Odd\r\nContent-Length: 5\r\n\r\nhello",
}
"""What is refused before there is a head."""

BAD_BODY: Final = {
    "no size of a chunk": CHUNKED + b"\r\n",
    "a size that is no number": CHUNKED + b"hello\r\n",
    "a negative size": CHUNKED + b"-5\r\nhello\r\n",
    "a size beyond all numbers": CHUNKED + b"11111111111111111\r\nhello",
    "a chunk longer than its size": CHUNKED + b"2\r\nhello\r\n",
    "bare line feeds after the size": CHUNKED + b"5\nhello\n0\n\n",
    "a length in the trailers": CHUNKED + b"5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n",
}
"""What is refused after the head."""

CUT_HEADS: Final = {
    "at once": b"",
    "in the version": b"HTT",
    "in a header": OK + b"Content-Le",
    "after an interim answer": b"HTTP/1.1 100 Continue\r\n\r\n",
}
CUT_BODIES: Final = {
    "before the body": OK + b"Content-Length: 5\r\n\r\n",
    "in the body": OK + b"Content-Length: 5\r\n\r\nhell",
    "before the first chunk": CHUNKED,
    "in a size": CHUNKED + b"5",
    "in a chunk": CHUNKED + b"5\r\nhell",
    "after a chunk": CHUNKED + b"5\r\nhello\r\n",
    "in the last chunk": CHUNKED + b"5\r\nhello\r\n0\r\n",
    "in the trailers": CHUNKED + b"5\r\nhello\r\n0\r\nX: ",
}

ENDLESS: Final = {
    "blank lines": (b"", b"\r\n"),
    "a reason": (b"HTTP/1.1 200 ", b"very "),
    "headers": (OK, b"X: y\r\n"),
    "a header's name": (OK, b"X-"),
    "a header's value": (OK + b"X: ", b"y"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "headers of an interim answer": (b"HTTP/1.1 103 Hints\r\n", b"Link: </x>\r\n"),
    "a chunk's extension": (CHUNKED + b"5\r\nhello\r\n5;a=", b"b"),
    "trailers": (CHUNKED + b"5\r\nhello\r\n0\r\n", b"X: y\r\n"),
}
"""How it begins, and what is said again and again."""

each_good = pytest.mark.parametrize("good", GOOD.values(), ids=GOOD)
each_bad = pytest.mark.parametrize(
    ("raw", "has_head", "error"),
    [
        *(pytest.param(raw, False, ProtocolError, id=name) for name, raw in NO_HEAD.items()),
        *(pytest.param(raw, True, ProtocolError, id=name) for name, raw in BAD_BODY.items()),
        *(pytest.param(raw, False, ReadError, id=f"cut {n}") for n, raw in CUT_HEADS.items()),
        *(pytest.param(raw, True, ReadError, id=f"cut {n}") for n, raw in CUT_BODIES.items()),
    ],
)
each_endless = pytest.mark.parametrize(("begin", "again"), ENDLESS.values(), ids=ENDLESS)
