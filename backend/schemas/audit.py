"""What crosses HTTP about the record of administrators' actions."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class AuditEventRead(BaseModel):
    """One action."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    actor_id: str | None = Field(description="The administrator; null for the command line.")
    action: str = Field(description="What was done, like `entry.updated` or `user.demoted`.")
    object_id: str = Field(description="A user's id, or `category#id` of an entry.")
    happened_at: datetime


class AuditList(BaseModel):
    """A page of the record, newest first."""

    items: list[AuditEventRead]
    has_more: bool
