"""The shipped knowledge, opened once, and folders of made-up facts."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend.services.knowledge.folder import SHIPPED_DIRECTORY
from backend.services.knowledge.library import Library
from backend.services.knowledge_service import KnowledgeService

TODAY = date(2026, 11, 22)
OWNERS_FILES = ("au_contacts.json", "au_faculties.json", "au_history.json", "au_tuitions.json")

MakeService = Callable[..., KnowledgeService]


@pytest.fixture(scope="session")
def shipped() -> KnowledgeService:
    """All the facts in the repository, on the day the tests were written for."""
    return KnowledgeService(SHIPPED_DIRECTORY, token_budget=1_500, today=lambda: TODAY)


@pytest.fixture(scope="session")
def owners(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeService:
    """The owner's four files alone, as another folder that leans on the shipped lexicon."""
    folder = tmp_path_factory.mktemp("owners")
    for name in OWNERS_FILES:
        (folder / name).write_bytes((SHIPPED_DIRECTORY / name).read_bytes())
    return KnowledgeService(folder, token_budget=1_500, today=lambda: TODAY)


@pytest.fixture
def make_service(tmp_path: Path) -> MakeService:
    """Builds a service over files given by name: JSON documents, texts or bytes."""

    def make(token_budget: int = 1_500, **files: Any) -> KnowledgeService:
        for name, content in files.items():
            path = tmp_path / f"{name}.json"
            if isinstance(content, bytes):
                path.write_bytes(content)
            else:
                text = content if isinstance(content, str) else json.dumps(content)
                path.write_text(text, "utf-8")
        return KnowledgeService(tmp_path, token_budget=token_budget, today=lambda: TODAY)

    return make


@pytest.fixture(scope="session")
def library() -> Library:
    """The shipped library itself, for what is inside the service."""
    return Library.open(SHIPPED_DIRECTORY)
