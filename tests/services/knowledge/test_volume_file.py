"""A file of arrays is opened as it was written, or not at all."""

import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from backend.services.knowledge.volume import Volume
from backend.services.knowledge.volume_file import (
    Array,
    BrokenVolume,
    Contents,
    open_contents,
    write_contents,
)

ARRAYS: Final[dict[str, Array]] = {
    "bytes": np.arange(7, dtype=np.uint8),
    "empty": np.zeros(0, dtype=np.float32),
    "numbers": np.array([1, -2, 2**40], dtype=np.int64),
    "every_second": np.arange(10, dtype=np.int32)[::2],
    "block": np.arange(64, dtype=np.uint8),
    "shares": np.array([0.5, 1.5], dtype=np.float32),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.volume"
    write_contents(path, Contents({"key": "k", "more": [1, None]}, ARRAYS))
    return path


class TestContents:
    def test_are_as_they_were_written(self, path: Path) -> None:
        contents = open_contents(path)

        assert contents.about == {"key": "k", "more": [1, None]}
        assert list(contents.arrays) == list(ARRAYS)
        for name, array in contents.arrays.items():
            assert array.dtype == ARRAYS[name].dtype
            assert array.tolist() == ARRAYS[name].tolist()
            # Where numbers do not start at a multiple of their size, each of them costs more.
            assert array.flags.aligned
            assert not array.flags.writeable

    def test_are_for_this_user_alone_and_leave_no_draft(self, path: Path) -> None:
        assert path.stat().st_mode & 0o777 == 0o600
        assert list(path.parent.iterdir()) == [path]

    def test_take_the_place_of_what_was_there(self, path: Path) -> None:
        before = open_contents(path)
        write_contents(path, Contents({"key": "new"}, {}))

        assert open_contents(path).about == {"key": "new"}
        assert dict(open_contents(path).arrays) == {}
        assert before.arrays["numbers"].tolist() == [1, -2, 2**40]

    def test_that_cannot_be_written_leave_what_was_there(self, path: Path) -> None:
        content = path.read_bytes()

        with pytest.raises(TypeError):
            write_contents(path, Contents({"key": object()}, ARRAYS))

        assert path.read_bytes() == content
        assert list(path.parent.iterdir()) == [path]


def with_header(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The content with another header, whose checksum is right."""
    length = int.from_bytes(content[16:24], "little")
    header = change(content[28 : 28 + length])
    start = content[:16] + len(header).to_bytes(8, "little")
    return start + zlib.crc32(header).to_bytes(4, "little") + header + content[28 + length :]


HARMS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "nothing": lambda _: b"",
    "half a prefix": lambda content: content[:27],
    "another magic": lambda content: b"B" + content[1:],
    "another version": lambda content: content[:15] + b"2" + content[16:],
    "no header": lambda content: content[:28],
    "half a header": lambda content: content[:60],
    "an endless header": lambda content: content[:16] + b"\xff" * 7 + content[23:],
    "another header": lambda content: content[:40] + b"?" + content[41:],
    "cut": lambda content: content[:-1],
    "longer": lambda content: content + b"\0",
    "other numbers": lambda content: content[:-64] + b"\1" + content[-63:],
    "another size": lambda content: with_header(
        content, lambda header: header.replace(b'"size": ', b'"size":1')
    ),
}


class TestDamage:
    @pytest.mark.parametrize("harm", list(HARMS))
    def test_is_seen(self, path: Path, harm: str) -> None:
        path.write_bytes(HARMS[harm](path.read_bytes()))

        with pytest.raises(BrokenVolume):
            open_contents(path)

    def test_is_not_seen_where_there_is_none(self, path: Path) -> None:
        path.write_bytes(with_header(path.read_bytes(), lambda header: header))

        assert open_contents(path).about["key"] == "k"

    def test_is_what_is_no_plain_file(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)

        with pytest.raises(BrokenVolume):
            open_contents(pipe)


class TestVolumes:
    ABOUT: Final = {"key": "k", "file": "a.json", "problems": [["wrong", "entry 1"], ["odd", None]]}
    NONE: Final = {"entry_ends": np.zeros(0, dtype=np.int64)}

    def test_are_opened_by_their_key(self, path: Path) -> None:
        write_contents(path, Contents(self.ABOUT, self.NONE))

        for key in (None, "k"):
            volume = Volume.open(path, key)
            assert volume.path == path
            assert volume.category == "a"
            assert volume.problems == (("wrong", "entry 1"), ("odd", None))
        with pytest.raises(BrokenVolume, match="another"):
            Volume.open(path, "other")

    @pytest.mark.parametrize("part", [*ABOUT, *NONE])
    def test_that_lack_a_part_are_none(self, path: Path, part: str) -> None:
        about = {name: value for name, value in self.ABOUT.items() if name != part}
        arrays = {name: array for name, array in self.NONE.items() if name != part}
        write_contents(path, Contents(about, arrays))

        with pytest.raises(BrokenVolume, match="lacks"):
            Volume.open(path)
