"""Tests of `backend/core/http_request.py`."""

import pytest

from backend.core.http_errors import ProtocolError
from backend.core.http_request import PostRequest


def test_is_head_and_body_in_one_piece() -> None:
    request = PostRequest(b"/x?alt=sse", {b"Host": b"h:1", b"Key": b"a\tb \xc3\xa4"})

    assert request.with_body(b"what?") == (
        b"POST /x?alt=sse HTTP/1.1\r\nHost: h:1\r\nKey: a\tb \xc3\xa4\r\n"
        b"Content-Length: 5\r\n\r\nwhat?"
    )


@pytest.mark.parametrize(
    ("target", "value"),
    [
        (b"/x", b"key\r\nX-Evil: 1"),
        (b"/x", b"key\n"),
        (b"/x", b"\x00"),
        (b"/x", b"\x7f"),
        (b"/x HTTP/1.1", b"key"),
        (b"/x\r\nX-Evil: 1", b"key"),
    ],
)
def test_is_refused_when_its_head_breaks_out_of_its_lines(target: bytes, value: bytes) -> None:
    request = PostRequest(target, {b"Host": b"h", b"Key": value})

    with pytest.raises(ProtocolError):
        request.with_body(b"")
