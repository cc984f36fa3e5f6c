"""What crosses HTTP when administrators edit the knowledge."""

import math
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from backend.schemas.knowledge import KnowledgeEntry, KnowledgeOverview
from backend.utils.helpers import check_text, is_blank

MAX_DEPTH: Final = 6
"""Levels of objects and lists in the facts of an entry."""

MAX_FIGURE: Final = 2**53
"""Larger whole numbers lose digits in every browser."""


class EntryWrite(KnowledgeEntry):
    """A fact as an administrator writes it; more is asked of it than of what stands in files."""

    # Trimmed first, a text could be longer than the document says.
    model_config = ConfigDict(str_strip_whitespace=False)

    def trimmed(self) -> KnowledgeEntry:
        """The entry as it stands in a file, without blanks around its texts."""
        return KnowledgeEntry.model_validate(self.model_dump())

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        for value in _leaves(self.model_dump(mode="python"), depth=-2):
            _check_leaf(value)
        if is_blank(self.title):
            raise ValueError("the title must hold at least one visible character")
        if not self.text.strip() and not self.facts:
            raise ValueError("needs a text or facts")
        if not all(phrase.strip() for phrase in (*self.aliases, *self.tags)):
            raise ValueError("an alias or a tag is blank")
        for written in (self.as_of, self.valid_until):
            if written is not None and len(written) == 10:
                date.fromisoformat(written)
        return self


def _leaves(value: Any, *, depth: int) -> Iterator[Any]:
    if depth > MAX_DEPTH:
        raise ValueError(f"the facts are nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for key, member in value.items():
            yield key
            yield from _leaves(member, depth=depth + 1)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _leaves(member, depth=depth + 1)
    else:
        yield value


def _check_leaf(value: Any) -> None:
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("figures must be finite")
    elif isinstance(value, int) and abs(value) > MAX_FIGURE:
        raise ValueError("a figure is too large")


class RestoreRequest(BaseModel):
    """Which earlier version of an entry is to be the present one again."""

    model_config = ConfigDict(extra="forbid")

    version_id: int = Field(ge=1, le=MAX_FIGURE, description="The `id` of one of its versions.")


class VersionRead(BaseModel):
    """What an entry was before an edit."""

    id: int
    action: Literal["created", "updated", "deleted", "restored"] = Field(
        description="The edit that followed."
    )
    changed_at: datetime
    changed_by: str | None = Field(description="The administrator's address, while there is one.")
    entry: dict[str, JsonValue] | None = Field(description="Null when there was nothing before.")


class VersionList(BaseModel):
    """Earlier versions of an entry, newest first."""

    items: list[VersionRead]
    has_more: bool


class DeletedEntry(BaseModel):
    """What was deleted, and the version that brings it back."""

    message: str
    id: str
    version_id: int


class ReloadResponse(KnowledgeOverview):
    """The state of the files after they were looked at."""

    changed: bool
    version: str = Field(description="Changes with anything that is known.")
