"""Tests of `backend/core/errors.py` and its branches."""

from collections.abc import Iterator

import backend.main  # noqa: F401 - with it every branch of the tree is there
from backend.core.errors import AssistantUnavailable, AUGuruError, Conflict, ServiceUnavailable
from tests.processes import ROOT

STEMS = {Conflict, ServiceUnavailable}
"""Only what grows on them is told."""


def told(kind: type[AUGuruError]) -> Iterator[type[AUGuruError]]:
    """Every kind of failure that a client can meet: when Gemini fails, the facts answer."""
    if kind is AssistantUnavailable:
        return
    if kind not in STEMS:
        yield kind
    for branch in kind.__subclasses__():
        yield from told(branch)


def test_every_code_that_a_client_can_meet_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")

    assert {kind.code for kind in told(AUGuruError) if f"`{kind.code}`" not in readme} == set()
