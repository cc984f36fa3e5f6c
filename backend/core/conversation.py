"""What a conversation looks like to the parts that know no tables: retrieval and the prompt."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """One earlier message of a session, oldest first in every sequence of them."""

    role: Literal["user", "assistant"]
    content: str
