import json
import os

import pytest

from tests.api.editing import SHUTTLE, URL, Desk
from tests.api.test_bad_input import assert_problem
from tests.databases import on_every_database


@on_every_database
class TestCreateEntry:
    async def test_is_live_at_once_in_a_new_category(self, desk: Desk) -> None:
        answer = await desk.send("POST", "au_transport", json=SHUTTLE)

        fact = answer.json()
        read = await desk.send("GET", "au_transport/campus.shuttle")
        asked = await desk.service.ask("When does the shuttle leave Hua Mak?")
        assert answer.status_code == 201
        assert read.json() == fact
        assert answer.headers["etag"] == read.headers["etag"] == f'"{fact["version"]}"'
        assert desk.entries() == [SHUTTLE]
        assert "7:30" in asked["response"]

    async def test_is_added_to_a_category_without_touching_the_rest(self, desk: Desk) -> None:
        before = desk.entries("au_campus_life")

        await desk.create("au_campus_life")

        assert desk.entries("au_campus_life") == [*before, SHUTTLE]

    async def test_is_written_without_blanks_around_its_texts(self, desk: Desk) -> None:
        await desk.create(title=" Shuttle bus\n", aliases=["รถรับส่ง ", " 校车"])

        assert desk.entries() == [SHUTTLE]


class TestCreateEntryRefused:
    async def test_the_same_id_twice(self, desk: Desk) -> None:
        await desk.create()

        answer = await desk.send("POST", "au_transport", json=SHUTTLE)

        assert answer.status_code == 409
        assert assert_problem(answer)["code"] == "entry_exists"

    @pytest.mark.parametrize(
        "name",
        [
            *("lexicon", "legacy", "search", "preview", "gaps", "a" * 65, "Upper", "a-b", "a b"),
            *("a.json", "%00", "ก", "~", "..", "%2e%2e", "..%2fetc", "a%0a"),
        ],
    )
    async def test_a_name_that_is_none_for_a_category(self, desk: Desk, name: str) -> None:
        before = desk.state()

        answer = await desk.send("POST", name, json=SHUTTLE)

        assert_problem(answer)
        assert desk.state() == before
        assert not (desk.folder.parent / "etc.json").exists()

    @pytest.mark.parametrize("category", ["au_tuitions", "au_contacts"])
    async def test_the_owners_files(self, desk: Desk, category: str) -> None:
        before = desk.state()

        answer = await desk.send("POST", category, json=SHUTTLE)

        assert answer.status_code == 409
        assert assert_problem(answer)["code"] == "not_editable"
        assert desk.state() == before

    @pytest.mark.parametrize("content", [b"{", b"[]", b'{"entries": {}}', b"\xff"])
    async def test_a_broken_file(self, desk: Desk, content: bytes) -> None:
        (desk.folder / "au_broken.json").write_bytes(content)

        answer = await desk.send("POST", "au_broken", json=SHUTTLE)

        assert assert_problem(answer)["code"] == "not_editable"
        assert (desk.folder / "au_broken.json").read_bytes() == content

    async def test_a_link_to_a_file_elsewhere_and_a_pipe(self, desk: Desk) -> None:
        target = desk.folder.parent / "secret.json"
        target.write_text('{"entries": []}')
        (desk.folder / "linked.json").symlink_to(target)
        os.mkfifo(desk.folder / "pipe.json")

        for name in ("linked", "pipe"):
            answer = await desk.send("POST", name, json=SHUTTLE)
            assert assert_problem(answer)["code"] == "not_editable"
        assert target.read_text() == '{"entries": []}'

    @pytest.mark.parametrize(
        "fields",
        [
            {"unknown": 1},
            {"id": ""},
            {"id": "../x"},
            {"id": "a/b"},
            {"id": "x" * 201},
            {"id": 5},
            {"title": " "},
            {"title": "\u200b"},
            {"title": "a\x00b"},
            {"title": "a\ud800b"},
            {"title": "x" * 301},
            {"title": "Shuttle bus" + " " * 290},
            {"text": " ", "facts": {}},
            {"aliases": ["校车", " "]},
            {"as_of": " 2026-11"},
            {"text": "", "facts": {}},
            {"text": "", "facts": {"a": {}}},
            {"text": "x" * 20_001},
            {"facts": {"a": "\x00"}},
            {"facts": {"\ud800": 1}},
            {"facts": {"a": 10**300}},
            {"facts": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}}},
            {"facts": [1]},
            {"aliases": "one"},
            {"lang": "fr"},
            {"as_of": "yesterday"},
            {"valid_until": "2026-02-30"},
            {"priority": 0},
            {"priority": 11},
            {"confidence": "certain"},
        ],
        ids=str,
    )
    async def test_an_entry_that_is_none(self, desk: Desk, fields: dict[str, object]) -> None:
        before = desk.state()

        body = json.dumps({**SHUTTLE, **fields})
        answer = await desk.service.client.post(
            f"{URL}/au_transport",
            content=body,
            headers={**desk.headers, "Content-Type": "application/json"},
        )

        assert answer.status_code == 422
        assert_problem(answer)
        assert desk.state() == before

    @pytest.mark.parametrize(
        "body",
        [
            *(b"", b"{", b"null", b"[]", b'"x"', b"\xff", b"[" * 100_000),
            b'{"id": "a", "title": "b", "facts": {"a": NaN}}',
            b'{"id": "a", "title": "b", "facts": {"a": -Infinity}}',
            b'{"id": "a", "title": "b", "facts": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}",
            b'{"id": "a", "title": "b", "text": "' + b"x" * 1_000_000 + b'"}',
        ],
        ids=range(11),
    )
    async def test_a_body_that_is_none(self, desk: Desk, body: bytes) -> None:
        before = desk.state()

        answer = await desk.service.client.post(
            f"{URL}/au_transport",
            content=body,
            headers={**desk.headers, "Content-Type": "application/json"},
        )

        assert_problem(answer)
        assert desk.state() == before
