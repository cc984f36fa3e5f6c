"""Tests of `backend/core/http_response.py`."""

import gc
import sys
import weakref
from collections.abc import Iterable, Iterator

import pytest

from backend.core.http_errors import ProtocolError, WireError
from backend.core.http_response import MAX_BARE_BYTES, HttpResponse
from tests.core.http_answers import CHUNKED, OK, Good, each_bad, each_endless, each_good


def ways_to_split(raw: bytes) -> Iterator[list[bytes]]:
    """Whole, byte by byte, and in two pieces at every position."""
    yield [raw] if raw else []
    yield [raw[at : at + 1] for at in range(len(raw))]
    yield from ([raw[:at], raw[at:]] for at in range(1, len(raw)))


def feed(response: HttpResponse, pieces: Iterable[bytes], *, ends: bool) -> None:
    for piece in pieces:
        response.feed(piece)
    if ends:
        response.end()


def taken_in(pieces: Iterable[bytes], *, ends: bool = False) -> HttpResponse:
    response = HttpResponse()
    feed(response, pieces, ends=ends)
    return response


@each_good
def test_reads_what_is_good_however_it_is_split(good: Good) -> None:
    for pieces in ways_to_split(good.raw):
        response = taken_in(pieces, ends=good.ends)

        assert (response.status, response.take()) == (good.status, good.body), pieces
        assert response.is_whole
        assert response.is_last is good.is_last, pieces
        assert response.header(b"content-type") is None


@each_good
def test_does_not_end_before_its_end(good: Good) -> None:
    if good.is_last:
        return
    response = HttpResponse()
    for at in range(len(good.raw)):
        assert not response.is_whole, at
        response.feed(good.raw[at : at + 1])
    assert response.is_whole


@each_bad
def test_refuses_what_is_bad_however_it_is_split(
    raw: bytes, has_head: bool, error: type[WireError]
) -> None:
    for pieces in ways_to_split(raw):
        response = HttpResponse()
        with pytest.raises(error) as caught:
            feed(response, pieces, ends=True)
        assert type(caught.value) is error
        assert response.has_head is has_head, pieces
        assert not response.is_whole
        assert b"hello".startswith(response.take())


@each_endless
@pytest.mark.parametrize("size", [1_000, 65_536])
def test_takes_in_no_more_than_it_may(begin: bytes, again: bytes, size: int) -> None:
    response = taken_in([begin])
    piece = again * (size // len(again))
    with pytest.raises(ProtocolError):
        feed(response, [piece] * (MAX_BARE_BYTES // len(piece) + 1), ends=False)


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        ([], OK + b"X: "),
        ([CHUNKED + b"5\r\nhello\r\n"], b"5;a="),
        ([CHUNKED, b"5\r\nhello\r\n", b"5\r\nhello\r\n"], b"0\r\nX: "),
    ],
)
def test_takes_in_just_as_much_as_it_may(begin: list[bytes], said: bytes) -> None:
    most = said + b"x" * (MAX_BARE_BYTES - len(said))
    response = taken_in([*begin, most])
    with pytest.raises(ProtocolError, match="too much"):
        response.feed(b"x")
    with pytest.raises(ProtocolError, match="too much"):
        taken_in([*begin, most + b"x"])


def test_a_body_may_be_longer_than_what_is_none() -> None:
    response = taken_in([CHUNKED, *[b"400\r\n" + bytes(1_024) + b"\r\n"] * 1_000])

    assert len(response.body) == 1_024_000


def test_is_taken_in_pieces_of_some_size() -> None:
    body = bytes(range(256)) * 100
    response = taken_in([OK + b"Content-Length: %d\r\n\r\n" % len(body) + body])

    pieces = [response.take() for _ in range(3)]

    assert b"".join(pieces) == body
    assert [len(piece) for piece in pieces] == [16_384, 9_216, 0]


def test_gives_headers_by_name_whatever_their_case() -> None:
    head = b"Content-TYPE: text/plain\r\nvary: a\r\nVary: b\r\nContent-Length: 0\r\n\r\n"
    response = taken_in([OK + head])

    assert response.header(b"content-type") == "text/plain"
    assert response.header(b"vary") == "a, b"
    assert response.header(b"age") is None


def test_keeps_no_header_of_an_interim_answer() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nContent-Type: text/evil\r\nRetry-After: 9\r\n\r\n"
    response = taken_in([early, OK + b"Content-Length: 0\r\n\r\n"])

    assert response.header(b"content-type") is None
    assert response.header(b"retry-after") is None


def test_is_gone_with_its_last_user_and_waits_for_no_collector() -> None:
    response = taken_in([OK + b"Content-Length: 5\r\n\r\nhello"])
    gone = weakref.ref(response)
    gc.disable()
    try:
        assert sys.getrefcount(response) == 2
        del response
        assert gone() is None
    finally:
        gc.enable()
