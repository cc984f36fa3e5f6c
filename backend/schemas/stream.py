"""What crosses HTTP about streamed answers: the plan's body, or the AI SDK's own."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, model_validator

from backend.schemas.chat import ChatRequest, SessionName, check_message
from backend.utils.helpers import is_uuid

MAX_UI_MESSAGES = 2_000
"""The SDK sends the whole conversation with each message; only the last text of it is read."""


class UITextPart(BaseModel):
    """A part of a message; those that are no text are left out."""

    type: str = Field(max_length=100)
    text: str = ""


class UIMessage(BaseModel):
    """A message as the AI SDK keeps it."""

    id: str | None = None
    role: Literal["user", "assistant", "system"]
    parts: list[UITextPart] = []

    @property
    def text(self) -> str:
        """What stands in its text parts."""
        return "".join(part.text for part in self.parts if part.type == "text")


class UIChatRequest(BaseModel):
    """The AI SDK's body. Only the last text of the user is trusted: the history is ours."""

    id: Annotated[SessionName, Field(min_length=1)] = Field(
        description="The SDK's own id of the chat: from 16 characters on it finds the same "
        "conversation again.",
    )
    messages: list[UIMessage] = Field(max_length=MAX_UI_MESSAGES)
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    message_id: str | None = Field(default=None, alias="messageId", max_length=128)
    session_id: SessionName | None = Field(
        default=None, description="Our id of the conversation, for clients that know it."
    )

    @model_validator(mode="after")
    def _check_last(self) -> "UIChatRequest":
        if self.trigger == "submit-message":
            if not self.messages or self.messages[-1].role != "user":
                raise ValueError("the last of the messages must be the user's")
            check_message(self.messages[-1].text)
        return self

    @property
    def message(self) -> str:
        """The question."""
        return check_message(self.messages[-1].text)

    @property
    def client_message_id(self) -> str | None:
        """The SDK's id of the question, if it has the form of one."""
        name = self.messages[-1].id or ""
        return name if 0 < len(name) <= 128 and name.isascii() and name.isprintable() else None

    @property
    def is_edit(self) -> bool:
        """Whether the question takes the place of the one that has its id."""
        return self.message_id is not None and self.message_id == self.client_message_id

    @property
    def answer_id(self) -> int | None:
        """The answer to write anew; None for the last one."""
        name = self.message_id or ""
        return int(name) if name.isascii() and name.isdigit() and len(name) < 19 else None

    @property
    def known_session_id(self) -> str | None:
        """Our own id of the conversation, when the client has it."""
        return self.session_id or (self.id if is_uuid(self.id) else None)


_PLAIN: Final = "plan's form"
_UI: Final = "AI SDK's form"
FORMS: Final = frozenset({_PLAIN, _UI})
"""How pydantic tells in the place of an error which form of the body it tried."""


def _form_of(body: Any) -> str:
    return _UI if isinstance(body, dict) and "messages" in body else _PLAIN


StreamRequest = Annotated[
    Annotated[ChatRequest, Tag(_PLAIN)] | Annotated[UIChatRequest, Tag(_UI)],
    Discriminator(_form_of),
]


class StopResponse(BaseModel):
    """Whether there was an answer to stop."""

    session_id: str
    stopped: bool
