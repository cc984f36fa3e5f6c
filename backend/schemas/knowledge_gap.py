"""What crosses HTTP about questions that the facts do not answer."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class GapQuestion(BaseModel):
    """One wording of what was asked; what may be personal in it is masked."""

    model_config = ConfigDict(from_attributes=True)

    text: str
    language: str
    count: int
    first_seen: datetime
    last_seen: datetime
    closed_at: datetime | None


class GapRead(BaseModel):
    """What people asked in whatever language and words, and got no fact for an answer."""

    topic: str
    concepts: list[str] = Field(description="What is asked for, as the lexicon names it.")
    count: int
    first_seen: datetime
    last_seen: datetime
    closed_at: datetime | None = Field(description="When new facts answered it.")
    questions: list[GapQuestion] = Field(description="The most frequent wordings, at most 10.")


class GapList(BaseModel):
    """A page of gaps."""

    items: list[GapRead]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")
