"""Reading bodies and events, however they are cut into pieces."""

import gzip
import itertools
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.gemini_body import BodyReader, EventParser
from backend.core.gemini_errors import GeminiMalformed

STREAM = (
    b"\xef\xbb\xbfdata: after the mark of the encoding\r\n\r\n"
    b": a comment\r\n"
    b'data: {"a": "\xe0\xb8\x84\xe0\xb9\x88\xe0\xb8\xb2"}\r\n\r\n'
    b"event: ping\nid: 7\n\n"
    b"data: one\ndata:two\ndata\n\n"
    b"data: after carriage returns\r\r"
    b"retry: 5\r\ndata:  spaced\r\n\r\n\r\n"
    b"data: two\r\ndata: lines\r\n\r\n"
    b"data: cut by the end"
)
EVENTS = [
    b"after the mark of the encoding",
    '{"a": "ค่า"}'.encode(),
    b"one\ntwo\n",
    b"after carriage returns",
    b" spaced",
    b"two\nlines",
]

PACKED: dict[str | None, Callable[[bytes], bytes]] = {
    None: bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
}


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cuts), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


class TestEventParser:
    @settings(deadline=None)  # the machine may be busy
    @given(st.lists(st.integers(0, len(STREAM))))
    def test_finds_the_same_events_on_any_split(self, cuts: list[int]) -> None:
        parser = EventParser()
        found = [event for piece in pieces(STREAM, cuts) for event in parser.feed(piece)]
        assert found == EVENTS

    def test_finds_them_byte_by_byte(self) -> None:
        parser = EventParser()
        found = [e for at in range(len(STREAM)) for e in parser.feed(STREAM[at : at + 1])]
        assert found == EVENTS

    @pytest.mark.parametrize(
        ("stream", "events"),
        [
            (b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
            (b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
            (b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
            (b"data: a\r\n\ndata: b\n\r\n", [b"a", b"b"]),
            (b"\n\n\ndata: a\n\n\n", [b"a"]),
            (b"data:a\ndata:\ndata: b\n\n", [b"a\n\nb"]),
            (b"data:\n\ndata\n\n: data: a\n\nevent: a\n\n", []),
            (b"datadata: a\n data: a\nDATA: a\n\n", []),
            (b"data: a:b: c \n\n", [b"a:b: c "]),
            (b"data: \xef\xbb\xbfa\n\n", [b"\xef\xbb\xbfa"]),
            (b"data: x\n\n\xef\xbb\xbfdata: a\n\n", [b"x"]),
            (b"data: a\n", []),
            (b"", []),
        ],
    )
    def test_reads_events_as_the_standard_does(self, stream: bytes, events: list[bytes]) -> None:
        assert EventParser().feed(stream) == events
        parser = EventParser()
        assert [e for at in range(len(stream)) for e in parser.feed(stream[at : at + 1])] == events

    def test_gives_an_event_as_soon_as_it_is_whole(self) -> None:
        parser = EventParser()
        fed = [parser.feed(piece) for piece in (b"data: a\r", b"\n\r", b"\nda", b"ta: b\n\n")]
        assert fed == [[], [b"a"], [], [b"b"]]


class TestBodyReader:
    @pytest.mark.parametrize(
        ("encoding", "sent"),
        [
            (None, b"hello" * 50_000),
            ("identity", b"hello" * 50_000),
            ("gzip", gzip.compress(b"hello" * 50_000)),
            ("X-GZIP", gzip.compress(b"hello" * 50_000)),
            ("deflate", zlib.compress(b"hello" * 50_000)),
        ],
    )
    @pytest.mark.parametrize("size", [1, 7, 1_000, 1_000_000])
    def test_opens_what_came_compressed(self, encoding: str | None, sent: bytes, size: int) -> None:
        if size == 1:
            sent, size = sent[:2_000], 1
        reader = BodyReader(encoding, 1_000_000)
        opened = b"".join(reader.feed(sent[at : at + size]) for at in range(0, len(sent), size))
        assert opened == (b"hello" * 50_000)[: len(opened)]
        assert len(opened) == 250_000 or len(sent) == 2_000

    def test_a_bomb_never_takes_more_than_the_limit(self) -> None:
        bomb = gzip.compress(b"0" * 100_000_000)
        tracemalloc.start()
        try:
            with pytest.raises(GeminiMalformed, match="oversized"):
                BodyReader("gzip", 1_000_000).feed(bomb)
            assert tracemalloc.get_traced_memory()[1] < 4_000_000
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("encoding", PACKED)
    @pytest.mark.parametrize("length", [10, 65_535, 65_536, 65_537, 131_072, 131_073])
    def test_refuses_what_is_too_long(self, encoding: str | None, length: int) -> None:
        sent = PACKED[encoding](bytes(length))
        assert BodyReader(encoding, length).feed(sent) == bytes(length)
        with pytest.raises(GeminiMalformed, match="oversized"):
            BodyReader(encoding, length - 1).feed(sent)

    def test_counts_all_pieces_of_a_body(self) -> None:
        reader = BodyReader(None, 10)
        assert reader.feed(b"12345") + reader.feed(b"67890") == b"1234567890"
        assert reader.feed(b"") == b""
        with pytest.raises(GeminiMalformed, match="oversized"):
            reader.feed(b"1")

    def test_refuses_compression_that_is_broken_or_unknown(self) -> None:
        with pytest.raises(GeminiMalformed, match="broken"):
            BodyReader("gzip", 10).feed(b"not gzip at all")
        with pytest.raises(GeminiMalformed, match="encoding zstd"):
            BodyReader("zstd", 10)

    def test_names_an_unknown_compression_in_few_words(self) -> None:
        with pytest.raises(GeminiMalformed) as caught:
            BodyReader("x" * 1_000, 10)
        assert caught.value.reason == "content encoding " + "x" * 20

    def test_nothing_may_be_said_of_no_compression(self) -> None:
        assert BodyReader("", 10).feed(b"all") == BodyReader(" Identity ", 3).feed(b"all") == b"all"

    def test_ignores_what_follows_the_end_of_the_compressed_body(self) -> None:
        reader = BodyReader("gzip", 100)
        assert reader.feed(gzip.compress(b"all") + b"trailing") == b"all"
        assert reader.feed(b"more") == b""
