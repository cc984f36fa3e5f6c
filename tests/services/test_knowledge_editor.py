"""Tests of `backend/services/knowledge_editor.py`: what may be edited, and what is kept of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.core.errors import (
    AUGuruError,
    CategoryNotFound,
    DatabaseUnavailable,
    FactNotFound,
    InvalidRequest,
)
from backend.core.knowledge_errors import EntryExists, VersionConflict, VersionNotFound
from backend.database import Database, build_engine
from backend.models import User
from backend.models.audit import AuditEvent
from backend.models.knowledge import KnowledgeVersion
from backend.schemas.knowledge import KnowledgeEntry
from backend.services.knowledge.version import version_of
from backend.services.knowledge_editor import KnowledgeEditor
from backend.services.knowledge_service import KnowledgeService
from tests.service import make_settings

T = TypeVar("T")

HERE = "au_bus"


class AwayDatabase(Database):
    """Cannot store anything while it is away."""

    is_away = False

    async def write(self, change: Callable[[Session], T]) -> T:
        if self.is_away:
            raise DatabaseUnavailable(retry_after=1)
        return await super().write(change)


def entry(text: str = "It leaves at 7:30.", id_: str = "bus") -> KnowledgeEntry:
    return KnowledgeEntry(id=id_, title="Bus", text=text, facts={})


class Desk:
    """An editor over a folder of its own, in which one file has another entry."""

    def __init__(self, folder: Path, database: AwayDatabase) -> None:
        self.folder = folder
        self.database = database
        self.write("Old-Name", "gate")
        self.write("au_bus", "stop")
        self.knowledge = KnowledgeService(folder, token_budget=500)
        self.editor = KnowledgeEditor(folder, database, self.knowledge)

    def write(self, category: str, id_: str) -> None:
        raw = {"id": id_, "title": "Gate", "text": "It opens at 8:00."}
        (self.folder / f"{category}.json").write_text(json.dumps({"entries": [raw]}))

    def texts(self, category: str = HERE) -> dict[str, str]:
        """What the file says, by the ids of its entries."""
        document = json.loads((self.folder / f"{category}.json").read_text("utf-8"))
        return {raw["id"]: raw["text"] for raw in document["entries"]}

    def state(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    async def kept(self) -> int:
        """How many versions and records there are together."""

        def count(db: Session) -> int:
            ids = [*db.scalars(select(KnowledgeVersion.id)), *db.scalars(select(AuditEvent.id))]
            return len(ids)

        return await self.database.read(count)

    def version(self, id_: str = "bus", category: str = HERE) -> str:
        return version_of(self.knowledge.get_fact(category, id_).raw)

    async def edit(self, *texts: str, category: str = HERE) -> None:
        """Add the bus, then have it say one after the other."""
        first, *others = texts
        await self.editor.create(category, entry(first), by="ann")
        for text in others:
            version = self.version(category=category)
            await self.editor.update(category, entry(text), version=version, by="ann")


@pytest_asyncio.fixture
async def desk(database_url: str, tmp_path: Path) -> Any:
    database = AwayDatabase(build_engine(make_settings(DATABASE_URL=database_url)))
    people = [
        {"id": name, "email": f"{name}@au.edu", "password_hash": "!"} for name in ("ann", "bob")
    ]
    await database.write(lambda db: db.execute(insert(User), people).close())
    folder = tmp_path / "facts"
    folder.mkdir()
    yield Desk(folder, database)
    database.dispose()


class TestCreate:
    @pytest.mark.parametrize("category", ["au_bus", "new", "a", "9_b", "a" * 64, "Old-Name"])
    async def test_adds_to_what_is_there_or_makes_it(self, desk: Desk, category: str) -> None:
        passage = await desk.editor.create(category, entry(), by="ann")

        assert desk.texts(category)["bus"] == "It leaves at 7:30."
        assert passage == desk.knowledge.get_fact(category, "bus")
        assert desk.texts("Old-Name")["gate"] == "It opens at 8:00."

    @pytest.mark.parametrize(
        "category",
        [
            *("", "New", "a-b", "a b", "a.b", "../a", "a" * 65, "a" * 201, "ก", "a\n"),
            *("search", "reload", "gaps", "preview", "lexicon", "legacy"),
        ],
    )
    async def test_makes_no_category_of_another_name(self, desk: Desk, category: str) -> None:
        before = desk.state()

        with pytest.raises(InvalidRequest):
            await desk.editor.create(category, entry(), by="ann")

        assert desk.state() == before
        assert await desk.kept() == 0

    async def test_of_an_id_that_is_there_is_refused(self, desk: Desk) -> None:
        with pytest.raises(EntryExists):
            await desk.editor.create(HERE, entry(id_="stop"), by="ann")

        assert desk.texts() == {"stop": "It opens at 8:00."}

    async def test_of_what_says_nothing_is_refused(self, desk: Desk) -> None:
        nothing = KnowledgeEntry(id="bus", title="Bus", facts={"a": {}})
        before = desk.state()

        with pytest.raises(InvalidRequest):
            await desk.editor.create(HERE, nothing, by="ann")

        assert desk.state() == before
        assert await desk.kept() == 0

    async def test_that_cannot_be_recorded_changes_nothing(self, desk: Desk) -> None:
        before = desk.state()
        desk.database.is_away = True

        with pytest.raises(DatabaseUnavailable):
            await desk.editor.create(HERE, entry(), by="ann")

        assert desk.state() == before
        assert not await desk.editor.reload()


class TestChange:
    async def test_replaces_or_deletes_the_one_entry(self, desk: Desk) -> None:
        await desk.edit("One.", "Two.")
        updated = desk.texts()

        await desk.editor.delete(HERE, "bus", version=desk.version(), by="bob")

        assert updated == {"stop": "It opens at 8:00.", "bus": "Two."}
        assert desk.texts() == {"stop": "It opens at 8:00."}
        with pytest.raises(FactNotFound):
            desk.knowledge.get_fact(HERE, "bus")

    @pytest.mark.parametrize(
        ("category", "id_", "error"),
        [
            (HERE, "stop", VersionConflict),
            (HERE, "none", FactNotFound),
            ("none", "stop", CategoryNotFound),
            ("None-Such", "stop", CategoryNotFound),
            *((name, "stop", CategoryNotFound) for name in ("", "..", "a b", "a" * 201)),
            *((name, "stop", CategoryNotFound) for name in ("search", "lexicon", "legacy")),
        ],
    )
    async def test_of_what_is_not_there_or_not_as_it_was_read_is_refused(
        self, desk: Desk, category: str, id_: str, error: type[AUGuruError]
    ) -> None:
        before = desk.state()

        with pytest.raises(error):
            await desk.editor.update(category, entry(id_=id_), version="x", by="ann")
        with pytest.raises(error):
            await desk.editor.delete(category, id_, version="x", by="ann")

        assert desk.state() == before
        assert await desk.kept() == 0


class TestRestore:
    async def test_brings_back_what_was_deleted_even_with_its_file(self, desk: Desk) -> None:
        await desk.edit("One.", category="Old-Name")
        version = desk.version(category="Old-Name")
        id_ = await desk.editor.delete("Old-Name", "bus", version=version, by="ann")
        (desk.folder / "Old-Name.json").unlink()

        passage = await desk.editor.restore("Old-Name", "bus", id_, version=None, by="bob")

        assert desk.texts("Old-Name") == {"bus": "One."}
        assert passage == desk.knowledge.get_fact("Old-Name", "bus")

    async def test_brings_back_an_earlier_text(self, desk: Desk) -> None:
        await desk.edit("One.", "Two.", "Three.")
        rows, _ = await desk.editor.list_versions(HERE, "bus", limit=9, before=None)

        with pytest.raises(VersionConflict):
            await desk.editor.restore(HERE, "bus", rows[1].id, version="x", by="bob")
        assert desk.texts()["bus"] == "Three."
        await desk.editor.restore(HERE, "bus", rows[1].id, version=desk.version(), by="bob")

        assert desk.texts()["bus"] == "One."

    @pytest.mark.parametrize(
        ("category", "id_", "later"),
        [
            (HERE, "bus", -1),
            (HERE, "bus", 9),
            (HERE, "stop", 0),
            ("Old-Name", "bus", 0),
            ("..", "bus", 0),
            (HERE, "a/b", 0),
        ],
    )
    async def test_knows_only_versions_of_the_entry_that_held_something(
        self, desk: Desk, category: str, id_: str, later: int
    ) -> None:
        await desk.edit("One.", "Two.")
        [updated, _], _ = await desk.editor.list_versions(HERE, "bus", limit=9, before=None)
        before = desk.state()

        with pytest.raises(VersionNotFound):
            await desk.editor.restore(category, id_, updated.id + later, version=None, by="ann")

        assert desk.state() == before


class TestVersions:
    @pytest.mark.parametrize(
        ("limit", "before", "texts", "has_more"),
        [
            (9, None, ["Two.", "One.", None], False),
            (3, None, ["Two.", "One.", None], False),
            (2, None, ["Two.", "One."], True),
            (1, 3, ["One."], True),
            (2, 3, ["One.", None], False),
            (9, 2, [None], False),
            (9, 1, [], False),
        ],
    )
    async def test_are_what_the_entry_was_newest_first(
        self, desk: Desk, limit: int, before: int | None, texts: list[str | None], has_more: bool
    ) -> None:
        await desk.edit("One.", "Two.", "Three.")
        await desk.editor.delete(HERE, "stop", version=desk.version("stop"), by="ann")
        await desk.edit("Elsewhere.", category="Old-Name")

        rows, more = await desk.editor.list_versions(HERE, "bus", limit=limit, before=before)

        assert [row.entry and row.entry["text"] for row in rows] == texts
        assert {row.changed_by for row in rows} <= {"ann@au.edu"}
        assert more is has_more

    async def test_of_what_there_never_was_are_told_apart(self, desk: Desk) -> None:
        assert await desk.editor.list_versions(HERE, "stop", limit=9, before=None) == ([], False)
        with pytest.raises(FactNotFound):
            await desk.editor.list_versions(HERE, "none", limit=9, before=None)
        for name in ("none", ".."):
            with pytest.raises(CategoryNotFound):
                await desk.editor.list_versions(name, "stop", limit=9, before=None)

    async def test_are_recorded_with_who_did_what(self, desk: Desk) -> None:
        await desk.edit("One.", "Two.")
        id_ = await desk.editor.delete(HERE, "bus", version=desk.version(), by="bob")
        await desk.editor.restore(HERE, "bus", id_, version=None, by="ann")

        query = select(AuditEvent.action, AuditEvent.actor_id, AuditEvent.object_id)
        found = await desk.database.read(
            lambda db: [tuple(row) for row in db.execute(query.order_by(AuditEvent.id))]
        )

        assert found == [
            ("entry.created", "ann", "au_bus#bus"),
            ("entry.updated", "ann", "au_bus#bus"),
            ("entry.deleted", "bob", "au_bus#bus"),
            ("entry.restored", "ann", "au_bus#bus"),
        ]
