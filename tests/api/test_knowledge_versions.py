from tests.api.editing import SHUTTLE, Desk
from tests.api.test_bad_input import assert_problem
from tests.databases import on_every_database


@on_every_database
class TestVersions:
    async def test_a_deleted_entry_comes_back(self, desk: Desk) -> None:
        first = await desk.create()

        deleted = await desk.send("DELETE", "au_transport/campus.shuttle", version=first["version"])
        gone = await desk.send("GET", "au_transport/campus.shuttle")
        versions = (await desk.send("GET", "au_transport/campus.shuttle/versions")).json()
        restored = await desk.send(
            "POST",
            "au_transport/campus.shuttle/restore",
            json={"version_id": deleted.json()["version_id"]},
        )

        assert gone.status_code == 404
        assert [item["action"] for item in versions["items"]] == ["deleted", "created"]
        assert versions["items"][0]["entry"] == SHUTTLE
        assert versions["items"][0]["changed_by"] == "admin@au.edu"
        assert versions["items"][0]["changed_at"].endswith("Z")
        assert versions["items"][1]["entry"] is None
        assert restored.json() == first
        assert desk.entries() == [SHUTTLE]

    async def test_an_earlier_text_comes_back_and_the_later_one_is_kept(self, desk: Desk) -> None:
        first = await desk.create()
        changed = {**SHUTTLE, "text": "No more shuttle."}
        path = "au_transport/campus.shuttle"
        second = await desk.send("PUT", path, version=first["version"], json=changed)
        [update, _] = (await desk.send("GET", f"{path}/versions")).json()["items"]

        late = await desk.send(
            "POST",
            f"{path}/restore",
            version=first["version"],
            json={"version_id": update["id"]},
        )
        restored = await desk.send(
            "POST",
            f"{path}/restore",
            version=second.json()["version"],
            json={"version_id": update["id"]},
        )

        assert assert_problem(late)["code"] == "version_conflict"
        assert restored.json() == first
        page = (await desk.send("GET", f"{path}/versions?limit=1")).json()
        assert page["has_more"]
        assert page["items"][0]["action"] == "restored"
        assert page["items"][0]["entry"] == changed
        before = page["items"][0]["id"]
        rest = (await desk.send("GET", f"{path}/versions?before={before}")).json()
        assert [item["action"] for item in rest["items"]] == ["updated", "created"]

    async def test_what_has_no_such_version_is_told(self, desk: Desk) -> None:
        await desk.create()
        path = "au_transport/campus.shuttle"
        [created] = (await desk.send("GET", f"{path}/versions")).json()["items"]

        for number in (created["id"], 999_999):
            answer = await desk.send("POST", f"{path}/restore", json={"version_id": number})
            assert assert_problem(answer)["code"] == "version_not_found"
        for body in ({}, {"version_id": "x"}, {"version_id": 0}, {"version_id": 1, "x": 1}):
            answer = await desk.send("POST", f"{path}/restore", json=body)
            assert assert_problem(answer)["code"] == "invalid_request"
        for missing in ("au_transport/none", "none/none", "%00/x", "au_campus_life/%00"):
            answer = await desk.send("GET", f"{missing}/versions")
            assert answer.status_code == 404
