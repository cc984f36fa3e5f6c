"""What crosses HTTP about conversations."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from backend.utils.helpers import check_text, is_blank

MAX_MESSAGE_LENGTH = 4_000
"""Characters after trimming."""


def check_message(text: str) -> str:
    """Return `text` trimmed.

    Raises:
        ValueError: it is blank, too long, or cannot be stored.
    """
    message = check_text(text)
    if is_blank(message):
        raise ValueError("must hold at least one visible character")
    if len(message) > MAX_MESSAGE_LENGTH:
        raise ValueError(f"must be at most {MAX_MESSAGE_LENGTH} characters long")
    return message


ClientMessageId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="A random id of this message, at least 16 characters of it: sending the same "
        "message again under the same id never asks twice and returns the first answer.",
    ),
]


SessionName = Annotated[str, StringConstraints(max_length=128), AfterValidator(check_text)]
"""What a client takes for the id of a session; the bound is that of what it sent."""


class ChatRequest(BaseModel):
    """A message to the assistant."""

    message: Annotated[
        str,
        AfterValidator(check_message),
        Field(
            description=f"1 to {MAX_MESSAGE_LENGTH} characters after trimming.",
            examples=["How much is the tuition for a bachelor's degree?"],
            # The bound stands in the document for clients; the check itself follows the trimming.
            json_schema_extra={"minLength": 1},
        ),
    ]
    session_id: SessionName | None = Field(
        default=None,
        description="The conversation to go on with; a new one is started when it is unknown.",
    )
    client_message_id: ClientMessageId | None = None


class Source(BaseModel):
    """Where a fact of the answer stands: a page (`url`) or one of the university's files."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    title: str
    url: str | None = None
    file: str | None = None
    date: str | None = None


class Usage(BaseModel):
    """What an answer cost; tokens are 0 where the model did not tell, as for a stopped answer."""

    model_config = ConfigDict(from_attributes=True)

    input_tokens: int
    output_tokens: int
    thoughts_tokens: int = 0
    cached_tokens: int = 0
    total_tokens: int
    attempts: int = Field(default=1, description="How often the model was asked.")
    first_token_ms: int | None = Field(
        default=None, description="From the stored question to the first word of the answer."
    )
    duration_ms: int | None = Field(default=None, description="To the last word.")


class ChatResponse(BaseModel):
    """The answer to one message.

    `answered_by` is "knowledge" when the service answered from its own facts, without the model.
    """

    model_config = ConfigDict(from_attributes=True)

    response: str
    session_id: str
    timestamp: datetime
    message_id: int
    sources: list[Source]
    suggestions: list[str]
    answered_by: Literal["gemini", "knowledge"]
    language: Literal["en", "th", "zh", "my"]
    model: str | None
    finish_reason: Literal["stop", "length", "content-filter", "error", "other"]
    usage: Usage | None
    unsupported: list[str]


def _none_is_empty(value: object) -> object:
    return [] if value is None else value


NullIsEmpty = BeforeValidator(_none_is_empty)
"""For what is stored with answers only."""


class ChatMessage(BaseModel):
    """One message of a conversation; the fields from `sources` on tell of answers only."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    role: Literal["user", "assistant"]
    content: str
    timestamp: datetime
    status: Literal["pending", "complete", "stopped", "interrupted"]
    sources: Annotated[list[Source], NullIsEmpty] = []
    suggestions: Annotated[list[str], NullIsEmpty] = []
    answered_by: Literal["gemini", "knowledge"] | None = None
    language: str | None = None
    unsupported: Annotated[list[str], NullIsEmpty] = []
    feedback: Literal["up", "down"] | None = None


class MessageEdit(BaseModel):
    """The last question in other words."""

    model_config = ConfigDict(extra="forbid")

    message: Annotated[
        str, AfterValidator(check_message), Field(json_schema_extra={"minLength": 1})
    ]
    client_message_id: ClientMessageId | None = None


class VersionsResponse(BaseModel):
    """All answers to one question, oldest first; the last whole one is shown in the history."""

    session_id: str
    versions: list[ChatMessage]


class HistoryResponse(BaseModel):
    """A page of a conversation, oldest first; `has_more` tells of older messages before it."""

    session_id: str
    messages: list[ChatMessage]
    has_more: bool


class ResetResponse(BaseModel):
    """What was done with the session."""

    message: str
    session_id: str
