"""The record of administrators' actions, over HTTP."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.models import User
from tests.api.editing import Desk
from tests.databases import on_every_database
from tests.service import Service

URL = "/api/v1/audit/"


@on_every_database
class TestListEvents:
    async def test_shows_every_edit_of_the_knowledge_newest_first(self, desk: Desk) -> None:
        version = (await desk.create())["version"]
        path = "au_transport/campus.shuttle"
        await desk.send("DELETE", path, version=version)
        await desk.send("DELETE", path, version=version)  # refused: nothing is there any more

        page = await desk.service.client.get(URL, params={"limit": 1}, headers=desk.headers)
        rest = await desk.service.client.get(
            URL, params={"before": page.json()["items"][0]["id"]}, headers=desk.headers
        )

        assert (page.json()["has_more"], rest.json()["has_more"]) == (True, False)
        items = page.json()["items"] + rest.json()["items"]
        assert [item["action"] for item in items] == ["entry.deleted", "entry.created"]
        assert {item["object_id"] for item in items} == {"au_transport#campus.shuttle"}
        assert items[0]["happened_at"] > items[1]["happened_at"]
        assert len({item["actor_id"] for item in items}) == 1

    async def test_who_leaves_does_not_take_their_actions_along(self, desk: Desk) -> None:
        await desk.create()

        def leave(db: Session) -> None:
            db.execute(delete(User))

        await desk.service.database.write(leave)
        headers = await desk.service.sign_up_admin("next@au.edu")

        items = (await desk.service.client.get(URL, headers=headers)).json()["items"]

        assert [item["action"] for item in items] == ["entry.created"]
        assert items[0]["actor_id"] is not None

    async def test_is_for_administrators(self, offline_service: Service) -> None:
        nobody = await offline_service.client.get(URL)
        user = await offline_service.client.get(
            URL, headers=await offline_service.sign_up("a@au.edu")
        )

        assert (nobody.status_code, user.status_code) == (401, 403)
