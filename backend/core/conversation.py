"""What a conversation looks like to the parts that know no tables: retrieval and the prompt."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class HistoryMessage:
    """One earlier message of a session, oldest first in every sequence of them.

    A "summary" tells in short what was said before the others; only the model is given one.
    """

    role: Literal["user", "assistant", "summary"]
    content: str
