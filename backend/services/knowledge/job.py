"""What the service asks of the program that binds large files, and what it hears back."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a job ended: `NESTED` is a file of another form, `CHANGED` one that is not the same."""

    BOUND = "bound"
    BROKEN = "broken"
    NESTED = "nested"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Job:
    """A file to bind: the content of that hash, into `target`.

    `key` names everything that the volume depends on. `last` is the volume of the file's version
    before, whose entries stand in for those that are broken now.
    """

    path: str
    digest: str
    key: str
    target: str
    lexicons: tuple[str, ...]
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job; `message` and `place` say what is wrong with the file."""

    status: Status
    message: str = ""
    place: str | None = None
