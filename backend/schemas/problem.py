"""Problem documents (RFC 9457)."""

from pydantic import BaseModel


class ProblemField(BaseModel):
    """One thing that is wrong with what was sent."""

    loc: list[str | int]
    detail: str
    type: str


class Problem(BaseModel):
    """What went wrong: `code` is stable and for programs, `detail` is a sentence for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemField] | None = None
