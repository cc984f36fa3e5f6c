"""What the knowledge is made of once it is read: passages, their facts and their sources."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Span:
    """A range of figures, from an object that holds only `min` and `max`."""

    low: int | float
    high: int | float


FactValue = Scalar | Span | tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One leaf of the knowledge: the raw value and the keys that lead to it inside its passage.

    `unit` is what the file's keys say of a figure ("THB", "months"), inherited from above;
    `counted` marks the summary of a list, which is shown with the number of its members.
    """

    keys: tuple[str, ...]
    value: FactValue
    unit: str | None = None
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where a passage stands: a page (`url`) or a file; `date` is as precise as the page gives."""

    title: str
    url: str | None = None
    file: str | None = None
    date: str | None = None


class Confidence(StrEnum):
    """How sure a fact is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit that is found, sent to the model and cited.

    `id` is `<category>#<JSON pointer>` for the owner's nested files and `<category>#<entry id>` for
    entries; `fact_id` is the same address safe in a URL. `body` is the English text without the
    breadcrumb. `core` marks the owner's own files, which stand when pages disagree.
    """

    id: str
    category: str
    fact_id: str
    title: str
    body: str
    source: Source
    raw: Any
    breadcrumb: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()
    core: bool = True
    language: str = "en"
    confidence: Confidence = Confidence.HIGH
    note: str | None = None
    priority: float = 1.0
    valid_until: date | None = None
    overruled_by: str | None = None
    parent: str | None = None

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def text(self) -> str:
        """The passage as one sentence of English: where it stands, then what it says."""
        if not self.core:
            return f"{self.title}: {self.body}"
        return f"{' > '.join(self.breadcrumb)}: {self.body}" if self.breadcrumb else self.body

    @property
    def doubtful(self) -> bool:
        """Whether readers must be told "as of" and sent to the source."""
        return self.confidence is Confidence.LOW

    @property
    def is_list(self) -> bool:
        """Whether the passage names and counts the members of a list."""
        return any(fact.counted for fact in self.facts)

    def is_expired(self, today: date) -> bool:
        """Whether the passage says itself that it no longer holds."""
        return self.valid_until is not None and self.valid_until < today
