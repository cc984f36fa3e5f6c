import asyncio
import json

import pytest

from tests.api.editing import SHUTTLE, URL, Desk
from tests.api.test_bad_input import assert_problem
from tests.databases import on_every_database

ROUTES = [
    ("GET", "preview?q=fee"),
    ("POST", "reload"),
    ("POST", "au_transport"),
    ("PUT", "au_campus_life/campus.uniform.when"),
    ("DELETE", "au_campus_life/campus.uniform.when"),
    ("GET", "au_campus_life/campus.uniform.when/versions"),
    ("POST", "au_campus_life/campus.uniform.when/restore"),
]


@on_every_database
class TestUpdateEntry:
    async def test_replaces_the_entry_in_its_place(self, desk: Desk) -> None:
        first = await desk.create()
        await desk.create(id="campus.van")
        changed = {**SHUTTLE, "text": "A shuttle leaves Hua Mak at 8:15."}

        answer = await desk.send(
            "PUT", "au_transport/campus.shuttle", version=first["version"], json=changed
        )

        assert answer.status_code == 200
        assert answer.json()["version"] != first["version"]
        assert [entry["text"] for entry in desk.entries()] == [changed["text"], SHUTTLE["text"]]
        read = await desk.send("GET", "au_transport/campus.shuttle")
        assert read.json() == answer.json()

    async def test_of_twenty_at_once_exactly_one_wins(self, desk: Desk) -> None:
        version = (await desk.create())["version"]

        answers = await asyncio.gather(
            *(
                desk.send(
                    "PUT",
                    "au_transport/campus.shuttle",
                    version=version,
                    json={**SHUTTLE, "text": f"It leaves at 9:{number}."},
                )
                for number in range(10, 30)
            )
        )

        won = [answer for answer in answers if answer.status_code == 200]
        lost = [answer for answer in answers if answer.status_code == 409]
        assert (len(won), len(lost)) == (1, 19)
        assert {answer.json()["code"] for answer in lost} == {"version_conflict"}
        assert won[0].json()["content"]["text"] == desk.entries()[0]["text"]
        versions = (await desk.send("GET", "au_transport/campus.shuttle/versions")).json()
        assert [item["action"] for item in versions["items"]] == ["updated", "created"]

    async def test_twenty_of_different_entries_all_win(self, desk: Desk) -> None:
        await asyncio.gather(*(desk.create(id=f"bus.{number}") for number in range(20)))

        assert {entry["id"] for entry in desk.entries()} == {f"bus.{n}" for n in range(20)}


class TestUpdateEntryRefused:
    @pytest.mark.parametrize("version", [None, "", '""'])
    async def test_without_the_version(self, desk: Desk, version: str | None) -> None:
        await desk.create()

        for method in ("PUT", "DELETE"):
            answer = await desk.send(
                method, "au_transport/campus.shuttle", version=version, json=SHUTTLE
            )
            assert answer.status_code == 428
            assert assert_problem(answer)["code"] == "version_required"

    @pytest.mark.parametrize("version", ["*", "0" * 32, "x", "' OR 1=1 --"])
    async def test_with_another_version(self, desk: Desk, version: str) -> None:
        await desk.create()
        before = desk.state()

        for method in ("PUT", "DELETE"):
            answer = await desk.send(
                method, "au_transport/campus.shuttle", version=version, json=SHUTTLE
            )
            assert answer.status_code == 409
            assert assert_problem(answer)["code"] == "version_conflict"
        assert desk.state() == before

    async def test_after_somebody_edited_the_file_by_hand(self, desk: Desk) -> None:
        version = (await desk.create())["version"]
        by_hand = {"entries": [{**SHUTTLE, "text": "By hand."}], "comment": "kept"}
        (desk.folder / "au_transport.json").write_text(json.dumps(by_hand))

        answer = await desk.send(
            "PUT", "au_transport/campus.shuttle", version=version, json=SHUTTLE
        )

        assert assert_problem(answer)["code"] == "version_conflict"
        assert desk.entries()[0]["text"] == "By hand."

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("none/x", "category_not_found"),
            ("lexicon/x", "category_not_found"),
            ("%00/x", "category_not_found"),
            ("au_campus_life/none", "fact_not_found"),
            ("au_campus_life/%00", "fact_not_found"),
            ("au_tuitions/x", "not_editable"),
        ],
    )
    async def test_what_is_not_there(self, desk: Desk, path: str, code: str) -> None:
        answer = await desk.send("DELETE", path, version="x")

        assert assert_problem(answer)["code"] == code

    async def test_another_id_than_the_address(self, desk: Desk) -> None:
        version = (await desk.create())["version"]

        answer = await desk.send(
            "PUT",
            "au_transport/campus.shuttle",
            version=version,
            json={**SHUTTLE, "id": "campus.van"},
        )

        assert assert_problem(answer)["code"] == "invalid_request"


class TestWhoMay:
    @pytest.mark.parametrize(("method", "path"), ROUTES)
    async def test_only_administrators(self, desk: Desk, method: str, path: str) -> None:
        before = desk.state()
        user = await desk.service.sign_up("user@au.edu")

        for headers, status, code in (
            ({}, 401, "not_authenticated"),
            ({"Authorization": "Bearer x.y.z"}, 401, "not_authenticated"),
            (user, 403, "forbidden"),
        ):
            answer = await desk.service.client.request(
                method, f"{URL}/{path}", headers=headers, json=SHUTTLE
            )
            assert answer.status_code == status
            assert assert_problem(answer)["code"] == code
        assert desk.state() == before
