"""What is handed around inside is frozen and slotted: nobody changes what somebody else holds."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, Final

import pytest

import backend

STILL_WRITTEN: Final = {
    "backend.services.figures.amount.Number",
    "backend.services.knowledge.evaluation.EvaluationReport",
    "backend.services.knowledge.evaluation.Share",
    "backend.services.knowledge.index.Hit",
    "backend.services.knowledge.lexicon.Lexicon",
    "backend.services.knowledge.loader.Material",
    "backend.services.knowledge.wanted._Reading",
    "backend.services.turn_engine.RunningTurn",
}
"""Those that their one holder goes on filling in."""

WITH_A_CACHE: Final = {"backend.services.knowledge.query.Query"}
"""Those that keep what they worked out, in an attribute that slots leave no room for."""


def records() -> Iterator[tuple[str, Any]]:
    """Every dataclass, by its full name."""
    for found in pkgutil.walk_packages(backend.__path__, "backend."):
        if found.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(found.name)).values():
            is_own = getattr(value, "__module__", None) == found.name
            if isinstance(value, type) and is_own and is_dataclass(value):
                yield f"{found.name}.{value.__qualname__}", value


@pytest.fixture(scope="module")
def all_records() -> dict[str, Any]:
    return dict(records())


def test_records_are_frozen(all_records: dict[str, Any]) -> None:
    frozen = {name for name, one in all_records.items() if one.__dataclass_params__.frozen}

    assert set(all_records) - frozen == STILL_WRITTEN


def test_records_have_slots(all_records: dict[str, Any]) -> None:
    slotted = {name for name, one in all_records.items() if "__slots__" in vars(one)}

    assert set(all_records) - slotted == WITH_A_CACHE
