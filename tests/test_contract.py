"""The service keeps its API document, at length and on every database."""

import os
from typing import Final

import pytest

from tests.contract import keeps_contract
from tests.databases import on_every_database

EXAMPLES: Final = int(os.environ.get("STRESS_EXAMPLES", "25"))
"""Of each operation, as a visitor and as an administrator; more by `STRESS_EXAMPLES=200`."""


@pytest.mark.stress
@on_every_database
def test_every_operation_answers_as_the_document_says(database_url: str) -> None:
    assert keeps_contract(database_url, examples=EXAMPLES)


@pytest.mark.stress
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_workers_answer_as_the_document_says(database_url: str) -> None:
    assert keeps_contract(database_url, examples=EXAMPLES, workers=2)
