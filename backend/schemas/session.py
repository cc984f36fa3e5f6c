"""What crosses HTTP about a person's conversations."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backend.schemas.chat import ChatMessage
from backend.utils.helpers import check_text, is_blank

MAX_TITLE_LENGTH: Final = 200
MAX_COMMENT_LENGTH: Final = 1_000


def _check_title(text: str) -> str:
    title = " ".join(check_text(text).split())
    if is_blank(title):
        raise ValueError("must hold at least one visible character")
    if len(title) > MAX_TITLE_LENGTH:
        raise ValueError(f"must be at most {MAX_TITLE_LENGTH} characters long")
    return title


def _check_comment(text: str) -> str | None:
    comment = check_text(text)
    if len(comment) > MAX_COMMENT_LENGTH:
        raise ValueError(f"must be at most {MAX_COMMENT_LENGTH} characters long")
    return None if is_blank(comment) else comment


class SessionRead(BaseModel):
    """A conversation as it stands in a list."""

    model_config = ConfigDict(from_attributes=True)

    session_id: str
    title: str = Field(description="Made from the first question, unless it was renamed.")
    created_at: datetime
    updated_at: datetime = Field(description="When something was last said in it.")


class SessionList(BaseModel):
    """A page of conversations, newest first."""

    items: list[SessionRead]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")


class SessionUpdate(BaseModel):
    """What can be changed about a conversation."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[
        str,
        AfterValidator(_check_title),
        Field(
            description=f"1 to {MAX_TITLE_LENGTH} characters after trimming, in one line.",
            examples=["Fees of the MBA"],
            json_schema_extra={"minLength": 1},
        ),
    ]


class ArchivedMessage(ChatMessage):
    """A message with all that is kept of it for its owner."""

    is_current: bool = Field(default=True, description="False for an earlier version.")
    model: str | None = None
    feedback_comment: str | None = None


class ArchivedSession(SessionRead):
    """A conversation with all that is kept of it for its owner, but for its messages."""

    summary: str | None = Field(
        default=None, description="What the assistant keeps in mind of a long one's beginning."
    )


class SessionArchive(ArchivedSession):
    """A whole conversation, oldest message first."""

    messages: list[ArchivedMessage]


class FeedbackWrite(BaseModel):
    """What somebody thinks of an answer."""

    model_config = ConfigDict(extra="forbid")

    rating: Literal["up", "down"]
    comment: Annotated[str, AfterValidator(_check_comment)] | None = Field(
        default=None,
        description=f"What was good or wrong, at most {MAX_COMMENT_LENGTH} characters.",
    )


class FeedbackRead(BaseModel):
    """What is kept of it."""

    message_id: int
    rating: Literal["up", "down"] | None = Field(description="Null when it was taken back.")
    comment: str | None
