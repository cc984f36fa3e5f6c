"""What becomes of the files in a folder, category by category."""

import os
import time
from pathlib import Path
from typing import Any, Final

import pytest

from backend.services.knowledge.folder import Folder
from backend.services.knowledge.json_file import UnreadableFile, parse_json
from backend.services.knowledge.loader import Material, read_folder
from backend.services.knowledge.plain_file import (
    MAX_FILE_BYTES,
    is_settled,
    read_bytes,
    stamp_of,
)
from tests.services.knowledge.conftest import MakeService


def entry(name: str, **values: Any) -> dict[str, Any]:
    return {"id": name, "title": "Title", "text": "Text.", **values}


def told(material: Material) -> list[tuple[str, str | None]]:
    return [(problem.file, problem.place) for problem in material.problems]


class TestCategories:
    def test_are_named_after_their_files_or_by_the_side_file(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        side = {"sources": {"au_fees": {"title": "All fees"}}}
        make_service(au_fees={"a": 1}, au_more_news={"entries": [entry("a")]}, legacy=side)
        folder = Folder(tmp_path)
        folder.look()

        found = read_folder(folder).categories

        assert [(one.name, one.title, one.file, one.form) for one in found] == [
            ("au_fees", "All fees", "au_fees.json", "nested"),
            ("au_more_news", "au more news", "au_more_news.json", "entries"),
        ]
        assert [len(one.passages) for one in found] == [1, 1]

    def test_tell_what_is_wrong_with_which_entry(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        raw = [
            entry("a"),
            7,
            {"title": "None"},
            entry("x" * 500),
            entry("a "),
            entry("long", text="word " * 400),
            entry("b", colour="red"),
        ]
        make_service(news={"entries": raw}, own={"text": "word " * 400}, **{"1 2": {"a": 1}})
        folder = Folder(tmp_path)
        folder.look()

        material = read_folder(folder)

        assert told(material) == [
            ("1 2.json", None),
            ("news.json", "entry 1"),
            ("news.json", "entry 2"),
            ("news.json", f"entry {'x' * 114}"),
            ("news.json", "entry a "),
            ("news.json", "entry b"),
            ("news.json", "long"),
            ("own.json", "~"),
        ]
        assert [one.name for one in material.categories] == ["news", "own"]

    def test_keep_the_last_good_version_of_an_entry_that_is_broken(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        make_service(news={"entries": [entry("a"), entry("b")]})
        folder = Folder(tmp_path)
        folder.look()
        first = read_folder(folder)
        make_service(news={"entries": [entry("b", text=""), entry("c", text=""), entry("d")]})
        folder.look()

        second = read_folder(folder, first)

        assert [one.fact_id for one in second.categories[0].passages] == ["b", "d"]
        assert second.categories[0].passages[0].body == "Text."
        assert told(second) == [("news.json", "entry b"), ("news.json", "entry c")]
        assert [one.fact_id for one in read_folder(folder).categories[0].passages] == ["d"]

    def test_tell_what_stands_at_the_top_of_several_files_once(
        self, make_service: MakeService, tmp_path: Path
    ) -> None:
        top = {"university": "AU", "motto": "Labor"}
        make_service(a={**top, "x": {"y": 1}}, b=top, c={**top, "motto": "Omnia"}, d={"z": top})
        folder = Folder(tmp_path)
        folder.look()

        found = read_folder(folder).categories

        assert {one.name: [p.fact_id for p in one.passages] for one in found} == {
            "a": ["~"],
            "b": [],
            "c": ["~"],
            "d": ["~"],
        }


class TestJson:
    @pytest.mark.parametrize(
        "content",
        [b'{"a": "\\ud83d\\ude00"}', b'\xef\xbb\xbf["\\\\ud800"]', b"[]", b'{"a": "\\u0e01"}'],
    )
    def test_is_read_with_whole_pairs_and_with_a_mark_before_it(self, content: bytes) -> None:
        assert parse_json(content) is not None

    @pytest.mark.parametrize("half", ["d800", "DBFF", "dc00", "dFfF"])
    def test_is_not_read_with_half_a_pair(self, half: str) -> None:
        with pytest.raises(UnreadableFile, match="half of a surrogate pair"):
            parse_json(f'{{"\\u{half}": 1}}'.encode())

    def test_says_where_it_is_broken(self) -> None:
        with pytest.raises(UnreadableFile) as found:
            parse_json(b'{"a": 1,\n "b": }')
        assert found.value.place == "line 2, column 7"
        with pytest.raises(UnreadableFile) as other:
            parse_json(b"ab\xff")
        assert other.value.place == "byte 2"


HOUR: Final = 3_600


class TestPlainFiles:
    @pytest.mark.parametrize(
        ("changed", "replaced", "settled"),
        [(HOUR, HOUR, True), (5, 5, True), (1, HOUR, False), (HOUR, 1, False), (-HOUR, 5, False)],
    )
    def test_are_settled_when_nothing_happened_to_them_for_some_seconds(
        self, changed: int, replaced: int, settled: bool
    ) -> None:
        now = time.time_ns()
        stamp = (1, 2, 3, now - changed * 10**9, now - replaced * 10**9)

        assert is_settled(stamp) is settled

    def test_are_told_apart_by_what_a_link_leads_to(self, tmp_path: Path) -> None:
        file, link = tmp_path / "a.json", tmp_path / "b.json"
        file.write_text("{}")
        link.symlink_to(file)
        stamp = stamp_of(file)

        assert stamp_of(link) == stamp
        assert read_bytes(link) == b"{}"
        os.utime(file, ns=(1, 1))
        assert stamp_of(link) == stamp_of(file) != stamp
        assert stamp_of(file)[2:4] == (2, 1)

    def test_are_read_from_their_folder_alone(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("{}")
        (tmp_path / "facts").mkdir()
        link = tmp_path / "facts" / "a.json"
        link.symlink_to(tmp_path / "secret")

        with pytest.raises(UnreadableFile, match="leads out of the folder"):
            read_bytes(link)

    def test_are_no_pipes_folders_or_giants(self, tmp_path: Path) -> None:
        pipe, giant = tmp_path / "pipe", tmp_path / "giant"
        os.mkfifo(pipe)
        giant.touch()
        os.truncate(giant, MAX_FILE_BYTES + 1)

        for path, message in (
            (pipe, "is not a plain file"),
            (tmp_path, "is a link that leads out|is not a plain file"),
            (giant, "is larger than 64 MB"),
        ):
            with pytest.raises(UnreadableFile, match=message):
                read_bytes(path)
