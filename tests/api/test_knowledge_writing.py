import asyncio
import fcntl
import json
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from tests.api.editing import SHUTTLE, Desk


@contextmanager
def full_disk() -> Iterator[None]:
    """Every file of this process ends after 100 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nobody may write into the folder; root gives up its rights for that long."""
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65_534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)


class TestWriting:
    async def test_keeps_the_files_mode_and_leaves_nothing_beside_it(self, desk: Desk) -> None:
        await desk.create()
        file = desk.folder / "au_transport.json"
        file.chmod(0o640)
        (desk.folder / ".au_transport.json.0123456789ab.tmp").write_text("of a dead process")

        await desk.create(id="campus.van")

        assert stat.S_IMODE(file.stat().st_mode) == 0o640
        assert not list(desk.folder.glob(".*"))

    async def test_waits_for_an_editor_in_another_worker(self, desk: Desk) -> None:
        other = os.open(desk.folder, os.O_RDONLY)
        fcntl.flock(other, fcntl.LOCK_EX)
        creating = asyncio.ensure_future(desk.create())
        await asyncio.sleep(0.2)
        waited = not creating.done()
        os.close(other)

        await creating

        assert waited
        assert desk.entries() == [SHUTTLE]

    async def test_a_full_disk_changes_nothing(self, desk: Desk) -> None:
        before = desk.state()

        with full_disk():
            answer = await desk.send("POST", "au_campus_life", json=SHUTTLE)

        assert answer.status_code == 503
        assert answer.json()["code"] == "knowledge_not_written"
        assert desk.state() == before
        assert (await desk.send("GET", "au_campus_life/campus.shuttle")).status_code == 404
        await desk.create("au_campus_life")

    async def test_a_read_only_folder_changes_nothing(self, desk: Desk) -> None:
        before = desk.state()
        for above in desk.folder.parents:
            if above.stat().st_mode & 0o777 == 0o700:  # pytest's own, however deep
                above.chmod(0o755)
        await desk.send("POST", "reload")

        with read_only(desk.folder):
            answer = await desk.send("POST", "au_campus_life", json=SHUTTLE)

        assert answer.status_code == 503
        assert answer.json()["code"] == "knowledge_read_only"
        assert desk.state() == before

    async def test_a_folder_that_is_away_is_told(self, desk: Desk) -> None:
        desk.folder.rename(desk.folder.with_name("away"))
        desk.folder.write_text("a file")

        answer = await desk.send("POST", "au_transport", json=SHUTTLE)

        assert answer.status_code == 503
        assert answer.json()["code"] == "knowledge_not_written"

    async def test_nothing_is_written_while_the_database_is_away(self, desk: Desk) -> None:
        before = desk.state()
        await desk.service.database.write(
            lambda db: db.execute(text("DROP TABLE knowledge_versions")).close()
        )

        answer = await desk.send("POST", "au_campus_life", json=SHUTTLE)

        assert answer.status_code == 503
        assert answer.json()["code"] == "database_unavailable"
        assert desk.state() == before


class TestReload:
    async def test_tells_the_state_of_the_files(self, desk: Desk) -> None:
        (desk.folder / "au_transport.json").write_text(json.dumps({"entries": [SHUTTLE]}))
        (desk.folder / "au_broken.json").write_text("{")

        first = (await desk.send("POST", "reload")).json()
        again = (await desk.send("POST", "reload")).json()

        assert not again["changed"]
        assert "au_transport" in {category["name"] for category in first["categories"]}
        assert first["problems"][0]["file"] == "au_broken.json"
        assert first["version"] == again["version"]
