"""What crosses HTTP about the cost of answers."""

from datetime import date
from typing import Final

from pydantic import BaseModel, Field

MAX_USAGE_DAYS: Final = 92


class DayUsage(BaseModel):
    """One UTC day. Every answer counts, a regenerated one as well; erased ones no more."""

    date: date
    turns: int = Field(description="The sum of the next four.")
    gemini: int = Field(description="Answers of the model.")
    knowledge: int = Field(description="Answers from the facts, without the model.")
    stopped: int = Field(description="Ended by their readers.")
    interrupted: int = Field(description="Cut off by a failure or a restart.")
    input_tokens: int
    output_tokens: int
    thoughts_tokens: int
    cached_tokens: int
    total_tokens: int
    attempts: int


class UsageResponse(BaseModel):
    """The days of a period, oldest first, those without a turn as well; the last is today."""

    days: list[DayUsage]
