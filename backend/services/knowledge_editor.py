"""Editing the knowledge: safe against other editors, full disks and second thoughts."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from backend.core.errors import CategoryNotFound, FactNotFound, InvalidRequest
from backend.core.knowledge_errors import EntryExists, VersionConflict, VersionNotFound
from backend.database import Database
from backend.models.audit import AuditAction
from backend.models.knowledge import EditAction, KnowledgeVersion
from backend.models.user import User
from backend.schemas.knowledge import ID_PATTERN, KnowledgeEntry
from backend.services.audit_service import record_action
from backend.services.knowledge.entries import to_passage
from backend.services.knowledge.entry_file import Draft, EntryFile, write_entry
from backend.services.knowledge.folder import LEXICON_FILE, SIDE_FILE
from backend.services.knowledge.folder_lock import FolderLock
from backend.services.knowledge.loader import RESERVED_NAMES
from backend.services.knowledge.passage import Passage
from backend.services.knowledge.version import version_of
from backend.services.knowledge_service import KnowledgeService

_NEW_CATEGORY: Final = re.compile(r"[a-z0-9_]{1,64}")
_CATEGORY: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_\-]{0,199}")
_ENTRY_ID: Final = re.compile(ID_PATTERN)
_NOT_CATEGORIES: Final = RESERVED_NAMES | {Path(LEXICON_FILE).stem, Path(SIDE_FILE).stem}


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one entry. `entry` is what it becomes, None when it is deleted.

    `version` is what the editor has read; None when that does not matter.
    """

    action: EditAction
    category: str
    entry_id: str
    entry: KnowledgeEntry | None
    by: str
    version: str | None = None


class KnowledgeEditor:
    """Changes entries in the files, keeps what they were, and shows the change at once.

    A change is written beside its file before the old entry is stored, and put in its place after
    that: whatever fails in between leaves the file as it was, at worst with a version too many.
    """

    def __init__(
        self, directory: Path, database: Database, knowledge_service: KnowledgeService
    ) -> None:
        self.database = database
        self.knowledge_service = knowledge_service
        self._directory = directory
        self._lock = FolderLock(directory)

    async def create(self, category: str, entry: KnowledgeEntry, *, by: str) -> Passage:
        """Add an entry; to a new category when there is none of that name.

        Raises:
            InvalidRequest: the name is none for a category, or the entry says nothing.
            EntryExists: the category has an entry of that id.
            NotEditable: the category's file is not one of entries.
        """
        await self._apply(Edit(EditAction.CREATED, category, entry.id, entry, by))
        return self._passage(category, entry)

    async def update(
        self, category: str, entry: KnowledgeEntry, *, version: str, by: str
    ) -> Passage:
        """Replace an entry.

        Raises:
            CategoryNotFound: there is no such category.
            FactNotFound: the category has no such entry.
            VersionConflict: the entry is not at `version` any more.
            NotEditable: the category's file is not one of entries.
        """
        await self._apply(Edit(EditAction.UPDATED, category, entry.id, entry, by, version))
        return self._passage(category, entry)

    async def delete(self, category: str, entry_id: str, *, version: str, by: str) -> int:
        """Delete an entry; returns the id of the version that brings it back.

        Raises: as `update`.
        """
        return await self._apply(Edit(EditAction.DELETED, category, entry_id, None, by, version))

    async def restore(
        self, category: str, entry_id: str, version_id: int, *, version: str | None, by: str
    ) -> Passage:
        """Make an earlier version the present one, whether the entry still is there or not.

        Raises:
            VersionNotFound: there is no such version, or nothing was there before that edit.
            VersionConflict: `version` is given, and the entry is not at it.
        """

        def find(db: Session) -> dict[str, Any] | None:
            return db.scalar(
                select(KnowledgeVersion.entry).where(
                    KnowledgeVersion.id == version_id,
                    KnowledgeVersion.category == category,
                    KnowledgeVersion.entry_id == entry_id,
                )
            )

        raw = await self.database.read(find) if _is_address(category, entry_id) else None
        if raw is None:
            raise VersionNotFound
        entry = KnowledgeEntry.model_validate(raw)
        await self._apply(Edit(EditAction.RESTORED, category, entry_id, entry, by, version))
        return self._passage(category, entry)

    async def list_versions(
        self, category: str, entry_id: str, *, limit: int, before: int | None
    ) -> tuple[list[Row[Any]], bool]:
        """What an entry was, newest first, and whether there is more.

        Raises:
            CategoryNotFound: there neither is nor was such a category.
            FactNotFound: there neither is nor was such a fact in it.
        """

        def read(db: Session) -> list[Row[Any]]:
            query = (
                select(KnowledgeVersion.__table__, User.email.label("changed_by"))
                .outerjoin(User, User.id == KnowledgeVersion.user_id)
                .where(KnowledgeVersion.category == category, KnowledgeVersion.entry_id == entry_id)
            )
            if before is not None:
                query = query.where(KnowledgeVersion.id < before)
            return list(db.execute(query.order_by(KnowledgeVersion.id.desc()).limit(limit + 1)))

        rows = await self.database.read(read) if _is_address(category, entry_id) else []
        if not rows and before is None:
            self.knowledge_service.get_fact(category, entry_id)
        return rows[:limit], len(rows) > limit

    async def reload(self) -> bool:
        """Look at the files now; returns whether anything has changed."""
        return await asyncio.to_thread(self.knowledge_service.reload)

    async def _apply(self, edit: Edit) -> int:
        path = self._path_of(edit)
        async with self._lock.hold():
            draft, old = await asyncio.to_thread(_prepare, path, edit)
            try:
                version_id = await self.database.write(lambda db: _keep(db, edit, old))
                await asyncio.to_thread(draft.publish)
            finally:
                await asyncio.to_thread(draft.discard)
        await self.reload()
        return version_id

    def _path_of(self, edit: Edit) -> Path:
        name = edit.category
        usable = _CATEGORY.fullmatch(name) is not None and name not in _NOT_CATEGORIES
        if not usable and edit.action is EditAction.CREATED:
            raise InvalidRequest("A category is named with small letters, digits and _ only.")
        if not usable:
            raise CategoryNotFound
        return self._directory / f"{name}.json"

    def _passage(self, category: str, entry: KnowledgeEntry) -> Passage:
        return to_passage(entry, category=category, file=f"{category}.json")


def _is_address(category: str, entry_id: str) -> bool:
    """Whether an entry can stand there; the database is not asked for anything else."""
    return bool(_CATEGORY.fullmatch(category) and _ENTRY_ID.fullmatch(entry_id))


def _prepare(path: Path, edit: Edit) -> tuple[Draft, KnowledgeEntry | None]:
    """Write the changed file beside the present one; also returns what the entry was."""
    file = EntryFile(path)
    if not file.exists:
        _check_new(edit)
    old = file.get(edit.entry_id)
    if old is not None and edit.version not in {None, version_of(write_entry(old))}:
        raise VersionConflict
    if edit.action is EditAction.CREATED and file.holds(edit.entry_id):
        raise EntryExists
    if edit.action in {EditAction.UPDATED, EditAction.DELETED} and old is None:
        raise FactNotFound
    if edit.entry is None:
        file.remove(edit.entry_id)
    else:
        if not to_passage(edit.entry, category=edit.category, file=path.name).body:
            raise InvalidRequest("The entry needs a text or a fact that says something.")
        file.put(edit.entry)
    return file.draft(), old


def _check_new(edit: Edit) -> None:
    """Only who adds may make a category, and who brings back what was in one."""
    if edit.action in {EditAction.UPDATED, EditAction.DELETED}:
        raise CategoryNotFound
    if not _NEW_CATEGORY.fullmatch(edit.category) and edit.action is EditAction.CREATED:
        raise InvalidRequest("A category is named with small letters, digits and _ only.")


def _keep(db: Session, edit: Edit, old: KnowledgeEntry | None) -> int:
    row = {
        "category": edit.category,
        "entry_id": edit.entry_id,
        "action": edit.action,
        "entry": None if old is None else write_entry(old),
        "user_id": edit.by,
    }
    record_action(
        db,
        actor_id=edit.by,
        action=AuditAction(f"entry.{edit.action}"),
        object_id=f"{edit.category}#{edit.entry_id}",
    )
    added = db.execute(insert(KnowledgeVersion).values(**row).returning(KnowledgeVersion.id))
    return added.scalar_one()
